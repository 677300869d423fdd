/* Memory in one piece: zeroed, aligned, growing, and given back whole (leaks are looked for). */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_arena_alloc_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    static const size_t sizes[] = { 0, 1, 7, 16, 17, 4096, 16 * 1024, 16 * 1024 + 1, 1000000 };
    for (size_t i = 0; i < ROWS(sizes) * 3; i++) {
        size_t size = sizes[i % ROWS(sizes)];
        unsigned char *memory = arena_alloc(&arena, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        for (size_t j = 0; j < size; j++)
            assert_int_equal(memory[j], 0);
        memset(memory, 0xa5, size);
    }
    arena_clear(&arena);
    assert_null(arena.newest);
    assert_non_null(arena_alloc(&arena, 8)); /* usable again */
    arena_clear(&arena);
    arena_clear(&arena);
}

static void test_arena_strings(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    assert_null(arena_strdup(&arena, NULL));
    assert_string_equal(arena_strdup(&arena, ""), "");
    assert_string_equal(arena_strndup(&arena, "abcdef", 3), "abc");
    assert_string_equal(arena_strndup(&arena, "", 0), "");
    assert_string_equal(arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
    assert_int_equal(strlen(arena_printf(&arena, "%*s", 50000, "x")), 50000);
    arena_clear(&arena);
}

static void test_arena_push_keeps_what_is_there(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct {
        unsigned *items;
        size_t count, capacity;
    } list = { 0 };
    for (unsigned i = 0; i < 1000; i++)
        ARENA_PUSH(&arena, &list, i);
    assert_int_equal(list.count, 1000);
    assert_true(list.capacity >= 1000);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(list.items[i], i);
    arena_clear(&arena);
}

static void test_arena_grow_doubles_at_least(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    size_t capacity = 5;
    const char *old = arena_strdup(&arena, "abcde");
    const char *larger = arena_grow(&arena, old, &capacity, 1);
    assert_true(capacity >= 10);
    assert_memory_equal(larger, "abcde", 5);
    assert_memory_equal(old, "abcde", 5);
    arena_clear(&arena);
}

/* A count that runs over must end the process, with 70 and one line. */
static void test_arena_array_when_it_overflows_ends_the_process(void **state)
{
    (void)state;
    int out[2];
    char line[64] = "";
    assert_int_equal(pipe(out), 0);
    pid_t child = fork();
    if (child == 0) {
        struct arena arena = { 0 };
        (void)dup2(out[1], STDERR_FILENO);
        (void)arena_array(&arena, SIZE_MAX / 2, 4);
        _exit(0);
    }
    int status = 0;
    (void)close(out[1]);
    assert_true(read(out[0], line, sizeof line - 1) > 0);
    (void)close(out[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 70);
    assert_string_equal(line, "qwguard: out of memory\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_alloc_is_zeroed_and_aligned),
        cmocka_unit_test(test_arena_strings),
        cmocka_unit_test(test_arena_push_keeps_what_is_there),
        cmocka_unit_test(test_arena_grow_doubles_at_least),
        cmocka_unit_test(test_arena_array_when_it_overflows_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
