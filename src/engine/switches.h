/* switches.h: the rungs and the switches and variables that they use, engine version by engine
 * version. Room: engine. Pure tables; each row with its source. */
#ifndef QWGUARD_ENGINE_SWITCHES_H
#define QWGUARD_ENGINE_SWITCHES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/known.h"
#include "base/text.h"

/* A step of a ladder: what it adds and what it costs. */
struct rung {
    const char *name;
    struct strings flags;         /* "--disable-gpu" … */
    struct variables environment; /* QT_QUICK_BACKEND=software … */
    struct strings costs;         /* "webgl", "webgl2", "hardware-video" … */
};

/**
 * The rungs of the contract from narrow to wide, "none" first.
 *
 * out_count  number of rungs
 * returns    static rows
 */
const struct rung *rungs_builtin(size_t *out_count);

/**
 * One of them by name; NULL when there is none.
 */
const struct rung *rung_find(const char *name);

/**
 * Place in the order from narrow to wide of the built-in rungs (0 = "none").
 *
 * returns   the place, or -1 for a rung that a profile defines
 */
int rung_width(const char *name);

/**
 * Would this engine honour the switch or variable?
 *
 * what      "--disable-gpu", "--use-gl=angle" or "QT_QUICK_BACKEND"
 * qt        "6.4.2"; NULL = unknown version
 * out_why   may be NULL; one line when it is not honoured
 * returns   TRUTH_YES, TRUTH_NO, or TRUTH_UNKNOWN (not in the catalogue, or version unknown and the
 *           catalogue has a bound)
 */
enum truth switch_honoured(const char *what, const char *qt, const char **out_why);

/**
 * The same for a variable with the value it is to have.
 */
enum truth variable_honoured(const char *name, const char *value, const char *qt,
                             const char **out_why);

/**
 * May a profile write it? Allow-list by name and value grammar; everything of the refuse list
 * (sandbox, code execution, network, file writing) is refused in every spelling.
 *
 * item      a whole switch with its value
 * returns   0, or -1 and ERR_DATA that says why
 */
int switch_allow(const char *item, struct err *err);

/**
 * The same for an environment variable.
 */
int variable_allow(const char *name, const char *value, struct err *err);

#endif
