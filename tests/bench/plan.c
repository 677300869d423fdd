/* How long it takes to come from a verdict to the plan with 500 profiles: matching them, and making
 * the plan. Twice: as the built-in ones match an ordinary machine, and as if all of them did, which
 * is the most that a plan can have to do. Made and run by bench-plan.py: plan ROUNDS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"
#include "plan/plan.h"

/* Of this process alone: a busy machine does not add to it. */
static uint64_t own_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* As if each of them had matched. */
static void all_match(struct arena *arena, const struct profile_matches *matches,
                      struct profile_matches *out)
{
    out->items = arena_array(arena, matches->count, sizeof *out->items);
    for (out->count = 0; out->count < matches->count; out->count++) {
        out->items[out->count] = matches->items[out->count];
        out->items[out->count].match = TRUTH_YES;
    }
}

static uint64_t plan_ns(struct arena *arena, const struct verdict *verdict,
                        const struct profile_matches *matches)
{
    struct plan_input input = { .identity = &bench_identity,
                                .verdict = verdict,
                                .matches = matches };
    struct plan plan;
    struct err err;
    uint64_t began_ns = own_ns();
    if (plan_make(arena, &input, &plan, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        exit(EXIT_FAILURE);
    }
    return own_ns() - began_ns;
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 20;
    static const char *const names[] = { "match 500 profiles and make the plan",
                                         "make the plan, all 500 match" };
    uint64_t *times[ROWS(names)];
    for (size_t i = 0; i < ROWS(times); i++)
        times[i] = calloc(rounds + 1, sizeof **times);
    for (size_t i = 0; i < rounds; i++) {
        struct arena arena = { 0 };
        struct verdict verdict = { .outcome = OUTCOME_ES3_UNSUPPORTED };
        struct profile_facts facts = { .identity = &bench_identity, .verdict = &verdict };
        struct profiles profiles = { 0 };
        struct profile_matches matches, all = { 0 };
        built_in_fill(&arena, &profiles);
        uint64_t began_ns = own_ns();
        profiles_match(&arena, &profiles, &facts, &matches);
        times[0][i] = own_ns() - began_ns + plan_ns(&arena, &verdict, &matches);
        all_match(&arena, &matches, &all);
        times[1][i] = plan_ns(&arena, &verdict, &all);
        arena_clear(&arena);
    }
    for (size_t i = 0; i < ROWS(times); i++) {
        qsort(times[i], rounds, sizeof **times, by_size);
        printf("%-44s%9.3f%9.3f\n", names[i], (double)times[i][rounds / 2] / 1e6,
               (double)times[i][0] / 1e6);
        free(times[i]);
    }
    return EXIT_SUCCESS;
}
