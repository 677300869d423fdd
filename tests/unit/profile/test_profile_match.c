/* Matching a whole set, and profiles and matches as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/json.h"
#include "profile_rows.h"
#include "rows.h"

static const char yaml[] = "version: 1\nprofiles:\n"
                           "  - id: one\n"
                           "    title: First\n"
                           "    evidence: [https://example.org/1]\n"
                           "    confidence: high\n"
                           "    match: {all: [gpu.vendor: nvidia], none: [engine.qt: 6.10]}\n"
                           "    ladder: [{rung: mine, flags: ['--disable-webgl'], environment: "
                           "{QT_QPA_PLATFORM: xcb}, costs: [webgl]}, gpu-off]\n"
                           "    expires: {engine.qt: '6.12'}\n"
                           "  - id: two\n"
                           "    title: Second\n"
                           "    evidence: [https://example.org/2]\n"
                           "    confidence: low\n"
                           "    match: {all: [attribution: app]}\n"
                           "    when: incident\n"
                           "    ladder: [gpu-off]\n"
                           "  - id: three\n"
                           "    title: Third\n"
                           "    evidence: [https://example.org/3]\n"
                           "    confidence: low\n"
                           "    match: {all: [os.name: windows]}\n"
                           "    advice: reboot\n";

static struct arena arena;

static const char *one_line(json_t *value)
{
    char *dumped = json_dumps(value, JSON_COMPACT);
    const char *text = arena_strdup(&arena, dumped);
    free(dumped);
    json_decref(value);
    return text;
}

static void match(struct profile_matches *out)
{
    static struct profiles profiles;
    static struct identity identity;
    profiles_of(&arena, yaml, NULL, &profiles);
    identity_of(&arena, "os: {name: linux}\ngpus: [{vendor: 0x10de}]\nengine: {qt: 6.8.2}\n",
                &identity);
    const struct profile_facts facts = { .identity = &identity };
    profiles_match(&arena, &profiles, &facts, out);
}

static void test_profiles_match_when_asked_answers_in_order(void **state)
{
    static const enum truth want[] = { TRUTH_YES, TRUTH_UNKNOWN, TRUTH_NO };
    struct profile_matches matches;
    (void)state;
    match(&matches);
    assert_int_equal(matches.count, 3);
    for (size_t i = 0; i < matches.count; i++)
        rows_number(matches.items[i].profile->id, matches.items[i].match, want[i]);
    rows_text("needs", matches.items[1].needs, "attribution");
    rows_text("needs", matches.items[0].needs, NULL);
    rows_done();
}

static void test_profile_match_to_json_rows(void **state)
{
    struct profile_matches matches;
    (void)state;
    match(&matches);
    rows_text("yes", one_line(profile_match_to_json(&matches.items[0], false)),
              "{\"id\":\"one\",\"match\":\"yes\",\"when\":\"start\",\"rung\":\"mine\","
              "\"file\":\"f.yaml\"}");
    rows_text("unknown", one_line(profile_match_to_json(&matches.items[1], true)),
              "{\"id\":\"two\",\"match\":\"unknown\",\"when\":\"incident\",\"rung\":\"gpu-off\","
              "\"file\":\"f.yaml\",\"needs\":\"attribution\",\"trace\":[{\"depth\":0,\"text\":"
              "\"attribution is app: found unknown\",\"result\":\"unknown\"}]}");
    rows_text("no", one_line(profile_match_to_json(&matches.items[2], false)),
              "{\"id\":\"three\",\"match\":\"no\",\"when\":\"start\",\"rung\":\"none\","
              "\"file\":\"f.yaml\"}");
    rows_done();
}

/* Versions stay texts: 6.10 is not 6.1. */
static void test_profile_to_json_when_asked_holds_all(void **state)
{
    struct profiles profiles;
    (void)state;
    profiles_of(&arena, yaml, NULL, &profiles);
    rows_text("one", one_line(profile_to_json(profiles.items[0])),
              "{\"id\":\"one\",\"title\":\"First\",\"confidence\":\"high\",\"evidence\":["
              "\"https://example.org/1\"],\"when\":\"start\",\"ladder\":[{\"rung\":\"mine\","
              "\"flags\":[\"--disable-webgl\"],\"environment\":{\"QT_QPA_PLATFORM\":\"xcb\"},"
              "\"costs\":[\"webgl\"]},{\"rung\":\"gpu-off\",\"flags\":[\"--disable-gpu\"],"
              "\"environment\":{},\"costs\":[\"webgl\",\"hardware-video\"]}],\"advice\":[],"
              "\"match\":{\"all\":[{\"gpu.vendor\":\"nvidia\"}],\"none\":[{\"engine.qt\":"
              "\"6.10\"}]},\"expires\":{\"engine.qt\":\"6.12\"},\"file\":\"f.yaml\",\"line\":3}");
    rows_done();
}

/* What only the application or the future can tell is no reason to look at the machine again. */
static void test_profile_match_may_apply_rows(void **state)
{
    static const struct {
        const char *needs;
        enum truth match;
        bool at_start, want;
    } rows[] = {
        { "gl.renderer", TRUTH_UNKNOWN, true, true },
        { "gl.renderer, gpu.device", TRUTH_UNKNOWN, true, true },
        { "gl.renderer, history.crashes", TRUTH_UNKNOWN, true, false },
        { "log.egl-bad-context", TRUTH_UNKNOWN, true, false },
        { "app.name, gpu.device", TRUTH_UNKNOWN, true, false },
        { "attribution", TRUTH_UNKNOWN, true, false },
        { "gl.renderer", TRUTH_UNKNOWN, false, false },
        { NULL, TRUTH_YES, true, false },
        { NULL, TRUTH_NO, true, false },
    };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct profile profile = { .applies_at_start = rows[i].at_start };
        const struct profile_match match = { .profile = &profile,
                                             .match = rows[i].match,
                                             .needs = rows[i].needs };
        rows_number(rows[i].needs ? rows[i].needs : "known", profile_match_may_apply(&match),
                    rows[i].want);
    }
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
        cmocka_unit_test(test_profiles_match_when_asked_answers_in_order),
        cmocka_unit_test(test_profile_match_to_json_rows),
        cmocka_unit_test(test_profile_match_may_apply_rows),
        cmocka_unit_test(test_profile_to_json_when_asked_holds_all),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
