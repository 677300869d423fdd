/* A desktop entry with its Exec lines changed: every one of them, those of its actions too, begins
 * with `env NAME=VALUE …`. DBusActivatable goes, because a start over the bus does not look at
 * Exec. Everything else stays as it is, byte for byte. Source: Desktop Entry Specification 1.5,
 * "The Exec key", "Value types". */
#include <string.h>

#include "plan/emit_private.h"

/* One argument in double quotes. Three readers in a row: the value's escapes (\\), field codes
 * (%%), the quoting ("`$\ behind a backslash, which the first reader wants doubled). */
static void add_quoted(struct text *text, const char *word)
{
    text_add(text, "\"", 1);
    for (; *word; word++) {
        if (*word == '\\')
            text_printf(text, "\\\\\\\\");
        else if (strchr("\"`$", *word))
            text_printf(text, "\\\\%c", *word);
        else if (*word == '%')
            text_printf(text, "%%%%");
        else
            text_add(text, word, 1);
    }
    text_add(text, "\"", 1);
}

/* Is it "KEY = …" (spaces around the sign are allowed)? Returns where the value begins. */
static const char *value_of(const char *line, size_t length, const char *key)
{
    size_t at = strlen(key);
    if (length < at || strncmp(line, key, at) != 0)
        return NULL;
    while (at < length && line[at] == ' ')
        at++;
    if (at == length || line[at] != '=')
        return NULL;
    at++;
    while (at < length && line[at] == ' ')
        at++;
    return line + at;
}

int emit_desktop(struct arena *arena, enum emit_format format, const struct emit_input *input,
                 const char **out_text, struct err *err)
{
    struct text text = { .arena = arena };
    size_t changed = 0;
    (void)format;
    if (!input->entry)
        return err_set(err, ERR_USAGE, "desktop: which application's entry? (--app)");
    for (const char *line = input->entry; *line;) {
        size_t length = strcspn(line, "\n");
        size_t whole = length + (line[length] == '\n');
        const char *value = value_of(line, length, "Exec");
        if (value && input->environment->count) {
            text_printf(&text, "Exec=env ");
            for (size_t i = 0; i < input->environment->count; i++) {
                const struct variable *variable = &input->environment->items[i];
                add_quoted(&text, arena_printf(arena, "%s=%s", variable->name, variable->value));
                text_add(&text, " ", 1);
            }
            text_add(&text, value, (size_t)(line + length - value));
            text_add(&text, "\n", 1);
            changed++;
        } else if (!value_of(line, length, "DBusActivatable")) {
            text_add(&text, line, length);
            text_add(&text, "\n", 1);
        }
        line += whole;
    }
    if (!changed && input->environment->count)
        return err_set(err, ERR_DATA, "the desktop entry of '%s' has no Exec line",
                       input->app ? input->app : "the application");
    *out_text = text_get(&text);
    return 0;
}
