/* Writes variables in the words of their readers. A format is one row: which bytes it can
 * hold, and the function that writes the text. Quoting is by table too: what stands before and
 * after a value, and what certain characters become. */
#include "plan/emit.h"

#include <assert.h>
#include <string.h>

#include "base/macros.h"
#include "plan/emit_private.h"

#define CMD_LINE_MAX 8191 /* characters that cmd.exe takes */

/* What a character becomes inside a value. */
struct escape {
    const char *from;
    const char *to;
};

static const struct escape sh_escapes[] = { { "'", "'\\''" }, { NULL, NULL } };
static const struct escape fish_escapes[] = { { "\\", "\\\\" }, { "'", "\\'" }, { NULL, NULL } };
/* % begins a specifier; $ is nothing special in Environment= */
static const struct escape systemd_escapes[] = {
    { "\\", "\\\\" }, { "\"", "\\\"" }, { "%", "%%" }, { NULL, NULL }
};
/* Read twice: the quoting first, then $NAME, where $$ is one $ (env-util.c, replace_env). */
static const struct escape environment_d_escapes[] = {
    { "\\", "\\\\" }, { "\"", "\\\"" }, { "`", "\\`" }, { "$", "\\$\\$" }, { NULL, NULL }
};
/* PowerShell takes the typographic single quotes U+2018 … U+201B for ' as well. */
static const struct escape ps1_escapes[] = { { "'", "''" },
                                             { "\xe2\x80\x98", "\xe2\x80\x98\xe2\x80\x98" },
                                             { "\xe2\x80\x99", "\xe2\x80\x99\xe2\x80\x99" },
                                             { "\xe2\x80\x9a", "\xe2\x80\x9a\xe2\x80\x9a" },
                                             { "\xe2\x80\x9b", "\xe2\x80\x9b\xe2\x80\x9b" },
                                             { NULL, NULL } };

static void add_escaped(struct text *text, const char *value, const struct escape *escapes)
{
    while (*value) {
        const struct escape *escape = escapes;
        while (escape->from && !text_starts(value, escape->from))
            escape++;
        if (escape->from) {
            text_printf(text, "%s", escape->to);
            value += strlen(escape->from);
        } else {
            text_add(text, value++, 1);
        }
    }
}

/* One word for a POSIX shell: as it is when nothing in it is special, else in single quotes. */
static const char *shell_word(struct arena *arena, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./=:,+@%";
    struct text text = { .arena = arena };
    if (*word && strspn(word, plain) == strlen(word))
        return word;
    text_add(&text, "'", 1);
    add_escaped(&text, word, sh_escapes);
    text_add(&text, "'", 1);
    return text_get(&text);
}

/* Lines that differ only in what stands around a name and its value. */
struct line_form {
    const char *head; /* once, in front of all */
    const char *before, *between, *after;
    const struct escape *escapes;
};

static const struct line_form line_forms[EMIT_COUNT] = {
    [EMIT_SH] = { "# " EMIT_NOTE "\n", "export ", "='", "'\n", sh_escapes },
    [EMIT_FISH] = { "# " EMIT_NOTE "\n", "set -gx ", " '", "'\n", fish_escapes },
    [EMIT_SYSTEMD] = { "# " EMIT_NOTE "\n[Service]\n", "Environment=\"", "=", "\"\n",
                       systemd_escapes },
    [EMIT_ENVIRONMENT_D] = { "# " EMIT_NOTE "\n", "", "=\"", "\"\n", environment_d_escapes },
    /* with a byte order mark: Windows PowerShell 5 reads a file without one in the system's set */
    [EMIT_PS1] = { "\xef\xbb\xbf# " EMIT_NOTE "\n", "$env:", " = '", "'\n", ps1_escapes },
};

static int write_lines(struct arena *arena, enum emit_format format, const struct emit_input *input,
                       const char **out_text, struct err *err)
{
    const struct line_form *form = &line_forms[format];
    struct text text = { .arena = arena };
    (void)err;
    text_printf(&text, "%s", form->head);
    for (size_t i = 0; i < input->environment->count; i++) {
        const struct variable *variable = &input->environment->items[i];
        text_printf(&text, "%s%s%s", form->before, variable->name, form->between);
        add_escaped(&text, variable->value, form->escapes);
        text_printf(&text, "%s", form->after);
    }
    *out_text = text_get(&text);
    return 0;
}

static int write_wrapper(struct arena *arena, enum emit_format format,
                         const struct emit_input *input, const char **out_text, struct err *err)
{
    struct text text = { .arena = arena };
    const char *exports;
    (void)format;
    if (!input->program)
        return err_set(err, ERR_USAGE, "a wrapper needs the program that it starts (--app)");
    (void)write_lines(arena, EMIT_SH, input, &exports, err); /* cannot fail */
    text_printf(&text, "#!/bin/sh\n%sexec %s \"$@\"\n", exports, shell_word(arena, input->program));
    *out_text = text_get(&text);
    return 0;
}

/* Words NAME=VALUE for a shell, each with something in front. */
static const char *assignment_words(struct arena *arena, const struct variables *environment,
                                    const char *before)
{
    struct text text = { .arena = arena };
    for (size_t i = 0; i < environment->count; i++) {
        const struct variable *variable = &environment->items[i];
        const char *word = arena_printf(arena, "%s=%s", variable->name, variable->value);
        text_printf(&text, "%s%s ", before, shell_word(arena, word));
    }
    return text_get(&text);
}

static int write_package(struct arena *arena, enum emit_format format,
                         const struct emit_input *input, const char **out_text, struct err *err)
{
    bool flatpak = format == EMIT_FLATPAK;
    if (!input->app)
        return err_set(err, ERR_USAGE, "%s: which application? (--app)", emit_format_name(format));
    const char *app = shell_word(arena, input->app);
    const char *words = assignment_words(arena, input->environment, flatpak ? "--env=" : "");
    *out_text = arena_printf(
        arena, flatpak ? "flatpak override --user %s%s\n" : "env %ssnap run %s\n", words, app);
    return 0;
}

/* cmd.exe: quotes switch its special characters on and off, and set takes everything up to the last
 * quote of the line. A special character outside quotes needs ^, and % always needs another %. */
static void add_bat(struct text *text, const char *value)
{
    bool quoted = true; /* behind the quote of set " */
    for (; *value; value++) {
        if (*value == '"')
            quoted = !quoted;
        else if (*value == '%')
            text_add(text, "%", 1);
        else if (!quoted && strchr("&|<>^()", *value))
            text_add(text, "^", 1);
        text_add(text, value, 1);
    }
}

static int write_bat(struct arena *arena, enum emit_format format, const struct emit_input *input,
                     const char **out_text, struct err *err)
{
    struct text text = { .arena = arena };
    bool ascii = true;
    (void)format;
    for (size_t i = 0; i < input->environment->count; i++) {
        for (const char *at = input->environment->items[i].value; *at; at++)
            ascii = ascii && (unsigned char)*at < 0x80;
    }
    text_printf(&text, "@rem " EMIT_NOTE "\r\n%s", ascii ? "" : "@chcp 65001 >nul\r\n");
    for (size_t i = 0; i < input->environment->count; i++) {
        const char *name = input->environment->items[i].name;
        size_t start = text.length;
        text_printf(&text, "@set \"%s=", name);
        add_bat(&text, input->environment->items[i].value);
        text_printf(&text, "\"");
        if (text.length - start > CMD_LINE_MAX)
            return err_set(err, ERR_DATA, "%s is longer than cmd.exe takes (%d characters a line)",
                           name, CMD_LINE_MAX);
        text_printf(&text, "\r\n");
    }
    *out_text = text_get(&text);
    return 0;
}

typedef int write_fn(struct arena *arena, enum emit_format format, const struct emit_input *input,
                     const char **out_text, struct err *err);

static const struct format_row {
    const char *name;
    write_fn *write;
    bool wants_utf8; /* the reader refuses or changes anything else */
    bool no_empty;   /* an empty value takes the variable out instead of setting it */
} rows[] = {
    [EMIT_SH] = { "sh", write_lines, false, false },
    [EMIT_FISH] = { "fish", write_lines, false, false },
    [EMIT_SYSTEMD] = { "systemd", write_lines, true, false },
    [EMIT_ENVIRONMENT_D] = { "environment.d", write_lines, true, false },
    [EMIT_DESKTOP] = { "desktop", emit_desktop, true, false },
    [EMIT_WRAPPER] = { "wrapper", write_wrapper, false, false },
    [EMIT_FLATPAK] = { "flatpak", write_package, true, false },
    [EMIT_SNAP] = { "snap", write_package, false, false },
    [EMIT_BAT] = { "bat", write_bat, true, true },
    [EMIT_PS1] = { "ps1", write_lines, true, true },
};
static_assert(ROWS(rows) == EMIT_COUNT, "one row per format");

enum emit_format emit_format_find(const char *name)
{
    enum emit_format format = EMIT_SH;
    while (format < EMIT_COUNT && !text_equal(rows[format].name, name))
        format++;
    return format;
}

const char *emit_format_name(enum emit_format format)
{
    return format < EMIT_COUNT ? rows[format].name : NULL;
}

bool emit_is_ours(const char *text)
{
    return text_starts(text, "# " EMIT_NOTE "\n");
}

/* No format can hold a line end in a way that all its readers agree on, and no switch needs one. */
static int value_check(enum emit_format format, const struct variable *variable, struct err *err)
{
    for (const char *at = variable->value; *at; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte < 0x20 || byte == 0x7f)
            return err_set(err, ERR_DATA,
                           "%s holds a control character (0x%02x) and cannot be written as %s",
                           variable->name, byte, rows[format].name);
    }
    if (rows[format].no_empty && !*variable->value)
        return err_set(err, ERR_DATA, "%s is empty, which cannot be written as %s", variable->name,
                       rows[format].name);
    if (rows[format].wants_utf8 && !text_is_utf8(variable->value, strlen(variable->value)))
        return err_set(err, ERR_DATA, "%s is not UTF-8 and cannot be written as %s", variable->name,
                       rows[format].name);
    return 0;
}

int emit_text(struct arena *arena, enum emit_format format, const struct emit_input *input,
              const char **out_text, struct err *err)
{
    for (size_t i = 0; i < input->environment->count; i++) {
        if (value_check(format, &input->environment->items[i], err) < 0)
            return -1;
    }
    return rows[format].write(arena, format, input, out_text, err);
}
