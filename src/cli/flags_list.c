/* `qwguard flags list`: the catalogue of switches and variables, for one engine or for all. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/flags_common.h"
#include "engine/catalogue.h"

#define NAME_COLUMN 42

/* "6.7+", "<6.8", "6.7+ <6.10", "all". */
static const char *range_text(struct arena *arena, const char *since, const char *until)
{
    if (!since && !until)
        return "all";
    return arena_printf(arena, "%s%s%s%s%s", since ? since : "", since ? "+" : "",
                        since && until ? " " : "", until ? "<" : "", until ? until : "");
}

static json_t *row_to_json(struct arena *arena, const struct catalogue_row *row, const char *qt)
{
    json_t *out = json_object();
    json_set_text(out, "name", row->name);
    json_set_text(out, "values", row->words);
    json_set_text(out, "grammar", value_grammar_text(row->grammar));
    json_set_text(out, "class", catalogue_class_text(row->class));
    json_set_text(out, "effect", row->effect);
    json_set_text(out, "cost", row->cost);
    json_set(out, "profile_may_write", json_boolean(row->allowed));
    json_set_text(out, "honoured",
                  qt           ? truth_text(catalogue_honoured(row, qt))
                  : row->never ? "no"
                               : NULL);
    json_set_text(out, "qt", row->never ? "none" : range_text(arena, row->since, row->until));
    json_set_text(out, "since", row->since);
    json_set_text(out, "until", row->until);
    json_set_text(out, "not_looked_at_from", row->unsure_from);
    json_set_text(out, "chromium_since", row->chromium_since);
    json_set_text(out, "chromium_until", row->chromium_until);
    json_set_text(out, "why_not", row->why_not);
    if (row->breaks) {
        json_set_text(out, "breaks", row->breaks);
        json_set_text(out, "breaks_qt", range_text(arena, row->breaks_since, row->breaks_until));
        json_set_text(out, "breaks_engine", truth_text(catalogue_breaks(row, qt)));
    }
    json_set_text(out, "refused", row->refuse);
    json_set_text(out, "better", row->better);
    json_set_text(out, "source", row->source);
    return out;
}

static void print_json(struct context *context, const char *qt)
{
    CLEANUP(json_freep) json_t *root = json_object();
    json_t *rows = json_array();
    const struct catalogue_row *row;
    json_set_text(root, "schema", "qwguard.flags/1");
    json_set_text(root, "qt", qt);
    for (size_t i = 0; (row = catalogue_at(i)); i++)
        (void)json_array_append_new(rows, row_to_json(context->arena, row, qt));
    json_set(root, "flags", rows);
    fputs(json_format(context->arena, root), stdout);
}

/* What a row says of this engine, or of all, in a few words. */
static const char *state_text(struct arena *arena, const struct catalogue_row *row, const char *qt)
{
    if (!qt)
        return row->never ? "none" : range_text(arena, row->since, row->until);
    if (catalogue_breaks(row, qt) == TRUTH_YES)
        return "breaks";
    return truth_text(catalogue_honoured(row, qt));
}

static void print_row(struct context *context, const struct catalogue_row *row, const char *qt)
{
    const char *name = !row->words || strlen(row->words) > 24
                           ? row->name
                           : arena_printf(context->arena, "%s=%s", row->name, row->words);
    const char *why = row->why_not && (!qt || catalogue_honoured(row, qt) == TRUTH_NO)
                          ? arena_printf(context->arena, " (%s)", row->why_not)
                          : "";
    printf("  %-*s %-13s %s%s\n", NAME_COLUMN, name, state_text(context->arena, row, qt),
           row->effect, why);
    if (!context->verbose)
        return;
    if (row->cost)
        printf("  %-*s   costs: %s\n", NAME_COLUMN, "", row->cost);
    if (row->breaks)
        printf("  %-*s   breaks: %s\n", NAME_COLUMN, "", row->breaks);
    if (row->better)
        printf("  %-*s   better: %s\n", NAME_COLUMN, "", row->better);
    printf("  %-*s   source: %s\n", NAME_COLUMN, "", row->source);
}

static int list_run(struct context *context, struct err *err)
{
    const char *qt = NULL;
    const struct catalogue_row *row;
    if (option_given(context, "engine") && flags_engine(context, &qt, err) < 0)
        return -1;
    if (context->json) {
        print_json(context, qt);
        return 0;
    }
    for (int class = 0; class < CLASS_COUNT; class ++) {
        printf("%s%s, and whether %s honours it\n", class ? "\n" : "",
               catalogue_class_text((enum catalogue_class) class),
               qt ? flags_engine_text(context->arena, qt) : "a Qt WebEngine");
        for (size_t i = 0; (row = catalogue_at(i)); i++) {
            if ((int)row->class == class)
                print_row(context, row, qt);
        }
    }
    return 0;
}

static const struct option_row *const list_options[] = { flags_engine_option, NULL };

const struct command command_flags_list = {
    .name = "flags list",
    .args = "",
    .summary = "list the switches and variables that are known, with what they do",
    .details = "Without --engine: the versions of Qt WebEngine that honour each. -v adds costs,\n"
               "better ways and sources.",
    .options = list_options,
    .prints_json = true,
    .run = list_run,
};
