/* settings.h: the configuration: defaults < files < options, each value with where it came from.
 * Room: cli. Form of the files: contract §3 (docs/configuration in the README). */
#ifndef QWGUARD_CLI_SETTINGS_H
#define QWGUARD_CLI_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/command.h"

enum setting_id {
    SETTING_PROCESS_LIMIT,
    SETTING_TREE_LIMIT,
    SETTING_GPU_LIMIT,
    SETTING_SUSTAIN,
    SETTING_ACTIONS,
    SETTING_GRACE,
    SETTING_RESTARTS_MAX,
    SETTING_RESTARTS_WITHIN,
    SETTING_RESTARTS_BACKOFF,
    SETTING_ESCALATE,
    SETTING_ON_CRASH,
    SETTING_BACKSTOP,
    SETTING_GL_PROBE,
    SETTING_CACHE,
    SETTING_INCIDENTS_KEEP,
    SETTING_INCIDENTS_MAX_SIZE,
    SETTING_COUNT,
};

/* One value in force. */
struct setting {
    const char *text;   /* as it was written: "4GiB" */
    const char *origin; /* "default", "FILE:LINE", "--process-limit" */
    bool off;           /* a limit that was switched off */
    bool is_permille;   /* number is permille of memory, not bytes */
    uint64_t number;    /* bytes, nanoseconds, permille, a count, 0/1, or a set of ACTION_* bits */
};

enum {
    ACTION_RECLAIM = 1,
    ACTION_RESTART = 2,
    ACTION_KILL = 4,
    ACTION_REPORT = 8,
};

struct settings {
    struct setting values[SETTING_COUNT];
};

/* Options of run that set one of them (also used by --help). */
extern const struct option_row settings_options[];

/**
 * Put together what is in force for an application.
 *
 * app       executable name for the `apps:` part; NULL = none
 * report    unknown keys, as warnings with file:line
 * returns   0; -1 and ERR_CONFIG (file:line:column), ERR_NO_INPUT (--config FILE is not there),
 *           ERR_USAGE (an option's value)
 */
int settings_load(const struct context *context, const char *app, struct settings *out,
                  struct report *report, struct err *err);

/**
 * Name of a setting as in the configuration: "guard.process-limit".
 */
const char *setting_name(enum setting_id id);

#endif
