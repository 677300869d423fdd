/* person.h: who uses this machine, for taking the names out of what is given away.
 * Room: platform. */
#ifndef QWGUARD_PLATFORM_PERSON_H
#define QWGUARD_PLATFORM_PERSON_H

#include "base/arena.h"

/* Each may be NULL (unknown). */
struct person {
    const char *home; /* absolute path of the home folder */
    const char *user; /* login name */
    const char *host; /* name of this machine */
};

/**
 * The user that runs this process, and the machine.
 *
 * returns   strings in the arena
 */
struct person person_get(struct arena *arena);

#endif
