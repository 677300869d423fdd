/* err.h: what went wrong, as one value on the caller's stack.
 * Room: base. No allocation, nothing to free; safe in the guard. */
#ifndef QWGUARD_BASE_ERR_H
#define QWGUARD_BASE_ERR_H

#include <stdbool.h>

#include "base/macros.h"

/* What kind of failure it is; the exit status is made from it in one place (cli/exit_status.c). */
enum err_kind {
    ERR_NONE,
    ERR_USAGE,       /* the command line is wrong                        -> 64 */
    ERR_DATA,        /* a file holds something wrong                     -> 65 */
    ERR_NO_INPUT,    /* a named file does not exist or cannot be read    -> 66 */
    ERR_UNAVAILABLE, /* something needed is missing on this machine      -> 69 */
    ERR_SYSTEM,      /* the operating system refused                     -> 70 */
    ERR_CREATE,      /* a file cannot be created                         -> 73 */
    ERR_DENIED,      /* no permission                                    -> 77 */
    ERR_CONFIG,      /* a configuration file holds something wrong       -> 78 */
    ERR_NOT_FOUND,   /* the program to start does not exist              -> 127 in run */
    ERR_NOT_EXEC,    /* the program to start cannot be executed          -> 126 in run */
    ERR_GONE,        /* the process ended meanwhile; expected            -> 70 */
};

/* Where in a text something stands. line == 0: no place is known. */
struct place {
    const char *file; /* name as the user gave it; borrowed, not owned; NULL = unknown */
    unsigned line;    /* from 1 */
    unsigned column;  /* from 1; 0 = unknown */
};

struct err {
    enum err_kind kind;
    int os;          /* errno or GetLastError(); 0 = none */
    struct place at; /* ERR_DATA and ERR_CONFIG only */
    char text[256];  /* one line, lower case, no dot, no newline; cut when longer */
};

/**
 * Fill an error.
 *
 * err       never NULL; overwritten whole
 * kind      any but ERR_NONE
 * returns   -1 always, so that a caller can write `return err_set(…)`
 */
int err_set(struct err *err, enum err_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/**
 * Fill an error that the operating system reported; its own text is appended (": No such file …").
 * The kind is made from the code: ENOENT and what else is wrong with a path (ENOTDIR, ELOOP,
 * ENXIO …) -> ERR_NO_INPUT, EACCES and EPERM -> ERR_DENIED, ESRCH -> ERR_GONE, else ERR_SYSTEM.
 *
 * os        errno
 * returns   -1 always
 */
int err_set_os(struct err *err, int os, const char *format, ...) PRINTF_LIKE(3, 4);

/**
 * Fill an error with its place in a file (kind ERR_DATA).
 *
 * at        copied; its file name stays borrowed
 * returns   -1 always
 */
int err_set_at(struct err *err, struct place at, const char *format, ...) PRINTF_LIKE(3, 4);

/**
 * Put context in front of an error's text ("context: text"). Kind, code and place stay.
 *
 * returns   -1 always
 */
int err_wrap(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/**
 * Write the error as one line without newline: "file:line:column: text", or the text alone.
 *
 * out       room for size bytes, always terminated
 */
void err_format(const struct err *err, char *out, unsigned size);

#endif
