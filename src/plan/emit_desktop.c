/* A desktop entry with its Exec lines changed: every one of them, those of its actions too, begins
 * with `env NAME=VALUE …`. DBusActivatable goes, because a start over the bus does not look at
 * Exec. A comment in front says who wrote it; everything else stays as it is, byte for byte.
 * Source: Desktop Entry Specification 1.5, "The Exec key", "Value types". */
#include <string.h>

#include "plan/emit_private.h"

#define SPACES " \t"

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

/* Is it "KEY = …"? White space around KEY and the sign is no part of either: GLib's reader allows
 * it in front of a line, too. Returns where the value begins. */
static const char *value_of(const char *line, size_t length, const char *key)
{
    size_t at = strspn(line, SPACES);
    if (!text_starts(line + at, key))
        return NULL;
    at += strlen(key);
    at += strspn(line + at, SPACES);
    if (at >= length || line[at] != '=')
        return NULL;
    at++;
    return line + at + strspn(line + at, SPACES);
}

/* Does an Exec line set the variable by itself, or take it out (env -u NAME, -uNAME,
 * --unset=NAME)? It would win, being nearer to the program. */
static bool sets_itself(const char *exec, const char *name)
{
    for (const char *at = strstr(exec, name); at; at = strstr(at + 1, name)) {
        size_t before = (size_t)(at - exec);
        const char *end = at + strlen(name);
        bool begins = !before || strchr(" \t\"'", at[-1]);
        bool unset = (before >= 3 && strncmp(at - 3, "-u ", 3) == 0)
                     || (before >= 2 && strncmp(at - 2, "-u", 2) == 0)
                     || (before >= 8 && strncmp(at - 8, "--unset=", 8) == 0)
                     || (before >= 8 && strncmp(at - 8, "--unset ", 8) == 0);
        if ((begins && *end == '=') || (unset && (!*end || strchr(" \t\"'", *end))))
            return true;
    }
    return false;
}

static int add_exec(struct text *text, const struct emit_input *input, const char *value,
                    size_t length, struct err *err)
{
    struct arena *arena = text->arena;
    const char *exec = arena_strndup(arena, value, length);
    text_printf(text, "Exec=env ");
    for (size_t i = 0; i < input->environment->count; i++) {
        const struct variable *variable = &input->environment->items[i];
        if (sets_itself(exec, variable->name))
            return err_set(err, ERR_DATA,
                           "the desktop entry of '%s' sets %s itself; set it for the session "
                           "instead, where it can be merged",
                           input->app ? input->app : "the application", variable->name);
        add_quoted(text, arena_printf(arena, "%s=%s", variable->name, variable->value));
        text_add(text, " ", 1);
    }
    text_printf(text, "%s\n", exec);
    return 0;
}

/* Only these groups have commands of the application; others belong to somebody else. */
static bool is_command_group(const char *line)
{
    return text_starts(line, "[Desktop Entry]") || text_starts(line, "[Desktop Action ");
}

int emit_desktop(struct arena *arena, enum emit_format format, const struct emit_input *input,
                 const char **out_text, struct err *err)
{
    struct text text = { .arena = arena };
    size_t changed = 0;
    bool inside = false;
    (void)format;
    if (!input->entry)
        return err_set(err, ERR_USAGE, "desktop: which application's entry? (--app)");
    text_printf(&text, "# " EMIT_NOTE "\n");
    for (const char *line = input->entry; *line;) {
        size_t length = strcspn(line, "\n");
        const char *value = value_of(line, length, "Exec");
        if (line[strspn(line, SPACES)] == '[')
            inside = is_command_group(line + strspn(line, SPACES));
        if (inside && value && input->environment->count) {
            if (add_exec(&text, input, value, (size_t)(line + length - value), err) < 0)
                return -1;
            changed++;
        } else if (!inside || !value_of(line, length, "DBusActivatable")) {
            text_add(&text, line, length);
            text_add(&text, "\n", 1);
        }
        line += length + (line[length] == '\n');
    }
    if (!changed && input->environment->count)
        return err_set(err, ERR_DATA, "the desktop entry of '%s' has no Exec line",
                       input->app ? input->app : "the application");
    *out_text = text_get(&text);
    return 0;
}
