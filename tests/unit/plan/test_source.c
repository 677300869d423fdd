/* Files that start applications, taken apart: each quoting as its own reader has it. */
#include "plan/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

#define ENTRY "[Desktop Entry]\nType=Application\n"
#define UNIT "[Unit]\nDescription=x\n\n[Service]\n"

static struct arena arena;

/* "line: NAME=VALUE, … | <argument> …" for each start, with ';' between. */
static const char *source_text(const struct source *source)
{
    struct text text = { .arena = &arena };
    if (source->flags)
        return source->flags;
    for (size_t i = 0; i < source->count; i++) {
        const struct source_start *start = &source->items[i];
        text_printf(&text, "%s%u:", i ? "; " : "", start->line);
        for (size_t j = 0; j < start->environment.count; j++)
            text_printf(&text, " %s=%s,", start->environment.items[j].name,
                        start->environment.items[j].value);
        text_printf(&text, " |");
        for (size_t j = 0; j < start->arguments.count; j++)
            text_printf(&text, " <%s>", start->arguments.items[j]);
    }
    return text_get(&text);
}

static const struct {
    const char *label, *text;
    enum source_kind kind;
    const char *want;
} source_rows[] = {
    { "flags", "--a  --b=\"x y\"\n", SOURCE_FLAGS, "--a  --b=\"x y\"" },
    { "flags on lines", "# mine\n--a\n\n--b\n", SOURCE_FLAGS, "--a --b" },
    { "nothing", "", SOURCE_FLAGS, "" },

    { "entry", ENTRY "Exec=/usr/bin/app --x %U\n", SOURCE_DESKTOP, "3: | <--x>" },
    { "entry with env", ENTRY "Exec=env \"A=b c\" D=e /usr/bin/app -y\n", SOURCE_DESKTOP,
      "3: A=b c, D=e, | <-y>" },
    { "entry with escapes", ENTRY "Exec=env \"A=x\\\\\\\\y\\\\\"z\\\\$%%\" app\n", SOURCE_DESKTOP,
      "3: A=x\\y\"z$%, |" },
    { "entry with actions", ENTRY "Exec = app a\n[Desktop Action new]\nExec=env A=b app c\n",
      SOURCE_DESKTOP, "3: | <a>; 5: A=b, | <c>" },
    { "entry, /usr/bin/env", ENTRY "Exec=/usr/bin/env A=b app\nTryExec=app\n", SOURCE_DESKTOP,
      "3: A=b, |" },

    { "unit", UNIT "Environment=\"A=b c\" D=e\nExecStart=/usr/bin/app --x\n", SOURCE_UNIT,
      "6: A=b c, D=e, | <--x>" },
    { "unit, quotes of both kinds", UNIT "Environment='A=b \"c\"' D=%%\nExecStart=-/bin/app\n",
      SOURCE_UNIT, "6: A=b \"c\", D=%, |" },
    { "unit, reset", UNIT "Environment=A=b\nEnvironment=\nEnvironment=C=d\nExecStart=@app\n",
      SOURCE_UNIT, "8: C=d, |" },
    { "unit, continued", UNIT "ExecStart=/bin/app --x \\\n  --y\n", SOURCE_UNIT,
      "5: | <--x> <--y>" },
    { "unit, escapes", UNIT "Environment=\"A=b\\sc\\\"d\"\nExecStart=app\n", SOURCE_UNIT,
      "6: A=b c\"d, |" },
    { "drop-in", "[Service]\nEnvironment=A=b\n", SOURCE_UNIT, "2: A=b, |" },
    { "unit, set behind the start", UNIT "ExecStart=app --x\nEnvironment=A=b\n", SOURCE_UNIT,
      "5: A=b, | <--x>" },
    { "unit, started otherwise", UNIT "ExecStart=one\nExecStart=\nExecStart=two a\n", SOURCE_UNIT,
      "7: | <a>" },
    { "unit, nearest wins", UNIT "ExecStart=/usr/bin/env A=c app\nEnvironment=A=b\n", SOURCE_UNIT,
      "5: A=c, |" },
    { "unit, specifiers stay", UNIT "ExecStart=app %h %%\n", SOURCE_UNIT, "5: | <%h> <%>" },
    { "unit, comments", "; one\n[Service]\n# two\nExecStart=app\n", SOURCE_UNIT, "4: |" },

    { "environment.d", "# x\nA=--b --c\nD=e\n", SOURCE_SHELL, "3: A=--b --c, D=e, |" },
    { "script", "#!/bin/sh\nexport A=\"b c\"\nexec /usr/bin/app --x \"$@\"\n", SOURCE_SHELL,
      "3: A=b c, | <--x> <$@>" },
    { "variables before a program", "A='b c' D=e app f # g\n", SOURCE_SHELL,
      "1: A=b c, D=e, | <f>" },
    { "later wins", "A=b\nA=c\n", SOURCE_SHELL, "2: A=c, |" },
    { "set to nothing", "export A=\n", SOURCE_SHELL, "1: A=, |" },
};

static void test_source_read_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(source_rows); i++) {
        struct source source = { 0 };
        struct err err;
        const char *text = source_rows[i].text;
        rows_err(source_rows[i].label,
                 source_read(&arena, "file", text, strlen(text), &source, &err), &err, NULL);
        rows_text(source_rows[i].label, source_kind_text(source.kind),
                  source_kind_text(source_rows[i].kind));
        rows_text(source_rows[i].label, source_text(&source), source_rows[i].want);
    }
    rows_done();
}

static void test_source_read_when_broken(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t more; /* bytes behind the end of the text */
        const char *want;
        unsigned want_line;
    } rows[] = {
        { ENTRY "Exec=env \"A=b app\n", 0, "file:3: a quotation mark (\") is not closed", 3 },
        { ENTRY "Exec=\n", 0, "file:3: Exec starts no program", 3 },
        { ENTRY "Exec=env A=b\n", 0, "file:3: Exec starts no program", 3 },
        { ENTRY "Name=x\n", 0, "file: the desktop entry has no Exec line", 0 },
        { UNIT "Environment='A=b\nExecStart=app\n", 0, "file:5: a quotation mark (') is not closed",
          5 },
        { UNIT "Environment=A=b c\n", 0,
          "file:5: 'c' sets no variable (Environment=\"NAME=a b\" keeps a space)", 5 },
        { UNIT "EnvironmentFile=some\nExecStart=app\n", 0,
          "file:5: EnvironmentFile='some' is no absolute path", 5 },
        { UNIT "Type=simple\n", 0, "file: the section [Service] starts and sets nothing", 0 },
        { "A=\"b\nC=d\n", 0, "file:1: a quotation mark (\") is not closed", 1 },
        { "--a\0--b", 4, "file holds a NUL byte: it is no text", 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct source source = { .count = 7 };
        struct err err = { 0 };
        rows_err(rows[i].text,
                 source_read(&arena, "file", rows[i].text, strlen(rows[i].text) + rows[i].more,
                             &source, &err),
                 &err, rows[i].want);
        rows_number(rows[i].text, err.kind, ERR_DATA);
        rows_number(rows[i].text, err.at.line, rows[i].want_line);
        rows_number(rows[i].text, (long long)source.count, 7);
    }
    rows_done();
}

static int give_back(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_source_read_rows, give_back),
        cmocka_unit_test_teardown(test_source_read_when_broken, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
