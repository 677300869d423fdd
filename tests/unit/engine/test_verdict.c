/* What the lists, the context, Qt and the switches come to together, and what is said about it. */
#include "engine/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "profile_rows.h"
#include "rows.h"

#define INTEL "gpus: [{vendor: 0x8086, device: 0x5917, class: 0x0300}]\n"
#define MESA                                                                                       \
    "gl: {vendor: Intel, renderer: Mesa Intel(R) UHD Graphics 620 (KBL GT2), "                     \
    "version: 4.6 (Compatibility Profile) Mesa 22.3.6, extensions: ''}\n"
#define LINUX "os: {name: linux, version: 6.1.0-18-amd64}\nsession: {type: x11}\n"
#define HEALTHY LINUX INTEL MESA
#define QT515 "engine: {qt: 5.15.13, chromium: 87.0.4280.144}\n"
#define QT64 "engine: {qt: 6.4.2, chromium: 102.0.5005.177}\n"
#define QT65 "engine: {qt: 6.5.3, chromium: 108.0.5359.220}\n"
#define QT68 "engine: {qt: 6.8.2, chromium: 122.0.6261.171}\n"
#define QT610 "engine: {qt: 6.10.2, chromium: 134.0.6998.208}\n"
#define QT611 "engine: {qt: 6.11.2, chromium: 140.0.7339.225}\n"
#define NO_RENDERER                                                                                \
    "gl: {vendor: Intel, version: 4.6 (Compatibility Profile) Mesa 22.3.6, extensions: ''}\n"
#define AMD "gpus: [{vendor: 0x1002, device: 0x6760, class: 0x0300}]\n"
#define TWO_GPUS                                                                                   \
    "gpus: [{vendor: 0x10de, device: 0x1b81, class: 0x0300, active: true}, "                       \
    "{vendor: 0x8086, device: 0x0046, class: 0x0300}]\n" MESA
#define FLAGS(text) "environment: {QTWEBENGINE_CHROMIUM_FLAGS: '" text "'}\n"
#define NOUVEAU                                                                                    \
    LINUX "gpus: [{vendor: 0x10de, device: 0x1b81, class: 0x0300}]\n"                              \
          "gl: {vendor: nouveau, renderer: NV134, version: 4.3 (Core Profile) Mesa 22.3.6}\n"

static struct arena arena;

struct verdict_row {
    const char *label, *identity;
    enum outcome outcome;
    enum webgl_state webgl, webgl2;
    const char *why; /* NULL = not looked at */
};

static const struct verdict_row rows[] = {
    { "healthy", HEALTHY QT68, OUTCOME_OK, WEBGL_ENABLED, WEBGL_ENABLED,
      "4.6 (Compatibility Profile) Mesa 22.3.6" },
    { "a list entry", NOUVEAU QT515, OUTCOME_BLOCKLISTED, WEBGL_DISABLED, WEBGL_DISABLED, NULL },
    { "a list entry for WebGL 1 alone",
      LINUX "gpus: [{vendor: 0x8086, device: 0x27ae, class: 0x0300}]\n" MESA QT68,
      OUTCOME_BLOCKLISTED, WEBGL_DISABLED, WEBGL_ENABLED, NULL },
    { "list ignored", HEALTHY QT68 FLAGS("--ignore-gpu-blocklist"), OUTCOME_OK, WEBGL_ENABLED,
      WEBGL_ENABLED, NULL },
    { "freeze goes before the list", NOUVEAU QT64, OUTCOME_START_FAILURE, WEBGL_DISABLED,
      WEBGL_DISABLED,
      "Qt holds threaded OpenGL with nouveau for unsafe, and this engine then freezes" },
    { "context too low",
      LINUX INTEL "gl: {vendor: Intel, renderer: Mesa Intel(R) HD, version: 3.2 Mesa 20.0.0, "
                  "extensions: ''}\n" QT68,
      OUTCOME_ES3_UNSUPPORTED, WEBGL_ENABLED, WEBGL_DISABLED,
      "the context is '3.2 Mesa 20.0.0', and WebGL 2 needs desktop GL 3.3 with "
      "GL_ARB_texture_storage and GL_ARB_transform_feedback2" },
    { "workaround takes it", HEALTHY QT68 FLAGS("--disable_es3_gl_context"),
      OUTCOME_ES3_UNSUPPORTED, WEBGL_ENABLED, WEBGL_DISABLED,
      "the workaround disable_es3_gl_context keeps pages on WebGL 1" },
    { "switch for tests until 102", HEALTHY QT64 FLAGS("--disable-es3-gl-context-for-testing"),
      OUTCOME_ES3_UNSUPPORTED, WEBGL_ENABLED, WEBGL_DISABLED,
      "--disable-es3-gl-context-for-testing takes OpenGL ES 3 away" },
    { "… gone in 122", HEALTHY QT68 FLAGS("--disable-es3-gl-context-for-testing"), OUTCOME_OK,
      WEBGL_ENABLED, WEBGL_ENABLED, NULL },
    { "context of nothing",
      LINUX INTEL "gl: {vendor: Intel, renderer: Mesa Intel(R) GM45, version: 2.1 Mesa 20.0.0, "
                  "extensions: ''}\n" QT68,
      OUTCOME_NO_GPU, WEBGL_DISABLED, WEBGL_DISABLED,
      "desktop OpenGL below 3.1 is refused by this engine's drawing" },
    { "… the same before",
      LINUX INTEL "gl: {vendor: Intel, renderer: Mesa Intel(R) GM45, version: 2.1 Mesa 20.0.0, "
                  "extensions: ''}\n" QT515,
      OUTCOME_ES3_UNSUPPORTED, WEBGL_ENABLED, WEBGL_DISABLED, NULL },
    { "… between, where nobody looked",
      LINUX INTEL "gl: {vendor: Intel, renderer: Mesa Intel(R) GM45, version: 2.1 Mesa 20.0.0, "
                  "extensions: ''}\nengine: {qt: 6.6.3, chromium: 112.0.5615.213}\n",
      OUTCOME_UNKNOWN, WEBGL_UNKNOWN, WEBGL_DISABLED,
      "perhaps desktop OpenGL below 3.1 is refused from Qt 6.8 on, and perhaps here (this version "
      "was not looked at)" },
    { "GPU off", HEALTHY QT68 FLAGS("--disable-gpu"), OUTCOME_NO_GPU, WEBGL_DISABLED,
      WEBGL_DISABLED, "--disable-gpu turns the GPU off" },
    { "GL off", LINUX INTEL QT68 "gl: {disabled: true}\n", OUTCOME_NO_GPU, WEBGL_DISABLED,
      WEBGL_DISABLED, "Qt turned OpenGL off" },
    { "WebGL off is the user's wish", HEALTHY QT68 FLAGS("--disable-3d-apis"), OUTCOME_OK,
      WEBGL_DISABLED, WEBGL_DISABLED, "--disable-3d-apis turns WebGL off" },
    { "--disable-webgl2 does nothing in Qt", HEALTHY QT68 FLAGS("--disable-webgl2"), OUTCOME_OK,
      WEBGL_ENABLED, WEBGL_ENABLED, NULL },
    { "libraries and module differ",
      LINUX "gpus: [{vendor: 0x10de, device: 0x1b81, driver: nvidia, driver-version: 470.223.02, "
            "library-version: 470.239.06}]\n" QT68,
      OUTCOME_NOT_GPU, WEBGL_DISABLED, WEBGL_DISABLED,
      "OpenGL is broken until a reboot: the kernel module of nvidia is 470.223.02, its libraries "
      "are 470.239.06 (updated while running)" },
    { "no GL strings", LINUX INTEL QT68, OUTCOME_UNKNOWN, WEBGL_UNKNOWN, WEBGL_UNKNOWN,
      "OpenGL was not looked at" },
    { "no GL strings, decided all the same",
      LINUX "gpus: [{vendor: 0x15ad, device: 0x0405, class: 0x0300}]\n" QT68, OUTCOME_BLOCKLISTED,
      WEBGL_DISABLED, WEBGL_DISABLED, NULL },
    { "nothing known", "{}", OUTCOME_UNKNOWN, WEBGL_UNKNOWN, WEBGL_UNKNOWN,
      "no Qt WebEngine is known" },
    { "nothing but the engine", QT68, OUTCOME_UNKNOWN, WEBGL_UNKNOWN, WEBGL_UNKNOWN, NULL },
    { "nothing but GL", HEALTHY, OUTCOME_UNKNOWN, WEBGL_UNKNOWN, WEBGL_UNKNOWN,
      "no Qt WebEngine is known" },
    { "no engine: no bar to compare with",
      LINUX INTEL "gl: {vendor: Intel, renderer: Mesa, version: 2.1 Mesa 20.0.0, extensions: ''}\n",
      OUTCOME_UNKNOWN, WEBGL_UNKNOWN, WEBGL_UNKNOWN, "no Qt WebEngine is known" },
    { "no engine, but no GPU for any", HEALTHY FLAGS("--disable-gpu"), OUTCOME_UNKNOWN,
      WEBGL_DISABLED, WEBGL_DISABLED, NULL },
};

/* The verdict with the shipped rules where the identity names a Chromium. */
static void decide(const char *yaml, struct verdict *out)
{
    static struct control_lists lists;
    static struct identity identity;
    struct err err;
    identity_of(&arena, yaml, &identity);
    bool known = identity.engine.chromium != NULL;
    if (known && control_lists_shipped(&arena, identity.engine.chromium, &lists, &err) < 0)
        fail_msg("%s", err.text);
    verdict_make(&arena, &identity, known ? &lists : NULL, out);
}

static void test_verdict_make_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct verdict_row *row = &rows[i];
        struct verdict verdict;
        decide(row->identity, &verdict);
        rows_text(row->label, outcome_text(verdict.outcome), outcome_text(row->outcome));
        rows_text(row->label, webgl_state_text(verdict.webgl), webgl_state_text(row->webgl));
        rows_text(row->label, webgl_state_text(verdict.webgl2), webgl_state_text(row->webgl2));
        if (row->why)
            rows_text(row->label, verdict.why, row->why);
        rows_that(verdict.why != NULL, row->label, "no reason");
    }
    rows_done();
}

static const struct {
    const char *label, *identity, *missing;
} missing_rows[] = {
    { "all is known", HEALTHY QT68, "" },
    { "no GL strings", LINUX INTEL QT68, "gl.version gl.renderer gl.vendor" },
    { "decided without", LINUX "gpus: [{vendor: 0x15ad, device: 0x0405}]\n" QT68, "" },
    { "no extensions where they count",
      LINUX INTEL
      "gl: {vendor: Intel, renderer: Mesa Intel(R) HD, version: 3.3 Mesa 20.0.0}\n" QT68,
      "gl.extensions" },
    { "no engine", HEALTHY, "engine.qt" },
    { "lists nobody has", HEALTHY "engine: {qt: 6.8.2}\n", "engine.library" },
    { "mismatch needs nothing more",
      LINUX "gpus: [{vendor: 0x10de, driver-version: '1', library-version: '2'}]\n" QT68, "" },
};

static void test_verdict_make_when_facts_are_missing_names_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(missing_rows); i++) {
        struct verdict verdict;
        decide(missing_rows[i].identity, &verdict);
        rows_strings(missing_rows[i].label, &verdict.missing, missing_rows[i].missing);
    }
    rows_done();
}

static const struct {
    const char *label, *identity, *name, *want;
} feature_rows[] = {
    { "enabled", HEALTHY QT64, "accelerated_webgl2", "enabled" },
    { "blocked", NOUVEAU QT515, "accelerated_webgl2", "blocklisted" },
    { "all of them", NOUVEAU QT515, "vulkan", "blocklisted" },
    { "by a workaround", HEALTHY QT64 FLAGS("--disable_es3_gl_context"), "accelerated_webgl2",
      "blocklisted" },
    { "… that does not touch WebGL 1", HEALTHY QT64 FLAGS("--disable_es3_gl_context"),
      "accelerated_webgl", "enabled" },
    { "a context too low is no status", HEALTHY QT64 FLAGS("--disable_texture_storage"),
      "accelerated_webgl2", "enabled" },
    { "GL is off", HEALTHY QT64 FLAGS("--disable-gpu"), "accelerated_webgl", "disabled" },
    { "unknown", LINUX INTEL QT64, "accelerated_webgl", "unknown" },
    { "no lists", HEALTHY, "accelerated_webgl", "unknown" },
};

static void test_verdict_make_when_features_are_asked_tells_their_status(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(feature_rows); i++) {
        struct verdict verdict;
        decide(feature_rows[i].identity, &verdict);
        rows_text(feature_rows[i].label, variables_get(&verdict.features, feature_rows[i].name),
                  feature_rows[i].want);
    }
    rows_done();
}

/* Does a line of the trace hold the text with that answer? */
static bool trace_has(const struct trace *trace, const char *text, enum truth result)
{
    for (size_t i = 0; i < trace->count; i++) {
        if (strstr(trace->items[i].text, text) && trace->items[i].result == result)
            return true;
    }
    return false;
}

static const struct {
    const char *label, *identity, *text;
    enum truth result;
} trace_rows[] = {
    { "switches", HEALTHY QT68 FLAGS("--a --b=c"), "(QTWEBENGINE_CHROMIUM_FLAGS): --a --b=c",
      TRUTH_YES },
    { "no switches", HEALTHY QT68, "switches (from the application): none", TRUTH_NO },
    { "an entry", NOUVEAU QT515, "software_rendering_list entry 30", TRUTH_YES },
    { "a condition that holds", NOUVEAU QT515, "(?i)nouveau.*: nouveau", TRUTH_YES },
    { "a condition that fails", HEALTHY QT64, "Mesa Intel(R) UHD Graphics 620 (KBL GT2)",
      TRUTH_NO },
    { "a condition that nobody can answer", LINUX INTEL QT68, ": unknown", TRUTH_UNKNOWN },
    { "a rule of Qt", HEALTHY QT64, "freezes: 4.6 (Compatibility Profile) Mesa 22.3.6", TRUTH_NO },
    { "the context", HEALTHY QT68, "desktop GL 4.2 or later: 4.6", TRUTH_YES },
    { "what would settle it", LINUX INTEL QT68,
      "what would settle the rest: gl.version, gl.renderer, gl.vendor", TRUTH_UNKNOWN },
    { "what one fact would settle", LINUX INTEL NO_RENDERER QT64,
      "gl.renderer alone would settle it: it applies where gl.renderer matches "
      "(?i).*(software|llvmpipe|softpipe).*",
      TRUTH_UNKNOWN },
    { "what takes two facts", LINUX QT515,
      "gpus and gl.version together would settle it: it applies where gpu vendor is 0x1002 (amd) "
      "except where driver matches",
      TRUTH_UNKNOWN },
    { "what hangs on an exception", LINUX AMD QT515,
      "gl.version alone would settle it: it applies except where driver matches", TRUTH_UNKNOWN },
    { "the GPU that matched, not the first",
      "os: {name: windows, version: 10.0.19045}\n" TWO_GPUS QT68,
      "gpu vendor is 0x8086 (intel): 0x8086:0x0046", TRUTH_YES },
    { "the nearest lists", HEALTHY QT65, "102.0.5005.177, built in (the nearest known)",
      TRUTH_YES },
};

static void test_verdict_make_when_explained_says_what_was_asked_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(trace_rows); i++) {
        struct verdict verdict;
        decide(trace_rows[i].identity, &verdict);
        rows_that(trace_has(&verdict.trace, trace_rows[i].text, trace_rows[i].result),
                  trace_rows[i].label, "no such line: '%s'", trace_rows[i].text);
    }
    rows_done();
}

/* Where the switches come from. --disable-gpu is in force, or is not. */
static const struct {
    const char *label, *identity;
    bool in_force;
} switch_rows[] = {
    { "variable", HEALTHY QT64 FLAGS("--disable-gpu"), true },
    { "arguments of Qt 6.3 and older", HEALTHY QT515 "app: {arguments: [--disable-gpu]}\n", true },
    { "… of 6.4 only behind --webEngineArgs", HEALTHY QT64 "app: {arguments: [--disable-gpu]}\n",
      false },
    { "… which is here", HEALTHY QT64 "app: {arguments: [--webEngineArgs, --disable-gpu]}\n",
      true },
    { "the app's own flags", HEALTHY QT64 "app: {flags: --disable-gpu}\n", true },
    { "the variable drops them",
      HEALTHY QT64 "app: {flags: --disable-gpu}\n" FLAGS("--disable-webgl2"), false },
    { "also when it is empty", HEALTHY QT64 "app: {flags: --disable-gpu}\n" FLAGS(""), false },
};

static void test_verdict_make_when_switches_come_from_several_places_takes_qts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(switch_rows); i++) {
        struct verdict verdict;
        decide(switch_rows[i].identity, &verdict);
        rows_text(switch_rows[i].label, outcome_text(verdict.outcome),
                  outcome_text(switch_rows[i].in_force ? OUTCOME_NO_GPU : OUTCOME_OK));
    }
    rows_done();
}

static void confidence_is(const char *label, const char *yaml, enum gl_probe probe, bool library,
                          enum confidence want)
{
    struct control_lists lists;
    struct identity identity;
    struct verdict verdict;
    struct err err;
    identity_of(&arena, yaml, &identity);
    identity.gl.probe = probe;
    assert_int_equal(control_lists_shipped(&arena, identity.engine.chromium, &lists, &err), 0);
    lists.from_library = library;
    verdict_make(&arena, &identity, &lists, &verdict);
    rows_text(label, confidence_text(verdict.confidence), confidence_text(want));
    rows_text(label, verdict_source_text(verdict.source),
              library ? "engine-library" : "shipped-rules");
}

static void test_verdict_make_when_sure_says_from_what(void **state)
{
    (void)state;
    confidence_is("given", HEALTHY QT68, GL_PROBE_NONE, false, CONFIDENCE_HIGH);
    confidence_is("measured", HEALTHY QT68, GL_PROBE_OK, false, CONFIDENCE_MEASURED);
    confidence_is("measured earlier", HEALTHY QT68, GL_PROBE_CACHED, true, CONFIDENCE_MEASURED);
    confidence_is("lists of another version", HEALTHY QT65, GL_PROBE_OK, false, CONFIDENCE_LOW);
    confidence_is("lists of the library", HEALTHY QT611, GL_PROBE_OK, true, CONFIDENCE_MEASURED);
    confidence_is("unknown", LINUX INTEL QT68, GL_PROBE_CRASHED, true, CONFIDENCE_LOW);
    confidence_is("may freeze", NOUVEAU QT65, GL_PROBE_OK, true, CONFIDENCE_LOW);
    rows_done();
}

static void test_verdict_make_when_probe_failed_says_how(void **state)
{
    static const char *const texts[GL_PROBE_COUNT] = {
        [GL_PROBE_NO_LIBRARY] = "libEGL.so.1 cannot be loaded",
        [GL_PROBE_NO_CONTEXT] = "EGL gives no context",
        [GL_PROBE_CRASHED] = "the graphics driver crashed",
        [GL_PROBE_TIMEOUT] = "the graphics driver hung",
        [GL_PROBE_GARBAGE] = "the graphics driver said nothing",
    };
    struct control_lists lists;
    struct identity identity;
    struct err err;
    (void)state;
    identity_of(&arena, LINUX INTEL QT68, &identity);
    assert_int_equal(control_lists_shipped(&arena, identity.engine.chromium, &lists, &err), 0);
    for (size_t i = GL_PROBE_NO_LIBRARY; i < GL_PROBE_COUNT; i++) {
        struct verdict verdict;
        identity.gl.probe = (enum gl_probe)i;
        verdict_make(&arena, &identity, &lists, &verdict);
        rows_number(texts[i], verdict.outcome, OUTCOME_UNKNOWN);
        rows_that(text_starts(verdict.why, texts[i]), texts[i], "got '%s'", verdict.why);
    }
    rows_done();
}

static int after(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_verdict_make_rows, after),
        cmocka_unit_test_teardown(test_verdict_make_when_facts_are_missing_names_them, after),
        cmocka_unit_test_teardown(test_verdict_make_when_features_are_asked_tells_their_status,
                                  after),
        cmocka_unit_test_teardown(test_verdict_make_when_explained_says_what_was_asked_and_found,
                                  after),
        cmocka_unit_test_teardown(
            test_verdict_make_when_switches_come_from_several_places_takes_qts, after),
        cmocka_unit_test_teardown(test_verdict_make_when_sure_says_from_what, after),
        cmocka_unit_test_teardown(test_verdict_make_when_probe_failed_says_how, after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
