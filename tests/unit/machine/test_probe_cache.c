/* Results that are kept: found again under their key alone, failures for a while, and a damaged
 * file is as good as none. */
#include "machine/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "machine/probe_private.h"
#include "platform/file.h"
#include "rows.h"

#define NOW_S 1000000

static struct arena arena;
static char folder[] = "/tmp/qwg-cache-XXXXXX";

static const struct probe_result good = {
    .probe = GL_PROBE_OK,
    .contexts = { [GL_API_ES] = { "v", "r", "OpenGL ES 3.2", "GL_A GL_B" } },
};

static int setup(void **state)
{
    (void)state;
    memcpy(strrchr(folder, '-') + 1, "XXXXXX", 6);
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    struct err err;
    (void)state;
    arena_clear(&arena);
    return folder_remove(folder, &err);
}

static const char *loaded(const char *key, uint64_t now_s)
{
    struct probe_result result = { .probe = GL_PROBE_NONE };
    if (!probe_cache_load(&arena, folder, key, now_s, &result))
        return "nothing";
    return gl_probe_text(result.probe);
}

static void test_probe_cache_when_stored_then_found_under_its_key(void **state)
{
    (void)state;
    struct probe_result result = { 0 };
    rows_text("empty", loaded("a", NOW_S), "nothing");
    probe_cache_store(&arena, folder, "a", NOW_S, &good);
    rows_text("another key", loaded("b", NOW_S), "nothing");
    rows_number("found", probe_cache_load(&arena, folder, "a", NOW_S + 1000000000, &result), 1);
    rows_text("result", gl_probe_text(result.probe), "cached");
    rows_text("vendor", result.contexts[GL_API_ES].vendor, "v");
    rows_text("renderer", result.contexts[GL_API_ES].renderer, "r");
    rows_text("version", result.contexts[GL_API_ES].version, "OpenGL ES 3.2");
    rows_text("extensions", result.contexts[GL_API_ES].extensions, "GL_A GL_B");
    rows_text("desktop", result.contexts[GL_API_DESKTOP].version, NULL);
    rows_done();
}

static void test_probe_cache_keeps_devices(void **state)
{
    (void)state;
    const struct probe_result none = { .probe = GL_PROBE_OK };
    struct probe_result one = none, found = { 0 };
    ARENA_PUSH(&arena, &one.devices, "d");
    probe_cache_store(&arena, folder, "one", NOW_S, &one);
    probe_cache_store(&arena, folder, "none", NOW_S, &none);
    rows_number("one", probe_cache_load(&arena, folder, "one", NOW_S, &found), 1);
    rows_number("one", (long long)found.devices.count, 1);
    rows_text("one", found.devices.items[0], "d");
    rows_number("none", probe_cache_load(&arena, folder, "none", NOW_S, &found), 1);
    rows_number("none", (long long)found.devices.count, 0);
    rows_text("none", gl_probe_text(found.probe), "cached");
    rows_done();
}

static void test_probe_cache_by_result(void **state)
{
    (void)state;
    static const struct {
        enum gl_probe probe;
        uint64_t after_s;
        const char *want;
    } rows[] = {
        { GL_PROBE_CRASHED, 0, "crashed" },     { GL_PROBE_CRASHED, 600, "crashed" },
        { GL_PROBE_CRASHED, 601, "nothing" },   { GL_PROBE_TIMEOUT, 60, "timeout" },
        { GL_PROBE_TIMEOUT, 86400, "nothing" }, { GL_PROBE_NO_LIBRARY, 0, "nothing" },
        { GL_PROBE_NO_CONTEXT, 0, "nothing" },  { GL_PROBE_GARBAGE, 0, "nothing" },
        { GL_PROBE_NONE, 0, "nothing" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct probe_result result = { .probe = rows[i].probe };
        probe_cache_store(&arena, folder, "a", NOW_S, &good);
        probe_cache_store(&arena, folder, "a", NOW_S, &result);
        rows_text(gl_probe_text(rows[i].probe), loaded("a", NOW_S + rows[i].after_s), rows[i].want);
    }
    const struct probe_result crashed = { .probe = GL_PROBE_CRASHED };
    probe_cache_store(&arena, folder, "a", NOW_S, &crashed);
    rows_text("clock set back", loaded("a", NOW_S - 1), "nothing");
    rows_done();
}

static void test_probe_cache_keeps_the_newest(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20; i++)
        probe_cache_store(&arena, folder, arena_printf(&arena, "key-%u", i), NOW_S, &good);
    rows_text("oldest", loaded("key-0", NOW_S), "nothing");
    rows_text("last but eight", loaded("key-11", NOW_S), "nothing");
    rows_text("last but seven", loaded("key-12", NOW_S), "cached");
    rows_text("newest", loaded("key-19", NOW_S), "cached");
    rows_done();
}

/* The file is laid out as we never write it, so that writing it anew would show. */
static void test_probe_cache_store_when_nothing_changes_then_not_written(void **state)
{
    (void)state;
    static const char text[] =
        "{ \"schema\":\"qwguard.gl-probe/1\",\n\n\"entries\":[{\"key\":\"a\"}]}";
    static const struct {
        const char *key;
        enum gl_probe probe;
        bool written;
    } rows[] = {
        { "b", GL_PROBE_NO_LIBRARY, false }, { "b", GL_PROBE_GARBAGE, false },
        { "a", GL_PROBE_NO_LIBRARY, true },  { "b", GL_PROBE_CRASHED, true },
        { "a", GL_PROBE_CRASHED, true },
    };
    const char *path = path_join(&arena, folder, "gl-probe.json");
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct probe_result result = { .probe = rows[i].probe };
        const char *bytes;
        size_t length;
        struct err err;
        assert_int_equal(file_write(path, text, strlen(text), 0600, false, &err), 0);
        probe_cache_store(&arena, folder, rows[i].key, NOW_S, &result);
        assert_int_equal(file_read(&arena, path, 4096, &bytes, &length, &err), 0);
        rows_number(gl_probe_text(rows[i].probe), !text_equal(bytes, text), rows[i].written);
    }
    rows_done();
}

static void test_probe_cache_when_damaged_then_as_empty(void **state)
{
    (void)state;
#define FILE_OF(entries) "{\"schema\":\"qwguard.gl-probe/1\",\"entries\":" entries "}"
    static const char *const texts[] = {
        "",
        "{",
        "null",
        "[]",
        "{\"entries\":[{\"key\":\"a\",\"time\":1,\"result\":\"ok\"}]}",
        FILE_OF("7"),
        FILE_OF("[7]"),
        FILE_OF("[{\"key\":7}]"),
        FILE_OF("[{\"key\":\"a\"}]"),
        FILE_OF("[{\"key\":\"a\",\"result\":\"ok\",\"time\":1}]"),
        FILE_OF("[{\"key\":\"a\",\"result\":\"ok\",\"time\":1,\"es\":[]}]"),
        FILE_OF("[{\"key\":\"a\",\"result\":\"ok\",\"time\":1,\"es\":{\"version\":1}}]"),
        FILE_OF("[{\"key\":\"a\",\"result\":\"wonderful\",\"time\":1,\"es\":{\"version\":\"1\"}}]"),
        FILE_OF("[{\"key\":\"a\",\"result\":\"crashed\",\"time\":-1}]"),
        FILE_OF("[{\"key\":\"a\",\"result\":\"crashed\",\"time\":\"1000000\"}]"),
    };
    const char *path = path_join(&arena, folder, "gl-probe.json");
    for (size_t i = 0; i < ROWS(texts); i++) {
        struct err err;
        assert_int_equal(file_write(path, texts[i], strlen(texts[i]), 0600, false, &err), 0);
        rows_text(texts[i], loaded("a", NOW_S), "nothing");
        probe_cache_store(&arena, folder, "a", NOW_S, &good);
        rows_text(texts[i], loaded("a", NOW_S), "cached");
    }
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_probe_cache_when_stored_then_found_under_its_key,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe_cache_keeps_devices, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe_cache_by_result, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe_cache_keeps_the_newest, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_probe_cache_store_when_nothing_changes_then_not_written, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe_cache_when_damaged_then_as_empty, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
