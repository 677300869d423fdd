/* Judges what an application would be started with, item by item: the catalogue knows the single
 * switch, Qt's rules (verdict_qt.c) know what several do together. Each item gets the gravest
 * finding only: who removes a dangerous switch need not know that it is stale too. */
#include "engine/lint_private.h"

#include <assert.h>
#include <string.h>

#include "base/macros.h"
#include "engine/catalogue.h"
#include "engine/flags_private.h"
#include "engine/verdict_private.h"

#define NAMES_MAX 512
#define OWN_VARIABLE "QTWEBENGINE"
#define OWN_VARIABLE_OLD "QT_WEBENGINE"

static const char *const kind_words[] = {
    [LINT_DANGEROUS] = "dangerous", [LINT_BREAKS] = "breaks",   [LINT_QUOTING] = "quoting",
    [LINT_LOST] = "lost",           [LINT_IGNORED] = "ignored", [LINT_STALE] = "stale",
    [LINT_VALUE] = "value",         [LINT_UNKNOWN] = "unknown",
};
static_assert(ROWS(kind_words) == LINT_KIND_COUNT, "one word per kind");

const char *lint_kind_text(enum lint_kind kind)
{
    return kind_words[kind];
}

void lint_add(struct lint *lint, const struct lint_finding *finding)
{
    ARENA_PUSH(lint->arena, lint->out, *finding);
}

/* The row that says why a name is dangerous, for values that its own row does not take. */
static const struct catalogue_row *danger_find(const char *name)
{
    const struct catalogue_row *row;
    for (size_t i = 0; (row = catalogue_at(i)); i++) {
        if (row->class == CLASS_DANGEROUS && row->grammar != VALUE_LIST
            && text_equal(row->name, name))
            return row;
    }
    return NULL;
}

static const char *nearest_name(const char *name)
{
    const char *names[NAMES_MAX];
    const struct catalogue_row *row;
    size_t count = 0;
    for (size_t i = 0; count < NAMES_MAX && (row = catalogue_at(i)); i++) {
        if (!strchr(row->name, '*'))
            names[count++] = row->name;
    }
    return text_nearest(name, names, count);
}

static void unknown_add(struct lint *lint, const char *item, const char *name)
{
    const char *near = nearest_name(name);
    const struct lint_finding finding = {
        .kind = LINT_UNKNOWN,
        .item = item,
        .text = "it is not in the catalogue, so nothing is known of what it does",
        .better = near ? arena_printf(lint->arena, "was %s meant?", near) : NULL,
    };
    lint_add(lint, &finding);
}

static const char *value_text(struct lint *lint, const struct catalogue_row *row, const char *value)
{
    if (row->grammar == VALUE_NONE || row->grammar == VALUE_ON_OFF)
        return arena_printf(lint->arena, "it takes no value: '=%s' does not change what it does",
                            value);
    if (!value)
        return "it needs a value";
    return row->grammar == VALUE_NUMBER
               ? "its value is no number"
               : arena_printf(lint->arena, "of its values only %s are known", row->words);
}

/* The gravest thing that a row says of a value; false when it is all right. */
static bool row_judge(struct lint *lint, const struct catalogue_row *row, const char *value,
                      struct lint_finding *out)
{
    enum truth breaks = catalogue_breaks(row, lint->qt);
    bool takes = catalogue_takes(row, value);
    out->better = row->better;
    out->source = row->source;
    if (row->class == CLASS_DANGEROUS) {
        out->kind = LINT_DANGEROUS;
        out->text = arena_printf(lint->arena, "%s: %s", row->effect, row->refuse);
    } else if (takes && breaks != TRUTH_NO) {
        out->kind = LINT_BREAKS;
        out->text = row->breaks;
    } else if (catalogue_honoured(row, lint->qt) == TRUTH_NO) {
        out->kind = row->class == CLASS_STALE ? LINT_STALE : LINT_IGNORED;
        out->text = row->why_not;
    } else if (row->class == CLASS_STALE) {
        out->kind = LINT_STALE;
        out->text = arena_printf(lint->arena, "%s: it does not help here", row->effect);
    } else if (!takes) {
        out->kind = LINT_VALUE;
        out->text = value_text(lint, row, value);
        out->better = row->grammar == VALUE_NONE ? "leave it out to be without it" : NULL;
    } else {
        return false;
    }
    return true;
}

static void elements_judge(struct lint *lint, const struct flag_view *view, const char *name,
                           const char *item)
{
    struct strings elements = { 0 };
    flag_split(lint->arena, view, ',', &elements);
    for (size_t i = 0; i < elements.count; i++) {
        const char *element = flag_element_name(lint->arena, elements.items[i], false);
        const struct catalogue_row *row = catalogue_find(name, strlen(name), element);
        struct lint_finding finding = { .item = item };
        if (!catalogue_takes(row, element)) {
            finding.kind = LINT_UNKNOWN;
            finding.text = arena_printf(lint->arena, "the feature '%s' is not in the catalogue",
                                        element);
        } else if (row_judge(lint, row, element, &finding)) {
            finding.text = arena_printf(lint->arena, "%s: %s", element, finding.text);
        } else {
            continue;
        }
        lint_add(lint, &finding);
    }
}

static void item_judge(struct lint *lint, const char *item)
{
    struct flag_view view;
    struct lint_finding finding = { .item = item };
    if (!flag_view(item, &view)) {
        finding.kind = LINT_UNKNOWN;
        finding.text = "it is no switch: the engine passes over it";
        lint_add(lint, &finding);
        return;
    }
    const char *name = arena_printf(lint->arena, "--%.*s", (int)view.name_length, view.name);
    const char *value = view.value ? arena_strndup(lint->arena, view.value, view.value_length)
                                   : NULL;
    const struct catalogue_row *row = catalogue_find(name, strlen(name), value);
    const struct catalogue_row *danger = danger_find(name);
    if (danger && row && !catalogue_takes(row, value))
        row = danger;
    if (!row)
        unknown_add(lint, item, name);
    else if (row->grammar == VALUE_LIST)
        elements_judge(lint, &view, name, item);
    else if (row_judge(lint, row, value, &finding))
        lint_add(lint, &finding);
}

static void variable_judge(struct lint *lint, const struct variable *variable)
{
    const struct catalogue_row *row = catalogue_find(variable->name, strlen(variable->name),
                                                     variable->value);
    struct lint_finding finding = {
        .item = arena_printf(lint->arena, "%s=%s", variable->name, variable->value),
    };
    if (text_equal(variable->name, FLAGS_VARIABLE))
        return;
    if (row && row_judge(lint, row, variable->value, &finding))
        lint_add(lint, &finding);
    else if (!row
             && (text_starts(variable->name, OWN_VARIABLE)
                 || text_starts(variable->name, OWN_VARIABLE_OLD)))
        unknown_add(lint, finding.item, variable->name);
}

/* Is there a finding already about what the rule's text begins with? */
static bool is_said(const struct lint_findings *findings, const char *why)
{
    size_t length = strcspn(why, "= ");
    for (size_t i = 0; i < findings->count; i++) {
        const char *item = findings->items[i].item;
        item += strspn(item, WHITE_SPACE);
        if (findings->items[i].kind == LINT_BREAKS && strncmp(item, why, length) == 0
            && strchr("= ", item[length]))
            return true;
    }
    return false;
}

/* What Qt does with all of it together: some switches break the engine only with others. */
static void together_judge(struct lint *lint, const struct lint_input *input,
                           const struct strings *switches)
{
    const struct identity identity = {
        .os = { .name = "linux" },
        .engine = { .qt = input->qt },
        .environment = input->environment,
    };
    struct qt_findings found = { 0 };
    if (input->qt)
        qt_rules_apply(lint->arena, &identity, switches, &found);
    for (size_t i = 0; i < found.count; i++) {
        const struct qt_finding *one = &found.items[i];
        bool ends = one->effect == QT_EFFECT_START_FAILURE || one->effect == QT_EFFECT_FREEZE;
        struct lint_finding finding = { .kind = LINT_BREAKS, .text = one->why };
        if (!ends || one->holds != TRUTH_YES || is_said(lint->out, one->why))
            continue;
        finding.item = arena_strndup(lint->arena, one->why, strcspn(one->why, " "));
        lint_add(lint, &finding);
    }
}

/* What the variable takes away from the application's own arguments. */
static void arguments_lost(struct lint *lint, const struct strings *switches)
{
    for (size_t i = 0; i < switches->count; i++) {
        const struct lint_finding finding = {
            .kind = LINT_LOST,
            .item = switches->items[i],
            .text = FLAGS_VARIABLE " is set, and Qt then takes no switch from the arguments",
            .better = arena_printf(lint->arena, "write it into %s", FLAGS_VARIABLE),
        };
        lint_add(lint, &finding);
    }
}

void lint_judge(struct arena *arena, const struct lint_input *input, struct lint_findings *out)
{
    struct lint lint = { arena, input->qt, out };
    struct strings switches = { 0 }, arguments = { 0 };
    flags_of_arguments(arena, input->qt, &input->arguments, &arguments);
    if (input->flags) {
        lint_quoting(&lint, input->flags);
        flags_parse(arena, input->flags, &switches);
        arguments_lost(&lint, &arguments);
    } else {
        switches = arguments;
    }
    for (size_t i = 0; i < switches.count && !flag_ends_switches(switches.items[i]); i++)
        item_judge(&lint, switches.items[i]);
    lint_lost(&lint, &switches);
    for (size_t i = 0; i < input->environment.count; i++)
        variable_judge(&lint, &input->environment.items[i]);
    together_judge(&lint, input, &switches);
}
