/* port.h: TCP ports of this machine's own address.
 * Room: platform. */
#ifndef QWGUARD_PLATFORM_PORT_H
#define QWGUARD_PLATFORM_PORT_H

#include "base/err.h"

/**
 * A port of 127.0.0.1 that nobody listens on now. Nothing keeps it free: another program may take
 * it before it is used.
 *
 * out_port  untouched on failure
 * returns   0, or -1 and ERR_SYSTEM / ERR_DENIED
 */
int port_find_free(unsigned *out_port, struct err *err);

#endif
