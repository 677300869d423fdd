/* Help texts. Nothing is written twice: names, arguments and one-line texts come from the rows that
 * the parser uses. */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 30 /* where the explanations begin */

const struct option_row common_options[] = {
    { "help", 'h', NULL, "show this help" },
    { "quiet", 'q', NULL, "say nothing but errors" },
    { "verbose", 'v', NULL, "say more" },
    { "color", 0, "WHEN", "auto, always or never (also: NO_COLOR)" },
    { "config", 0, "FILE", "read this configuration file last" },
    { "profiles", 0, "DIR", "also read the profiles in this folder (repeatable)" },
    { "state", 0, "DIR", "keep history and incidents here" },
    { "root", 0, "DIR", "read the machine's files below this folder" },
    { NULL, 0, NULL, NULL },
};

const struct option_row json_option[] = {
    { "json", 0, NULL, "print JSON instead of a table" },
    { NULL, 0, NULL, NULL },
};

static void print_options(const struct option_row *rows)
{
    for (; rows->name; rows++) {
        char left[80];
        int length = snprintf(left, sizeof left, "  %c%c%s--%s%s%s", rows->letter ? '-' : ' ',
                              rows->letter ? rows->letter : ' ', rows->letter ? ", " : "  ",
                              rows->name, rows->argument ? " " : "",
                              rows->argument ? rows->argument : "");
        if (length >= HELP_COLUMN)
            printf("%s\n%*s%s\n", left, HELP_COLUMN, "", rows->help);
        else
            printf("%-*s%s\n", HELP_COLUMN, left, rows->help);
    }
}

void help_print_all(void)
{
    printf(
        "Usage: qwguard COMMAND [OPTION...]\n\n"
        "Keeps Qt WebEngine applications alive on machines whose GPU, driver or engine would\n"
        "break them: says beforehand what Chromium will decide, sets the flags, guards memory.\n\n"
        "Commands:\n");
    for (size_t i = 0; commands[i]; i++)
        printf("  %-18s %s\n", commands[i]->name, commands[i]->summary);
    printf("\n  --version          show the version and what was built in\n"
           "  --help             show this help; after a command: its help\n\n"
           "Start here:  qwguard check            what would happen on this machine\n"
           "             qwguard run -- APP       start APP with what it needs, and guard it\n");
}

void help_print_command(const struct command *command)
{
    printf("Usage: qwguard %s [OPTION...]%s%s\n\n%s.\n", command->name, *command->args ? " " : "",
           command->args, command->summary);
    if (command->details)
        printf("\n%s\n", command->details);
    for (size_t i = 0; command->options && command->options[i]; i++) {
        printf("%s", i == 0 ? "\nOptions:\n" : "\n");
        print_options(command->options[i]);
    }
    printf("\nCommon options:\n");
    if (command->prints_json)
        print_options(json_option);
    print_options(common_options);
}

void help_print_group(const char *group)
{
    size_t length = strlen(group);
    printf("Usage: qwguard %s COMMAND [OPTION...]\n\nCommands:\n", group);
    for (size_t i = 0; commands[i]; i++) {
        if (strncmp(commands[i]->name, group, length) == 0 && commands[i]->name[length] == ' ')
            printf("  %-18s %s\n", commands[i]->name, commands[i]->summary);
    }
}
