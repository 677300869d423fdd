/* The files of EnvironmentFile=. Not a shell's quoting: only a quotation mark at the beginning of a
 * value (or behind a closed one) quotes, a backslash makes the next character ordinary, nothing is
 * expanded. Source: systemd src/basic/env-file.c, parse_env_file_internal(). */
#include <string.h>

#include "engine/flags.h"
#include "plan/source_private.h"

#define SPACES " \t\n\r"

/* The value behind '='; *at goes to the line end. */
static const char *value_read(struct arena *arena, const char **at, unsigned *line)
{
    struct text value = { .arena = arena };
    size_t keep = 0; /* bytes that are no trailing white space */
    bool begins = true;
    char quote = '\0';
    for (; **at && (quote || **at != '\n'); ++*at) {
        char c = **at;
        bool escaped = c == '\\' && (*at)[1] && quote != '\'';
        *line += c == '\n';
        if (escaped) {
            c = *++*at;
            *line += c == '\n';
            begins = begins && quote;
            if (c == '\n')
                continue;
            if (quote && !strchr("\"\\`$", c))
                text_add(&value, "\\", 1);
        } else if (quote && c == quote) {
            quote = '\0';
            begins = true; /* another one may follow */
            continue;
        } else if (begins && !quote && (c == '"' || c == '\'')) {
            quote = c;
            continue;
        } else if (begins && !quote && strchr(SPACES, c)) {
            continue;
        }
        begins = begins && quote;
        text_add(&value, &c, 1);
        if (quote || escaped || !strchr(SPACES, c))
            keep = value.length;
    }
    return arena_strndup(arena, text_get(&value), keep);
}

void unit_environment(struct source_reader *reader, const char *text)
{
    struct arena *arena = reader->arena;
    unsigned line = 1;
    while (*text) {
        for (; *text && strchr(SPACES, *text); text++)
            line += *text == '\n';
        unsigned began = line;
        size_t length = strcspn(text, "=\n");
        bool comment = *text == '#' || *text == ';';
        if (comment || text[length] != '=') { /* a comment, or it sets nothing */
            text += strcspn(text, "\n");
            continue;
        }
        const char *name = text_trim(arena, arena_strndup(arena, text, length));
        text += length + 1;
        const char *value = value_read(arena, &text, &line);
        if (!*name || name[name_length(name)])
            continue; /* systemd passes over it */
        variables_set(arena, &reader->environment, name, value);
        if (!text_equal(name, FLAGS_VARIABLE))
            continue;
        reader->source->flags_at = (struct place){ reader->name, began, 0 };
        reader->source->flags_in_file = true;
    }
}
