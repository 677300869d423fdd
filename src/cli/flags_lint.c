/* `qwguard flags lint`: what is wrong with a flag string, with what is set in the environment, or
 * with what a file would start an application with. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/flags_common.h"
#include "engine/catalogue.h"
#include "engine/flags.h"
#include "engine/lint.h"
#include "engine/switches.h"
#include "plan/source.h"
#include "plan/unit.h"
#include "platform/env.h"
#include "platform/file.h"
#include "platform/paths.h"

#define INPUT_MAX_BYTES ((size_t)1024 * 1024)
/* What the system hands to a program as one variable: MAX_ARG_STRLEN, execve(2). */
#define VARIABLE_MAX_BYTES ((size_t)128 * 1024)

static const struct option_row lint_rows[] = {
    { "file", 0, "FILE", "a desktop entry, unit, script or list of flags (- is standard input)" },
    { "for-profile", 0, NULL, "judge STRING as what a profile would write: refused or not" },
    { NULL, 0, NULL, NULL },
};
static const struct option_row *const lint_options[] = { flags_engine_option, lint_rows, NULL };

struct judged {
    const char *qt;
    const char *of; /* what was looked at */
    struct lint_findings findings;
    size_t refused;
};

static int judge(struct context *context, const struct lint_input *input, unsigned line,
                 struct judged *out, struct err *err)
{
    size_t length = input->flags ? strlen(input->flags) : 0, before = out->findings.count;
    if (length + sizeof FLAGS_VARIABLE + 1 > VARIABLE_MAX_BYTES)
        return err_set(err, ERR_DATA,
                       "%s of %zu bytes: the system starts no program with a "
                       "variable of more than 128 KiB",
                       FLAGS_VARIABLE, length);
    lint_judge(context->arena, input, &out->findings);
    for (size_t i = before; i < out->findings.count; i++)
        out->findings.items[i].line = line;
    return 0;
}

/* The variables of the catalogue as they are set here. */
static int environment_judge(struct context *context, struct judged *out, struct err *err)
{
    struct lint_input input = { .qt = out->qt, .flags = env_get(FLAGS_VARIABLE) };
    const struct catalogue_row *row;
    out->of = "the environment";
    for (size_t i = 0; (row = catalogue_at(i)); i++) {
        const char *value = row->name[0] == '-' || strchr(row->name, '*') ? NULL
                                                                          : env_get(row->name);
        if (value)
            variables_set(context->arena, &input.environment, row->name, value);
    }
    return judge(context, &input, 0, out, err);
}

/* A file that is named from here, in full: without a slash it would be the name of a unit, which is
 * looked for elsewhere. */
static const char *whole_path(struct arena *arena, const char *path)
{
    size_t length = (size_t)(path_name(path) - path);
    const char *folder = length ? arena_strndup(arena, path, length) : ".";
    const char *real = *path == '/' ? NULL : file_resolve(arena, folder);
    return real ? path_join(arena, real, path_name(path)) : path;
}

/* A unit with all that belongs to it. */
static int unit_judge_read(struct context *context, const char *file, struct source *out,
                           struct err *err)
{
    const char *path = whole_path(context->arena, file);
    bool user = strstr(path, "/systemd/user/") != NULL;
    const struct unit_search search = {
        .root = context->root,
        .config_home = paths_home(context->arena, "XDG_CONFIG_HOME", ".config"),
        .data_home = paths_home(context->arena, "XDG_DATA_HOME", ".local/share"),
        .home = user ? env_get("HOME") : "/root",
        .system = !user,
    };
    struct strings notes = { 0 };
    if (unit_read(context->arena, &search, path, out, &notes, err) < 0)
        return -1;
    for (size_t i = 0; i < notes.count; i++)
        message(context, "%s", notes.items[i]);
    if (out->flags_at.file && !text_equal(out->flags_at.file, path))
        message(context, FLAGS_VARIABLE " comes from %s:%u", out->flags_at.file,
                out->flags_at.line);
    return 0;
}

static int file_judge(struct context *context, const char *path, struct judged *out,
                      struct err *err)
{
    const char *bytes;
    size_t length;
    struct source source;
    const char *name = text_equal(path, "-") ? "<stdin>" : path;
    if (file_read(context->arena, path, INPUT_MAX_BYTES, &bytes, &length, err) < 0
        || source_read(context->arena, name, bytes, length, &source, err) < 0
        || (source.kind == SOURCE_UNIT && name == path
            && unit_judge_read(context, path, &source, err) < 0))
        return -1;
    out->of = arena_printf(context->arena, "%s (%s)", name, source_kind_text(source.kind));
    struct lint_input input = { .qt = out->qt, .flags = source.flags };
    if (source.flags)
        return judge(context, &input, 0, out, err);
    for (size_t i = 0; i < source.count; i++) {
        input.environment = source.items[i].environment;
        input.arguments = source.items[i].arguments;
        input.flags = variables_get(&input.environment, FLAGS_VARIABLE);
        if (judge(context, &input, source.items[i].line, out, err) < 0)
            return -1;
    }
    return 0;
}

/* What a profile may write: every word on the allow-list, else refused. */
static void profile_judge(struct context *context, const char *text, struct judged *out)
{
    struct strings items = { 0 };
    flags_parse(context->arena, text, &items);
    out->of = "what a profile would write";
    for (size_t i = 0; i < items.count; i++) {
        const char *item = items.items[i], *equals = strchr(item, '=');
        bool is_variable = item[0] >= 'A' && item[0] <= 'Z' && equals;
        struct err why = { 0 };
        int result = is_variable ? variable_allow(
                         arena_strndup(context->arena, item, (size_t)(equals - item)), equals + 1,
                         &why)
                                 : switch_allow(item, &why);
        struct lint_finding finding = { .kind = LINT_DANGEROUS, .item = item };
        if (result == 0)
            continue;
        finding.text = arena_strdup(context->arena, why.text);
        ARENA_PUSH(context->arena, &out->findings, finding);
        out->refused++;
    }
}

static json_t *finding_to_json(const struct judged *judged, size_t index)
{
    const struct lint_finding *finding = &judged->findings.items[index];
    json_t *out = json_object();
    json_set_text(out, "kind", judged->refused ? "refused" : lint_kind_text(finding->kind));
    json_set(out, "item", json_text(finding->item));
    json_set(out, "text", json_text(finding->text));
    json_set_text(out, "better", finding->better);
    json_set_text(out, "source", finding->source);
    if (finding->column)
        json_set_u64(out, "column", finding->column);
    if (finding->line)
        json_set_u64(out, "line", finding->line);
    return out;
}

static void print_json(struct context *context, const struct judged *judged, int status)
{
    CLEANUP(json_freep) json_t *root = json_object();
    json_t *rows = json_array();
    json_set_text(root, "schema", "qwguard.flags-lint/1");
    json_set_text(root, "qt", judged->qt);
    json_set_text(root, "of", judged->of);
    for (size_t i = 0; i < judged->findings.count; i++)
        (void)json_array_append_new(rows, finding_to_json(judged, i));
    json_set(root, "findings", rows);
    json_set_u64(root, "exit", (uint64_t)status);
    fputs(json_format(context->arena, root), stdout);
}

static const char *clean(struct context *context, const char *text)
{
    char *copy = text_clean(context->arena, text, strlen(text));
    for (char *c = copy; *c; c++)
        *c = *c == '\n' || *c == '\t' ? '?' : *c;
    return copy;
}

static void print_text(struct context *context, const struct judged *judged)
{
    for (size_t i = 0; i < judged->findings.count; i++) {
        const struct lint_finding *finding = &judged->findings.items[i];
        if (finding->line)
            printf("line %u: ", finding->line);
        if (finding->column)
            printf("column %u: ", finding->column);
        printf("%s: %s: %s\n", judged->refused ? "refused" : lint_kind_text(finding->kind),
               clean(context, finding->item), clean(context, finding->text));
        if (finding->better)
            printf("  better: %s\n", clean(context, finding->better));
        if (context->verbose && finding->source)
            printf("  source: %s\n", finding->source);
    }
    if (!context->quiet)
        printf("%zu %s in %s, judged for %s\n", judged->findings.count,
               judged->findings.count == 1 ? "finding" : "findings", judged->of,
               flags_engine_text(context->arena, judged->qt));
}

static int lint_run(struct context *context, struct err *err)
{
    struct judged judged = { .of = "the string" };
    const char *file = option_value(context, "file");
    const char *text = context->args.count ? context->args.items[0] : NULL;
    int result = 0;
    if (file && text)
        return option_error(err, "file", "a STRING is given too");
    if (option_given(context, "for-profile") && !text)
        return option_error(err, "for-profile", "it needs a STRING");
    if (flags_engine(context, &judged.qt, err) < 0)
        return -1;
    const struct lint_input input = { .qt = judged.qt, .flags = text };
    if (file)
        result = file_judge(context, file, &judged, err);
    else if (option_given(context, "for-profile"))
        profile_judge(context, text, &judged);
    else if (text)
        result = judge(context, &input, 0, &judged, err);
    else
        result = environment_judge(context, &judged, err);
    if (result < 0)
        return -1;
    int status = judged.refused ? 65 : judged.findings.count ? 10 : 0;
    if (context->json)
        print_json(context, &judged, status);
    else
        print_text(context, &judged);
    return status;
}

const struct command command_flags_lint = {
    .name = "flags lint",
    .args = "[STRING]",
    .summary = "say what is wrong with flags, variables, or a file that sets them",
    .details = "Without STRING and --file: what is set in the environment. Judged for the newest\n"
               "engine that is installed, or --engine. Exit status: 0 fine, 10 findings, 65 the\n"
               "input cannot be read, or is refused (--for-profile).",
    .options = lint_options,
    .max_args = 1,
    .prints_json = true,
    .takes_flags = true,
    .run = lint_run,
};
