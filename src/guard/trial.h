/* trial.h: run an application for a short while beside a program that questions it, then end both
 * whole. Room: guard. Memory is not watched; nothing is written. */
#ifndef QWGUARD_GUARD_TRIAL_H
#define QWGUARD_GUARD_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "platform/process.h"

/* What is started. The app gets our environment with the variables on top, the questioner none. */
struct trial_config {
    const char *program;
    struct strings argv; /* argv[0] first */
    struct variables environment;
    const char *questioner;
    struct strings questioner_argv;
    uint64_t limit_ns; /* for the whole, from the start of the app to the answer */
    bool pass_log;     /* hand what the app writes on to standard error at once */
};

enum trial_end {
    TRIAL_ANSWERED,  /* the questioner has ended by itself */
    TRIAL_APP_ENDED, /* nothing of the app was left before the answer came */
    TRIAL_LATE,      /* the limit */
    TRIAL_SIGNAL,    /* somebody wants us to end */
    TRIAL_COUNT,
};

struct trial_result {
    enum trial_end end;
    const char *answer; /* what the questioner wrote, terminated; at most TRIAL_ANSWER_BYTES_MAX */
    size_t answer_length;
    struct process_end questioner_end; /* TRIAL_ANSWERED */
    struct process_end app_end;        /* TRIAL_APP_ENDED: of the process that was started */
    int signal;                        /* TRIAL_SIGNAL */
    struct strings log;                /* the last lines that the app wrote, at most a few */
    size_t survivor_count;             /* processes that could not be ended */
};

#define TRIAL_ANSWER_BYTES_MAX ((size_t)4 * 1024 * 1024)

/**
 * Start both, wait for the answer, end both with everything below them. The app reads nothing on
 * standard input; what it writes is kept, the last lines of it.
 *
 * out       lives in the arena; overwritten
 * returns   0; -1 and ERR_NOT_FOUND / ERR_NOT_EXEC (the app), ERR_UNAVAILABLE (the questioner),
 *           ERR_SYSTEM
 */
int trial_run(struct arena *arena, const struct trial_config *config, struct trial_result *out,
              struct err *err);

#endif
