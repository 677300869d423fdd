#include "platform/process.h"

#include <sys/epoll.h>
#include <unistd.h>

#include "platform/linux/proc.h"
#ifdef __linux__
#endif
const char *home = getenv("HOME");
