/* `qwguard profile validate`: reads profiles as every other command does, runs the tests inside,
 * looks for rungs that nothing can come of and for profiles that contradict each other, and says
 * everything that is wrong with its place. */
#include <stdio.h>

#include "base/json.h"
#include "cli/preflight.h"
#include "cli/profile_print.h"

/* What was looked at, and what was found. */
struct validation {
    struct profiles judged;
    struct report report;
};

/* The files that were named, each a set of its own, judged among the profiles in force. */
static int files_validate(const struct context *context, struct validation *validation,
                          struct err *err)
{
    struct arena *arena = context->arena;
    struct report ignored = {
        .arena = arena
    }; /* faults of other files; those of ours come twice */
    struct strings folders = { 0 };
    struct profiles all = { 0 };
    preflight_profile_folders(context, &folders);
    profiles_load(arena, &folders, PROFILE_TESTS_READ, &ignored, &all);
    for (size_t i = 0; i < context->args.count; i++) {
        const char *path = context->args.items[i];
        struct profiles one = { 0 };
        if (profiles_add_file(arena, path, &validation->report, &one, err) < 0
            || profiles_add_file(arena, path, &ignored, &all, err) < 0)
            return -1;
        profiles_test(arena, &one, &validation->report);
        for (size_t j = 0; j < one.count; j++)
            ARENA_PUSH(arena, &validation->judged, one.items[j]);
    }
    profiles_check(arena, &validation->judged, &all, &validation->report);
    return 0;
}

static void all_validate(const struct context *context, struct validation *validation)
{
    struct arena *arena = context->arena;
    struct strings folders = { 0 };
    preflight_profile_folders(context, &folders);
    profiles_load(arena, &folders, PROFILE_TESTS_READ, &validation->report, &validation->judged);
    profiles_test(arena, &validation->judged, &validation->report);
    profiles_check(arena, &validation->judged, &validation->judged, &validation->report);
}

static size_t tests_count(const struct profiles *profiles)
{
    size_t count = 0;
    for (size_t i = 0; i < profiles->count; i++)
        count += profiles->items[i]->test_count;
    return count;
}

static void print_json(const struct context *context, const struct validation *validation)
{
    CLEANUP(json_freep) json_t *root = json_object();
    json_t *rows = json_array();
    for (size_t i = 0; i < validation->report.count; i++) {
        const struct finding *finding = &validation->report.items[i];
        json_t *row = json_object();
        json_set_text(row, "level", finding->level == FINDING_ERROR ? "error" : "warning");
        json_set_text(row, "file", finding->at.file);
        if (finding->at.line) {
            json_set_u64(row, "line", finding->at.line);
            json_set_u64(row, "column", finding->at.column);
        }
        json_set_text(row, "text", finding->text);
        (void)json_array_append_new(rows, row); /* fails only without memory */
    }
    json_set_text(root, "schema", "qwguard.validation/1");
    json_set_u64(root, "profiles", validation->judged.count);
    json_set_u64(root, "tests", tests_count(&validation->judged));
    json_set_u64(root, "errors", validation->report.error_count);
    json_set_u64(root, "warnings", validation->report.count - validation->report.error_count);
    json_set(root, "findings", rows);
    fputs(json_format(context->arena, root), stdout);
}

static int validate_run(struct context *context, struct err *err)
{
    struct validation validation = { .report = { .arena = context->arena } };
    const struct report *report = &validation.report;
    if (context->args.count == 0)
        all_validate(context, &validation);
    else if (files_validate(context, &validation, err) < 0)
        return -1;
    if (context->json) {
        print_json(context, &validation);
    } else {
        message_report(context, report);
        if (!context->quiet)
            printf("%zu profiles, %zu tests: %zu errors, %zu warnings\n", validation.judged.count,
                   tests_count(&validation.judged), report->error_count,
                   report->count - report->error_count);
    }
    return report->error_count ? 65 : 0;
}

const struct command command_profile_validate = {
    .name = "profile validate",
    .args = "[FILE...]",
    .summary = "check hardware profiles and run the tests inside them",
    .details = "Without a FILE: everything in force, built in and in the folders. Exit status: 0 "
               "fine\n(perhaps with warnings), 65 something is wrong.",
    .max_args = ARGS_ANY,
    .prints_json = true,
    .run = validate_run,
};
