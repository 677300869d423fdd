/* What a run remembers: rungs, attributions, crashes at the start, signatures; and that it stays
 * within its room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "cli/run_private.h"
#include "platform/file.h"
#include "rows.h"
#include "scratch.h"

static const struct guard_launch steps[] = { { .rung = "webgl-off" }, { .rung = "gpu-off" } };
static const struct guard_config restart_config = {
    .actions = { .restart = true },
    .escalate = true,
    .ladders = { [ATTRIBUTION_GPU_IN_APP] = { steps, ROWS(steps) } },
};
static const struct guard_config report_config = {
    .actions = { .report = true },
    .escalate = true,
    .ladders = { [ATTRIBUTION_GPU_IN_APP] = { steps, ROWS(steps) } },
};
static const struct guard_config plain_config = {
    .actions = { .restart = true },
    .ladders = { [ATTRIBUTION_GPU_IN_APP] = { steps, ROWS(steps) } },
};

static void note_incident(struct memory *memory, const struct incident *incident)
{
    struct guard_event event = { .kind = GUARD_INCIDENT, .incident = incident };
    memory_note(memory, &event, 1);
}

static void test_incident_decides_the_rung_of_the_next_run(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const struct guard_config *config;
        const char *reason, *rung, *next_rung;
        enum attribution attribution;
        const char *want_rung, *want_attribution;
    } rows[] = {
        { "restarted", &restart_config, "process-limit", "none", "webgl-off",
          ATTRIBUTION_GPU_IN_APP, "webgl-off", "gpu-in-app" },
        { "not restarted: the one behind", &restart_config, "process-limit", "webgl-off", NULL,
          ATTRIBUTION_GPU_IN_APP, "gpu-off", "gpu-in-app" },
        { "not restarted, from none", &restart_config, "tree-limit", "none", NULL,
          ATTRIBUTION_GPU_IN_APP, "webgl-off", "gpu-in-app" },
        { "at the end of the ladder", &restart_config, "process-limit", "gpu-off", NULL,
          ATTRIBUTION_GPU_IN_APP, NULL, "gpu-in-app" },
        { "a leak without a ladder", &restart_config, "process-limit", "none", NULL,
          ATTRIBUTION_SCRIPT_HEAP, NULL, "script-heap" },
        { "reported only", &report_config, "process-limit", "none", NULL, ATTRIBUTION_GPU_IN_APP,
          NULL, "gpu-in-app" },
        { "no escalation", &plain_config, "process-limit", "none", NULL, ATTRIBUTION_GPU_IN_APP,
          NULL, "gpu-in-app" },
        { "a crash tells nothing of a leak", &restart_config, "startup-crash", "none", "gpu-off",
          ATTRIBUTION_UNKNOWN, "gpu-off", NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct memory memory;
        struct incident incident = { .id = "20261123T101502Z-1",
                                     .reason = rows[i].reason,
                                     .rung = rows[i].rung,
                                     .next_rung = rows[i].next_rung,
                                     .attribution = rows[i].attribution };
        memory_begin(&memory, rows[i].config, NULL);
        note_incident(&memory, &incident);
        rows_text(rows[i].label, memory.history.rung, rows[i].want_rung);
        rows_text(rows[i].label, memory.history.attribution, rows[i].want_attribution);
        rows_text(rows[i].label, memory.history.incident, incident.id);
        (void)rows_that((memory.history.rung_since_s != 0) == (rows[i].want_rung != NULL),
                        rows[i].label, "since %llu",
                        (unsigned long long)memory.history.rung_since_s);
    }
    rows_done();
}

static void test_crash_at_the_start_is_counted_once_and_a_long_life_ends_the_row(void **state)
{
    (void)state;
    struct memory memory;
    struct guard_event started = { .kind = GUARD_STARTED }, sample = { .kind = GUARD_SAMPLE };
    struct maybe_u64 *crashes = &memory.history.startup_crash_count;
    memory_begin(&memory, &restart_config, NULL);
    memory_note(&memory, &started, SECOND_NS);
    memory_end(&memory, 139, 2 * SECOND_NS);
    memory_end(&memory, 139, 2 * SECOND_NS);
    assert_true(crashes->known && crashes->value == 1 && memory.changed);

    memory_note(&memory, &started, SECOND_NS);
    struct incident incident = { .reason = "startup-crash" };
    note_incident(&memory, &incident);
    memory_end(&memory, 134, 2 * SECOND_NS);
    assert_int_equal(crashes->value, 2);

    memory_note(&memory, &started, SECOND_NS);
    memory_note(&memory, &sample, 20 * SECOND_NS);
    assert_int_equal(crashes->value, 2);
    memory_note(&memory, &sample, 22 * SECOND_NS);
    assert_true(crashes->known && crashes->value == 0);
}

static void test_end_that_is_no_crash_at_the_start_is_not_counted(void **state)
{
    (void)state;
    static const struct {
        int status;
        uint64_t end_ns;
    } rows[] = { { 0, 1 }, { 1, 1 }, { 143, 1 }, { 137, 1 }, { 130, 1 }, { 139, 20 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct memory memory;
        struct guard_event started = { .kind = GUARD_STARTED };
        memory_begin(&memory, &restart_config, NULL);
        memory_note(&memory, &started, SECOND_NS);
        memory_end(&memory, rows[i].status, (1 + rows[i].end_ns) * SECOND_NS);
        (void)rows_that(!memory.changed && !memory.history.startup_crash_count.known, "row",
                        "status %d counts as a crash", rows[i].status);
    }
    rows_done();
}

static void test_signatures_are_summed_within_their_room(void **state)
{
    (void)state;
    struct memory memory;
    struct variable many[2 * MEMORY_SIGNATURES];
    char names[ROWS(many)][16];
    memory_begin(&memory, &restart_config, NULL);
    for (size_t i = 0; i < ROWS(many); i++) {
        (void)snprintf(names[i], sizeof names[i], "name-%zu", i);
        many[i] = (struct variable){ names[i], "3" };
    }
    struct incident incident = { .reason = "process-limit",
                                 .signatures = { many, ROWS(many), ROWS(many) } };
    note_incident(&memory, &incident);
    note_incident(&memory, &incident);
    assert_int_equal(memory.history.signatures.count, MEMORY_SIGNATURES);
    assert_string_equal(variables_get(&memory.history.signatures, "name-0"), "6");
    assert_string_equal(variables_get(&memory.history.signatures, "name-31"), "6");
    assert_null(variables_get(&memory.history.signatures, "name-32"));
}

static void test_memory_is_saved_when_it_changed_and_read_back(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct err err;
    struct history back;
    struct memory memory;
    struct guard_config config = restart_config;
    static struct launches launches = { .key = { "kiosk", "0123456789abcdef", "6.4.2" } };
    const char *folder = scratch_make(&arena);
    config.state_dir = path_join(&arena, folder, "state");
    memory_begin(&memory, &config, &launches);
    assert_int_equal(memory_save(&memory, &err), 0);
    assert_int_equal(history_load(&arena, config.state_dir, &launches.key, 0, &back, &err), 0);
    assert_null(back.incident);
    struct incident incident = { .id = "20261123T101502Z-1",
                                 .reason = "process-limit",
                                 .rung = "none",
                                 .next_rung = "webgl-off",
                                 .attribution = ATTRIBUTION_GPU_IN_APP };
    note_incident(&memory, &incident);
    assert_int_equal(memory_save(&memory, &err), 0);
    assert_false(memory.changed);
    assert_int_equal(history_load(&arena, config.state_dir, &launches.key,
                                  memory.history.rung_since_s, &back, &err),
                     0);
    assert_string_equal(back.rung, "webgl-off");
    assert_string_equal(back.incident, "20261123T101502Z-1");
    scratch_remove(folder);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_incident_decides_the_rung_of_the_next_run),
        cmocka_unit_test(test_crash_at_the_start_is_counted_once_and_a_long_life_ends_the_row),
        cmocka_unit_test(test_end_that_is_no_crash_at_the_start_is_not_counted),
        cmocka_unit_test(test_signatures_are_summed_within_their_room),
        cmocka_unit_test(test_memory_is_saved_when_it_changed_and_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
