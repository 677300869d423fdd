/* What the doctor looks at: each thing that the main job stands on, one function a row. */
#include <string.h>

#include "base/unit.h"
#include "cli/doctor.h"
#include "cli/preflight.h"
#include "machine/probe.h"
#include "platform/cgroup.h"
#include "platform/env.h"
#include "platform/file.h"
#include "platform/memory.h"
#include "platform/process.h"

#define WRITE_TEST_NAME ".doctor"
#define FILE_MODE 0600U

typedef struct doctor_line doctor_look_fn(struct context *context);

static struct doctor_line line(enum doctor_result result, const char *text, const char *advice)
{
    return (struct doctor_line){ .result = result, .text = text, .advice = advice };
}

static struct doctor_line look_processes(struct context *context)
{
    struct process_table *table = NULL;
    struct process_facts facts;
    struct err err;
    char program[1024];
    struct doctor_line found;
    if (process_table_open(&table, &err) < 0)
        return line(DOCTOR_PROBLEM, arena_strdup(context->arena, err.text), "mount /proc");
    if (process_facts_read(table, process_self(), &facts, &err) < 0)
        found = line(DOCTOR_PROBLEM, arena_strdup(context->arena, err.text), "mount /proc");
    else if (!process_program_read(table, process_self(), program, sizeof program))
        found = line(DOCTOR_WARNING, "processes are seen, their programs are not",
                     "/proc is mounted so that programs are hidden (hidepid)");
    else
        found = line(DOCTOR_OK,
                     arena_printf(context->arena, "processes are seen; %u can be held at a time",
                                  process_table_room(table)),
                     NULL);
    process_table_close(table);
    return found;
}

static struct doctor_line look_handles(struct context *context)
{
    struct process_table *table = NULL;
    struct process_facts facts;
    struct err err;
    struct doctor_line found = line(DOCTOR_OK, "a process can be held so that no other is hit",
                                    NULL);
    (void)context;
    if (process_table_open(&table, &err) < 0
        || process_facts_read(table, process_self(), &facts, &err) < 0) {
        found = line(DOCTOR_PROBLEM, "processes cannot be looked at", "mount /proc");
    } else {
        struct proc self = { facts.pid, facts.start, PROCESS_HANDLE_NONE };
        if (process_hold(table, &self, &err) < 0)
            found = line(DOCTOR_PROBLEM, arena_printf(context->arena, "no pidfd: %s", err.text),
                         "Linux 5.3 or newer is needed, and a container that allows pidfd_open");
        process_release(table, &self);
    }
    process_table_close(table);
    return found;
}

static struct doctor_line look_memory(struct context *context)
{
    uint64_t bytes;
    char size[UNIT_TEXT_BYTES];
    if (!memory_total_read(context->arena, context->root, &bytes))
        return line(DOCTOR_WARNING, "the size of the memory is not told",
                    "give --tree-limit in bytes, not in per cent");
    return line(DOCTOR_OK,
                arena_printf(context->arena, "%s for this machine or control group",
                             unit_size_text(size, sizeof size, bytes)),
                NULL);
}

static struct doctor_line look_folder(struct context *context, const char *path,
                                      enum doctor_result bad, const char *advice)
{
    struct err err;
    if (!path)
        return line(bad, "there is none: no HOME", advice);
    const char *test = path_join(context->arena, path, WRITE_TEST_NAME);
    if (folder_make_private(path, &err) < 0 || file_write(test, "", 0, FILE_MODE, false, &err) < 0)
        return line(bad, arena_strdup(context->arena, err.text), advice);
    (void)file_remove(test, &err); /* empty, and written anew by the next look */
    return line(DOCTOR_OK, arena_printf(context->arena, "%s can be written", path), NULL);
}

static struct doctor_line look_state(struct context *context)
{
    return look_folder(context, context->state_dir, DOCTOR_WARNING,
                       "incidents go to standard error and nothing is remembered; --state names "
                       "another folder");
}

static struct doctor_line look_cache(struct context *context)
{
    return look_folder(context, context->cache_dir, DOCTOR_WARNING,
                       "every start looks at library and GPU anew");
}

static struct doctor_line look_engines(struct context *context)
{
    struct engine_search search = { .root = context->root, .cache_dir = context->cache_dir };
    struct engines engines = { 0 };
    struct text text = { .arena = context->arena };
    engine_list(context->arena, &search, &engines);
    if (engines.count == 0)
        return line(DOCTOR_WARNING, "no Qt WebEngine is found in the usual folders",
                    "name it with --engine; one beside the application is found by itself");
    for (size_t i = 0; i < engines.count; i++)
        text_printf(&text, "%sQt WebEngine %s (Chromium %s)", i ? ", " : "",
                    engines.items[i].qt ? engines.items[i].qt : "?",
                    engines.items[i].chromium ? engines.items[i].chromium : "?");
    return line(DOCTOR_OK, text_get(&text), NULL);
}

static struct doctor_line look_display(struct context *context)
{
    const char *wayland = env_get("WAYLAND_DISPLAY"), *x11 = env_get("DISPLAY");
    (void)context;
    if (wayland && *wayland)
        return line(DOCTOR_OK, "Wayland", NULL);
    if (x11 && *x11)
        return line(DOCTOR_OK, "X11", NULL);
    return line(DOCTOR_WARNING, "neither WAYLAND_DISPLAY nor DISPLAY is set",
                "run it in the session of the application, or the preflight sees another GL");
}

static struct doctor_line look_gl(struct context *context)
{
    struct identity identity = { 0 };
    struct probe_options options = { .root = context->root, .with_gl = true, .refresh = true };
    if (*context->root)
        return line(DOCTOR_OK, "not asked: the machine is below --root", NULL);
    probe_files(context->arena, &options, &identity);
    probe_drivers(context->arena, &options, false, &identity);
    if (identity.gl.renderer)
        return line(DOCTOR_OK,
                    arena_printf(context->arena, "%s, %s", identity.gl.renderer,
                                 identity.gl.version ? identity.gl.version : "version unknown"),
                    NULL);
    return line(DOCTOR_WARNING,
                arena_printf(context->arena, "no answer from the driver (%s)",
                             gl_probe_text(identity.gl.probe)),
                "the verdict is made from files alone; install libegl1 and a driver");
}

static struct doctor_line look_driver(struct context *context)
{
    struct identity identity = { 0 };
    struct probe_options options = { .root = context->root };
    probe_files(context->arena, &options, &identity);
    if (probe_driver_mismatch(&identity))
        return line(DOCTOR_PROBLEM, "kernel module and libraries of the driver differ",
                    "reboot: the driver was updated while the machine was running");
    return line(DOCTOR_OK, "kernel module and libraries agree, as far as they tell", NULL);
}

static struct doctor_line look_profiles(struct context *context)
{
    struct arena *arena = context->arena;
    struct strings folders = { 0 };
    struct profiles profiles = { 0 };
    struct report report = { .arena = arena };
    struct err err;
    preflight_profile_folders(context, &folders);
    profiles_load(arena, &folders, PROFILE_TESTS_LEFT_OUT, &report, &profiles);
    if (report_to_err(&report, ERR_DATA, &err) < 0) {
        char text[sizeof err.text + 128];
        err_format(&err, text, sizeof text);
        return line(DOCTOR_WARNING, arena_printf(arena, "%s", text),
                    "qwguard profile validate; the other profiles work");
    }
    return line(profiles.count ? DOCTOR_OK : DOCTOR_PROBLEM,
                arena_printf(arena, "%zu profiles in force, no error", profiles.count),
                profiles.count ? NULL : "install qwguard again");
}

static struct doctor_line look_settings(struct context *context)
{
    struct settings settings;
    struct report warnings = { .arena = context->arena };
    struct err err;
    char text[sizeof err.text + 128];
    if (settings_load(context, NULL, &settings, &warnings, &err) < 0) {
        err_format(&err, text, sizeof text);
        return line(DOCTOR_PROBLEM, arena_strdup(context->arena, text),
                    "correct the configuration: run does not start with it");
    }
    if (warnings.count)
        return line(DOCTOR_WARNING, warnings.items[0].text, "correct the configuration");
    return line(DOCTOR_OK, "the configuration is read without a warning", NULL);
}

static struct doctor_line look_groups(struct context *context)
{
    static const char *const trees[] = { "/sys/fs/cgroup/cgroup.controllers",
                                         "/sys/fs/cgroup/memory/memory.limit_in_bytes" };
    static const char *const texts[] = { "v2", "v1 with memory" };
    struct cgroup_places places;
    struct file_info info;
    cgroup_find(context->arena, context->root, &places);
    for (size_t i = 0; i < ROWS(trees); i++) {
        if (!file_stat(path_join(context->arena, context->root, trees[i]), true, &info))
            continue;
        return line(DOCTOR_OK,
                    arena_printf(context->arena, "control groups %s are mounted; %s%s", texts[i],
                                 places.why ? "no second line by the kernel: "
                                            : "an app can have its own, as a second line",
                                 places.why ? places.why : ""),
                    NULL);
    }
    return line(DOCTOR_WARNING, "no control group of memory is mounted",
                "limits of a container are not seen; give --tree-limit in bytes");
}

static const struct {
    const char *check;
    doctor_look_fn *look;
} rows[] = {
    { "processes", look_processes }, { "handles", look_handles },   { "memory", look_memory },
    { "groups", look_groups },       { "state", look_state },       { "cache", look_cache },
    { "settings", look_settings },   { "profiles", look_profiles }, { "engines", look_engines },
    { "display", look_display },     { "driver", look_driver },     { "gl", look_gl },
};

void doctor_look(struct context *context, struct doctor_lines *out)
{
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct doctor_line found = rows[i].look(context);
        found.check = rows[i].check;
        ARENA_PUSH(context->arena, out, found);
    }
}
