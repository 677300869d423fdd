/* The plan: which rung, merged how, and why. Every row is a machine, what the profiles say, what
 * was seen before, and the whole answer. */
#include "plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profile_rows.h"
#include "rows.h"

#define FILE_HEAD "version: 1\nprofiles:\n"
#define PROFILE(id, sure, match, rest)                                                             \
    "  - id: " id "\n    title: T\n    evidence: [https://example.org/" id                         \
    "]\n    confidence: " sure "\n    match: {all: [" match "]}\n" rest
#define LINUX "os.name: linux"
#define BLOCKED                                                                                    \
    FILE_HEAD PROFILE("blocked", "low", LINUX,                                                     \
                      "    ladder: [webgl-video-copy-off, webgl-off, gpu-off]\n")
#define LEAK                                                                                       \
    FILE_HEAD PROFILE("leak", "high", LINUX,                                                       \
                      "    when: incident\n    ladder: [webgl-video-copy-off, webgl-off]\n")
#define BECAUSE_BLOCKED "profile 'blocked' (low confidence): T [https://example.org/blocked]"
#define COPY_FLAGS "--disable-accelerated-video-decode --disable-gpu-memory-buffer-video-frames"
#define MACHINE "os: {name: linux}\nengine: {qt: 6.8.2}\n"

static struct arena arena;

struct row {
    const char *label, *profiles, *identity;
    const char *history_rung; /* NULL = no history */
    const char *forced;
    const char *attribution;
    const char *rung, *flags, *environment, *value; /* wanted; value NULL = leave it alone */
    const char *ladder, *reasons;                   /* lines */
};

static const struct row rows[] = {
    { "nothing matches", FILE_HEAD PROFILE("a", "low", "os.name: macos", "    ladder: [gpu-off]\n"),
      MACHINE, .rung = "none", .flags = "", .environment = "", .ladder = "", .reasons = "" },
    { "unknown changes nothing",
      FILE_HEAD PROFILE("a", "low", "gl.renderer: x", "    ladder: [gpu-off]\n"), MACHINE,
      .rung = "none", .flags = "", .environment = "", .ladder = "", .reasons = "" },
    { "nothing matches, the user has flags", FILE_HEAD "  []",
      MACHINE "environment: {QTWEBENGINE_CHROMIUM_FLAGS: ' --a  \"b c\"'}\n", .rung = "none",
      .flags = "", .environment = "", .value = " --a  \"b c\"", .ladder = "", .reasons = "" },
    { "narrowest rung first", BLOCKED, MACHINE, .rung = "webgl-video-copy-off", .flags = COPY_FLAGS,
      .environment = "", .value = COPY_FLAGS, .ladder = "webgl-off gpu-off",
      .reasons = BECAUSE_BLOCKED },
    { "the user's flags stay", BLOCKED,
      MACHINE "environment: {QTWEBENGINE_CHROMIUM_FLAGS: --ignore-gpu-blocklist}\n",
      .rung = "webgl-video-copy-off", .flags = COPY_FLAGS, .environment = "",
      .value = "--ignore-gpu-blocklist " COPY_FLAGS, .ladder = "webgl-off gpu-off",
      .reasons = BECAUSE_BLOCKED },
    { "the app reacts to the variable",
      BLOCKED PROFILE("app", "high", "app.name: anki",
                      "    app: {reacts-to-variable: it warns, passes-flags: argument}\n"),
      MACHINE "app: {name: anki}\n", .rung = "webgl-video-copy-off", .flags = COPY_FLAGS,
      .environment = "", .value = COPY_FLAGS, .ladder = "webgl-off gpu-off",
      .reasons = BECAUSE_BLOCKED
      "\nwarning: when QTWEBENGINE_CHROMIUM_FLAGS is set, anki: it warns"
      "\nwarning: anki passes switches of its own by argument; Qt drops them when "
      "QTWEBENGINE_CHROMIUM_FLAGS is set" },
    { "the app reacts, the user has set the variable",
      BLOCKED PROFILE("app", "high", "app.name: anki", "    app: {reacts-to-variable: it warns}\n"),
      MACHINE "app: {name: anki}\nenvironment: {QTWEBENGINE_CHROMIUM_FLAGS: --a}\n",
      .rung = "webgl-video-copy-off", .flags = COPY_FLAGS, .environment = "",
      .value = "--a " COPY_FLAGS, .ladder = "webgl-off gpu-off", .reasons = BECAUSE_BLOCKED },
    { "the app reacts, nothing changes",
      FILE_HEAD PROFILE("app", "high", "app.name: anki",
                        "    app: {reacts-to-variable: it warns, memory: 1GiB}\n"),
      MACHINE "app: {name: anki}\n", .rung = "none", .flags = "", .environment = "", .ladder = "",
      .reasons = "" },
    { "the app's flags are carried over", BLOCKED,
      MACHINE "app: {arguments: [--quiet, --webEngineArgs, --ignore-gpu-blocklist]}\n",
      .rung = "webgl-video-copy-off", .flags = COPY_FLAGS, .environment = "",
      .value = "--ignore-gpu-blocklist " COPY_FLAGS, .ladder = "webgl-off gpu-off",
      .reasons = BECAUSE_BLOCKED },
    { "the user says otherwise", BLOCKED,
      MACHINE "environment: {QTWEBENGINE_CHROMIUM_FLAGS: --enable-accelerated-video-decode}\n",
      .rung = "webgl-video-copy-off", .flags = "--disable-gpu-memory-buffer-video-frames",
      .environment = "",
      .value = "--enable-accelerated-video-decode --disable-gpu-memory-buffer-video-frames",
      .ladder = "webgl-off gpu-off",
      .reasons = BECAUSE_BLOCKED "\nleft out: --disable-accelerated-video-decode: the user has "
                                 "--enable-accelerated-video-decode" },
    { "the user has it already", BLOCKED,
      MACHINE "environment: {QTWEBENGINE_CHROMIUM_FLAGS: " COPY_FLAGS "}\n",
      .rung = "webgl-video-copy-off", .flags = "", .environment = "", .value = COPY_FLAGS,
      .ladder = "webgl-off gpu-off", .reasons = BECAUSE_BLOCKED },
    { "the user's variable stays",
      FILE_HEAD PROFILE("x", "low", LINUX,
                        "    ladder: [{rung: xcb, environment: {QT_QPA_PLATFORM: xcb}, costs: "
                        "[]}]\n"),
      MACHINE "environment: {QT_QPA_PLATFORM: wayland}\n", .rung = "xcb", .flags = "",
      .environment = "", .ladder = "",
      .reasons = "profile 'x' (low confidence): T [https://example.org/x]\n"
                 "left out: QT_QPA_PLATFORM=xcb: the user has QT_QPA_PLATFORM=wayland" },
    { "a variable of the rung",
      FILE_HEAD PROFILE("x", "low", LINUX,
                        "    ladder: [{rung: xcb, environment: {QT_QPA_PLATFORM: xcb}, costs: "
                        "[]}]\n"),
      MACHINE, .rung = "xcb", .flags = "", .environment = "QT_QPA_PLATFORM=xcb", .ladder = "",
      .reasons = "profile 'x' (low confidence): T [https://example.org/x]" },
    { "a rung that this engine ignores",
      FILE_HEAD PROFILE("x", "low", LINUX,
                        "    ladder: [{rung: gbm-off, environment: {QTWEBENGINE_FORCE_USE_GBM: "
                        "'0'}, costs: []}, gpu-off]\n"),
      MACHINE, .rung = "gpu-off", .flags = "--disable-gpu", .environment = "",
      .value = "--disable-gpu", .ladder = "",
      .reasons = "rung 'gbm-off' is left out: QTWEBENGINE_FORCE_USE_GBM: Qt WebEngine knows it "
                 "from 6.10 on\nprofile 'x' (low confidence): T [https://example.org/x]" },
    { "a rung that this engine takes",
      FILE_HEAD PROFILE("x", "low", LINUX,
                        "    ladder: [{rung: gbm-off, environment: {QTWEBENGINE_FORCE_USE_GBM: "
                        "'0'}, costs: []}, gpu-off]\n"),
      "os: {name: linux}\nengine: {qt: 6.11.0}\n", .rung = "gbm-off", .flags = "",
      .environment = "QTWEBENGINE_FORCE_USE_GBM=0", .ladder = "gpu-off",
      .reasons = "profile 'x' (low confidence): T [https://example.org/x]" },
    { "a variable that this engine needs",
      FILE_HEAD PROFILE("x", "low", LINUX,
                        "    ladder: [{rung: egl, environment: {EGL_PLATFORM: wayland}, costs: "
                        "[]}, gpu-off]\n"),
      MACHINE, .rung = "egl", .flags = "", .environment = "EGL_PLATFORM=wayland",
      .ladder = "gpu-off", .reasons = "profile 'x' (low confidence): T [https://example.org/x]" },
    { "a variable that this engine does by itself",
      FILE_HEAD PROFILE("x", "low", LINUX,
                        "    ladder: [{rung: egl, environment: {EGL_PLATFORM: wayland}, costs: "
                        "[]}, gpu-off]\n"),
      "os: {name: linux}\nengine: {qt: 6.11.0}\n", .rung = "gpu-off", .flags = "--disable-gpu",
      .environment = "", .value = "--disable-gpu", .ladder = "",
      .reasons = "rung 'egl' is left out: EGL_PLATFORM: Qt WebEngine does it itself from 6.10 on\n"
                 "profile 'x' (low confidence): T [https://example.org/x]" },
    { "more conditions win",
      FILE_HEAD PROFILE("wide", "high", LINUX, "    ladder: [gpu-off]\n")
          PROFILE("narrow", "low", LINUX ", engine.qt: 6.8.2", "    ladder: [webgl-off]\n"),
      MACHINE, .rung = "webgl-off", .flags = "--disable-webgl --disable-3d-apis", .environment = "",
      .value = "--disable-webgl --disable-3d-apis", .ladder = "",
      .reasons = "profile 'wide' matches too; 'narrow' goes before it: it has more conditions\n"
                 "profile 'narrow' (low confidence): T [https://example.org/narrow]" },
    { "then confidence wins",
      FILE_HEAD PROFILE("a", "medium", LINUX, "    ladder: [gpu-off]\n")
          PROFILE("b", "high", LINUX, "    ladder: [webgl-off]\n"),
      MACHINE, .rung = "webgl-off", .flags = "--disable-webgl --disable-3d-apis", .environment = "",
      .value = "--disable-webgl --disable-3d-apis", .ladder = "",
      .reasons = "profile 'a' matches too; 'b' goes before it: its confidence is higher\n"
                 "profile 'b' (high confidence): T [https://example.org/b]" },
    { "then the order of the files wins",
      FILE_HEAD PROFILE("a", "low", LINUX, "    ladder: [gpu-off]\n")
          PROFILE("b", "low", LINUX, "    ladder: [webgl-off]\n"),
      MACHINE, .rung = "gpu-off", .flags = "--disable-gpu", .environment = "",
      .value = "--disable-gpu", .ladder = "",
      .reasons = "profile 'b' matches too; 'a' goes before it: it was read first\n"
                 "profile 'a' (low confidence): T [https://example.org/a]" },
    { "a start, and rungs for after an incident",
      LEAK PROFILE("start", "low", LINUX, "    ladder: [gpu-off]\n"), MACHINE, .rung = "gpu-off",
      .flags = "--disable-gpu", .environment = "", .value = "--disable-gpu", .ladder = "",
      .reasons = "profile 'start' (low confidence): T [https://example.org/start]\n"
                 "profile 'leak' has rungs for the guard, after an incident" },
    { "the first rung of the start, then those for what leaked",
      FILE_HEAD PROFILE("start", "low", LINUX, "    ladder: [webgl-video-copy-off, webgl-off]\n")
          PROFILE("driver", "low", LINUX,
                  "    when: incident\n    ladder: [compositing-off, gpu-off]\n"),
      MACHINE, .attribution = "gpu-driver", .rung = "webgl-video-copy-off", .flags = COPY_FLAGS,
      .environment = "", .value = COPY_FLAGS, .ladder = "compositing-off gpu-off",
      .reasons = "profile 'start' (low confidence): T [https://example.org/start]\n"
                 "profile 'driver' has rungs for the guard, after an incident" },
    { "a leak of textures climbs the same ladder",
      LEAK PROFILE("blocked", "low", LINUX,
                   "    ladder: [webgl-video-copy-off, webgl-off, gpu-off]\n"),
      MACHINE, .attribution = "gpu-in-app", .rung = "webgl-video-copy-off", .flags = COPY_FLAGS,
      .environment = "", .value = COPY_FLAGS, .ladder = "webgl-off",
      .reasons = BECAUSE_BLOCKED "\nprofile 'leak' has rungs for the guard, after an incident" },
    { "a leak of scripts does not cost WebGL", BLOCKED, MACHINE, .attribution = "script-heap",
      .rung = "webgl-video-copy-off", .flags = COPY_FLAGS, .environment = "", .value = COPY_FLAGS,
      .ladder = "", .reasons = BECAUSE_BLOCKED },
    { "nor does one of the application", BLOCKED, MACHINE, .attribution = "app",
      .rung = "webgl-video-copy-off", .flags = COPY_FLAGS, .environment = "", .value = COPY_FLAGS,
      .ladder = "", .reasons = BECAUSE_BLOCKED },
    { "a leak of scripts that has its own rung",
      BLOCKED PROFILE("heap", "low", LINUX,
                      "    when: incident\n    ladder: [{rung: gc, flags: "
                      "['--js-flags=--predictable-gc-schedule'], costs: []}]\n"),
      MACHINE, .attribution = "script-heap", .rung = "webgl-video-copy-off", .flags = COPY_FLAGS,
      .environment = "", .value = COPY_FLAGS, .ladder = "gc",
      .reasons = BECAUSE_BLOCKED "\nprofile 'heap' has rungs for the guard, after an incident" },
    { "a leak of nobody knows what", BLOCKED, MACHINE, .attribution = "unknown",
      .rung = "webgl-video-copy-off", .flags = COPY_FLAGS, .environment = "", .value = COPY_FLAGS,
      .ladder = "webgl-off gpu-off", .reasons = BECAUSE_BLOCKED },
    { "a rung of the profile's own in the history",
      FILE_HEAD PROFILE("heap", "low", LINUX,
                        "    when: incident\n    ladder: [{rung: gc, flags: "
                        "['--js-flags=--predictable-gc-schedule'], costs: []}]\n"),
      MACHINE, .history_rung = "gc", .rung = "gc", .flags = "--js-flags=--predictable-gc-schedule",
      .environment = "", .value = "--js-flags=--predictable-gc-schedule", .ladder = "",
      .reasons = "rung 'gc' since incident i1\n"
                 "profile 'heap' (low confidence): T [https://example.org/heap]" },
    { "rungs for after an incident", LEAK, MACHINE, .rung = "none", .flags = "", .environment = "",
      .ladder = "webgl-video-copy-off webgl-off",
      .reasons = "profile 'leak' has rungs for the guard, after an incident" },
    { "history goes on where it was", LEAK, MACHINE, .history_rung = "webgl-off",
      .rung = "webgl-off", .flags = "--disable-webgl --disable-3d-apis", .environment = "",
      .value = "--disable-webgl --disable-3d-apis", .ladder = "",
      .reasons = "rung 'webgl-off' since incident i1\n"
                 "profile 'leak' (high confidence): T [https://example.org/leak]" },
    { "history without a profile", FILE_HEAD "  []", MACHINE, .history_rung = "gpu-off",
      .rung = "gpu-off", .flags = "--disable-gpu", .environment = "", .value = "--disable-gpu",
      .ladder = "", .reasons = "rung 'gpu-off' since incident i1" },
    { "history narrower than the plan",
      FILE_HEAD PROFILE("a", "low", LINUX, "    ladder: [gpu-off]\n"), MACHINE,
      .history_rung = "webgl-off", .rung = "gpu-off", .flags = "--disable-gpu", .environment = "",
      .value = "--disable-gpu", .ladder = "",
      .reasons = "profile 'a' (low confidence): T [https://example.org/a]" },
    { "history says none", BLOCKED, MACHINE, .history_rung = "none", .rung = "webgl-video-copy-off",
      .flags = COPY_FLAGS, .environment = "", .value = COPY_FLAGS, .ladder = "webgl-off gpu-off",
      .reasons = BECAUSE_BLOCKED },
    { "history of a rung that is gone", BLOCKED, MACHINE, .history_rung = "gone",
      .rung = "webgl-video-copy-off", .flags = COPY_FLAGS, .environment = "", .value = COPY_FLAGS,
      .ladder = "webgl-off gpu-off", .reasons = BECAUSE_BLOCKED },
    { "a rung that was asked for", BLOCKED, MACHINE, .forced = "webgl-off", .rung = "webgl-off",
      .flags = "--disable-webgl --disable-3d-apis", .environment = "",
      .value = "--disable-webgl --disable-3d-apis", .ladder = "gpu-off",
      .reasons = "the rung was asked for\n" BECAUSE_BLOCKED },
    { "none was asked for", BLOCKED, MACHINE, .forced = "none", .rung = "none", .flags = "",
      .environment = "", .ladder = "webgl-video-copy-off webgl-off gpu-off",
      .reasons = "the rung was asked for" },
    { "software was asked for", FILE_HEAD "  []", MACHINE, .forced = "software", .rung = "software",
      .flags = "--disable-gpu", .environment = "QT_QUICK_BACKEND=software",
      .value = "--disable-gpu", .ladder = "", .reasons = "the rung was asked for" },
};

static const char *variables_text(const struct variables *variables)
{
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < variables->count; i++)
        text_printf(&text, "%s%s=%s", i ? " " : "", variables->items[i].name,
                    variables->items[i].value);
    return text_get(&text);
}

static const char *lines(const struct strings *strings)
{
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < strings->count; i++)
        text_printf(&text, "%s%s", i ? "\n" : "", strings->items[i]);
    return text_get(&text);
}

static const char *ladder_text(const struct plan *plan)
{
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < plan->ladder_count; i++)
        text_printf(&text, "%s%s", i ? " " : "", plan->ladder[i].rung.name);
    return text_get(&text);
}

/* The input of a row; what it points to lives in the arena. */
static struct plan_input input_of(const char *profiles_text, const char *identity_text)
{
    struct profiles profiles;
    struct identity *identity = arena_alloc(&arena, sizeof *identity);
    struct verdict *verdict = arena_alloc(&arena, sizeof *verdict);
    struct profile_matches *matches = arena_alloc(&arena, sizeof *matches);
    profiles_of(&arena, profiles_text, NULL, &profiles);
    identity_of(&arena, identity_text, identity);
    const struct profile_facts facts = { .identity = identity, .verdict = verdict };
    profiles_match(&arena, &profiles, &facts, matches);
    return (struct plan_input){ .identity = identity, .verdict = verdict, .matches = matches };
}

static void row_check(const struct row *row)
{
    struct plan_input input = input_of(row->profiles, row->identity);
    const struct history history = { .rung = row->history_rung, .incident = "i1" };
    struct plan plan, again;
    struct err err;
    input.forced_rung = row->forced;
    input.attribution = row->attribution;
    input.history = row->history_rung ? &history : NULL;
    int result = plan_make(&arena, &input, &plan, &err);
    rows_err(row->label, result, &err, NULL);
    if (result < 0)
        return;
    rows_text(row->label, plan.rung, row->rung);
    rows_strings(row->label, &plan.flags, row->flags);
    rows_text(row->label, variables_text(&plan.environment), row->environment);
    rows_text(row->label, plan.chromium_flags, row->value);
    rows_text(row->label, ladder_text(&plan), row->ladder);
    rows_text(row->label, lines(&plan.reasons), row->reasons);
    assert_int_equal(plan_make(&arena, &input, &again, &err), 0);
    json_t *one = plan_to_json(&plan), *two = plan_to_json(&again);
    (void)rows_that(json_equal(one, two), row->label, "differs the second time");
    json_decref(one);
    json_decref(two);
}

static void test_plan_make_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++)
        row_check(&rows[i]);
    rows_done();
}

static void test_plan_make_when_wrong_says_what(void **state)
{
    static const struct {
        const char *label, *forced, *identity, *want;
        enum err_kind kind;
    } bad[] = {
        { "unknown rung", "gpu-of", MACHINE,
          "--rung: unknown rung 'gpu-of' (known: none, webgl-video-copy-off, webgl1-only, "
          "webgl-off, compositing-off, gpu-off, software)",
          ERR_USAGE },
        { "flags that cannot be written", "gpu-off",
          MACHINE "app: {arguments: [--webEngineArgs, '--a=\"b\"']}\n",
          "QTWEBENGINE_CHROMIUM_FLAGS: cannot add to QTWEBENGINE_CHROMIUM_FLAGS: '--a=\"b\"' "
          "holds a quotation mark, which Qt cannot read inside a switch",
          ERR_DATA },
    };
    (void)state;
    for (size_t i = 0; i < ROWS(bad); i++) {
        struct plan_input input = input_of(BLOCKED, bad[i].identity);
        struct plan plan = { .rung = "untouched" };
        struct err err;
        input.forced_rung = bad[i].forced;
        rows_err(bad[i].label, plan_make(&arena, &input, &plan, &err), &err, bad[i].want);
        rows_number(bad[i].label, err.kind, bad[i].kind);
        rows_text(bad[i].label, plan.rung, "untouched");
    }
    rows_done();
}

/* The field report's way: none, then each rung after an incident. */
static void test_plan_next_when_climbing_merges_anew(void **state)
{
    struct plan_input input = input_of(
        LEAK, MACHINE "environment: {QTWEBENGINE_CHROMIUM_FLAGS: --ignore-gpu-blocklist}\n");
    struct plan plan, next;
    struct err err;
    (void)state;
    assert_int_equal(plan_make(&arena, &input, &plan, &err), 0);
    rows_text("start", plan.rung, "none");
    rows_text("start", plan.chromium_flags, "--ignore-gpu-blocklist");
    assert_int_equal(plan_next(&arena, &input, &plan, 0, &next, &err), 0);
    rows_text("first", next.rung, "webgl-video-copy-off");
    rows_text("first", next.chromium_flags, "--ignore-gpu-blocklist " COPY_FLAGS);
    rows_text("first", ladder_text(&next), "webgl-off");
    assert_int_equal(plan_next(&arena, &input, &next, 0, &next, &err), 0);
    rows_text("second", next.rung, "webgl-off");
    rows_text("second", next.chromium_flags,
              "--ignore-gpu-blocklist --disable-webgl --disable-3d-apis");
    rows_text("second", ladder_text(&next), "");
    rows_strings("second", &next.costs, "webgl");
    assert_int_equal(plan_next(&arena, &input, &plan, 1, &next, &err), 0);
    rows_text("jump", next.rung, "webgl-off");
    rows_done();
}

static void test_plan_make_when_advice_is_given_keeps_each_once(void **state)
{
    const char *words[] = { "reboot" };
    struct plan_input input = input_of(
        FILE_HEAD PROFILE("a", "low", LINUX, "    advice: [update-driver, reboot]\n")
            PROFILE("b", "low", LINUX, "    advice: update-driver\n")
                PROFILE("c", "low", "os.name: macos", "    advice: 'install:x'\n"),
        MACHINE);
    const struct verdict verdict = { .outcome = OUTCOME_NOT_GPU,
                                     .advice = { .items = words, .count = 1 } };
    struct plan plan;
    struct err err;
    (void)state;
    input.verdict = &verdict;
    assert_int_equal(plan_make(&arena, &input, &plan, &err), 0);
    rows_strings("advice", &plan.advice, "reboot update-driver");
    rows_done();
}

static void test_plan_exit_status_rows(void **state)
{
    const char *one[] = { "x" };
    struct variable variable[] = { { "A", "1" } };
    const struct strings some = { .items = one, .count = 1 };
    const struct plan none = { .rung = "none" }, flags = { .flags = some },
                      advice = { .advice = some }, both = { .flags = some, .advice = some },
                      environment = { .environment = { .items = variable, .count = 1 } };
    const struct {
        const char *label;
        enum outcome outcome;
        const struct plan *plan;
        int want;
    } statuses[] = {
        { "fine", OUTCOME_OK, &none, 0 },
        { "blocked, nothing helps", OUTCOME_BLOCKLISTED, &none, 0 },
        { "flags", OUTCOME_OK, &flags, 10 },
        { "a variable", OUTCOME_OK, &environment, 10 },
        { "flags without a verdict", OUTCOME_UNKNOWN, &flags, 10 },
        { "unknown", OUTCOME_UNKNOWN, &none, 11 },
        { "advice", OUTCOME_OK, &advice, 12 },
        { "advice without a verdict", OUTCOME_UNKNOWN, &advice, 12 },
        { "flags and advice", OUTCOME_OK, &both, 10 },
        { "not the GPU", OUTCOME_NOT_GPU, &none, 12 },
        { "not the GPU, with flags", OUTCOME_NOT_GPU, &flags, 12 },
    };
    (void)state;
    for (size_t i = 0; i < ROWS(statuses); i++) {
        const struct verdict verdict = { .outcome = statuses[i].outcome };
        rows_number(statuses[i].label, plan_exit_status(&verdict, statuses[i].plan),
                    statuses[i].want);
    }
    rows_done();
}

static void test_plan_to_json_when_asked_is_the_contract(void **state)
{
    struct plan_input input = input_of(BLOCKED, MACHINE);
    struct plan plan;
    struct err err;
    (void)state;
    assert_int_equal(plan_make(&arena, &input, &plan, &err), 0);
    json_t *value = plan_to_json(&plan);
    char *text = json_dumps(value, JSON_COMPACT);
    rows_text("json", text,
              "{\"rung\":\"webgl-video-copy-off\",\"flags\":[\"--disable-accelerated-video-decode"
              "\",\"--disable-gpu-memory-buffer-video-frames\"],\"environment\":{},"
              "\"chromium_flags\":\"" COPY_FLAGS "\",\"costs\":[\"hardware-video\"],\"advice\":[],"
              "\"reasons\":[\"" BECAUSE_BLOCKED "\"],\"ladder\":[{\"rung\":\"webgl-off\",\"flags\":"
              "[\"--disable-webgl\",\"--disable-3d-apis\"],\"environment\":{},\"costs\":[\"webgl\"]"
              ",\"profile\":\"blocked\"},{\"rung\":\"gpu-off\",\"flags\":[\"--disable-gpu\"],"
              "\"environment\":{},\"costs\":[\"webgl\",\"hardware-video\"],\"profile\":\"blocked\"}"
              "]}");
    free(text);
    json_decref(value);
    rows_done();
}

static int arena_end(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan_make_rows),
        cmocka_unit_test(test_plan_make_when_wrong_says_what),
        cmocka_unit_test(test_plan_next_when_climbing_merges_anew),
        cmocka_unit_test(test_plan_make_when_advice_is_given_keeps_each_once),
        cmocka_unit_test(test_plan_exit_status_rows),
        cmocka_unit_test(test_plan_to_json_when_asked_is_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
