/* Where a format's file goes: one row a question, in a scratch folder that is root and home. */
#include "plan/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/flags.h"
#include "platform/file.h"
#include "rows.h"
#include "scratch.h"

#define NOTE "# written by qwguard apply; qwguard undo takes it back\n"
#define EMIT_NONE EMIT_COUNT

static struct arena arena;

static void put(const char *folder, const char *path, const char *text, unsigned mode)
{
    struct err err;
    const char *whole = scratch_write(&arena, folder, path, text, strlen(text));
    if (file_write(whole, text, strlen(text), mode, false, &err) < 0)
        fail_msg("%s", err.text);
}

static void fill(const char *top)
{
    put(top, "share/applications/kiosk.desktop", "[Desktop Entry]\nExec=kiosk\n", 0644);
    put(top, "share/applications/org.example.Web.desktop",
        "[Desktop Entry]\nTryExec=no\nExec = env A=1 \"/opt/my web/webber\" %U\n", 0644);
    put(top, "share/applications/a-many-links.desktop",
        "[Desktop Entry]\nNoDisplay=true\nExec=many %u\n", 0644);
    put(top, "share/applications/b-many.desktop", "[Desktop Entry]\nHidden=true\nExec=many old\n",
        0644);
    put(top, "share/applications/kde/many.desktop",
        "[Desktop Entry]\nExec=many\n[Other]\nHidden=true\n", 0644);
    put(top, "local/applications/gone.desktop", "[Desktop Entry]\nHidden=true\n", 0644);
    put(top, "share/applications/gone.desktop", "[Desktop Entry]\nExec=gone\n", 0644);
    put(top, "share/applications/notes.txt", "[Desktop Entry]\nExec=texty\n", 0644);
    put(top, "local/applications/kiosk.desktop", NOTE "[Desktop Entry]\nExec=ours\n", 0644);
    put(top, "bin/tool", "#!/bin/sh\n", 0755);
    put(top, "bin/data", "no program\n", 0644);
    put(top, "home/bin/tool", "#!/bin/sh\n", 0755); /* a wrapper of ours */
    put(top, "config/systemd/user/mine.service",
        "[Service]\n#Environment=QTWEBENGINE_CHROMIUM_FLAGS=x\nEnvironment=A=1 "
        "\"QTWEBENGINE_CHROMIUM_FLAGS=--a\"\n",
        0644);
    put(top, "config/systemd/user/kiosk@.service",
        "[Service]\nEnvironment=QTWEBENGINE_CHROMIUM_FLAGS=--%i\n", 0644);
    put(top, "config/systemd/user/reset.service",
        "[Service]\nEnvironment=QTWEBENGINE_CHROMIUM_FLAGS=--a\nEnvironment=\n"
        "ExecStart=env QTWEBENGINE_CHROMIUM_FLAGS=--a app\nExecStart=\nExecStart=app\n",
        0644);
    put(top, "config/systemd/user/unset.service",
        "[Service]\nExecStart=app\nUnsetEnvironment=B QTWEBENGINE_CHROMIUM_FLAGS\n", 0644);
    put(top, "config/systemd/user/other.service",
        "[Service]\nExecStart=app\nEnvironment=QT_QUICK_BACKEND=rhi\n", 0644);
    put(top, "config/systemd/user/start.service",
        "[Service]\nExecStart=env QTWEBENGINE_CHROMIUM_FLAGS=--a app\nEnvironment=\n", 0644);
    put(top, "config/systemd/user/drop.service", "[Service]\nExecStart=app\n", 0644);
    put(top, "config/systemd/user/drop.service.d/10-mine.conf",
        "[Service]\nEnvironment=\"QTWEBENGINE_CHROMIUM_FLAGS=--a\"\n", 0644);
    put(top, "config/systemd/user/filed.service",
        "[Service]\nExecStart=app\nEnvironmentFile=%h/app.env\n", 0644);
    put(top, "home/app.env", "# mine\nA=1\nQTWEBENGINE_CHROMIUM_FLAGS=--a --b\n", 0644);
    put(top, "config/systemd/user/again.service", "[Service]\nExecStart=app\n", 0644);
    put(top, "config/systemd/user/again.service.d/50-qwguard.conf",
        NOTE "[Service]\nEnvironment=\"QTWEBENGINE_CHROMIUM_FLAGS=--a\"\n", 0644);
    put(top, "etc/systemd/system/fine.service", "[Service]\nEnvironment=A=1\n", 0644);
    scratch_link(&arena, top, "first/tool", "../home/bin/tool"); /* leads to the wrapper */
}

static const struct target_row {
    const char *label;
    enum emit_format format;
    const char *app;
    bool system;
    const char *want; /* "FORMAT PATH[ > PROGRAM]", paths from the scratch folder on */
    const char *error;
} rows[] = {
    { "environment.d", EMIT_ENVIRONMENT_D, NULL, false,
      "environment.d TOP/config/environment.d/50-qwguard.conf", NULL },
    { "environment.d, all", EMIT_ENVIRONMENT_D, NULL, true,
      "environment.d /etc/environment.d/50-qwguard.conf", NULL },
    { "fish", EMIT_FISH, NULL, false, "fish TOP/config/fish/conf.d/qwguard.fish", NULL },
    { "sh, all", EMIT_SH, NULL, true, "sh /etc/profile.d/50-qwguard.sh", NULL },
    { "unit", EMIT_SYSTEMD, "kiosk", false,
      "systemd TOP/config/systemd/user/kiosk.service.d/50-qwguard.conf", NULL },
    { "unit with dots", EMIT_SYSTEMD, "org.example.Kiosk", false,
      "systemd TOP/config/systemd/user/org.example.Kiosk.service.d/50-qwguard.conf", NULL },
    { "unit by its whole name", EMIT_SYSTEMD, "fine.service", true,
      "systemd /etc/systemd/system/fine.service.d/50-qwguard.conf", NULL },
    { "entry by name", EMIT_DESKTOP, "kiosk", false, "desktop TOP/data/applications/kiosk.desktop",
      NULL },
    { "entry by file name", EMIT_DESKTOP, "kiosk.desktop", true,
      "desktop /usr/local/share/applications/kiosk.desktop", NULL },
    { "entry by program", EMIT_DESKTOP, "webber", false,
      "desktop TOP/data/applications/org.example.Web.desktop", NULL },
    { "chosen: entry", EMIT_NONE, "/opt/my web/webber", false,
      "desktop TOP/data/applications/org.example.Web.desktop", NULL },
    { "chosen: wrapper", EMIT_NONE, "tool", false, "wrapper TOP/home/bin/tool > TOP/bin/tool",
      NULL },
    { "printed only", EMIT_SH, NULL, false, NULL,
      "--install: sh is printed only (or installed with --system)" },
    { "never installed", EMIT_BAT, "kiosk", true, NULL, "--install: bat is printed only" },
    { "nothing named", EMIT_NONE, NULL, false, NULL, "--install: for which application? (--app)" },
    { "no application", EMIT_SYSTEMD, NULL, false, NULL, "systemd is for one application (--app)" },
    { "several entries: the one in menus", EMIT_DESKTOP, "many", false,
      "desktop TOP/data/applications/kde/many.desktop, not a-many-links.desktop", NULL },
    { "the other one by name", EMIT_DESKTOP, "a-many-links", false,
      "desktop TOP/data/applications/a-many-links.desktop", NULL },
    { "entry in a folder by its id", EMIT_DESKTOP, "kde-many.desktop", false,
      "desktop TOP/data/applications/kde/many.desktop", NULL },
    { "hidden by an entry before it", EMIT_DESKTOP, "gone", false, NULL,
      "no desktop entry of 'gone' was found" },
    { "no entry", EMIT_DESKTOP, "texty", false, NULL, "no desktop entry of 'texty' was found" },
    { "only our own", EMIT_DESKTOP, "ours", false, NULL, "no desktop entry of 'ours' was found" },
    { "no program", EMIT_NONE, "data", false, NULL, "no program 'data' was found" },
    { "unit sets them", EMIT_SYSTEMD, "mine", false, NULL,
      "TOP/config/systemd/user/mine.service:3: the unit sets QTWEBENGINE_CHROMIUM_FLAGS itself, "
      "which a drop-in would replace; take it out there and give it with --flags" },
    { "drop-in sets them", EMIT_SYSTEMD, "drop", false, NULL,
      "TOP/config/systemd/user/drop.service.d/10-mine.conf:2: the unit sets "
      "QTWEBENGINE_CHROMIUM_FLAGS itself, which a drop-in would replace; take it out there and "
      "give it with --flags" },
    { "template sets them", EMIT_SYSTEMD, "kiosk@tty1", false, NULL,
      "TOP/config/systemd/user/kiosk@.service:2: the unit sets QTWEBENGINE_CHROMIUM_FLAGS itself, "
      "which a drop-in would replace; take it out there and give it with --flags" },
    { "set and taken back", EMIT_SYSTEMD, "reset", false,
      "systemd TOP/config/systemd/user/reset.service.d/50-qwguard.conf", NULL },
    { "its start sets them", EMIT_SYSTEMD, "start", false, NULL,
      "TOP/config/systemd/user/start.service:2: the unit sets QTWEBENGINE_CHROMIUM_FLAGS itself, "
      "which a drop-in would replace; take it out there and give it with --flags" },
    { "taken out", EMIT_SYSTEMD, "unset", false, NULL,
      "unset.service: UnsetEnvironment= names QTWEBENGINE_CHROMIUM_FLAGS, which wins over a "
      "drop-in; take it out" },
    { "another variable", EMIT_SYSTEMD, "other", false, NULL,
      "other.service: the unit sets QT_QUICK_BACKEND=rhi itself, which a drop-in would replace or "
      "lose to; take it out there" },
    { "environment file sets them", EMIT_SYSTEMD, "filed", false, NULL,
      "TOP/home/app.env:3: QTWEBENGINE_CHROMIUM_FLAGS is set here, which wins over a drop-in; take "
      "it out and give it with --flags" },
    { "our own drop-in", EMIT_SYSTEMD, "again", false,
      "systemd TOP/config/systemd/user/again.service.d/50-qwguard.conf", NULL },
    { "folder up", EMIT_SYSTEMD, "..", false, NULL, "--app: '..' is no name of an application" },
    { "nothing behind the slash", EMIT_SYSTEMD, "a/", false, NULL,
      "--app: '' is no name of an application" },
    { "control character", EMIT_SYSTEMD, "a\nb", false, NULL,
      "--app: the name holds a control character" },
};

/* TOP in a wanted text is the scratch folder. */
static const char *with_top(const char *text, const char *top)
{
    struct text out = { .arena = &arena };
    if (!text)
        return NULL;
    while (*text) {
        bool hole = text_starts(text, "TOP");
        text_add(&out, hole ? top : text, hole ? strlen(top) : 1);
        text += hole ? 3 : 1;
    }
    return text_get(&out);
}

static void test_target_find_when_asked_then_place_or_error(void **state)
{
    (void)state;
    const char *top = scratch_make(&arena);
    struct variable planned[] = { { FLAGS_VARIABLE, "--x" }, { "QT_QUICK_BACKEND", "software" } };
    const struct variables set = { .items = planned, .count = ROWS(planned) };
    const struct target_places places = {
        .root = "",
        .set = &set,
        .config_home = path_join(&arena, top, "config"),
        .data_home = path_join(&arena, top, "data"),
        .data_dirs = arena_printf(&arena, "relative:%s/local:%s/share", top, top),
        .home = path_join(&arena, top, "home"),
        .bin_home = path_join(&arena, top, "home/bin"),
        .search_path = arena_printf(&arena, "%s/home/bin::%s/first:%s/bin", top, top, top),
    };
    fill(top);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct target target = { .path = NULL };
        struct err err = { 0 };
        int returned = target_find(&arena, &places, rows[i].format, rows[i].app, rows[i].system,
                                   &target, &err);
        rows_err(rows[i].label, returned, &err, with_top(rows[i].error, top));
        for (size_t j = 0; returned == 0 && j < target.other_entries.count; j++)
            target.path = arena_printf(&arena, "%s, not %s", target.path,
                                       target.other_entries.items[j]);
        const char *got = returned < 0
                              ? NULL
                              : arena_printf(&arena, "%s %s%s%s", emit_format_name(target.format),
                                             target.path, target.program ? " > " : "",
                                             target.program ? target.program : "");
        rows_text(rows[i].label, got, with_top(rows[i].want, top));
    }
    scratch_remove(top);
    arena_clear(&arena);
    rows_done();
}

static void test_target_find_when_root_then_looks_below_and_names_without(void **state)
{
    (void)state;
    const char *top = scratch_make(&arena);
    struct target target;
    struct err err = { 0 };
    const struct target_places places = { .root = top, .search_path = "/bin" };
    fill(top);
    rows_err("wrapper", target_find(&arena, &places, EMIT_WRAPPER, "tool", true, &target, &err),
             &err, NULL);
    rows_text("path", target.path, "/usr/local/bin/tool");
    rows_text("program", target.program, "/bin/tool");
    rows_number("behind the program", target.is_hidden, true);
    rows_number("mode", target.mode, 0755);
    rows_err("no home", target_find(&arena, &places, EMIT_FISH, NULL, false, &target, &err), &err,
             "there is no home folder to install into");
    scratch_remove(top);
    arena_clear(&arena);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_target_find_when_asked_then_place_or_error),
        cmocka_unit_test(test_target_find_when_root_then_looks_below_and_names_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
