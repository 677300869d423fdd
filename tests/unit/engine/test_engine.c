/* Versions out of library files: small ones made here in each of the forms that real ones have, and
 * the real ones where they are installed. */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <elf.h>
#include <cmocka.h>

#include "base/macros.h"
#include "engine/engine_private.h"
#include "fake_elf.h"
#include "platform/file.h"
#include "rows.h"
#include "scratch.h"

#define QT6 "libQt6WebEngineCore.so.6"
#define QT5 "libQt5WebEngineCore.so.5"
#define LIB "/usr/lib/x86_64-linux-gnu/"

static struct arena arena;
static const char *folder;

static int make_folder(void **state)
{
    (void)state;
    folder = scratch_make(&arena);
    return 0;
}

static int give_back(void **state)
{
    (void)state;
    scratch_remove(folder);
    arena_clear(&arena);
    return 0;
}

#define TEXT(text) .constants = (text), .constants_length = sizeof(text)

static const struct {
    const char *label, *file;
    struct fake_elf what;
    const char *qt, *chromium, *want;
} forms[] = {
    { "exported functions",
      QT6,
      { .machine = EM_X86_64, .soname = QT6, .qt = "6.4.2", .chromium = "102.0.5005.177" },
      "6.4.2",
      "102.0.5005.177",
      NULL },
    { "exported functions on arm64",
      QT6,
      { .machine = EM_AARCH64, .soname = QT6, .qt = "6.8.2", .chromium = "122.0.6261.171" },
      "6.8.2",
      "122.0.6261.171",
      NULL },
    { "what the library says goes before its name",
      "libQt6WebEngineCore.so.6.9.9",
      { .machine = EM_X86_64, .soname = QT6, .qt = "6.4.2", .chromium = "102.0.5005.177" },
      "6.4.2",
      "102.0.5005.177",
      NULL },
    { "a user agent",
      QT5,
      { .machine = EM_X86_64,
        .soname = QT5,
        TEXT("x\0QtWebEngine/5.15.13 Chrome/87.0.4280.144\0y") },
      "5.15.13",
      "87.0.4280.144",
      NULL },
    { "a user agent without section headers",
      QT5,
      { .machine = EM_X86_64,
        .soname = QT5,
        .no_sections = true,
        TEXT("x\0QtWebEngine/5.15.13 Chrome/87.0.4280.144\0y") },
      "5.15.13",
      "87.0.4280.144",
      NULL },
    { "a user agent in 32 bits, big end first",
      QT5,
      { .machine = EM_PPC,
        .is_32 = true,
        .is_big_endian = true,
        .soname = QT5,
        TEXT("x\0QtWebEngine/5.15.13 Chrome/87.0.4280.144\0y") },
      "5.15.13",
      "87.0.4280.144",
      NULL },
    { "a user agent that was cut",
      QT5,
      { .machine = EM_X86_64,
        .soname = QT5,
        TEXT("x\0QtWebEngine/5.15.13 Chrome/87.0.428.\0"
             "87.0.4280.144\0") },
      "5.15.13",
      NULL,
      NULL },
    { "lone versions",
      QT6,
      { .machine = EM_386,
        .is_32 = true,
        .soname = QT6,
        TEXT("a\0"
             "6.8.2\0QtWebEngineProcess\0"
             "122.0.6261.171\0"
             "130.0.6723.44\0z") },
      "6.8.2",
      "122.0.6261.171",
      NULL },
    { "the file's name, and the table",
      "libQt6WebEngineCore.so.6.5.3",
      { .machine = EM_386, .is_32 = true, .soname = QT6, TEXT("nothing") },
      "6.5.3",
      "108.0.5359.220",
      NULL },
    { "a version that is none",
      QT6,
      { .machine = EM_X86_64, .soname = QT6, .qt = "6.4.2 x", .chromium = "1" },
      NULL,
      NULL,
      "no version of Qt in it" },
    { "a user agent of the other Qt",
      QT6,
      { .machine = EM_X86_64,
        .soname = QT6,
        TEXT("x\0QtWebEngine/5.15.13 Chrome/87.0.4280.144\0y") },
      NULL,
      NULL,
      "no version of Qt in it" },
    { "another library",
      "libQt6Core.so.6",
      { .machine = EM_X86_64,
        .soname = "libQt6Core.so.6",
        .qt = "6.4.2",
        .chromium = "102.0.5005.177" },
      NULL,
      NULL,
      "no Qt WebEngine library" },
    { "no name in it",
      QT6,
      { .machine = EM_X86_64, .qt = "6.4.2" },
      NULL,
      NULL,
      "no Qt WebEngine library" },
};

static void test_engine_read_of_every_form(void **state)
{
    (void)state;
    const struct engine_search search = { 0 };
    for (size_t i = 0; i < ROWS(forms); i++) {
        size_t length;
        struct engine engine = { 0 };
        struct err err;
        const unsigned char *bytes = fake_elf_build(&arena, &forms[i].what, &length);
        const char *path = scratch_write(&arena, folder,
                                         arena_printf(&arena, "%u/%s", (unsigned)i, forms[i].file),
                                         bytes, length);
        const char *want = forms[i].want ? arena_printf(&arena, "'%s': %s", path, forms[i].want)
                                         : NULL;
        rows_err(forms[i].label, engine_read(&arena, &search, path, &engine, &err), &err, want);
        rows_text(forms[i].label, engine.qt, forms[i].qt);
        if (forms[i].chromium || forms[i].want)
            rows_text(forms[i].label, engine.chromium, forms[i].chromium);
        rows_text(forms[i].label, engine.library, forms[i].want ? NULL : path);
    }
    rows_done();
}

static void test_engine_read_when_it_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *label, *bytes;
        size_t length;
        enum err_kind kind;
        const char *want; /* behind the path */
    } rows[] = {
        { "a script", "#!/bin/sh\n", 10, ERR_DATA, "': no ELF file" },
        { "an empty file", "", 0, ERR_DATA, "" },
        { "absent", NULL, 0, ERR_NO_INPUT, "" },
    };
    const struct engine_search search = { 0 };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct engine engine = { .qt = "untouched" };
        struct err err = { 0 };
        const char *path = arena_printf(&arena, "%s/%s", folder, rows[i].label);
        if (rows[i].bytes)
            path = scratch_write(&arena, folder, rows[i].label, rows[i].bytes, rows[i].length);
        rows_number(rows[i].label, engine_read(&arena, &search, path, &engine, &err), -1);
        rows_number(rows[i].label, err.kind, rows[i].kind);
        (void)rows_that(strstr(err.text, path) && strstr(err.text, rows[i].want), rows[i].label,
                        "said '%s'", err.text);
        rows_text(rows[i].label, engine.qt, "untouched");
    }
    struct engine engine;
    struct err err;
    rows_number("a folder", engine_read(&arena, &search, folder, &engine, &err), -1);
    rows_number("a folder", err.kind, ERR_DATA);
    rows_done();
}

static const struct fake_elf small = {
    .machine = EM_X86_64, .soname = QT6, .qt = "6.4.2", .chromium = "102.0.5005.177"
};

static void test_engine_read_when_cut_at_every_length(void **state)
{
    (void)state;
    const struct engine_search search = { 0 };
    size_t length;
    const unsigned char *bytes = fake_elf_build(&arena, &small, &length);
    for (size_t cut = 1; cut < length; cut++) {
        struct engine engine = { .qt = "untouched" };
        struct err err = { 0 };
        const char *path = scratch_write(&arena, folder, "cut", bytes, cut);
        if (engine_read(&arena, &search, path, &engine, &err) == 0) {
            rows_text("cut", engine.qt, "6.4.2");
        } else {
            rows_number("cut", err.kind, ERR_DATA);
            rows_text("cut", engine.qt, "untouched");
        }
    }
    rows_done();
}

/* The cache is believed as long as the file is the same, and no longer. */
static void test_engine_read_keeps_what_it_found(void **state)
{
    (void)state;
    const char *cache = arena_printf(&arena, "%s/cache", folder);
    const struct engine_search search = { .cache_dir = cache };
    struct engine engine;
    struct strings kept = { 0 };
    struct err err;
    size_t length;
    const unsigned char *bytes = fake_elf_build(&arena, &small, &length);
    const char *path = scratch_write(&arena, folder, QT6, bytes, length);
    assert_int_equal(engine_read(&arena, &search, path, &engine, &err), 0);
    assert_int_equal(folder_list(&arena, cache, &kept, &err), 0);
    assert_int_equal(kept.count, 1);

    const char *entry = path_join(&arena, cache, kept.items[0]);
    const char *text;
    size_t text_length;
    assert_int_equal(file_read(&arena, entry, 65536, &text, &text_length, &err), 0);
    char *lie = arena_strdup(&arena, text);
    memcpy(strstr(lie, "6.4.2"), "6.9.9", 5);
    (void)scratch_write(&arena, folder, arena_printf(&arena, "cache/%s", kept.items[0]), lie,
                        text_length);
    assert_int_equal(engine_read(&arena, &search, path, &engine, &err), 0);
    assert_string_equal(engine.qt, "6.9.9"); /* believed: the file is the same */

    struct fake_elf newer = small;
    newer.qt = "6.8.2";
    newer.build_id = "\x12\x34";
    bytes = fake_elf_build(&arena, &newer, &length);
    (void)scratch_write(&arena, folder, QT6, bytes, length);
    assert_int_equal(engine_read(&arena, &search, path, &engine, &err), 0);
    assert_string_equal(engine.qt, "6.8.2");
    assert_string_equal(engine.build_id, "1234");

    (void)scratch_write(&arena, folder, arena_printf(&arena, "cache/%s", kept.items[0]), "{", 1);
    assert_int_equal(engine_read(&arena, &search, path, &engine, &err), 0);
    assert_string_equal(engine.qt, "6.8.2"); /* a torn entry is read anew */
}

static void test_engine_read_below_a_root(void **state)
{
    (void)state;
    const struct engine_search search = { .root = folder };
    struct engine engine;
    struct err err;
    size_t length;
    const unsigned char *bytes = fake_elf_build(&arena, &small, &length);
    (void)scratch_write(&arena, folder, "/usr/lib/" QT6, bytes, length);
    assert_int_equal(engine_read(&arena, &search, "/usr/lib/" QT6, &engine, &err), 0);
    assert_string_equal(engine.library, "/usr/lib/" QT6);
    assert_string_equal(engine.qt, "6.4.2");
}

static void test_engine_library_major_rows(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        char want;
    } rows[] = {
        { "libQt6WebEngineCore.so.6", '6' },
        { "libQt5WebEngineCore.so.5", '5' },
        { "libQt5WebEngineCore.so", '5' },
        { "libQt6WebEngineWidgets.so.6", '\0' },
        { "libQt7WebEngineCore.so.7", '\0' },
        { "libQt6WebEngineCore", '\0' },
        { "libQt6Core.so.6", '\0' },
        { "libQt", '\0' },
        { "", '\0' },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        rows_number(rows[i].name, engine_library_major(rows[i].name), rows[i].want);
    rows_done();
}

/* The libraries of Debian 12, where they are installed. */
static void test_engine_read_of_installed_libraries(void **state)
{
    (void)state;
    static const struct {
        const char *path, *qt, *chromium;
    } rows[] = {
        { LIB "libQt6WebEngineCore.so.6.4.2", "6.4.2", "102.0.5005.177" },
        { LIB "libQt5WebEngineCore.so.5.15.13", "5.15.13", "87.0.4280.144" },
    };
    const struct engine_search search = { 0 };
    size_t found = 0;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct engine engine;
        struct file_info info;
        struct err err;
        if (!file_stat(rows[i].path, true, &info))
            continue;
        found++;
        rows_err(rows[i].path, engine_read(&arena, &search, rows[i].path, &engine, &err), &err,
                 NULL);
        rows_done();
        rows_text(rows[i].path, engine.qt, rows[i].qt);
        rows_text(rows[i].path, engine.chromium, rows[i].chromium);
        (void)rows_that(engine.build_id && strlen(engine.build_id) == 40, rows[i].path,
                        "build id %s", engine.build_id ? engine.build_id : "unknown");
    }
    rows_done();
    if (!found) {
        print_message("neither Qt WebEngine 6.4.2 nor 5.15.13 is installed\n");
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_engine_read_of_every_form, make_folder, give_back),
        cmocka_unit_test_setup_teardown(test_engine_read_when_it_is_none, make_folder, give_back),
        cmocka_unit_test_setup_teardown(test_engine_read_when_cut_at_every_length, make_folder,
                                        give_back),
        cmocka_unit_test_setup_teardown(test_engine_read_keeps_what_it_found, make_folder,
                                        give_back),
        cmocka_unit_test_setup_teardown(test_engine_read_below_a_root, make_folder, give_back),
        cmocka_unit_test(test_engine_library_major_rows),
        cmocka_unit_test_setup_teardown(test_engine_read_of_installed_libraries, make_folder,
                                        give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
