/* Engines in a tree of folders, and the one that an application asks for, as the dynamic linker
 * would find it. */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <elf.h>
#include <cmocka.h>

#include "base/macros.h"
#include "fake_elf.h"
#include "rows.h"
#include "scratch.h"

#define QT6 "libQt6WebEngineCore.so.6"
#define QT5 "libQt5WebEngineCore.so.5"

static struct arena arena;
static const char *root;

static int make_root(void **state)
{
    (void)state;
    root = scratch_make(&arena);
    return setenv("HOME", "/home/u", 1);
}

static int give_back(void **state)
{
    (void)state;
    scratch_remove(root);
    arena_clear(&arena);
    return 0;
}

static void file_make(const char *path, const struct fake_elf *what)
{
    size_t length;
    const unsigned char *bytes = fake_elf_build(&arena, what, &length);
    (void)scratch_write(&arena, root, path, bytes, length);
}

static void engine_make(const char *path, const char *qt)
{
    const char *soname = *qt == '6' ? QT6 : QT5;
    const struct fake_elf what = {
        .machine = EM_X86_64, .soname = soname, .qt = qt, .chromium = "102.0.5005.177"
    };
    file_make(path, &what);
}

static const char *engines_text(const struct engines *engines)
{
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < engines->count; i++)
        text_printf(&text, "%s%s %s", i ? "\n" : "", engines->items[i].qt,
                    engines->items[i].library);
    return text_get(&text);
}

static void test_engine_list_of_all_folders_newest_first(void **state)
{
    (void)state;
    const struct engine_search search = { .root = root };
    struct engines engines = { 0 };
    engine_make("/usr/lib/x86_64-linux-gnu/" QT5, "5.15.13");
    engine_make("/usr/lib/x86_64-linux-gnu/" QT6, "6.4.2");
    engine_make("/opt/kit/lib/" QT6, "6.10.1");
    engine_make("/opt/Qt/6.8.2/gcc_64/lib/" QT6, "6.8.2");
    engine_make("/home/u/Qt/6.9.0/gcc_64/lib/" QT6, "6.9.0");
    engine_make("/var/lib/flatpak/app/org.x/current/active/files/lib/" QT6, "6.11.0");
    engine_make("/opt/kit/elsewhere/" QT6, "6.6.0");
    (void)scratch_write(&arena, root, "/usr/lib64/" QT6, "broken", 6);
    (void)scratch_folder(&arena, root, "/usr/local/lib/" QT6);
    (void)scratch_link(&arena, root, "/usr/lib/" QT6, "x86_64-linux-gnu/" QT6);
    engine_list(&arena, &search, &engines);
    rows_text("list", engines_text(&engines),
              "6.10.1 /opt/kit/lib/" QT6 "\n"
              "6.9.0 /home/u/Qt/6.9.0/gcc_64/lib/" QT6 "\n"
              "6.8.2 /opt/Qt/6.8.2/gcc_64/lib/" QT6 "\n"
              "6.4.2 /usr/lib/x86_64-linux-gnu/" QT6 "\n"
              "5.15.13 /usr/lib/x86_64-linux-gnu/" QT5 "\n"
              "6.11.0 /var/lib/flatpak/app/org.x/current/active/files/lib/" QT6);
    assert_int_equal(engines.broken.count, 1);
    rows_text("broken", engines.broken.items[0], "'/usr/lib64/" QT6 "': no ELF file");
    rows_done();
}

static void test_engine_list_when_there_is_none(void **state)
{
    (void)state;
    const struct engine_search search = { .root = root };
    struct engines engines = { 0 };
    engine_list(&arena, &search, &engines);
    assert_int_equal(engines.count, 0);
}

static const struct {
    const char *label, *path;
    struct fake_elf app;
    const char *want_qt, *want_library, *want;
} app_rows[] = {
    { "asked for itself",
      "/usr/bin/a1",
      { .machine = EM_X86_64, .needed = { QT5 } },
      "5.15.13",
      "/usr/lib/x86_64-linux-gnu/" QT5,
      NULL },
    { "through another library",
      "/usr/bin/a2",
      { .machine = EM_X86_64, .needed = { "libc.so.6", "libQt6WebEngineWidgets.so.6" } },
      "6.4.2",
      "/usr/lib/x86_64-linux-gnu/" QT6,
      NULL },
    { "RUNPATH with $ORIGIN",
      "/opt/app/bin/a3",
      { .machine = EM_X86_64, .needed = { QT6 }, .runpath = "/nowhere:$ORIGIN/../own" },
      "6.8.2",
      "/opt/app/bin/../own/" QT6,
      NULL },
    { "RPATH with ${ORIGIN}",
      "/opt/app/bin/a4",
      { .machine = EM_X86_64, .needed = { QT6 }, .rpath = "${ORIGIN}/../own" },
      "6.8.2",
      "/opt/app/bin/../own/" QT6,
      NULL },
    { "RPATH is not looked at beside RUNPATH",
      "/opt/app/bin/a5",
      { .machine = EM_X86_64, .needed = { QT6 }, .rpath = "$ORIGIN/../own", .runpath = "/nowhere" },
      "6.4.2",
      "/usr/lib/x86_64-linux-gnu/" QT6,
      NULL },
    { "beside it, opened by itself",
      "/opt/bundle/a6",
      { .machine = EM_X86_64 },
      "6.9.0",
      "/opt/bundle/lib/" QT6,
      NULL },
    { "another machine's library is none",
      "/usr/bin/a7",
      { .machine = EM_AARCH64, .needed = { QT6 } },
      NULL,
      NULL,
      "'/usr/bin/a7' needs libQt6WebEngineCore.so.6, which is not there" },
    { "not linked to it",
      "/usr/bin/a8",
      { .machine = EM_X86_64, .needed = { "libc.so.6" } },
      NULL,
      NULL,
      "'/usr/bin/a8' is not linked to Qt WebEngine" },
};

static void test_engine_of_app_follows_what_is_needed(void **state)
{
    (void)state;
    const struct engine_search search = { .root = root };
    const struct fake_elf widgets = { .machine = EM_X86_64,
                                      .soname = "libQt6WebEngineWidgets.so.6",
                                      .needed = { "libQt6WebEngineWidgets.so.6", QT6 } };
    engine_make("/usr/lib/x86_64-linux-gnu/" QT5, "5.15.13");
    engine_make("/usr/lib/x86_64-linux-gnu/" QT6, "6.4.2");
    file_make("/usr/lib/x86_64-linux-gnu/libQt6WebEngineWidgets.so.6", &widgets);
    engine_make("/opt/app/own/" QT6, "6.8.2");
    engine_make("/opt/bundle/lib/" QT6, "6.9.0");
    for (size_t i = 0; i < ROWS(app_rows); i++) {
        struct engine engine = { 0 };
        struct err err;
        file_make(app_rows[i].path, &app_rows[i].app);
        rows_err(app_rows[i].label, engine_of_app(&arena, &search, app_rows[i].path, &engine, &err),
                 &err, app_rows[i].want);
        rows_text(app_rows[i].label, engine.qt, app_rows[i].want_qt);
        rows_text(app_rows[i].label, engine.library, app_rows[i].want_library);
        if (app_rows[i].want)
            rows_number(app_rows[i].label, err.kind, ERR_UNAVAILABLE);
    }
    rows_done();
}

static void test_engine_of_app_when_it_is_no_program(void **state)
{
    (void)state;
    const struct engine_search search = { .root = root };
    struct engine engine;
    struct err err;
    (void)scratch_write(&arena, root, "/usr/bin/script", "#!/usr/bin/python3\n", 19);
    rows_err("script", engine_of_app(&arena, &search, "/usr/bin/script", &engine, &err), &err,
             "'/usr/bin/script' is no program that is linked to libraries (a script?)");
    rows_err("absent", engine_of_app(&arena, &search, "/usr/bin/absent", &engine, &err), &err,
             "'/usr/bin/absent' is no program that is linked to libraries (a script?)");
    rows_done();
}

/* $ORIGIN means the real file, also when the program is started through a link. */
static void test_engine_of_app_through_a_link(void **state)
{
    (void)state;
    const struct engine_search search = { .root = root };
    const struct fake_elf app = { .machine = EM_X86_64,
                                  .needed = { QT6 },
                                  .runpath = "$ORIGIN/lib" };
    struct engine engine;
    struct err err;
    engine_make("/opt/app/lib/" QT6, "6.8.2");
    file_make("/opt/app/a", &app);
    (void)scratch_link(&arena, root, "/usr/bin/a", "../../opt/app/a");
    rows_err("link", engine_of_app(&arena, &search, "/usr/bin/a", &engine, &err), &err, NULL);
    rows_done();
    assert_string_equal(engine.library, "/opt/app/lib/" QT6);
}

/* Libraries that need each other end. */
static void test_engine_of_app_when_libraries_go_round(void **state)
{
    (void)state;
    const struct engine_search search = { .root = root };
    const struct fake_elf a = { .machine = EM_X86_64, .needed = { "libb.so" } };
    const struct fake_elf b = { .machine = EM_X86_64, .needed = { "liba.so" } };
    const struct fake_elf app = { .machine = EM_X86_64, .needed = { "liba.so" } };
    struct engine engine;
    struct err err;
    file_make("/usr/lib/liba.so", &a);
    file_make("/usr/lib/libb.so", &b);
    file_make("/usr/bin/round", &app);
    rows_err("round", engine_of_app(&arena, &search, "/usr/bin/round", &engine, &err), &err,
             "'/usr/bin/round' is not linked to Qt WebEngine");
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_engine_list_of_all_folders_newest_first, make_root,
                                        give_back),
        cmocka_unit_test_setup_teardown(test_engine_list_when_there_is_none, make_root, give_back),
        cmocka_unit_test_setup_teardown(test_engine_of_app_follows_what_is_needed, make_root,
                                        give_back),
        cmocka_unit_test_setup_teardown(test_engine_of_app_when_it_is_no_program, make_root,
                                        give_back),
        cmocka_unit_test_setup_teardown(test_engine_of_app_through_a_link, make_root, give_back),
        cmocka_unit_test_setup_teardown(test_engine_of_app_when_libraries_go_round, make_root,
                                        give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
