/* Where things are kept, by the environment; programs along PATH. */
#include "platform/paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "platform/env.h"
#include "platform/file.h"
#include "rows.h"
#include "scratch.h"

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

/* NULL takes the variable away. */
static void set(const char *name, const char *value)
{
    assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void test_paths_state_and_cache_by_environment(void **state)
{
    (void)state;
    static const struct {
        const char *xdg, *home, *want_state, *want_root_state, *want_cache;
    } rows[] = {
        { "/x", "/home/u", "/x/qwguard", "/x/qwguard", "/x/qwguard" },
        { "/x/", "/home/u", "/x/qwguard", "/x/qwguard", "/x/qwguard" },
        { "relative", "/home/u", "/home/u/.local/state/qwguard", "/var/lib/qwguard",
          "/home/u/.cache/qwguard" },
        { "", "/home/u", "/home/u/.local/state/qwguard", "/var/lib/qwguard",
          "/home/u/.cache/qwguard" },
        { NULL, "/home/u", "/home/u/.local/state/qwguard", "/var/lib/qwguard",
          "/home/u/.cache/qwguard" },
        { NULL, "u", NULL, "/var/lib/qwguard", NULL },
        { NULL, NULL, NULL, "/var/lib/qwguard", NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *label = rows[i].xdg ? rows[i].xdg : "no XDG";
        set("XDG_STATE_HOME", rows[i].xdg);
        set("XDG_CACHE_HOME", rows[i].xdg);
        set("HOME", rows[i].home);
        rows_text(label, paths_state(&arena),
                  geteuid() == 0 ? rows[i].want_root_state : rows[i].want_state);
        rows_text(label, paths_cache(&arena), rows[i].want_cache);
    }
    rows_done();
}

static void test_paths_config_least_important_first(void **state)
{
    (void)state;
    static const struct {
        const char *root, *xdg, *home, *want;
    } rows[] = {
        { NULL, "/x", "/home/u",
          "/usr/share/qwguard/profiles /etc/qwguard/profiles /x/qwguard/profiles" },
        { "", NULL, "/home/u",
          "/usr/share/qwguard/profiles /etc/qwguard/profiles /home/u/.config/qwguard/profiles" },
        { "/root", NULL, NULL, "/root/usr/share/qwguard/profiles /root/etc/qwguard/profiles" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct strings out = { 0 };
        set("XDG_CONFIG_HOME", rows[i].xdg);
        set("HOME", rows[i].home);
        paths_config(&arena, rows[i].root, "profiles", &out);
        rows_strings(rows[i].want, &out, rows[i].want);
    }
    rows_done();
}

static void test_paths_find_program_rows(void **state)
{
    (void)state;
    const char *program = scratch_write(&arena, folder, "bin/program", "#!/bin/sh\n", 10);
    (void)scratch_write(&arena, folder, "bin/plain", "x", 1);
    (void)scratch_folder(&arena, folder, "bin/folder");
    (void)scratch_write(&arena, folder, "first/program", "x", 1); /* not executable: passed by */
    assert_int_equal(chmod(program, 0755), 0);
    set("PATH", arena_printf(&arena, "/nowhere:%s/first:%s/bin:", folder, folder));
    const struct {
        const char *name, *want, *want_err;
        enum err_kind kind;
    } rows[] = {
        { "program", program, NULL, ERR_NONE },
        { program, program, NULL, ERR_NONE },
        { "plain", NULL, "'plain' is on the PATH but not executable", ERR_NOT_EXEC },
        { "folder", NULL, "'folder' is on the PATH but not executable", ERR_NOT_EXEC },
        { "absent", NULL, "'absent' is not on the PATH", ERR_NOT_FOUND },
        { "", NULL, "'' is not on the PATH", ERR_NOT_FOUND },
        { "/nowhere/x", NULL, "'/nowhere/x' is not there", ERR_NOT_FOUND },
        { "/etc", NULL, "'/etc' is a folder", ERR_NOT_EXEC },
        { "/etc/passwd", NULL, "'/etc/passwd' is not executable", ERR_NOT_EXEC },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *path = NULL;
        struct err err = { .kind = ERR_NONE };
        rows_err(rows[i].name, paths_find_program(&arena, rows[i].name, &path, &err), &err,
                 rows[i].want_err);
        rows_text(rows[i].name, path, rows[i].want);
        rows_number(rows[i].name, err.kind, rows[i].kind);
    }
    rows_done();
}

/* An empty part of PATH is the folder of now. */
static void test_paths_find_program_in_an_empty_part(void **state)
{
    (void)state;
    const char *path = NULL, *before = file_resolve(&arena, ".");
    struct err err;
    const char *program = scratch_write(&arena, folder, "here", "#!/bin/sh\n", 10);
    assert_int_equal(chmod(program, 0755), 0);
    assert_int_equal(chdir(folder), 0);
    set("PATH", "/nowhere:");
    int result = paths_find_program(&arena, "here", &path, &err);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(result, 0);
    assert_string_equal(path, "./here");
}

static void test_paths_self_and_env(void **state)
{
    (void)state;
    assert_string_equal(path_name(paths_self(&arena)), "test_paths");
    set("QWG_TEST", "");
    assert_string_equal(env_get("QWG_TEST"), "");
    set("QWG_TEST", NULL);
    assert_null(env_get("QWG_TEST"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, give_back)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_paths_state_and_cache_by_environment),
        TEST(test_paths_config_least_important_first),
        TEST(test_paths_find_program_rows),
        TEST(test_paths_find_program_in_an_empty_part),
        TEST(test_paths_self_and_env),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
