/* Conditions with three values, and the trace that they leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "profile/condition_private.h"
#include "profile_rows.h"
#include "rows.h"

#define HEAD                                                                                       \
    "version: 1\nprofiles:\n  - id: a\n    title: T\n    evidence: [https://example.org/1]\n"      \
    "    confidence: low\n    ladder: [gpu-off]\n    match: "

static struct arena arena;

#define NVIDIA "gpus: [{vendor: 0x10de, device: 0x2684, driver: nvidia, driver-version: '550.78'}]"
#define HYBRID                                                                                     \
    "gpus: [{vendor: 0x8086, device: 0x5917, boot: true}, {vendor: 0x10de, device: 0x2684}]"

/* `needs` NULL: the result is known. */
static const struct {
    const char *match, *identity;
    enum truth want;
    const char *needs;
} rows[] = {
    /* operators */
    { "{all: [gpu.vendor: nvidia]}", NVIDIA, TRUTH_YES, NULL },
    { "{all: [gpu.vendor: 0x10de]}", NVIDIA, TRUTH_YES, NULL },
    { "{all: [gpu.vendor: amd]}", NVIDIA, TRUTH_NO, NULL },
    { "{all: [gpu.vendor: {in: [amd, nvidia]}]}", NVIDIA, TRUTH_YES, NULL },
    { "{all: [gpu.vendor: nvidia]}", "{}", TRUTH_UNKNOWN, "gpu.vendor" },
    { "{all: [gpu.vendor: nvidia]}", "gpus: []", TRUTH_NO, NULL },
    { "{all: [gpu.vendor: {exists: false}]}", "gpus: []", TRUTH_YES, NULL },
    { "{all: [gpu.driver-version: {at-least: '550.78'}]}", NVIDIA, TRUTH_YES, NULL },
    { "{all: [gpu.driver-version: {at-least: '550.79'}]}", NVIDIA, TRUTH_NO, NULL },
    { "{all: [gpu.driver-version: {above: '550.78'}]}", NVIDIA, TRUTH_NO, NULL },
    { "{all: [gpu.driver-version: {at-most: '550.78'}]}", NVIDIA, TRUTH_YES, NULL },
    { "{all: [gpu.driver-version: {below: '550.78'}]}", NVIDIA, TRUTH_NO, NULL },
    { "{all: [gpu.driver-version: {below: '550.100'}]}", NVIDIA, TRUTH_YES, NULL },
    { "{all: [gpu.driver-version: {between: ['550', '551']}]}", NVIDIA, TRUTH_YES, NULL },
    { "{all: [gpu.driver-version: {between: ['550.79', '551']}]}", NVIDIA, TRUTH_NO, NULL },
    { "{all: [gpu.driver-version: {at-least: '1'}]}",
      "gpus: [{vendor: 0x10de, driver-version: unreleased}]", TRUTH_UNKNOWN, "gpu.driver-version" },
    { "{all: [engine.qt: '6.8']}", "engine: {qt: 6.8.0}", TRUTH_YES, NULL },
    { "{all: [engine.qt: '6.10']}", "engine: {qt: 6.1}", TRUTH_NO, NULL },
    { "{all: [engine.qt: {below: '6.9'}]}", "engine: {qt: 6.10.1}", TRUTH_NO, NULL },
    { "{all: [gl.renderer: {matches: '.*llvmpipe.*'}]}", "gl: {renderer: 'llvmpipe (LLVM 15)'}",
      TRUTH_YES, NULL },
    { "{all: [gl.renderer: {matches: 'llvmpipe'}]}", "gl: {renderer: 'llvmpipe (LLVM 15)'}",
      TRUTH_NO, NULL },
    { "{all: [gl.renderer: {contains: llvm}]}", "gl: {renderer: 'llvmpipe (LLVM 15)'}", TRUTH_YES,
      NULL },
    { "{all: [gl.extensions: {contains: GL_A}]}", "gl: {extensions: GL_AB GL_A}", TRUTH_YES, NULL },
    { "{all: [gl.extensions: {contains: GL_A}]}", "gl: {extensions: GL_AB}", TRUTH_NO, NULL },
    { "{all: [gl.extensions: {matches: 'GL_.B'}]}", "gl: {extensions: GL_A GL_AB}", TRUTH_YES,
      NULL },
    { "{all: [app.flags: {contains: '--disable-gpu'}]}", "app: {flags: --disable-gpu-x}", TRUTH_NO,
      NULL },
    { "{all: [environment.QT_OPENGL: {exists: true}]}", "{}", TRUTH_NO, NULL },
    { "{all: [environment.QT_OPENGL: {exists: true}]}", "environment: {QT_OPENGL: software}",
      TRUTH_YES, NULL },
    { "{all: [environment.N: {at-least: '2'}]}", "environment: {N: '10'}", TRUTH_YES, NULL },
    { "{all: [gl.disabled: false]}", "gl: {disabled: false}", TRUTH_YES, NULL },
    { "{all: [gpu.count: {at-least: 2}]}", HYBRID, TRUTH_YES, NULL },
    /* the GPU that is meant */
    { "{all: [gpu.vendor: nvidia]}", HYBRID, TRUTH_NO, NULL }, /* the boot GPU draws */
    { "{all: [any-gpu.vendor: nvidia]}", HYBRID, TRUTH_YES, NULL },
    { "{all: [any-gpu.vendor: amd]}", HYBRID, TRUTH_NO, NULL },
    { "{all: [any-gpu.driver: nvidia]}", HYBRID, TRUTH_UNKNOWN, "any-gpu.driver" },
    { "{all: [any-gpu.vendor: nvidia]}", "{}", TRUTH_UNKNOWN, "any-gpu.vendor" },
    { "{all: [any-gpu.vendor: nvidia]}", "gpus: []", TRUTH_NO, NULL },
    /* groups: Kleene's tables */
    { "{all: [os.name: linux, gpu.count: 1]}", "os: {name: linux}", TRUTH_UNKNOWN, "gpu.count" },
    { "{all: [os.name: windows, gpu.count: 1]}", "os: {name: linux}", TRUTH_NO, NULL },
    { "{all: [gpu.count: 1, os.name: windows]}", "os: {name: linux}", TRUTH_NO, NULL },
    { "{any: [os.name: linux, gpu.count: 1]}", "os: {name: linux}", TRUTH_YES, NULL },
    { "{any: [os.name: windows, gpu.count: 1]}", "os: {name: linux}", TRUTH_UNKNOWN, "gpu.count" },
    { "{any: [os.name: windows, os.name: macos]}", "os: {name: linux}", TRUTH_NO, NULL },
    { "{none: [os.name: windows]}", "os: {name: linux}", TRUTH_YES, NULL },
    { "{none: [os.name: linux]}", "os: {name: linux}", TRUTH_NO, NULL },
    { "{none: [os.name: windows, gpu.count: 1]}", "os: {name: linux}", TRUTH_UNKNOWN, "gpu.count" },
    { "{none: [os.name: linux, gpu.count: 1]}", "os: {name: linux}", TRUTH_NO, NULL },
    { "{all: [any: [gpu.count: 1, os.name: linux], none: [os.name: macos]]}", "os: {name: linux}",
      TRUTH_YES, NULL },
    { "{all: [os.name: linux], none: [session.type: x11]}", "os: {name: linux}", TRUTH_UNKNOWN,
      "session.type" },
    { "{all: [gpu.count: 1, gl.renderer: a, gl.renderer: b]}", "{}", TRUTH_UNKNOWN,
      "gpu.count, gl.renderer" },
    { "{all: [engine.qt: {at-least: '6.9', below: '6.12'}]}", "engine: {qt: 6.9.0}", TRUTH_YES,
      NULL },
    { "{all: [engine.qt: {at-least: '6.9', below: '6.12'}]}", "engine: {qt: 6.12.0}", TRUTH_NO,
      NULL },
    { "{all: [os.name: linux]}\n    expires: {engine.qt: '6.12'}",
      "os: {name: linux}\nengine: {qt: 6.12.0}", TRUTH_NO, NULL },
    { "{all: [os.name: linux]}\n    expires: {engine.qt: '6.12'}",
      "os: {name: linux}\nengine: {qt: 6.11.9}", TRUTH_YES, NULL },
    { "{all: [os.name: linux]}\n    expires: {engine.qt: '6.12'}", "os: {name: linux}",
      TRUTH_UNKNOWN, "engine.qt" },
};

static enum truth evaluate(const char *match, const char *identity_text,
                           const struct verdict *verdict, struct trace *trace, const char **needs)
{
    struct profiles profiles;
    struct identity identity;
    profiles_of(&arena, arena_printf(&arena, HEAD "%s\n", match), NULL, &profiles);
    identity_of(&arena, identity_text, &identity);
    const struct profile_facts facts = { .identity = &identity, .verdict = verdict };
    return conditions_evaluate(&arena, profiles.items[0]->match, &facts, trace, needs);
}

static void test_conditions_evaluate_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct trace trace;
        const char *needs;
        const char *label = arena_printf(&arena, "%s on %s", rows[i].match, rows[i].identity);
        rows_number(label, evaluate(rows[i].match, rows[i].identity, NULL, &trace, &needs),
                    rows[i].want);
        rows_text(label, needs, rows[i].needs);
    }
    rows_done();
}

static void test_conditions_evaluate_when_asked_leaves_every_line(void **state)
{
    static const char *const words[] = { "?", "no", "yes" };
    struct trace trace;
    struct text got = { .arena = &arena };
    const char *needs;
    (void)state;
    (void)evaluate("{all: [gpu.vendor: {in: [nvidia, amd]}, any: [session.type: x11, "
                   "gpu.driver-version: {at-least: '550', below: '560'}]], none: [gpu.count: "
                   "{between: [2, 9]}, environment.A: {exists: true}]}",
                   NVIDIA, NULL, &trace, &needs);
    for (size_t i = 0; i < trace.count; i++)
        text_printf(&got, "%u %s: %s\n", trace.items[i].depth, trace.items[i].text,
                    words[trace.items[i].result]);
    assert_string_equal(text_get(&got),
                        "0 gpu.vendor is one of nvidia, amd: found 0x10de nvidia: yes\n"
                        "0 any of these: yes\n"
                        "1 session.type is x11: found unknown: ?\n"
                        "1 gpu.driver-version is at least 550 and is below 560: found 550.78: yes\n"
                        "0 none of these: yes\n"
                        "1 gpu.count is between 2 and 9: found 1: no\n"
                        "1 environment.A exists: found none: no\n");
}

/* What the verdict itself lacks is what would settle a condition about it. */
static void test_conditions_evaluate_when_verdict_is_unknown_needs_its_facts(void **state)
{
    const char *missing[] = { "gl.renderer", "gl.version" };
    const struct verdict verdict = { .outcome = OUTCOME_UNKNOWN,
                                     .missing = { .items = missing, .count = 2 } };
    struct trace trace;
    const char *needs;
    (void)state;
    assert_int_equal(evaluate("{all: [verdict.webgl2: disabled]}", "{}", &verdict, &trace, &needs),
                     TRUTH_UNKNOWN);
    assert_string_equal(needs, "gl.renderer, gl.version");
}

/* A value beyond the bound is not compared: neither yes nor no. */
static void test_conditions_evaluate_when_value_is_huge_is_unknown(void **state)
{
    const size_t length = 70 * 1024;
    char *huge = arena_alloc(&arena, length + 1);
    struct profiles profiles;
    struct identity identity = { 0 };
    const struct profile_facts facts = { .identity = &identity };
    struct trace trace;
    const char *needs;
    (void)state;
    memset(huge, 'a', length);
    identity.gl.renderer = huge;
    profiles_of(&arena, HEAD "{all: [gl.renderer: {matches: 'a*'}]}\n", NULL, &profiles);
    assert_int_equal(conditions_evaluate(&arena, profiles.items[0]->match, &facts, &trace, &needs),
                     TRUTH_UNKNOWN);
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
        cmocka_unit_test(test_conditions_evaluate_rows),
        cmocka_unit_test(test_conditions_evaluate_when_asked_leaves_every_line),
        cmocka_unit_test(test_conditions_evaluate_when_verdict_is_unknown_needs_its_facts),
        cmocka_unit_test(test_conditions_evaluate_when_value_is_huge_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
