/* env.h: the process environment, read in one place.
 * Room: platform. */
#ifndef QWGUARD_PLATFORM_ENV_H
#define QWGUARD_PLATFORM_ENV_H

/**
 * Value of an environment variable.
 *
 * returns   NULL when it is not set, "" when it is set and empty; borrowed from the environment
 */
const char *env_get(const char *name);

/**
 * Change this process's own environment, for itself and what it starts.
 *
 * value     NULL takes the variable out
 */
void env_set(const char *name, const char *value);

#endif
