/* pipe.h: what programs that we start say to us, read without waiting.
 * Room: platform. Waiting is event.h's (event_input_add()). */
#ifndef QWGUARD_PLATFORM_PIPE_H
#define QWGUARD_PLATFORM_PIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Both ends; -1 = closed. */
struct pipe_ends {
    int input;  /* ours, to read */
    int output; /* for the program */
};

/**
 * Make a pipe that nobody inherits but who is given its end.
 *
 * out       close with pipe_close()
 * returns   0, or -1 and ERR_SYSTEM
 */
int pipe_open(struct pipe_ends *out, struct err *err);

/**
 * Close the writing end, once those that write have it: only then is there an end to read.
 */
void pipe_output_close(struct pipe_ends *ends);

/**
 * Close both ends; closed ones are accepted.
 */
void pipe_close(struct pipe_ends *ends);

/**
 * Read what is there, at most size bytes.
 *
 * out_length  0 = nothing there yet
 * returns     false at the end: nobody writes any more
 */
bool pipe_read(const struct pipe_ends *ends, char *out, size_t size, size_t *out_length);

#endif
