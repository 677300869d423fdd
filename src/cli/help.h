/* help.h: the texts of --help, made from the rows that also parse the command line.
 * Room: cli. */
#ifndef QWGUARD_CLI_HELP_H
#define QWGUARD_CLI_HELP_H

#include "cli/command.h"

/* Options that every command takes (help.c); --json only where a command prints data. */
extern const struct option_row common_options[];
extern const struct option_row json_option[];

/**
 * `qwguard --help`: all commands, one line each.
 */
void help_print_all(void);

/**
 * `qwguard COMMAND --help`.
 */
void help_print_command(const struct command *command);

/**
 * `qwguard GROUP --help`: the commands of a group ("profile").
 */
void help_print_group(const char *group);

#endif
