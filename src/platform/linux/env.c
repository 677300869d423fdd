/* The environment of this process on Linux. */
#include "platform/env.h"

#include <stdlib.h>

const char *env_get(const char *name)
{
    return getenv(name);
}

void env_set(const char *name, const char *value)
{
    if (value)
        (void)setenv(name, value, 1); /* fails for want of memory alone: the old value stays */
    else
        (void)unsetenv(name);
}
