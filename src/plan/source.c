/* Takes apart the files that start applications. All their quoting is nearly a shell's: single
 * quotes hold everything, double quotes let a backslash through; desktop entries have one level of
 * escapes more, units have C's escapes and '%'. Sources: Desktop Entry Specification 1.5, "The Exec
 * key" and GLib's g_shell_parse_argv(); systemd.syntax(7), systemd.service(5); environment.d(5). */
#include "plan/source.h"

#include <assert.h>
#include <string.h>

#include "base/macros.h"
#include "engine/flags.h"
#include "plan/source_private.h"
#include "platform/file.h"

#define SPACES " \t\r"

static const char *const kind_words[] = {
    [SOURCE_FLAGS] = "flags",
    [SOURCE_DESKTOP] = "desktop entry",
    [SOURCE_UNIT] = "systemd unit",
    [SOURCE_SHELL] = "shell",
};
static_assert(ROWS(kind_words) == SOURCE_KIND_COUNT, "one word per kind");

/* Escapes that desktop entries and units take; the second is what they stand for. */
static const char escapes[][2] = {
    { 's', ' ' }, { 'n', '\n' }, { 't', '\t' }, { 'r', '\r' }, { '\\', '\\' },
};

const char *source_kind_text(enum source_kind kind)
{
    return kind_words[kind];
}

static char escape_find(char letter)
{
    for (size_t i = 0; i < ROWS(escapes); i++) {
        if (escapes[i][0] == letter)
            return escapes[i][1];
    }
    return '\0';
}

/* The value of a desktop entry's key: its own level of escapes taken off. */
static const char *unescape(struct arena *arena, const char *value)
{
    struct text text = { .arena = arena };
    for (; *value; value++) {
        char stands_for = *value == '\\' ? escape_find(value[1]) : '\0';
        if (stands_for)
            value++;
        text_add(&text, stands_for ? &stands_for : value, 1);
    }
    return text_get(&text);
}

/* One character behind a backslash; what it means depends on the quote it stands in. */
static void add_escaped(struct text *word, char next, char quote, enum source_kind kind)
{
    char stands_for = kind == SOURCE_UNIT ? escape_find(next) : '\0';
    bool special = quote == '"' ? strchr("\"\\`$", next) != NULL : true;
    if (!special && !stands_for)
        text_add(word, "\\", 1);
    text_add(word, stands_for ? &stands_for : &next, 1);
}

/* A word is complete; in units '%' begins a specifier. */
static void word_add(struct source_reader *reader, const struct text *word, struct strings *out)
{
    const char *whole = text_get(word);
    if (reader->source->kind == SOURCE_UNIT)
        whole = unit_expand(reader, whole, NULL);
    ARENA_PUSH(reader->arena, out, whole);
}

/* Split a line into words. */
static int words_read(struct source_reader *reader, const char *line, struct strings *out,
                      struct err *err)
{
    struct text word = { .arena = reader->arena };
    enum source_kind kind = reader->source->kind;
    bool in_word = false, percent = kind == SOURCE_DESKTOP;
    char quote = '\0';
    for (; *line; line++) {
        bool escapes_here = *line == '\\' && line[1] && (quote != '\'' || kind == SOURCE_UNIT);
        if (!quote && strchr(SPACES, *line)) {
            if (in_word)
                word_add(reader, &word, out);
            word = (struct text){ .arena = reader->arena };
            in_word = false;
            continue;
        }
        if (!quote && !in_word && *line == '#' && kind == SOURCE_SHELL)
            break;
        in_word = true;
        if (escapes_here)
            add_escaped(&word, *++line, quote, kind);
        else if (quote ? *line == quote : *line == '"' || *line == '\'')
            quote = quote ? '\0' : *line;
        else
            text_add(&word, line, 1);
        line += percent && *line == '%' && line[1] == '%';
    }
    if (quote)
        return err_set_at(err, (struct place){ reader->name, reader->line, 0 },
                          "a quotation mark (%c) is not closed", quote);
    if (in_word)
        word_add(reader, &word, out);
    return 0;
}

size_t name_length(const char *text)
{
    bool digit = *text >= '0' && *text <= '9';
    return digit ? 0
                 : strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
}

/* Length of NAME in "NAME=…"; 0 when it is no assignment. */
static size_t assignment(const char *word)
{
    size_t length = name_length(word);
    return word[length] == '=' ? length : 0;
}

static void variable_take(struct source_reader *reader, struct variables *to, const char *word)
{
    size_t length = assignment(word);
    if (length == strlen(FLAGS_VARIABLE) && text_starts(word, FLAGS_VARIABLE))
        reader->source->flags_at = (struct place){ reader->name, reader->line, 0 };
    variables_set(reader->arena, to, arena_strndup(reader->arena, word, length), word + length + 1);
}

/* words[at] is the program; none there: what is set for all. */
static void start_add(struct source_reader *reader, const struct variables *environment,
                      const struct strings *words, size_t at)
{
    struct source_start start = { .line = reader->line };
    if (at < words->count)
        start.program = words->items[at];
    variables_add(reader->arena, &start.environment, environment);
    for (size_t i = at + 1; i < words->count; i++) {
        bool is_field = reader->source->kind == SOURCE_DESKTOP && words->items[i][0] == '%';
        if (!is_field)
            ARENA_PUSH(reader->arena, &start.arguments, words->items[i]);
    }
    ARENA_PUSH(reader->arena, reader->source, start);
}

/* A command line: [exec] [env] NAME=VALUE … PROGRAM ARGUMENT …; without a program the variables
 * hold for all that follows. Returns whether there was a program. */
static bool command_take(struct source_reader *reader, const struct strings *words)
{
    struct variables own = { 0 };
    size_t at = 0;
    if (reader->source->kind != SOURCE_UNIT) /* there it is complete only at the end */
        variables_add(reader->arena, &own, &reader->environment);
    while (at < words->count) {
        const char *word = words->items[at];
        if (assignment(word))
            variable_take(reader, &own, word);
        else if (!text_equal(word, "exec") && !text_equal(word, "export")
                 && !text_equal(path_name(word), "env"))
            break;
        at++;
    }
    if (at < words->count)
        start_add(reader, &own, words, at);
    else if (reader->source->kind != SOURCE_UNIT)
        reader->environment = own;
    return at < words->count;
}

static int desktop_line(struct source_reader *reader, const char *key, const char *value,
                        struct err *err)
{
    struct strings words = { 0 };
    if (!text_equal(key, "Exec"))
        return 0;
    reader->environment = (struct variables){ 0 };
    if (words_read(reader, unescape(reader->arena, value), &words, err) < 0)
        return -1;
    if (!command_take(reader, &words))
        return err_set_at(err, (struct place){ reader->name, reader->line, 0 },
                          "Exec starts no program");
    return 0;
}

/* "[-]PATH": a list that the empty value ends. */
static int environment_file_line(struct source_reader *reader, const char *value, struct err *err)
{
    bool optional = *value == '-', known;
    struct unit_file file = { unit_expand(reader, value + optional, &known),
                              { reader->name, reader->line, 0 },
                              optional };
    if (!*value)
        reader->files = (struct unit_files){ 0 };
    else if (!known)
        return 0; /* it is noted, and nobody knows which file */
    else if (*file.path != '/')
        return err_set_at(err, file.at, "EnvironmentFile='%s' is no absolute path", file.path);
    else
        ARENA_PUSH(reader->arena, &reader->files, file);
    return 0;
}

/* After something was taken back: is the variable still set somewhere? */
static void flags_forget(struct source_reader *reader)
{
    struct source *source = reader->source;
    bool set = variables_get(&reader->environment, FLAGS_VARIABLE) != NULL;
    for (size_t i = 0; i < source->count; i++)
        set = set || variables_get(&source->items[i].environment, FLAGS_VARIABLE);
    if (!set)
        source->flags_at = (struct place){ 0 };
}

static int environment_line(struct source_reader *reader, const struct strings *words,
                            struct err *err)
{
    if (words->count == 0) {
        reader->environment = (struct variables){ 0 };
        flags_forget(reader);
    }
    for (size_t i = 0; i < words->count; i++) {
        if (!assignment(words->items[i]))
            return err_set_at(err, (struct place){ reader->name, reader->line, 0 },
                              "'%s' sets no variable (Environment=\"NAME=a b\" keeps a space)",
                              words->items[i]);
        variable_take(reader, &reader->environment, words->items[i]);
    }
    return 0;
}

/* NAME takes a variable out; NAME=VALUE only where it has that value, which ours has not. */
static int unset_line(struct source_reader *reader, const char *value, struct err *err)
{
    struct strings words = { 0 };
    if (words_read(reader, value, &words, err) < 0)
        return -1;
    if (words.count == 0)
        reader->source->unset = words;
    for (size_t i = 0; i < words.count; i++)
        ARENA_PUSH(reader->arena, &reader->source->unset, words.items[i]);
    return 0;
}

static int unit_line(struct source_reader *reader, const char *key, const char *value,
                     struct err *err)
{
    struct strings words = { 0 };
    bool sets = text_equal(key, "Environment");
    if (text_equal(key, "EnvironmentFile"))
        return environment_file_line(reader, value, err);
    if (text_equal(key, "UnsetEnvironment"))
        return unset_line(reader, value, err);
    if (!sets && !text_equal(key, "ExecStart"))
        return 0;
    if (!sets)
        value += strspn(value, "@-:+!");
    if (words_read(reader, value, &words, err) < 0)
        return -1;
    if (sets)
        return environment_line(reader, &words, err);
    if (words.count) {
        (void)command_take(reader, &words); /* a line of variables alone starts nothing */
    } else {
        reader->source->count = 0; /* an empty one takes back those before */
        flags_forget(reader);
    }
    return 0;
}

/* A line of a shell script or an environment file; others than assignments and starts are passed
 * over. */
static int shell_line(struct source_reader *reader, const char *line, struct err *err)
{
    static const char *const starts[] = { "export ", "exec ", "env ", "/usr/bin/env " };
    struct strings words = { 0 };
    size_t name = assignment(line);
    bool wanted = name > 0;
    for (size_t i = 0; i < ROWS(starts); i++)
        wanted = wanted || text_starts(line, starts[i]);
    if (!wanted)
        return 0;
    if (words_read(reader, line, &words, err) < 0)
        return -1;
    /* An environment file takes all of the line for the value, where a shell would start "--b". */
    if (name && words.count > 1 && words.items[1][0] == '-')
        variable_take(reader, &reader->environment, line);
    else
        (void)command_take(reader, &words); /* either is a good line */
    return 0;
}

/* "KEY = VALUE" */
static int key_line(struct source_reader *reader, const char *line, struct err *err)
{
    const char *equals = strchr(line, '=');
    if (!equals)
        return 0;
    const char *key = text_trim(reader->arena,
                                arena_strndup(reader->arena, line, (size_t)(equals - line)));
    const char *value = text_trim(reader->arena, equals + 1);
    return reader->source->kind == SOURCE_DESKTOP ? desktop_line(reader, key, value, err)
                                                  : unit_line(reader, key, value, err);
}

/* The next line, those that a backslash continues joined to it; NULL at the end. */
static const char *line_next(struct source_reader *reader, const char **text, unsigned *number)
{
    struct text line = { .arena = reader->arena };
    if (!**text)
        return NULL;
    reader->line = *number;
    while (**text) {
        size_t length = strcspn(*text, "\n");
        bool joined = length && (*text)[length - 1] == '\\'
                      && reader->source->kind != SOURCE_DESKTOP && (*text)[length];
        text_add(&line, *text, length - joined);
        *text += length + ((*text)[length] == '\n');
        ++*number;
        if (!joined)
            break;
        text_add(&line, " ", 1);
    }
    return text_trim(reader->arena, text_get(&line));
}

static bool has_line(struct arena *arena, const char *text, const char *wanted)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        if (text_equal(text_trim(arena, arena_strndup(arena, text, length)), wanted))
            return true;
        text += length + (text[length] == '\n');
    }
    return false;
}

static bool has_assignment(const char *text)
{
    while (*text) {
        text += strspn(text, SPACES "\n");
        if (assignment(text) || text_starts(text, "export ") || text_starts(text, "exec "))
            return true;
        text += strcspn(text, "\n");
    }
    return false;
}

static enum source_kind kind_of(struct arena *arena, const char *text)
{
    if (has_line(arena, text, "[Desktop Entry]"))
        return SOURCE_DESKTOP;
    if (has_line(arena, text, "[Service]"))
        return SOURCE_UNIT;
    return has_assignment(text) ? SOURCE_SHELL : SOURCE_FLAGS;
}

int source_lines(struct source_reader *reader, const char *text, struct err *err)
{
    struct source *source = reader->source;
    struct text flags = { .arena = reader->arena };
    const char *line;
    unsigned number = 1;
    while ((line = line_next(reader, &text, &number))) {
        int result = 0;
        if (!*line || *line == '#' || (*line == ';' && source->kind == SOURCE_UNIT))
            continue;
        if (source->kind == SOURCE_FLAGS)
            text_printf(&flags, "%s%s", flags.length ? " " : "", line);
        else
            result = source->kind == SOURCE_SHELL ? shell_line(reader, line, err)
                                                  : key_line(reader, line, err);
        if (result < 0)
            return -1;
    }
    if (source->kind == SOURCE_FLAGS)
        source->flags = text_get(&flags);
    return 0;
}

void source_finish(struct source_reader *reader)
{
    struct source *source = reader->source;
    for (size_t i = 0; source->kind == SOURCE_UNIT && i < source->count; i++) {
        struct variables all = { 0 };
        variables_add(reader->arena, &all, &reader->environment);
        variables_add(reader->arena, &all, &source->items[i].environment);
        source->items[i].environment = all;
    }
    if (source->count == 0 && reader->environment.count)
        start_add(reader, &reader->environment, &(struct strings){ 0 }, 0);
}

int source_read(struct arena *arena, const char *name, const char *text, size_t length,
                struct source *out, struct err *err)
{
    struct source source = { .kind = kind_of(arena, text) };
    struct source_reader reader = { .arena = arena, .name = name, .source = &source };
    if (strlen(text) != length)
        return err_set(err, ERR_DATA, "%s holds a NUL byte: it is no text", name);
    if (source_lines(&reader, text, err) < 0)
        return -1;
    source_finish(&reader);
    if (source.count == 0 && source.kind == SOURCE_DESKTOP)
        return err_set(err, ERR_DATA, "%s: the desktop entry has no Exec line", name);
    if (source.count == 0 && source.kind == SOURCE_UNIT && !reader.files.count)
        return err_set(err, ERR_DATA, "%s: the section [Service] starts and sets nothing", name);
    *out = source;
    return 0;
}
