/* bench.h: what the measuring programs share: 500 profiles made of the built-in ones, an ordinary
 * machine, and times in order. */
#ifndef QWGUARD_TESTS_BENCH_H
#define QWGUARD_TESTS_BENCH_H

#include <stdio.h>
#include <stdlib.h>

#include "profile/profile.h"

#define PROFILES 500

static const struct gpu bench_gpu = { .driver = "i915" };
static const struct identity bench_identity = {
    .os.name = "linux",
    .gpus = (struct gpu *)&bench_gpu,
    .gpu_count = 1,
    .gpus_known = true,
    .gl.renderer = "Mesa Intel(R) UHD Graphics 630 (CFL GT2)",
    .engine = { .qt = "6.8.2" },
};

static void built_in_load(struct arena *arena, enum profile_tests tests, struct profiles *out)
{
    static const struct strings no_folders;
    struct report report = { .arena = arena };
    profiles_load(arena, &no_folders, tests, &report, out);
    if (report.error_count || out->count == 0) {
        fprintf(stderr, "%zu profiles, %zu errors\n", out->count, report.error_count);
        exit(EXIT_FAILURE);
    }
}

/* As many as wanted, each of ours several times. */
static void built_in_fill(struct arena *arena, struct profiles *out)
{
    struct profiles profiles;
    built_in_load(arena, PROFILE_TESTS_LEFT_OUT, &profiles);
    for (size_t i = 0; i < PROFILES; i++)
        ARENA_PUSH(arena, out, profiles.items[i % profiles.count]);
}

static int by_size(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

#endif
