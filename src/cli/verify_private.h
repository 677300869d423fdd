/* verify_private.h: what the files of `qwguard verify` do for each other. Room: cli. */
#ifndef QWGUARD_CLI_VERIFY_PRIVATE_H
#define QWGUARD_CLI_VERIFY_PRIVATE_H

#include <stdint.h>

#include "cli/command.h"
#include "cli/preflight.h"
#include "engine/verify.h"
#include "guard/trial.h"

#define VERIFY_SCHEMA "qwguard.verify/1"

/* One verification, from the command line to what was found. */
struct verification {
    struct context *context;
    const char *program, *name; /* of the app */
    uint64_t limit_ns;
    struct preflight preflight; /* with the verdict for the app as it is started */
    struct variables set;       /* what its environment gets */
    json_t *answers;            /* NULL = none */
    struct verify_points points;
};

/* Print it as a table or, with --json, as the object of docs/verify.md.
 *
 * status    exit status that goes into the object */
void verification_print(const struct verification *verification, int status);

#endif
