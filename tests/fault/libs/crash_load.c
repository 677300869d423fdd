/* A libEGL that crashes while it is loaded. */
#include <signal.h>

__attribute__((constructor)) static void load(void)
{
    (void)raise(SIGSEGV);
}
