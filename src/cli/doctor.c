/* `qwguard doctor`: is everything there that this program needs? */
#include "cli/doctor.h"

#include <stdio.h>

#include "base/json.h"
#include "cli/describe.h"
#include "incident/bundle.h"

#define STATUS_WARNINGS 10

static const struct {
    const char *word, *color;
} results[] = {
    [DOCTOR_OK] = { "ok", COLOR_GREEN },
    [DOCTOR_WARNING] = { "warning", COLOR_YELLOW },
    [DOCTOR_PROBLEM] = { "problem", COLOR_RED },
};

/* 0, 10, or 69: something needed is missing (contract, exit statuses). */
static const int statuses[] = {
    [DOCTOR_OK] = 0, [DOCTOR_WARNING] = STATUS_WARNINGS, [DOCTOR_PROBLEM] = 69
};

static const struct option_row doctor_options[] = {
    { "report", 0, NULL, "write a bundle for a bug report, as incident export does" },
    { "output", 'o', "FILE", "with --report: write it there (- is standard output)" },
    { "raw", 0, NULL, "with --report: take nothing out" },
    { NULL, 0, NULL, NULL },
};

static enum doctor_result worst_result(const struct doctor_lines *lines)
{
    enum doctor_result worst = DOCTOR_OK;
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->items[i].result > worst)
            worst = lines->items[i].result;
    }
    return worst;
}

json_t *doctor_to_json(const struct doctor_lines *lines)
{
    json_t *root = json_object(), *checks = json_array();
    for (size_t i = 0; i < lines->count; i++) {
        json_t *row = json_object();
        json_set_text(row, "check", lines->items[i].check);
        json_set_text(row, "result", results[lines->items[i].result].word);
        json_set(row, "text", json_text(lines->items[i].text));
        json_set_text(row, "advice", lines->items[i].advice);
        (void)json_array_append_new(checks, row); /* fails only without memory */
    }
    json_set_text(root, "schema", "qwguard.doctor/1");
    json_set_text(root, "result", results[worst_result(lines)].word);
    json_set(root, "checks", checks);
    return root;
}

static void print_lines(const struct context *context, const struct doctor_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        const struct doctor_line *one = &lines->items[i];
        const char *text = arena_printf(context->arena, "%s: %s", results[one->result].word,
                                        one->text);
        describe_print(one->check, text, context->color_out ? results[one->result].color : "");
        if (one->advice)
            describe_print("", one->advice, "");
    }
}

static int doctor_run(struct context *context, struct err *err)
{
    struct doctor_lines lines = { 0 };
    bool report = option_given(context, "report");
    if (!report && (option_given(context, "output") || option_given(context, "raw")))
        return option_error(err, option_given(context, "raw") ? "raw" : "output",
                            "only with --report");
    if (report) {
        struct bundle bundle = { .name = "qwguard-report" };
        return bundle_deliver(context, &bundle, err);
    }
    doctor_look(context, &lines);
    if (context->json) {
        CLEANUP(json_freep) json_t *root = doctor_to_json(&lines);
        fputs(json_format(context->arena, root), stdout);
    } else if (!context->quiet) {
        print_lines(context, &lines);
    }
    return statuses[worst_result(&lines)];
}

static const struct option_row *const tables[] = { doctor_options, NULL };

const struct command command_doctor = {
    .name = "doctor",
    .args = "",
    .summary = "is everything in place that this tool needs?",
    .details = "Exit status: 0 all is there, 10 it works with less, 69 something needed is\n"
               "missing. --report takes names, addresses and secrets out unless --raw is given.",
    .options = tables,
    .prints_json = true,
    .run = doctor_run,
};
