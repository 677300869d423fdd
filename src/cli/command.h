/* command.h: a command is one row: its options, its help and its function.
 * Room: cli. To add a command: write src/cli/NAME.c with one `const struct command command_NAME`,
 * declare it below, add it to the table in commands.c; `make check` compares help and README to it.
 */
#ifndef QWGUARD_CLI_COMMAND_H
#define QWGUARD_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/report.h"
#include "base/text.h"

/* One option. Tables of options end with a row whose name is NULL. */
struct option_row {
    const char *name;     /* long name without dashes */
    char letter;          /* 0 = none */
    const char *argument; /* "FILE"; NULL = takes none */
    const char *help;     /* one line, lower case */
};

struct context;

/* One command. A name of two words ("profile list") makes a group of its first word. */
struct command {
    const char *name;
    const char *args;    /* as shown in the usage line: "-- APP [ARG...]" */
    const char *summary; /* one line, lower case, no dot */
    const char *details; /* further paragraphs for --help; NULL = none */
    const struct option_row *const
        *options; /* tables, ended by NULL; the common ones are implied */
    unsigned min_args;
    unsigned max_args; /* ARGS_ANY = no bound */
    bool prints_json;  /* takes --json */
    bool takes_app;    /* everything from the first word that is no option belongs to the app */
    bool takes_flags;  /* words that look like options and are none of its own are arguments */
    bool needs_state;  /* cannot work where there is no state folder */
    int (*run)(struct context *context, struct err *err); /* exit status, or -1 and err */
};
#define ARGS_ANY 0xffffffffU

/* What a command gets to work with. Everything lives in the arena. */
struct context {
    struct arena *arena;
    const struct command *command;
    struct variables options; /* every option given, in order: long name -> argument ("" if none) */
    struct strings args;
    const char *root;      /* --root, or "" */
    const char *state_dir; /* --state or the usual folder; NULL = none can be had */
    const char *cache_dir; /* NULL = none can be had */
    bool quiet, verbose, json;
    bool color_out, color_err; /* may colours be used on standard output, on standard error? */
};

/**
 * Was the option given?
 *
 * name      long name without dashes; one of the command's or of the common ones
 */
bool option_given(const struct context *context, const char *name);

/**
 * Argument of an option, the last one when it was given several times.
 *
 * returns   NULL when it was not given
 */
const char *option_value(const struct context *context, const char *name);

/**
 * All arguments of a repeatable option, in order, appended to out.
 */
void option_values(const struct context *context, const char *name, struct strings *out);

/**
 * A usage error about an option: "--NAME: …". Main adds the command and the "Try …" line.
 *
 * returns   -1
 */
int option_error(struct err *err, const char *name, const char *format, ...) PRINTF_LIKE(3, 4);

/**
 * Print a line on standard error: "qwguard: …". Nothing with --quiet.
 */
void message(const struct context *context, const char *format, ...) PRINTF_LIKE(2, 3);

/**
 * Print the findings of a report as warnings, each "qwguard: file:line:column: text".
 */
void message_report(const struct context *context, const struct report *report);

/**
 * Parse the command line, run the command, print the error. All of main() but the hidden children.
 *
 * returns   the exit status
 */
int command_main(int argc, char **argv);

/**
 * Exit status for an error (contract §2, sysexits.h).
 */
int exit_status_of(const struct err *err);

/* The table, ended by NULL (commands.c). */
extern const struct command *const commands[];

/* Options that check, run and profile match share (preflight.c). */
extern const struct option_row preflight_options[];

/* One file each. */
extern const struct command command_apply;
extern const struct command command_attach;
extern const struct command command_check;
extern const struct command command_run;
extern const struct command command_flags_lint;
extern const struct command command_flags_list;
extern const struct command command_flags_merge;
extern const struct command command_doctor;
extern const struct command command_incident_export;
extern const struct command command_incident_html;
extern const struct command command_incident_list;
extern const struct command command_incident_rm;
extern const struct command command_incident_show;
extern const struct command command_profile_list;
extern const struct command command_profile_match;
extern const struct command command_profile_new;
extern const struct command command_profile_show;
extern const struct command command_profile_validate;
extern const struct command command_rules_eval;
extern const struct command command_rules_extract;
extern const struct command command_rules_list;
extern const struct command command_rules_show;
extern const struct command command_reset;
extern const struct command command_status;
extern const struct command command_undo;
extern const struct command command_verify;

#endif
