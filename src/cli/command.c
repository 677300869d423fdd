/* Finds the command, reads its options by its rows (getopt_long does the reading), prepares the
 * context, runs it, and prints what went wrong: one line, and for wrong usage where help is. */
#include "cli/command.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "cli/version.h"
#include "platform/env.h"
#include "platform/file.h"
#include "platform/paths.h"
#include "platform/state.h"
#include "platform/terminal.h"

#define OPTIONS_MAX 64 /* of one command, common ones included */

bool option_given(const struct context *context, const char *name)
{
    return option_value(context, name) != NULL;
}

const char *option_value(const struct context *context, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < context->options.count; i++) {
        if (text_equal(context->options.items[i].name, name))
            value = context->options.items[i].value;
    }
    return value;
}

void option_values(const struct context *context, const char *name, struct strings *out)
{
    for (size_t i = 0; i < context->options.count; i++) {
        if (text_equal(context->options.items[i].name, name))
            ARENA_PUSH(context->arena, out, context->options.items[i].value);
    }
}

int option_error(struct err *err, const char *name, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* cut when too long, as errors are */
    va_end(args);
    return err_set(err, ERR_USAGE, "--%s: %s", name, text);
}

void message(const struct context *context, const char *format, ...)
{
    if (context->quiet)
        return;
    va_list args;
    va_start(args, format);
    fputs("qwguard: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

void message_report(const struct context *context, const struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        struct err line;
        char text[1024];
        err_set_at(&line, report->items[i].at, "%s", report->items[i].text);
        err_format(&line, text, sizeof text);
        message(context, "%s", text);
    }
}

/* All option rows of a command in one list. */
struct option_list {
    const struct option_row *rows[OPTIONS_MAX];
    size_t count;
};

static void list_add(struct option_list *list, const struct option_row *rows)
{
    for (; rows->name && list->count < OPTIONS_MAX; rows++)
        list->rows[list->count++] = rows;
}

static void list_fill(struct option_list *list, const struct command *command)
{
    list->count = 0;
    for (size_t i = 0; command->options && command->options[i]; i++)
        list_add(list, command->options[i]);
    if (command->prints_json)
        list_add(list, json_option);
    list_add(list, common_options);
}

static int unknown_option(const struct option_list *list, const char *word, struct err *err)
{
    const char *names[OPTIONS_MAX] = { 0 };
    char name[64];
    for (size_t i = 0; i < list->count; i++)
        names[i] = list->rows[i]->name;
    const char *start = word + strspn(word, "-");
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(start, "="), start);
    const char *near = text_starts(word, "--") ? text_nearest(name, names, list->count) : NULL;
    if (near)
        return err_set(err, ERR_USAGE, "unknown option '--%s' (did you mean '--%s'?)", name, near);
    return err_set(err, ERR_USAGE, "unknown option '%s'", word);
}

/* getopt's own complaints as ours. `word` is the argument it stopped at. */
static int option_problem(const struct option_list *list, int code, const char *word,
                          struct err *err)
{
    if (code == ':')
        return err_set(err, ERR_USAGE, "option '%s' needs an argument", word);
    for (size_t i = 0; i < list->count; i++) {
        const char *name = list->rows[i]->name;
        size_t length = strlen(name);
        if (text_starts(word, "--") && strncmp(word + 2, name, length) == 0
            && word[2 + length] == '=')
            return err_set(err, ERR_USAGE, "option '--%s' takes no argument", name);
    }
    return unknown_option(list, word, err);
}

/* The option that a word is, spelled in full; NULL when it is none. */
static const struct option_row *option_of(const struct option_list *list, const char *word)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct option_row *row = list->rows[i];
        size_t length = strlen(row->name);
        if (word[1] == '-'
                ? strncmp(word + 2, row->name, length) == 0 && strchr("=", word[2 + length])
                : row->letter && word[1] == row->letter && !word[2])
            return row;
    }
    return NULL;
}

/* For commands whose arguments look like options: take out all words that are arguments, in their
 * order, so that only the command's own options are left to parse. */
static int arguments_set_aside(struct context *context, const struct option_list *list, int argc,
                               char **argv)
{
    int kept = 1;
    bool all = false;
    for (int i = 1; i < argc; i++) {
        const struct option_row *row = all || argv[i][0] != '-' ? NULL : option_of(list, argv[i]);
        if (!all && text_equal(argv[i], "--")) {
            all = true;
        } else if (!row) {
            ARENA_PUSH(context->arena, &context->args, argv[i]);
        } else {
            bool apart = row->argument && !strchr(argv[i], '=');
            argv[kept++] = argv[i];
            if (apart && i + 1 < argc)
                argv[kept++] = argv[++i];
        }
    }
    return kept;
}

static int options_parse(struct context *context, int argc, char **argv, struct err *err)
{
    struct option_list list;
    struct option longs[OPTIONS_MAX + 1] = { 0 };
    char shorts[2 * OPTIONS_MAX + 4] = "+:";
    size_t length = 2;
    list_fill(&list, context->command);
    if (!context->command->takes_app) /* options may stand behind arguments */
        shorts[0] = '-';
    for (size_t i = 0; i < list.count; i++) {
        const struct option_row *row = list.rows[i];
        longs[i] = (struct option){ row->name, row->argument ? required_argument : no_argument,
                                    NULL, 256 + (int)i };
        if (row->letter) {
            shorts[length++] = row->letter;
            if (row->argument)
                shorts[length++] = ':';
        }
    }
    if (context->command->takes_flags)
        argc = arguments_set_aside(context, &list, argc, argv);
    opterr = 0;
    optind = 1;
    for (;;) {
        int word = optind;
        int code = getopt_long(argc, argv, shorts, longs, NULL);
        if (code == -1)
            break;
        if (code == 1) {
            ARENA_PUSH(context->arena, &context->args, optarg);
            continue;
        }
        if (code == '?' || code == ':')
            return option_problem(&list, code, argv[word], err);
        const struct option_row *row = NULL;
        for (size_t i = 0; i < list.count && !row; i++) {
            if (code == 256 + (int)i || code == list.rows[i]->letter)
                row = list.rows[i];
        }
        struct variable given = { .name = row->name, .value = optarg ? optarg : "" };
        ARENA_PUSH(context->arena, &context->options, given);
    }
    for (int i = optind; i < argc; i++)
        ARENA_PUSH(context->arena, &context->args, argv[i]);
    return 0;
}

static int args_check(const struct context *context, struct err *err)
{
    const struct command *command = context->command;
    if (context->args.count < command->min_args)
        return err_set(err, ERR_USAGE, "%s is missing", *command->args ? command->args : "a word");
    if (command->max_args != ARGS_ANY && context->args.count > command->max_args)
        return err_set(err, ERR_USAGE, "'%s' is one word too many",
                       context->args.items[command->max_args]);
    return 0;
}

static int color_choose(struct context *context, struct err *err)
{
    const char *when = option_value(context, "color");
    const char *no_color = env_get("NO_COLOR");
    bool allowed = !(no_color && *no_color); /* https://no-color.org/ */
    if (!when || text_equal(when, "auto")) {
        context->color_out = allowed && terminal_is(TERMINAL_OUT);
        context->color_err = allowed && terminal_is(TERMINAL_ERR);
    } else if (text_equal(when, "always")) {
        context->color_out = context->color_err = true;
    } else if (!text_equal(when, "never")) {
        return option_error(err, "color", "'%s' is none of auto, always, never", when);
    }
    return 0;
}

/* A folder that holds what we believe and write: nobody else may have put it there. NULL and the
 * problem then. */
static const char *folder_own(struct arena *arena, const char *path, struct err *problem)
{
    size_t length = path ? strlen(path) : 0;
    while (length > 1 && path[length - 1] == '/') /* "LINK/" would be looked at behind the link */
        length--;
    if (!length)
        return path;
    path = arena_strndup(arena, path, length);
    if (state_folder_check(path, problem) == 0 || problem->kind != ERR_DENIED)
        return path;
    return NULL;
}

/* Folders that were named must be there. */
static int folders_check(const struct context *context, struct err *err)
{
    static const char *const names[] = { "root", "profiles" };
    for (size_t i = 0; i < ROWS(names); i++) {
        struct strings values = { 0 };
        struct file_info info;
        option_values(context, names[i], &values);
        for (size_t j = 0; j < values.count; j++) {
            if (file_stat(values.items[j], true, &info) && info.is_folder)
                continue;
            option_error(err, names[i], "'%s' is no folder", values.items[j]);
            err->kind = ERR_NO_INPUT;
            return -1;
        }
    }
    const char *state = option_value(context, "state");
    if (state && !*state)
        return option_error(err, "state", "a folder is missing");
    return 0;
}

static int context_prepare(struct context *context, struct err *err)
{
    const char *root = option_value(context, "root");
    const char *state = option_value(context, "state");
    struct err problem;
    if (folders_check(context, err) < 0)
        return -1;
    context->quiet = option_given(context, "quiet");
    context->verbose = option_given(context, "verbose");
    context->json = option_given(context, "json");
    context->root = root ? root : "";
    state = state ? state : paths_state(context->arena);
    context->state_dir = folder_own(context->arena, state, &problem);
    if (state && !context->state_dir)
        message(context, "%s", problem.text);
    context->cache_dir = folder_own(context->arena, paths_cache(context->arena), &problem);
    return color_choose(context, err);
}

/* The command that the first one or two words name, and how many words it took. */
static const struct command *command_find(int argc, char **argv, int *out_words)
{
    for (size_t i = 0; commands[i]; i++) {
        const char *name = commands[i]->name;
        const char *space = strchr(name, ' ');
        size_t first = space ? (size_t)(space - name) : strlen(name);
        if (strlen(argv[1]) != first || strncmp(argv[1], name, first) != 0)
            continue;
        if (space && (argc < 3 || !text_equal(argv[2], space + 1)))
            continue;
        *out_words = space ? 2 : 1;
        return commands[i];
    }
    return NULL;
}

static bool is_group(const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; commands[i]; i++) {
        if (strncmp(commands[i]->name, word, length) == 0 && commands[i]->name[length] == ' ')
            return true;
    }
    return false;
}

/* No command was found: help, a group without its second word, or a mistake. */
static int command_missing(int argc, char **argv, struct err *err)
{
    const char *names[64] = { 0 };
    size_t count = 0;
    if (is_group(argv[1])) {
        if (argc > 2 && (text_equal(argv[2], "--help") || text_equal(argv[2], "-h"))) {
            help_print_group(argv[1]);
            return 0;
        }
        size_t length = strlen(argv[1]);
        for (size_t i = 0; commands[i] && count < ROWS(names); i++) {
            if (text_starts(commands[i]->name, argv[1]) && commands[i]->name[length] == ' ')
                names[count++] = commands[i]->name + length + 1;
        }
        if (argc < 3)
            return err_set(err, ERR_USAGE, "%s: a command is missing (%s …)", argv[1], names[0]);
        const char *near = text_nearest(argv[2], names, count);
        return err_set(err, ERR_USAGE, "%s: unknown command '%s'%s%s%s", argv[1], argv[2],
                       near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
    }
    for (size_t i = 0; commands[i] && count < ROWS(names); i++)
        names[count++] = commands[i]->name;
    const char *near = text_nearest(argv[1], names, count);
    return err_set(err, ERR_USAGE, "unknown %s '%s'%s%s%s",
                   argv[1][0] == '-' ? "option" : "command", argv[1],
                   near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static int command_start(struct context *context, int argc, char **argv, struct err *err)
{
    if (options_parse(context, argc, argv, err) < 0)
        return -1;
    if (option_given(context, "help")) {
        help_print_command(context->command);
        return 0;
    }
    if (context_prepare(context, err) < 0 || args_check(context, err) < 0)
        return -1;
    if (context->command->needs_state && !context->state_dir)
        return err_set(err, ERR_UNAVAILABLE, "there is no state folder (--state names one)");
    return context->command->run(context, err);
}

static void error_print(const char *command, bool has_command, const struct err *err)
{
    char text[1024];
    err_format(err, text, sizeof text);
    if (err->kind == ERR_USAGE && has_command)
        fprintf(stderr, "qwguard: %s: %s\nTry 'qwguard %s --help'.\n", command, text, command);
    else if (err->kind == ERR_USAGE)
        fprintf(stderr, "qwguard: %s\nTry 'qwguard --help'.\n", text);
    else
        fprintf(stderr, "qwguard: %s\n", text);
}

/* `qwguard help COMMAND` is `qwguard COMMAND --help`. */
static int help_run(int argc, char **argv, struct err *err)
{
    int words = 0;
    const struct command *command = command_find(argc, argv, &words);
    if (command && argc == words + 1) {
        help_print_command(command);
    } else if (argc == 2 && is_group(argv[1])) {
        help_print_group(argv[1]);
    } else if (command) {
        return err_set(err, ERR_USAGE, "help: '%s' is one word too many", argv[words + 1]);
    } else {
        return command_missing(argc, argv, err);
    }
    return 0;
}

int command_main(int argc, char **argv)
{
    struct arena arena = { 0 };
    struct err err = { 0 };
    struct context context = { .arena = &arena };
    int words = 0, status = 0;
    const bool help = argc > 1 && text_equal(argv[1], "help");
    if (argc > 2 && help && argv[2][0] != '-') {
        status = help_run(argc - 1, argv + 1, &err);
    } else if (help || (argc > 1 && (text_equal(argv[1], "--help") || text_equal(argv[1], "-h")))) {
        help_print_all();
    } else if (argc > 1 && text_equal(argv[1], "--version")) {
        version_print();
    } else if (argc < 2) {
        status = err_set(&err, ERR_USAGE, "a command is missing");
    } else {
        context.command = command_find(argc, argv, &words);
        status = context.command ? command_start(&context, argc - words, argv + words, &err)
                                 : command_missing(argc, argv, &err);
    }
    bool failed = status < 0;
    if (failed) {
        error_print(context.command ? context.command->name : "", context.command != NULL, &err);
        status = exit_status_of(&err);
    }
    bool lost = ferror(stdout) != 0;                /* a part of it, before the end */
    if ((fflush(stdout) != 0 || lost) && !failed) { /* a full disk must not look like success */
        fputs("qwguard: cannot write to standard output\n", stderr);
        status = 73;
    }
    arena_clear(&arena);
    return status;
}
