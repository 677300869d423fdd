/* self_private.h: what the files of this folder share about our own signals and limits.
 * Room: platform (linux). */
#ifndef QWGUARD_PLATFORM_LINUX_SELF_PRIVATE_H
#define QWGUARD_PLATFORM_LINUX_SELF_PRIVATE_H

#include <signal.h>

struct self_saved;

/* The signals that the event loop takes. */
void self_signals(sigset_t *out);

/* In a child that is about to become another program: everything as it was inherited. */
void self_restore(const struct self_saved *saved);

#endif
