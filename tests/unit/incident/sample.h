/* sample.h: an incident with everything in it, for the tests of this room. */
#ifndef QWGUARD_TESTS_INCIDENT_SAMPLE_H
#define QWGUARD_TESTS_INCIDENT_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "incident/incident.h"

static inline void sample_lists(struct arena *arena, struct incident *incident, size_t processes,
                                size_t samples)
{
    incident->process_count = processes;
    incident->processes = arena_array(arena, processes, sizeof *incident->processes);
    for (size_t i = 0; i < processes; i++) {
        struct incident_process *one = &incident->processes[i];
        *one = (struct incident_process){
            .pid = 4711 + (int64_t)i,
            .parent = i ? 4711 : 1,
            .role = i ? ROLE_RENDERER : ROLE_BROWSER,
            .rss_bytes = i ? 120 * MIB_BYTES + i * 1234567 : 4 * GIB_BYTES + 12345,
            .pss_bytes = { i % 2 == 0, 71 * MIB_BYTES },
        };
        (void)snprintf(one->name, sizeof one->name, i ? "QtWebEngineProc" : "kiosk");
    }
    incident->timeline_count = samples;
    incident->timeline = arena_array(arena, samples, sizeof *incident->timeline);
    for (size_t i = 0; i < samples; i++) {
        uint64_t left = samples - 1 - i; /* 40 MiB/s for half an hour */
        uint64_t grown = 4 * GIB_BYTES / (samples > 1 ? samples - 1 : 1) * left;
        incident->timeline[i] = (struct incident_sample){
            .t_ns = -(int64_t)(left * 1757812511ULL),
            .largest_bytes = 4 * GIB_BYTES + 262144 - grown,
            .tree_bytes = 4 * GIB_BYTES + 262144 - grown + 731 * MIB_BYTES + i * 4096,
        };
    }
}

static inline struct incident sample_incident(struct arena *arena, size_t processes, size_t samples)
{
    static const char *const evidence[] = { "renderers flat at 120 MiB",
                                            "40 lines 'video visible size is empty'" };
    static const char *const argv[] = { "/usr/bin/kiosk", "--url=https://example.org/?q=a&b" };
    static const struct incident_action actions[] = {
        { 1100000, "stop", 4711, "sent" },        { 2900000, "kill", 4711, "sent" },
        { 2950000, "kill", 4712, "sent" },        { 4100000, "kill", 4713, "gone" },
        { 15000000, "restart", 4802, "started" },
    };
    struct incident incident = {
        .id = "20261123T101502Z-4711",
        .time_s = 1795428902, /* 2026-11-23T10:15:02Z */
        .app_name = "kiosk",
        .app_pid = 4711,
        .reason = "process-limit",
        .limit_bytes = 4 * GIB_BYTES,
        .acted_ns = { true, 2100000 },
        .tree_gone_ns = { true, 4100000 },
        .restarted_ns = { true, 15000000 },
        .bytes_at_crossing = 4 * GIB_BYTES + 262144,
        .bytes_peak = 4 * GIB_BYTES + 1048576,
        .process_pid = 4711,
        .process_role = ROLE_BROWSER,
        .rate_bytes_per_s = 39845888,
        .attribution = ATTRIBUTION_GPU_IN_APP,
        .engine_qt = "6.8.2",
        .engine_chromium = "122.0.6261.171",
        .gpu_text = "NVIDIA 550.78",
        .rung = "none",
        .next_rung = "webgl-video-copy-off",
        .restart = 2,
        .survivor_count = 0,
    };
    for (size_t i = 0; i < ROWS(evidence); i++)
        ARENA_PUSH(arena, &incident.evidence, evidence[i]);
    for (size_t i = 0; i < ROWS(argv); i++)
        ARENA_PUSH(arena, &incident.app_argv, argv[i]);
    variables_set(arena, &incident.signatures, "es3-blocklisted", "1");
    variables_set(arena, &incident.signatures, "video-size-empty", "40");
    incident.action_count = ROWS(actions);
    incident.actions = arena_array(arena, ROWS(actions), sizeof *incident.actions);
    for (size_t i = 0; i < ROWS(actions); i++)
        incident.actions[i] = actions[i];
    static struct incident_log_mark marks[] = { { "es3-blocklisted", -1790000000000,
                                                  -1790000000000 },
                                                { "video-size-empty", -900000000000, -4000000 } };
    incident.log_marks = marks;
    incident.log_mark_count = ROWS(marks);
    variables_set(arena, &incident.environment, "QTWEBENGINE_CHROMIUM_FLAGS", "--user-flag");
    incident.preflight = "{\"summary\":{\"machine\":\"NVIDIA 550.78\",\"verdict\":\"WebGL 2 "
                         "works\"},\"identity\":{\"os\":{\"name\":\"linux\"}}}";
    sample_lists(arena, &incident, processes, samples);
    return incident;
}

/* A folder of this test alone, below the one that the runner gives. */
static inline const char *sample_folder(struct arena *arena)
{
    const char *base = getenv("TMPDIR");
    char *path = arena_printf(arena, "%s/incident-XXXXXX", base ? base : "/tmp");
    return mkdtemp(path);
}

#endif
