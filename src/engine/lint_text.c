/* The two parts of the lint that look at the string as a whole: what Qt's parser reads otherwise
 * than it was meant, and which switches another one takes the effect from. Source of the grammar:
 * parseEnvCommandLine in Qt's src/core/web_engine_context.cpp; of what wins: base/command_line.cc
 * and FeatureList::InitializeFromCommandLine in base/feature_list.cc. */
#include <string.h>

#include "base/macros.h"
#include "engine/flags_private.h"
#include "engine/lint_private.h"

/* Characters that mean something to a shell and nothing to Qt; each kind is told once. */
static const struct {
    const char *characters;
    const char *text;
    const char *better;
} misread[] = {
    { "'", "a single quote is an ordinary character for Qt", "quote with \"" },
    { "\\", "a backslash is an ordinary character for Qt, there are no escapes",
      "quote with \"; a quotation mark itself cannot be written" },
    { "\t\n\v\f\r", "only spaces part switches: this white space becomes part of one",
      "write a space" },
    { "`$", "Qt expands nothing: it stays as it is written", NULL },
};

static void quoting_add(struct lint *lint, const char *flags, const char *at, const char *text,
                        const char *better)
{
    const char *start = at;
    while (start > flags && start[-1] != ' ')
        start--;
    const struct lint_finding finding = {
        .kind = LINT_QUOTING,
        .item = arena_strndup(lint->arena, start, (size_t)(at - start) + 1 + strcspn(at + 1, " ")),
        .text = text,
        .better = better,
        .column = (unsigned)(at - flags) + 1,
    };
    lint_add(lint, &finding);
}

void lint_quoting(struct lint *lint, const char *flags)
{
    const char *open = NULL, *control = NULL;
    for (size_t i = 0; i < ROWS(misread); i++) {
        const char *at = strpbrk(flags, misread[i].characters);
        if (at)
            quoting_add(lint, flags, at, misread[i].text, misread[i].better);
    }
    for (const char *at = flags; *at; at++) {
        if (*at == '"')
            open = open ? NULL : at;
        if (!control && ((unsigned char)*at < ' ' || *at == 0x7f) && !strchr("\t\n\v\f\r", *at))
            control = at;
    }
    if (control)
        quoting_add(lint, flags, control, "a control character becomes part of the switch",
                    "leave it out");
    if (open)
        quoting_add(lint, flags, open,
                    "this quotation mark is not closed: all behind it is one item", "close it");
}

static void lost_add(struct lint *lint, const char *item, const char *text, const char *better)
{
    const struct lint_finding finding = {
        .kind = LINT_LOST,
        .item = item,
        .text = text,
        .better = better,
        .source = "base/command_line.cc",
    };
    lint_add(lint, &finding);
}

static bool same_value(const struct flag_view *a, const struct flag_view *b)
{
    return !a->value == !b->value && a->value_length == b->value_length
           && (!a->value || memcmp(a->value, b->value, a->value_length) == 0);
}

/* The elements of one list that another does not hold, with the separator between; "" = none. */
static const char *missing(struct lint *lint, const struct list_switch *row,
                           const struct flag_view *from, const struct flag_view *in)
{
    struct strings have = { 0 }, wanted = { 0 };
    struct text text = { .arena = lint->arena };
    flag_split(lint->arena, from, row->separator, &wanted);
    flag_split(lint->arena, in, row->separator, &have);
    for (size_t i = 0; i < wanted.count; i++) {
        if (!strings_has(&have, wanted.items[i])) {
            text_add(&text, &row->separator, text.length ? 1 : 0);
            text_printf(&text, "%s", wanted.items[i]);
        }
    }
    return text_get(&text);
}

/* One that stands before another of the same name. */
static void earlier_lost(struct lint *lint, const char *item, const struct flag_view *earlier,
                         const char *last_item, const struct flag_view *last)
{
    const struct list_switch *row = flag_list_find(earlier);
    const char *text = arena_printf(lint->arena, "only the last one counts: %s", last_item);
    if (!row) {
        if (!same_value(earlier, last))
            lost_add(lint, item, text, "give it once");
        return;
    }
    const char *lost = missing(lint, row, earlier, last);
    if (*lost)
        lost_add(lint, item, text,
                 arena_printf(lint->arena, "%s--%s=%s%c%.*s%s", row->separator == ' ' ? "\"" : "",
                              row->name, lost, row->separator, (int)last->value_length,
                              last->value ? last->value : "", row->separator == ' ' ? "\"" : ""));
}

/* Features both turned on and off: Chromium registers those that are off first. */
static void features_lost(struct lint *lint, const char *item, const struct flag_view *enabled,
                          const struct flag_view *disabled, const struct list_switch *row)
{
    struct strings on = { 0 }, off = { 0 };
    flag_split(lint->arena, enabled, row->separator, &on);
    flag_split(lint->arena, disabled, row->separator, &off);
    for (size_t i = 0; i < on.count; i++) {
        const char *name = flag_element_name(lint->arena, on.items[i], false);
        for (size_t j = 0; j < off.count; j++) {
            if (text_equal(name, flag_element_name(lint->arena, off.items[j], false)))
                lost_add(lint, item,
                         arena_printf(lint->arena, "--%s names %s too, and that counts",
                                      row->opposite, name),
                         "name it once");
        }
    }
}

void lint_lost(struct lint *lint, const struct strings *items)
{
    size_t end = flags_end(items);
    for (size_t i = 0; i < end; i++) {
        struct flag_view one, last, against;
        if (!flag_view(items->items[i], &one))
            continue;
        const struct list_switch *row = flag_list_find(&one);
        size_t last_at = flags_find_last(items, one.name, one.name_length, &last);
        if (last_at != i)
            earlier_lost(lint, items->items[i], &one, items->items[last_at], &last);
        else if (row && row->opposite && text_starts(row->name, "enable-")
                 && flags_find_last(items, row->opposite, strlen(row->opposite), &against) < end)
            features_lost(lint, items->items[i], &one, &against, row);
    }
    for (size_t i = end + 1; i < items->count; i++)
        lost_add(lint, items->items[i], "behind '--' nothing is a switch", "put it before '--'");
}
