/* Units with what belongs to them, in a scratch folder that is root and home. */
#include "plan/unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "platform/file.h"
#include "rows.h"
#include "scratch.h"

#define NOTE "# written by qwguard apply; qwguard undo takes it back\n"
#define PART_MAX 6

static struct arena arena;

/* path, text; a text that begins with '>' is a link */
struct part {
    const char *path, *text;
};

static const struct unit_row {
    const char *label, *unit; /* with '/': below the scratch folder */
    bool system;
    struct part parts[PART_MAX];
    const char *want; /* "NAME=VALUE, … | program <argument> …; notes" */
    const char *error;
} rows[] = {
    { "alone",
      "a.service",
      true,
      { { "etc/systemd/system/a.service", "[Service]\nExecStart=/bin/app x\nEnvironment=A=1\n" } },
      "A=1, | /bin/app <x>",
      NULL },
    { "most important folder",
      "a.service",
      true,
      { { "usr/lib/systemd/system/a.service", "[Service]\nExecStart=old\n" },
        { "etc/systemd/system/a.service", "[Service]\nExecStart=new\n" } },
      "| new",
      NULL },
    { "an instance without a file of its own: the template",
      "a@tty1.service",
      true,
      { { "usr/lib/systemd/system/a@.service", "[Service]\nExecStart=app %i\nEnvironment=A=%i\n" },
        { "etc/systemd/system/a@tty2.service", "[Service]\nExecStart=other\n" } },
      "A=tty1, | app <tty1>",
      NULL },
    { "an instance with a file of its own",
      "a@tty1.service",
      true,
      { { "etc/systemd/system/a@.service", "[Service]\nExecStart=template\n" },
        { "usr/lib/systemd/system/a@tty1.service", "[Service]\nExecStart=own\n" } },
      "| own",
      NULL },
    { "drop-ins by name, whatever the folder",
      "a.service",
      true,
      { { "usr/lib/systemd/system/a.service", "[Service]\nExecStart=app\nEnvironment=A=0 B=0\n" },
        { "usr/lib/systemd/system/a.service.d/30-c.conf", "[Service]\nEnvironment=A=3\n" },
        { "etc/systemd/system/a.service.d/20-b.conf", "[Service]\nEnvironment=A=2 C=2\n" },
        { "run/systemd/system/a.service.d/10-a.conf", "[Service]\nEnvironment=A=1 B=1\n" },
        { "etc/systemd/system/a.service.d/notes.txt", "[Service]\nEnvironment=A=9\n" } },
      "A=3, B=1, C=2, | app",
      NULL },
    { "same name: one of them",
      "a.service",
      true,
      { { "usr/lib/systemd/system/a.service", "[Service]\nExecStart=app\n" },
        { "usr/lib/systemd/system/a.service.d/10.conf", "[Service]\nEnvironment=A=lib\n" },
        { "etc/systemd/system/a.service.d/10.conf", "[Service]\nEnvironment=A=etc\n" } },
      "A=etc, | app",
      NULL },
    { "masked",
      "a.service",
      true,
      { { "usr/lib/systemd/system/a.service", "[Service]\nExecStart=app\n" },
        { "usr/lib/systemd/system/a.service.d/10.conf", "[Service]\nEnvironment=A=lib\n" },
        { "etc/systemd/system/a.service.d/10.conf", ">/dev/null" } },
      "| app",
      NULL },
    { "reset by a drop-in",
      "a.service",
      true,
      { { "etc/systemd/system/a.service",
          "[Service]\nExecStart=app\nEnvironment=A=0\nEnvironmentFile=/no\n" },
        { "etc/systemd/system/a.service.d/10.conf",
          "[Service]\nEnvironment=\nEnvironment=B=1\nEnvironmentFile=\nExecStart=\nExecStart="
          "it\n" } },
      "B=1, | it",
      NULL },
    { "folders of beginnings and of the type",
      "a-b@i.service",
      true,
      { { "etc/systemd/system/a-b@i.service", "[Service]\nExecStart=app %i %p %n\n" },
        { "etc/systemd/system/service.d/10.conf", "[Service]\nEnvironment=A=type B=type\n" },
        { "etc/systemd/system/a-.service.d/20.conf", "[Service]\nEnvironment=A=dash C=dash\n" },
        { "etc/systemd/system/a-b@.service.d/30.conf", "[Service]\nEnvironment=A=template\n" } },
      "A=template, B=type, C=dash, | app <i> <a-b> <a-b@i.service>",
      NULL },
    { "environment files win, the last most",
      "a.service",
      true,
      { { "etc/systemd/system/a.service",
          "[Service]\nEnvironmentFile=/etc/a.env\nEnvironmentFile=-/etc/no.env\n"
          "EnvironmentFile=/etc/b.env\nEnvironment=A=unit\nExecStart=app\n" },
        { "etc/a.env", "A=a\nB=a\n" },
        { "etc/b.env", "B=b\n" } },
      "A=a, B=b, | app",
      NULL },
    { "missing environment file",
      "a.service",
      true,
      { { "etc/systemd/system/a.service",
          "[Service]\nExecStart=app\nEnvironmentFile=/etc/no.env\n" } },
      NULL,
      "TOP/etc/systemd/system/a.service:3: '/etc/no.env' does not exist, and systemd does not "
      "start "
      "the unit without it (EnvironmentFile=-/etc/no.env is optional)" },
    { "links stay below the root",
      "a.service",
      true,
      { { "etc/systemd/system/a.service", ">/opt/a.service" },
        { "opt/a.service", "[Service]\nExecStart=app\nEnvironmentFile=/etc/a.env\n" },
        { "etc/a.env", ">../opt/b.env" },
        { "opt/b.env", "A=1\n" } },
      "A=1, | app",
      NULL },
    { "links that never end",
      "a.service",
      true,
      { { "etc/systemd/system/a.service", "[Service]\nExecStart=app\nEnvironmentFile=-/etc/l\n" },
        { "etc/l", ">l" } },
      "| app",
      NULL },
    { "of the user",
      "a.service",
      false,
      { { "config/systemd/user/a.service", "[Service]\nExecStart=app\nEnvironmentFile=%h/a.env\n" },
        { "usr/lib/systemd/user/a.service.d/10.conf", "[Service]\nEnvironment=\"B=%E\"\n" },
        { "etc/systemd/system/a.service.d/20.conf", "[Service]\nEnvironment=B=no\n" },
        { "home/a.env", "A=1\n" } },
      "B=TOP/config, A=1, | app",
      NULL },
    { "specifiers that are not known",
      "a.service",
      false,
      { { "etc/systemd/user/a.service",
          "[Service]\nExecStart=app %m\nEnvironmentFile=-%t/x\nEnvironmentFile=-/etc/*.env\n" } },
      "| app <%m>; TOP/etc/systemd/user/a.service:2: %m is not known here and stays; "
      "TOP/etc/systemd/user/a.service:3: %t is not known here and stays; "
      "TOP/etc/systemd/user/a.service:4: the pattern '/etc/*.env' is not followed",
      NULL },
    { "by its path elsewhere",
      "/units/a.service",
      true,
      { { "units/a.service", "[Service]\nExecStart=app\n" },
        { "units/a.service.d/10.conf", "[Service]\nEnvironment=A=1\n" },
        { "etc/systemd/system/a.service.d/10.conf", "[Service]\nEnvironment=A=no\n" } },
      "A=1, | app",
      NULL },
    { "by its path among the system's",
      "/usr/lib/systemd/system/a.service",
      true,
      { { "usr/lib/systemd/system/a.service", "[Service]\nExecStart=app\n" },
        { "etc/systemd/system/a.service.d/10.conf", "[Service]\nEnvironment=A=1\n" } },
      "A=1, | app",
      NULL },
    { "only a drop-in",
      "a.service",
      true,
      { { "etc/systemd/system/a.service.d/10.conf", "[Service]\nEnvironment=A=1\n" } },
      "A=1, |",
      NULL },
    { "ours",
      "a.service",
      true,
      { { "etc/systemd/system/a.service", "[Service]\nExecStart=app\n" },
        { "etc/systemd/system/a.service.d/50-qwguard.conf", NOTE "[Service]\nEnvironment=A=1\n" } },
      "| app",
      NULL },
    { "nothing", "a.service", true, { { NULL, NULL } }, NULL, "there is no unit 'a.service'" },
    { "broken drop-in",
      "a.service",
      true,
      { { "etc/systemd/system/a.service", "[Service]\nExecStart=app\n" },
        { "etc/systemd/system/a.service.d/10.conf", "[Service]\nEnvironment=\"A=1\n" } },
      NULL,
      "TOP/etc/systemd/system/a.service.d/10.conf:2: a quotation mark (\") is not closed" },
};

/* TOP in a wanted text is the scratch folder. */
static const char *with_top(const char *text, const char *top)
{
    struct text out = { .arena = &arena };
    if (!text)
        return NULL;
    for (bool hole; *text; text += hole ? 3 : 1) {
        hole = text_starts(text, "TOP");
        text_add(&out, hole ? top : text, hole ? strlen(top) : 1);
    }
    return text_get(&out);
}

static const char *source_text(const struct source *source, const struct strings *notes)
{
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < source->count; i++) {
        const struct source_start *start = &source->items[i];
        for (size_t j = 0; j < start->environment.count; j++)
            text_printf(&text, "%s=%s, ", start->environment.items[j].name,
                        start->environment.items[j].value);
        text_printf(&text, "|%s%s", start->program ? " " : "",
                    start->program ? start->program : "");
        for (size_t j = 0; j < start->arguments.count; j++)
            text_printf(&text, " <%s>", start->arguments.items[j]);
    }
    for (size_t i = 0; i < notes->count; i++)
        text_printf(&text, "; %s", notes->items[i]);
    return text_get(&text);
}

static void parts_write(const char *top, const struct part *parts)
{
    for (size_t i = 0; i < PART_MAX && parts[i].path; i++) {
        const char *text = parts[i].text;
        if (*text == '>')
            scratch_link(&arena, top, parts[i].path, text + 1);
        else
            scratch_write(&arena, top, parts[i].path, text, strlen(text));
    }
}

static void test_unit_read_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *top = scratch_make(&arena);
        const struct unit_search search = { .root = top,
                                            .config_home = path_join(&arena, top, "config"),
                                            .home = rows[i].system ? "/root" : "/home",
                                            .system = rows[i].system,
                                            .without_ours = true };
        struct source source = { .count = 0 };
        struct strings notes = { 0 };
        struct err err = { 0 };
        const char *unit = *rows[i].unit == '/' ? arena_printf(&arena, "%s%s", top, rows[i].unit)
                                                : rows[i].unit;
        parts_write(top, rows[i].parts);
        int returned = unit_read(&arena, &search, unit, &source, &notes, &err);
        rows_err(rows[i].label, returned, &err, with_top(rows[i].error, top));
        rows_text(rows[i].label, returned < 0 ? NULL : source_text(&source, &notes),
                  with_top(rows[i].want, top));
        scratch_remove(top);
        arena_clear(&arena);
    }
    rows_done();
}

/* Wanted values as systemd 252 gives them to a service. */
static void test_unit_read_environment_file_rows(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } files[] = {
        { "A=x\nB=y", "A=x, B=y, |" },
        { "A=--b --c  \n", "A=--b --c, |" },
        { "  A = x\n", "A=x, |" },
        { "# B=1\n; B=2\nA=1 # 2\n", "A=1 # 2, |" },
        { "A=\"x y\" z\n", "A=x yz, |" },
        { "A=\"x\"'y'\n", "A=xy, |" },
        { "A=x\"y\"\n", "A=x\"y\", |" },
        { "A='x\\y\"z'\n", "A=x\\y\"z, |" },
        { "A=\"x\\\"y\\n\\$\"\n", "A=x\"y\\n$, |" },
        { "A=x\\\ny\n", "A=xy, |" },
        { "A=\\\"x\\ \n", "A=\"x , |" },
        { "A=\"x\ny\"\nB=1\n", "A=x\ny, B=1, |" },
        { "A=\nB=$A ${A}\n", "A=, B=$A ${A}, |" },
        { "export A=1\nB 2\n1C=3\nD=4\n", "D=4, |" },
        { "A=\"x", "A=x, |" },
    };
    for (size_t i = 0; i < ROWS(files); i++) {
        const char *top = scratch_make(&arena);
        const struct unit_search search = { .root = top, .system = true };
        struct source source = { .count = 0 };
        struct strings notes = { 0 };
        struct err err = { 0 };
        scratch_write(&arena, top, "a.env", files[i].text, strlen(files[i].text));
        const char *unit = "[Service]\nEnvironmentFile=/a.env\n";
        scratch_write(&arena, top, "etc/systemd/system/a.service", unit, strlen(unit));
        rows_err(files[i].text, unit_read(&arena, &search, "a.service", &source, &notes, &err),
                 &err, NULL);
        rows_text(files[i].text, source_text(&source, &notes), files[i].want);
        scratch_remove(top);
        arena_clear(&arena);
    }
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unit_read_rows),
        cmocka_unit_test(test_unit_read_environment_file_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
