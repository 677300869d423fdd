/* How long it takes to load the built-in profiles, to validate them, and to match one identity
 * against 500; and what memory `qwguard check` needs, as only a small parent can tell: the figure
 * of a child begins with that of its parent. Made and run by bench-start.py: profiles ROUNDS
 * QWGUARD. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "platform/clock.h"
#include "profile/profile.h"

static void work_load(struct arena *arena)
{
    struct profiles profiles;
    built_in_load(arena, PROFILE_TESTS_LEFT_OUT, &profiles);
}

static void work_validate(struct arena *arena)
{
    struct profiles profiles;
    struct report report = { .arena = arena };
    built_in_load(arena, PROFILE_TESTS_READ, &profiles);
    profiles_test(arena, &profiles, &report);
    profiles_check(arena, &profiles, &profiles, &report);
}

static uint64_t match_ns(struct arena *arena)
{
    struct profile_facts facts = { .identity = &bench_identity };
    struct profile_matches matches;
    struct profiles profiles = { 0 };
    built_in_fill(arena, &profiles);
    uint64_t began_ns = clock_monotonic_ns();
    profiles_match(arena, &profiles, &facts, &matches);
    return clock_monotonic_ns() - began_ns;
}

static void print_row(const char *what, uint64_t *times_ns, size_t rounds)
{
    qsort(times_ns, rounds, sizeof *times_ns, by_size);
    printf("%-44s%9.2f%9.2f\n", what, (double)times_ns[rounds / 2] / 1e6,
           (double)times_ns[0] / 1e6);
}

static long resident_kib(char **argv)
{
    posix_spawn_file_actions_t actions;
    struct rusage usage = { 0 };
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) != 0
        || wait4(pid, NULL, 0, &usage) != pid)
        exit(EXIT_FAILURE);
    posix_spawn_file_actions_destroy(&actions);
    return usage.ru_maxrss;
}

static void print_memory(char *program)
{
    double start = (double)resident_kib((char *[]){ program, "--version", NULL });
    double check = (double)resident_kib((char *[]){ program, "check", "--no-gl", NULL });
    printf("memory of check: %.1f MiB resident, %.1f MiB more than --version (goal 4)\n",
           check / 1024, (check - start) / 1024);
}

int main(int argc, char **argv)
{
    if (argc > 2)
        print_memory(argv[2]);
    size_t rounds = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 20;
    uint64_t *times[3];
    static const char *const names[] = { "load the built-in profiles",
                                         "load and validate them, tests run",
                                         "match one identity against 500 profiles" };
    for (size_t i = 0; i < ROWS(times); i++)
        times[i] = calloc(rounds + 1, sizeof **times);
    for (size_t i = 0; i < rounds; i++) {
        struct arena arena = { 0 };
        uint64_t began_ns = clock_monotonic_ns();
        work_load(&arena);
        times[0][i] = clock_monotonic_ns() - began_ns;
        began_ns = clock_monotonic_ns();
        work_validate(&arena);
        times[1][i] = clock_monotonic_ns() - began_ns;
        times[2][i] = match_ns(&arena);
        arena_clear(&arena);
    }
    for (size_t i = 0; i < ROWS(times); i++) {
        print_row(names[i], times[i], rounds);
        free(times[i]);
    }
    return EXIT_SUCCESS;
}
