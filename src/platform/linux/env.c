/* The environment of this process on Linux. */
#include "platform/env.h"

#include <stdlib.h>

const char *env_get(const char *name)
{
    return getenv(name);
}
