/* The flag string as Qt reads and writes it. Parsing follows Qt character by character; merging
 * follows Chromium, for which the last of two equal switches counts, so lists inside one switch
 * must be joined by hand. Whatever the user said stays and wins; what had to be left out is told.
 */
#include "engine/flags_private.h"

#include <string.h>

#include "base/macros.h"
#include "engine/engine.h"

#define TERMINATOR "--"
#define ENGINE_ARGUMENTS "--webEngineArgs"

/* Source: base/base_switches.cc, content/public/common/content_switches.cc; V8 splits its flags at
 * white space (v8/src/flags/flags.cc). */
static const struct list_switch list_switches[] = {
    { "enable-features", "disable-features", ',' },
    { "disable-features", "enable-features", ',' },
    { "enable-blink-features", "disable-blink-features", ',' },
    { "disable-blink-features", "enable-blink-features", ',' },
    { "js-flags", NULL, ' ' },
};

/* Beginnings of names that contradict each other. */
static const struct {
    const char *start;
    const char *opposite;
} opposites[] = {
    { "disable-", "enable-" },
    { "enable-", "disable-" },
};

void flags_parse(struct arena *arena, const char *text, struct strings *out)
{
    struct text item = { .arena = arena };
    bool quoted = false;
    for (; *text; text++) {
        if (*text == '"') {
            quoted = !quoted;
        } else if (*text != ' ' || quoted) {
            text_add(&item, text, 1);
        } else if (item.length) {
            ARENA_PUSH(arena, out, text_get(&item));
            item = (struct text){ .arena = arena };
        }
    }
    if (item.length)
        ARENA_PUSH(arena, out, text_get(&item));
}

int flags_write(struct arena *arena, const struct strings *items, const char **out_text,
                struct err *err)
{
    struct text text = { .arena = arena };
    for (size_t i = 0; i < items->count; i++) {
        const char *item = items->items[i];
        if (!*item)
            return err_set(err, ERR_DATA, "an empty switch cannot be written");
        if (strchr(item, '"'))
            return err_set(err, ERR_DATA,
                           "'%s' holds a quotation mark, which Qt cannot read inside a switch",
                           item);
        if (strchr(item, '\n'))
            return err_set(err, ERR_DATA, "a switch holds a line break");
        const char *quote = strchr(item, ' ') ? "\"" : "";
        text_printf(&text, "%s%s%s%s", i ? " " : "", quote, item, quote);
    }
    *out_text = text_get(&text);
    return 0;
}

bool flag_view(const char *item, struct flag_view *out)
{
    item += strspn(item, WHITE_SPACE);
    size_t length = strlen(item);
    while (length && strchr(WHITE_SPACE, item[length - 1]))
        length--;
    size_t dashes = length > 1 && item[0] == '-' && item[1] == '-' ? 2 : length && *item == '-';
    if (dashes == 0 || length == dashes)
        return false;
    out->name = item + dashes;
    size_t rest = length - dashes;
    const char *equals = memchr(out->name, '=', rest);
    out->name_length = equals ? (size_t)(equals - out->name) : rest;
    out->value = equals ? equals + 1 : NULL;
    out->value_length = equals ? rest - out->name_length - 1 : 0;
    return true;
}

bool flag_ends_switches(const char *item)
{
    item += strspn(item, WHITE_SPACE);
    return text_starts(item, TERMINATOR) && item[2 + strspn(item + 2, WHITE_SPACE)] == '\0';
}

size_t flags_end(const struct strings *items)
{
    size_t end = 0;
    while (end < items->count && !flag_ends_switches(items->items[end]))
        end++;
    return end;
}

size_t flags_find_last(const struct strings *items, const char *name, size_t name_length,
                       struct flag_view *out)
{
    struct flag_view view;
    for (size_t i = flags_end(items); i > 0; i--) {
        if (flag_view(items->items[i - 1], &view) && view.name_length == name_length
            && memcmp(view.name, name, name_length) == 0) {
            *out = view;
            return i - 1;
        }
    }
    return items->count;
}

bool flags_has(const struct strings *items, const char *name, const char **out_value)
{
    struct flag_view view;
    if (flags_find_last(items, name, strlen(name), &view) == items->count)
        return false;
    /* White space behind the value, which Chromium trims, is left: it would cost a copy. */
    if (out_value)
        *out_value = view.value ? view.value : "";
    return true;
}

void flags_of_arguments(struct arena *arena, const char *qt, const struct strings *arguments,
                        struct strings *out)
{
    bool all = qt && version_compare(qt, "6.4") < 0;
    bool any_case = !qt || version_compare(qt, "6.7") >= 0;
    size_t start = 0;
    while (!all && start < arguments->count) {
        const char *item = arguments->items[start++];
        if (any_case)
            item = text_lower(arena, item);
        all = strcmp(item, any_case ? text_lower(arena, ENGINE_ARGUMENTS) : ENGINE_ARGUMENTS) == 0;
    }
    struct flag_view view;
    for (size_t i = start; all && i < arguments->count && !flag_ends_switches(arguments->items[i]);
         i++) {
        if (flag_view(arguments->items[i], &view))
            ARENA_PUSH(arena, out, arguments->items[i]);
    }
}

const struct list_switch *flag_list_find(const struct flag_view *view)
{
    for (size_t i = 0; i < ROWS(list_switches); i++) {
        if (strlen(list_switches[i].name) == view->name_length
            && memcmp(list_switches[i].name, view->name, view->name_length) == 0)
            return &list_switches[i];
    }
    return NULL;
}

void flag_split(struct arena *arena, const struct flag_view *view, char separator,
                struct strings *out)
{
    const char separators[] = { separator, separator == ' ' ? '\t' : separator, '\0' };
    const char *at = view->value, *end = view->value + view->value_length;
    while (view->value && at < end) {
        size_t length = strcspn(at, separators);
        if (length > (size_t)(end - at))
            length = (size_t)(end - at);
        if (length)
            ARENA_PUSH(arena, out, arena_strndup(arena, at, length));
        at += length + 1;
    }
}

const char *flag_element_name(struct arena *arena, const char *element, bool is_v8)
{
    if (!is_v8)
        return arena_strndup(arena, element, strcspn(element, "<:"));
    element += strspn(element, "-");
    if (text_starts(element, "no"))
        element += element[2] == '-' || element[2] == '_' ? 3 : 2;
    char *name = arena_strndup(arena, element, strcspn(element, "="));
    for (char *c = name; *c; c++) {
        if (*c == '_')
            *c = '-';
    }
    return name;
}

static const char *element_find(struct arena *arena, const struct strings *list,
                                const char *element, bool is_v8)
{
    const char *wanted = flag_element_name(arena, element, is_v8);
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(flag_element_name(arena, list->items[i], is_v8), wanted) == 0)
            return list->items[i];
    }
    return NULL;
}

static void keep(struct arena *arena, struct flags_result *out, const char *left_out,
                 const char *user)
{
    ARENA_PUSH(arena, &out->kept, arena_printf(arena, "%s: the user has %s", left_out, user));
}

static void insert_switch(struct arena *arena, struct strings *items, const char *item)
{
    size_t end = flags_end(items);
    ARENA_PUSH(arena, items, item);
    for (size_t i = items->count - 1; i > end; i--)
        items->items[i] = items->items[i - 1];
    items->items[end] = item;
}

/* Join one list switch into what is there. */
static bool add_list(struct arena *arena, const struct list_switch *row,
                     const struct flag_view *added, struct flags_result *out)
{
    struct flag_view mine = { 0 }, other = { 0 };
    struct strings wanted = { 0 }, have = { 0 }, denied = { 0 };
    size_t place = flags_find_last(&out->switches, row->name, strlen(row->name), &mine);
    bool is_v8 = !row->opposite;
    flag_split(arena, added, row->separator, &wanted);
    if (place < out->switches.count)
        flag_split(arena, &mine, row->separator, &have);
    if (row->opposite
        && flags_find_last(&out->switches, row->opposite, strlen(row->opposite), &other)
               < out->switches.count)
        flag_split(arena, &other, row->separator, &denied);

    struct text joined = { .arena = arena };
    text_printf(&joined, "--%s=%.*s", row->name, (int)mine.value_length,
                mine.value ? mine.value : "");
    size_t before = have.count;
    for (size_t i = 0; i < wanted.count; i++) {
        const char *element = wanted.items[i];
        const char *there = element_find(arena, &have, element, is_v8);
        const char *against = element_find(arena, &denied, element, is_v8);
        const char *whole = arena_printf(arena, "--%s=%s", row->name, element);
        if (against) {
            keep(arena, out, whole, arena_printf(arena, "--%s=%s", row->opposite, against));
        } else if (there) {
            if (strcmp(there, element) != 0)
                keep(arena, out, whole, there);
        } else {
            text_add(&joined, &row->separator, have.count ? 1 : 0);
            text_add(&joined, element, strlen(element));
            ARENA_PUSH(arena, &have, element);
        }
    }
    if (have.count == before)
        return false;
    if (place < out->switches.count)
        out->switches.items[place] = text_get(&joined);
    else
        insert_switch(arena, &out->switches, text_get(&joined));
    return true;
}

/* The user's switch that says the contrary of one, NULL when there is none. */
static const char *contrary(struct arena *arena, const struct strings *items,
                            const struct flag_view *added)
{
    for (size_t i = 0; i < ROWS(opposites); i++) {
        size_t start = strlen(opposites[i].start);
        if (added->name_length <= start || memcmp(added->name, opposites[i].start, start) != 0)
            continue;
        const char *name = arena_printf(arena, "%s%.*s", opposites[i].opposite,
                                        (int)(added->name_length - start), added->name + start);
        struct flag_view view;
        size_t place = flags_find_last(items, name, strlen(name), &view);
        if (place < items->count)
            return items->items[place];
    }
    return NULL;
}

/* Add one switch; false when nothing changed. */
static bool add_switch(struct arena *arena, const char *item, struct flags_result *out)
{
    struct flag_view added, found;
    if (!flag_view(item, &added))
        return false; /* Chromium makes nothing of it */
    const struct list_switch *row = flag_list_find(&added);
    if (row)
        return add_list(arena, row, &added, out);
    const char *against = contrary(arena, &out->switches, &added);
    size_t place = flags_find_last(&out->switches, added.name, added.name_length, &found);
    if (against) {
        keep(arena, out, item, against);
        return false;
    }
    if (place == out->switches.count) {
        insert_switch(arena, &out->switches, item);
        return true;
    }
    if (added.value_length != found.value_length
        || (added.value_length && memcmp(added.value, found.value, added.value_length) != 0))
        keep(arena, out, item, out->switches.items[place]);
    return false;
}

int flags_merge(struct arena *arena, const struct flags_input *input, struct flags_result *out,
                struct err *err)
{
    struct flags_result result = { .value = input->variable };
    bool changed = false;
    if (input->variable)
        flags_parse(arena, input->variable, &result.switches);
    for (size_t i = 0; !input->variable && i < input->arguments.count; i++)
        ARENA_PUSH(arena, &result.switches, input->arguments.items[i]);
    for (size_t i = 0; i < input->added.count; i++)
        changed |= add_switch(arena, input->added.items[i], &result);
    if (changed && flags_write(arena, &result.switches, &result.value, err) < 0)
        return err_wrap(err, "cannot add to %s", FLAGS_VARIABLE);
    *out = result;
    return 0;
}
