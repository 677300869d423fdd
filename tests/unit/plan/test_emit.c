/* Variables in the words of their readers. That the readers take them so is shown with the real
 * ones in tests/cli/test_apply.py; here are the exact texts, and those whose readers cannot be had
 * (cmd.exe and PowerShell: rules of the pages named in emit.h). */
#include "plan/emit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rows.h"

#define NOTE "written by qwguard apply; qwguard undo takes it back"
#define BOM "\xef\xbb\xbf"

static struct arena arena;

static const struct emit_row {
    const char *label;
    enum emit_format format;
    const char *value; /* of the variable A; NULL = no variable at all */
    const char *want;
} rows[] = {
    { "sh", EMIT_SH, "--x=a b", "# " NOTE "\nexport A='--x=a b'\n" },
    { "sh, quotes", EMIT_SH, "it's $HOME `id` \"\\",
      "# " NOTE "\nexport A='it'\\''s $HOME `id` \"\\'\n" },
    { "sh, nothing", EMIT_SH, NULL, "# " NOTE "\n" },
    { "sh, empty", EMIT_SH, "", "# " NOTE "\nexport A=''\n" },
    { "fish", EMIT_FISH, "a'b\\c$d", "# " NOTE "\nset -gx A 'a\\'b\\\\c$d'\n" },
    { "systemd", EMIT_SYSTEMD, "a\"b\\c%d$e",
      "# " NOTE "\n[Service]\nEnvironment=\"A=a\\\"b\\\\c%%d$e\"\n" },
    { "environment.d", EMIT_ENVIRONMENT_D, "a\"b\\c%d$e`",
      "# " NOTE "\nA=\"a\\\"b\\\\c%d\\$\\$e\\`\"\n" },
    { "wrapper", EMIT_WRAPPER, "x",
      "#!/bin/sh\n# " NOTE "\nexport A='x'\nexec '/opt/my app/run' \"$@\"\n" },
    { "flatpak", EMIT_FLATPAK, "x y", "flatpak override --user --env='A=x y' org.example.App\n" },
    { "snap", EMIT_SNAP, "x y", "env 'A=x y' snap run org.example.App\n" },
    { "desktop", EMIT_DESKTOP, "a\"b\\c%d$e`f",
      "# " NOTE "\n[Desktop Entry]\nName=Exec\n"
      "Exec=env \"A=a\\\\\"b\\\\\\\\c%%d\\\\$e\\\\`f\" app %F\n"
      "[Desktop Action new]\nExec=env \"A=a\\\\\"b\\\\\\\\c%%d\\\\$e\\\\`f\" app --new\n"
      "[X-Other]\nExec=x\n" },
    { "desktop, nothing", EMIT_DESKTOP, NULL,
      "# " NOTE "\n[Desktop Entry]\nName=Exec\nExec = app %F\n[Desktop Action new]\n"
      " Exec\t= app --new\n[X-Other]\nExec=x\n" },
    { "bat", EMIT_BAT, "a b&c", "@rem " NOTE "\r\n@set \"A=a b&c\"\r\n" },
    { "bat, percent", EMIT_BAT, "100%PATH%", "@rem " NOTE "\r\n@set \"A=100%%PATH%%\"\r\n" },
    /* the quote switches quoting off, so what follows needs ^ */
    { "bat, quote", EMIT_BAT, "a\"b&c", "@rem " NOTE "\r\n@set \"A=a\"b^&c\"\r\n" },
    { "bat, two quotes", EMIT_BAT, "\"a&b\"&", "@rem " NOTE "\r\n@set \"A=\"a^&b\"&\"\r\n" },
    { "bat, not ASCII", EMIT_BAT, "ä", "@rem " NOTE "\r\n@chcp 65001 >nul\r\n@set \"A=ä\"\r\n" },
    { "bat, caret and exclamation mark", EMIT_BAT, "a^b!c!",
      "@rem " NOTE "\r\n@set \"A=a^b!c!\"\r\n" },
    { "bat, caret behind a quote", EMIT_BAT, "\"a^b", "@rem " NOTE "\r\n@set \"A=\"a^^b\"\r\n" },
    { "bat, bars and brackets", EMIT_BAT, "\"(a|b)<c>",
      "@rem " NOTE "\r\n@set \"A=\"^(a^|b^)^<c^>\"\r\n" },
    { "bat, backslash and spaces", EMIT_BAT, " a\\b ", "@rem " NOTE "\r\n@set \"A= a\\b \"\r\n" },
    { "ps1, all that its double quotes would take", EMIT_PS1, "$(x) ${y} \"z\" \\ %h ä",
      BOM "# " NOTE "\n$env:A = '$(x) ${y} \"z\" \\ %h ä'\n" },
    { "ps1", EMIT_PS1, "it's $x `n", BOM "# " NOTE "\n$env:A = 'it''s $x `n'\n" },
    { "ps1, typographic quote", EMIT_PS1, "it’s", BOM "# " NOTE "\n$env:A = 'it’’s'\n" },
};

static const char entry[] = "[Desktop Entry]\nName=Exec\nExec = app %F\n DBusActivatable\t=true\n"
                            "[Desktop Action new]\n Exec\t= app --new\n[X-Other]\nExec=x";

static void test_emit_text_when_format_then_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct variable a = { "A", rows[i].value };
        struct variables environment = { .items = &a, .count = rows[i].value != NULL };
        struct emit_input input = { &environment, "org.example.App", "/opt/my app/run", entry };
        const char *got = NULL;
        struct err err = { 0 };
        int returned = emit_text(&arena, rows[i].format, &input, &got, &err);
        rows_err(rows[i].label, returned, &err, NULL);
        rows_text(rows[i].label, got, rows[i].want);
    }
    arena_clear(&arena);
    rows_done();
}

static void test_emit_text_when_it_cannot_be_written_then_error(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum emit_format format;
        const char *value, *app, *program, *entry, *want;
    } bad[] = {
        { "newline", EMIT_SH, "a\nb", NULL, NULL, NULL,
          "A holds a control character (0x0a) and cannot be written as sh" },
        { "escape", EMIT_BAT, "\033[2J", NULL, NULL, NULL,
          "A holds a control character (0x1b) and cannot be written as bat" },
        { "not UTF-8", EMIT_SYSTEMD, "\xff", NULL, NULL, NULL,
          "A is not UTF-8 and cannot be written as systemd" },
        { "no program", EMIT_WRAPPER, "a", NULL, NULL, NULL,
          "a wrapper needs the program that it starts (--app)" },
        { "no application", EMIT_FLATPAK, "a", NULL, NULL, NULL,
          "flatpak: which application? (--app)" },
        { "no entry", EMIT_DESKTOP, "a", "x", NULL, NULL,
          "desktop: which application's entry? (--app)" },
        { "sets it itself", EMIT_DESKTOP, "a", "x", NULL,
          "[Desktop Entry]\nExec=env B=1 \"A=b c\" x\n",
          "the desktop entry of 'x' sets A itself; set it for the session instead, where it can be "
          "merged" },
        { "takes it out", EMIT_DESKTOP, "a", "x", NULL, "[Desktop Entry]\nExec=env -u B -u A x\n",
          "the desktop entry of 'x' sets A itself; set it for the session instead, where it can be "
          "merged" },
        { "takes it out, in one word", EMIT_DESKTOP, "a", "x", NULL,
          "[Desktop Entry]\nExec=env --unset=A x\n",
          "the desktop entry of 'x' sets A itself; set it for the session instead, where it can be "
          "merged" },
        { "empty in cmd.exe", EMIT_BAT, "", NULL, NULL, NULL,
          "A is empty, which cannot be written as bat" },
        { "empty in PowerShell", EMIT_PS1, "", NULL, NULL, NULL,
          "A is empty, which cannot be written as ps1" },
        { "no Exec", EMIT_DESKTOP, "a", "x", NULL, "[Desktop Entry]\nExecutable=y\n",
          "the desktop entry of 'x' has no Exec line" },
    };
    for (size_t i = 0; i < ROWS(bad); i++) {
        struct variable a = { "A", bad[i].value };
        struct variables environment = { .items = &a, .count = 1 };
        struct emit_input input = { &environment, bad[i].app, bad[i].program, bad[i].entry };
        const char *got = "untouched";
        struct err err = { 0 };
        int returned = emit_text(&arena, bad[i].format, &input, &got, &err);
        rows_err(bad[i].label, returned, &err, bad[i].want);
        rows_text(bad[i].label, got, "untouched");
    }
    arena_clear(&arena);
    rows_done();
}

/* A line of 8191 characters is the longest that cmd.exe takes; the quotes and the name count. */
static void test_emit_text_when_line_is_too_long_for_cmd_then_error(void **state)
{
    (void)state;
    const size_t around = sizeof "@set \"A=\"" - 1, longest = 8191 - around;
    for (size_t over = 0; over < 2; over++) {
        char *value = arena_alloc(&arena, longest + over + 1);
        for (size_t i = 0; i < longest + over; i++)
            value[i] = 'x';
        struct variable a = { "A", value };
        struct variables environment = { .items = &a, .count = 1 };
        struct emit_input input = { .environment = &environment };
        const char *got = NULL;
        struct err err = { 0 };
        int returned = emit_text(&arena, EMIT_BAT, &input, &got, &err);
        rows_err(over ? "one too long" : "longest", returned, &err,
                 over ? "A is longer than cmd.exe takes (8191 characters a line)" : NULL);
    }
    arena_clear(&arena);
    rows_done();
}

static void test_emit_format_find_when_name_then_the_same_back(void **state)
{
    (void)state;
    for (enum emit_format format = 0; format < EMIT_COUNT; format++)
        rows_number(emit_format_name(format), (long long)emit_format_find(emit_format_name(format)),
                    (long long)format);
    rows_number("unknown", (long long)emit_format_find("zsh"), (long long)EMIT_COUNT);
    rows_text("none", emit_format_name(EMIT_COUNT), NULL);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_emit_text_when_format_then_text),
        cmocka_unit_test(test_emit_text_when_it_cannot_be_written_then_error),
        cmocka_unit_test(test_emit_text_when_line_is_too_long_for_cmd_then_error),
        cmocka_unit_test(test_emit_format_find_when_name_then_the_same_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
