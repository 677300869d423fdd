/* hostile.h: libraries that nobody vouches for: cut short, and with bytes changed at random.
 * Room: tests. One layout a program (tests/unit/engine/test_compiled_hostile_*.c), since every
 * length of every layout under ASan takes more than one program may. */
#ifndef QWGUARD_TESTS_HOSTILE_H
#define QWGUARD_TESTS_HOSTILE_H

#include <stddef.h>

#include "base/arena.h"
#include "engine/compiled_lists_private.h"
#include "list_library.h"

/* A whole library, as bytes. */
struct hostile {
    struct arena arena;
    const char *label; /* for messages */
    const char *bytes;
    size_t length;
};

/**
 * Compile tests/data/lists/library.c; a failure ends the test.
 *
 * options   of the compiler, NULL behind the last
 */
void hostile_load(struct hostile *out, const char *label, const char *const *options);

/**
 * Give its memory back.
 */
void hostile_clear(struct hostile *hostile);

/**
 * Decode a copy of these bytes, and write what was read as a tree.
 *
 * returns   0, or -1 and err
 */
int hostile_decode(const unsigned char *bytes, size_t length, struct decoded *out, struct err *err);

/**
 * Cut at every length that a loader would miss: each must be refused with a reason.
 */
void hostile_cut(const struct hostile *hostile);

/**
 * Change one to four bytes, 20,000 times: each is read or refused with a reason.
 */
void hostile_change(const struct hostile *hostile);

/* The two tests of one layout and their main. */
#define HOSTILE_PROGRAM(name, ...)                                                                 \
    static struct hostile hostile;                                                                 \
    static int hostile_make(void **state)                                                          \
    {                                                                                              \
        static const char *const options[] = { __VA_ARGS__, NULL };                                \
        (void)state;                                                                               \
        hostile_load(&hostile, name, options);                                                     \
        return 0;                                                                                  \
    }                                                                                              \
    static int hostile_remove(void **state)                                                        \
    {                                                                                              \
        (void)state;                                                                               \
        hostile_clear(&hostile);                                                                   \
        return 0;                                                                                  \
    }                                                                                              \
    static void test_lists_decode_of_a_library_cut_at_every_length(void **state)                   \
    {                                                                                              \
        (void)state;                                                                               \
        hostile_cut(&hostile);                                                                     \
    }                                                                                              \
    static void test_lists_decode_of_random_changes(void **state)                                  \
    {                                                                                              \
        (void)state;                                                                               \
        hostile_change(&hostile);                                                                  \
    }                                                                                              \
    int main(void)                                                                                 \
    {                                                                                              \
        const struct CMUnitTest tests[] = {                                                        \
            cmocka_unit_test(test_lists_decode_of_a_library_cut_at_every_length),                  \
            cmocka_unit_test(test_lists_decode_of_random_changes),                                 \
        };                                                                                         \
        return cmocka_run_group_tests(tests, hostile_make, hostile_remove);                        \
    }

#endif
