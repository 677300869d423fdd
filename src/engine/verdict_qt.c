/* What Qt decides by itself before Chromium is asked, version by version: one row each. Bounds are
 * those that the facts cover; what may be so on versions beside them, where nobody looked, has a
 * row of its own that is marked unsure, and then the answer is never yes.
 *
 * Sources: WEC is Qt's src/core/web_engine_context.cpp of the versions named; SEEN are faked
 * machines on the real engines 5.15.13, 6.4.2, 6.8.2 and 6.11.2 (tests/data/conformance/); GLX is
 * qtbase src/plugins/platforms/xcb/gl_integrations/xcb_glx/qglxintegration.cpp. */
#include <string.h>

#include "base/macros.h"
#include "engine/catalogue_private.h"
#include "engine/control_list_private.h"
#include "engine/engine.h"
#include "engine/engine_private.h"
#include "engine/flags.h"
#include "engine/verdict_private.h"

#define WEC "qtwebengine src/core/web_engine_context.cpp"
#define SEEN "faked machines on the real engines"
#define GLX "qtbase qglxintegration.cpp"

enum test {
    TEST_VARIABLE,      /* variable name is value (NULL = set to anything) */
    TEST_VARIABLE_NOT,  /* variable is set, and not to value */
    TEST_SWITCH,        /* switch name is given with value (NULL = any) */
    TEST_SWITCH_NOT,    /* switch name is given with none of the values (separated by '|') */
    TEST_SWITCH_BREAKS, /* switch name has a value that breaks this Qt on Linux by the catalogue,
                           which names it value: the bounds are there */
    TEST_ANGLE_ALONE,   /* --use-angle=value without --use-gl=angle */
    TEST_GL_VENDOR,     /* GL_VENDOR contains value; GLX only */
    TEST_GL_RENDERER,   /* GL_RENDERER contains value; GLX only */
    TEST_MESA_BELOW,    /* Mesa older than value draws; GLX only */
    TEST_GL_BELOW,      /* desktop GL older than value */
    TEST_GL_NO_NUMBER,  /* GL_VERSION without major.minor */
    TEST_GL_ENDS,       /* GL_VERSION ends in the word value */
    TEST_ES_NO_NUMBER,  /* GL_VERSION is "OpenGL ES" without a number, or OpenGL ES-CM */
    TEST_WINDOWS_ES,    /* Windows, and GL_VERSION begins with value and is ANGLE's */
};

struct rule {
    const char *since, *until; /* Qt versions, until is the first one without it; NULL = no bound */
    enum test test;
    const char *name, *value;
    enum qt_effect effect;
    const char *why;
    const char *source;
    enum { SURE, UNSURE } sure; /* UNSURE: not looked at on these versions, holds or not */
};

/* clang-format off */
static const struct rule rules[] = {
    { NULL, NULL, TEST_SWITCH, "disable-gpu", NULL, QT_EFFECT_GL_OFF,
      "--disable-gpu turns the GPU off", SEEN, SURE },
    { NULL, NULL, TEST_VARIABLE_NOT, "QT_QUICK_BACKEND", "rhi", QT_EFFECT_GL_OFF,
      "QT_QUICK_BACKEND makes Qt Quick draw by the CPU, and Qt WebEngine with it", WEC, SURE },
    { NULL, NULL, TEST_VARIABLE_NOT, "QMLSCENE_DEVICE", "rhi", QT_EFFECT_GL_OFF,
      "QMLSCENE_DEVICE makes Qt Quick draw by the CPU, and Qt WebEngine with it", WEC, SURE },
    { "6.3", "6.9", TEST_VARIABLE, "QT_OPENGL", "software", QT_EFFECT_GL_OFF,
      "QT_OPENGL=software turns the GPU off", SEEN, SURE },
    { NULL, "6", TEST_VARIABLE, "QT_XCB_GL_INTEGRATION", "none", QT_EFFECT_GL_OFF,
      "QT_XCB_GL_INTEGRATION=none leaves Qt without OpenGL", SEEN, SURE },
    { "6.4", "6.5", TEST_VARIABLE, "QT_XCB_GL_INTEGRATION", "none", QT_EFFECT_START_FAILURE,
      "QT_XCB_GL_INTEGRATION=none crashes this engine at start", SEEN, SURE },
    { "6.7", NULL, TEST_SWITCH, "use-gl", "disabled", QT_EFFECT_GL_OFF,
      "--use-gl=disabled turns the GPU off", SEEN, SURE },
    { "6.7", "6.10", TEST_SWITCH, "use-gl", "egl", QT_EFFECT_START_FAILURE,
      "--use-gl=egl ends this engine at start", SEEN, SURE },
    { "6.7", "6.10", TEST_SWITCH, "use-gl", "swiftshader", QT_EFFECT_START_FAILURE,
      "--use-gl=swiftshader ends this engine at start: Qt builds have no SwiftShader", SEEN, SURE },
    { "6.10", NULL, TEST_SWITCH_NOT, "use-gl", "angle|disabled", QT_EFFECT_START_FAILURE,
      "--use-gl with anything but angle or disabled ends this engine at start", WEC, SURE },
    { "6.4", "6.7", TEST_SWITCH, "use-angle", "gl", QT_EFFECT_START_FAILURE,
      "--use-angle=gl crashes this engine at start", SEEN, SURE },
    { NULL, NULL, TEST_SWITCH_BREAKS, "use-angle", "--use-angle", QT_EFFECT_NO_GPU,
      "--use-angle leaves this engine without OpenGL on Linux", SEEN, SURE },
    { "6.7", "6.9", TEST_ANGLE_ALONE, "use-angle", "gl", QT_EFFECT_START_FAILURE,
      "--use-angle=gl without --use-gl=angle ends this engine at start", SEEN, SURE },
    { "6.4", "6.5", TEST_VARIABLE, "QTWEBENGINE_DISABLE_GPU_THREAD", NULL, QT_EFFECT_FREEZE,
      "QTWEBENGINE_DISABLE_GPU_THREAD freezes this engine before the first paint", SEEN, SURE },
    { "6.4", "6.5", TEST_GL_VENDOR, NULL, "nouveau", QT_EFFECT_FREEZE,
      "Qt holds threaded OpenGL with nouveau for unsafe, and this engine then freezes", GLX, SURE },
    { "6.4", "6.5", TEST_GL_RENDERER, NULL, "Chromium", QT_EFFECT_FREEZE,
      "Qt holds threaded OpenGL in old VirtualBox guests for unsafe, and this engine then freezes",
      GLX, SURE },
    { "6.4", "6.5", TEST_MESA_BELOW, NULL, "17.0", QT_EFFECT_FREEZE,
      "Qt holds threaded OpenGL with Mesa before 17.0 for unsafe, and this engine then freezes",
      GLX, SURE },
#define MAY_FREEZE(since, until)                                                                  \
    { since, until, TEST_VARIABLE, "QTWEBENGINE_DISABLE_GPU_THREAD", NULL, QT_EFFECT_FREEZE,      \
      "QTWEBENGINE_DISABLE_GPU_THREAD freezes Qt 6.4 and may freeze this engine", WEC, UNSURE },  \
    { since, until, TEST_GL_VENDOR, NULL, "nouveau", QT_EFFECT_FREEZE,                            \
      "nouveau freezes Qt 6.4 and may freeze this engine", GLX, UNSURE },                         \
    { since, until, TEST_GL_RENDERER, NULL, "Chromium", QT_EFFECT_FREEZE,                         \
      "OpenGL of old VirtualBox guests freezes Qt 6.4 and may freeze this engine", GLX, UNSURE }, \
    { since, until, TEST_MESA_BELOW, NULL, "17.0", QT_EFFECT_FREEZE,                              \
      "Mesa before 17.0 freezes Qt 6.4 and may freeze this engine", GLX, UNSURE }
    MAY_FREEZE("6.2", "6.4"),
    MAY_FREEZE("6.5", "6.7"), /* the variable is gone in 6.7 */
    { NULL, "6.5", TEST_GL_ENDS, NULL, "Mesa", QT_EFFECT_START_FAILURE,
      "GL_VERSION that ends in 'Mesa' without a number crashes this engine", SEEN, SURE },
    { NULL, "6.5", TEST_ES_NO_NUMBER, NULL, NULL, QT_EFFECT_START_FAILURE,
      "a GL_VERSION of OpenGL ES below 2.0 crashes this engine", SEEN, SURE },
    { "6.2", "6.10", TEST_GL_NO_NUMBER, NULL, NULL, QT_EFFECT_NO_GPU,
      "GL_VERSION holds no number, so that Chromium's drawing refuses the context", SEEN, SURE },
    { "6.8", "6.9", TEST_GL_BELOW, NULL, "3.1", QT_EFFECT_NO_GPU,
      "desktop OpenGL below 3.1 is refused by this engine's drawing", SEEN, SURE },
    { "6.5", "6.8", TEST_GL_BELOW, NULL, "3.1", QT_EFFECT_NO_GPU,
      "desktop OpenGL below 3.1 is refused from Qt 6.8 on, and perhaps here", SEEN, UNSURE },
    { "6.9", "6.10", TEST_GL_BELOW, NULL, "3.1", QT_EFFECT_NO_GPU,
      "desktop OpenGL below 3.1 is refused by Qt 6.8, and perhaps here", SEEN, UNSURE },
    { NULL, "5.13", TEST_WINDOWS_ES, NULL, "OpenGL ES", QT_EFFECT_ES2,
      "Qt asks ANGLE for OpenGL ES 2", WEC, SURE },
    { "5.13", "6.3", TEST_WINDOWS_ES, NULL, "OpenGL ES 2", QT_EFFECT_ES2,
      "Qt's own context is one of OpenGL ES 2, so it keeps Chromium at that", WEC, SURE },
    { NULL, NULL, TEST_SWITCH, "disable-webgl", NULL, QT_EFFECT_NO_WEBGL,
      "--disable-webgl turns WebGL off", SEEN, SURE },
    { NULL, NULL, TEST_SWITCH, "disable-3d-apis", NULL, QT_EFFECT_NO_WEBGL,
      "--disable-3d-apis turns WebGL off", SEEN, SURE },
};
/* clang-format on */

/* Threads matter to Qt's GLX plugin alone. */
static enum truth draws_by_glx(const struct identity *identity)
{
    const char *type = identity->session.type;
    const char *by = variables_get(&identity->environment, "QT_XCB_GL_INTEGRATION");
    if (by && !text_equal(by, "xcb_glx"))
        return TRUTH_NO;
    if (!type)
        return TRUTH_UNKNOWN;
    return text_equal(type, "x11") || text_equal(type, "xwayland") ? TRUTH_YES : TRUTH_NO;
}

static enum truth contains(const char *text, const char *part)
{
    if (!text)
        return TRUTH_UNKNOWN;
    return strstr(text, part) ? TRUTH_YES : TRUTH_NO;
}

static enum truth truth_of(bool yes)
{
    return yes ? TRUTH_YES : TRUTH_NO;
}

static enum truth variable_test(const struct identity *identity, const struct rule *rule)
{
    const char *value = variables_get(&identity->environment, rule->name);
    if (rule->test == TEST_VARIABLE_NOT)
        return truth_of(value && *value && !text_equal(value, rule->value));
    return truth_of(value && (!rule->value || text_equal(value, rule->value)));
}

static enum truth switch_test(const struct strings *switches, const struct rule *rule)
{
    const char *value = NULL, *use_gl = NULL;
    if (!flags_has(switches, rule->name, &value))
        return TRUTH_NO;
    if (rule->test == TEST_SWITCH_NOT)
        return truth_of(!catalogue_has_word(rule->value, value, strlen(value)));
    if (rule->test == TEST_ANGLE_ALONE && flags_has(switches, "use-gl", &use_gl)
        && text_equal(use_gl, "angle"))
        return TRUTH_NO;
    return truth_of(!rule->value || text_equal(value, rule->value));
}

/* Does the value that a switch is given break this Qt? */
static enum truth breaks_test(const struct identity *identity, const struct strings *switches,
                              const struct rule *rule, const char **out_missing)
{
    const char *value = NULL, *os = identity->os.name;
    if (!flags_has(switches, rule->name, &value) || (os && !text_equal(os, "linux")))
        return TRUTH_NO;
    const struct catalogue_row *row = catalogue_find(rule->value, strlen(rule->value), value);
    enum truth breaks = row ? catalogue_breaks(row, identity->engine.qt) : TRUTH_NO;
    *out_missing = os ? "engine.qt" : "os.name";
    return breaks == TRUTH_YES && !os ? TRUTH_UNKNOWN : breaks;
}

const char *chromium_of(const struct identity_engine *engine)
{
    if (engine->chromium)
        return engine->chromium;
    return engine->qt ? engine_release_chromium(engine->qt) : NULL;
}

bool draws_through_angle(const struct identity *identity, const struct strings *switches)
{
    const struct engine_traits *traits = engine_traits_of(chromium_of(&identity->engine));
    const char *renderer = identity->gl.renderer, *value = NULL;
    bool windows = text_equal(identity->os.name, "windows");
    return traits->draws_through_angle || (windows && renderer && text_starts(renderer, "ANGLE ("))
           || (traits->honours_use_gl && flags_has(switches, "use-gl", &value)
               && text_equal(value, "angle"));
}

static enum truth mesa_test(const char *gl_version, const char *bound)
{
    if (!gl_version)
        return TRUTH_UNKNOWN;
    const char *mesa = strstr(gl_version, "Mesa ");
    return truth_of(mesa && version_compare(mesa + strlen("Mesa "), bound) < 0);
}

static enum truth context_test(const struct identity *identity, const struct rule *rule, bool angle)
{
    const struct identity_gl *gl = &identity->gl;
    struct gl_version version = gl_version_parse(gl->version);
    if (!version.known)
        return TRUTH_UNKNOWN;
    size_t length = strlen(gl->version), tail = rule->value ? strlen(rule->value) : 0;
    switch (rule->test) {
    case TEST_GL_BELOW:
        return truth_of(!angle && version.parsed && !version.is_es
                        && version.number < gl_version_parse(rule->value).number);
    case TEST_GL_NO_NUMBER:
        return truth_of(!version.parsed);
    case TEST_GL_ENDS:
        return truth_of(length > tail && text_equal(gl->version + length - tail, rule->value));
    case TEST_WINDOWS_ES:
        return truth_of(text_starts(gl->version, rule->value) && strstr(gl->version, "(ANGLE"));
    default: /* TEST_ES_NO_NUMBER */
        return truth_of(version.is_es && (!version.has_number || version.number < 200));
    }
}

/* What holds with GLX, if that is what draws. */
static enum truth glx_test(const struct identity *identity, enum truth holds, const char *fact,
                           const char **out_missing)
{
    enum truth glx = draws_by_glx(identity);
    *out_missing = holds == TRUTH_UNKNOWN ? fact : "session.type";
    if (glx == TRUTH_NO || holds == TRUTH_NO)
        return TRUTH_NO;
    return glx == TRUTH_YES ? holds : TRUTH_UNKNOWN;
}

static enum truth rule_test(const struct identity *identity, const struct strings *switches,
                            const struct rule *rule, const char **out_missing)
{
    const struct identity_gl *gl = &identity->gl;
    enum truth holds;
    switch (rule->test) {
    case TEST_VARIABLE:
    case TEST_VARIABLE_NOT:
        return variable_test(identity, rule);
    case TEST_SWITCH:
    case TEST_SWITCH_NOT:
    case TEST_ANGLE_ALONE:
        return switch_test(switches, rule);
    case TEST_SWITCH_BREAKS:
        return breaks_test(identity, switches, rule, out_missing);
    case TEST_GL_VENDOR:
        return glx_test(identity, contains(gl->vendor, rule->value), "gl.vendor", out_missing);
    case TEST_GL_RENDERER:
        return glx_test(identity, contains(gl->renderer, rule->value), "gl.renderer", out_missing);
    case TEST_MESA_BELOW:
        return glx_test(identity, mesa_test(gl->version, rule->value), "gl.version", out_missing);
    case TEST_GL_BELOW:
    case TEST_GL_NO_NUMBER:
    case TEST_GL_ENDS:
    case TEST_ES_NO_NUMBER:
        *out_missing = "gl.version";
        return context_test(identity, rule, draws_through_angle(identity, switches));
    case TEST_WINDOWS_ES:
        *out_missing = gl->version ? "os.name" : "gl.version";
        holds = context_test(identity, rule, true);
        return holds == TRUTH_YES && !identity->os.name ? TRUTH_UNKNOWN : holds;
    }
    return TRUTH_UNKNOWN;
}

/* What there is of that which a rule asks for. */
static const char *found_text(struct arena *arena, const struct identity *identity,
                              const struct strings *switches, const struct rule *rule)
{
    const struct identity_gl *gl = &identity->gl;
    const char *value = NULL;
    switch (rule->test) {
    case TEST_VARIABLE:
    case TEST_VARIABLE_NOT:
        value = variables_get(&identity->environment, rule->name);
        return value ? arena_printf(arena, "%s=%s", rule->name, value) : "it is not set";
    case TEST_SWITCH:
    case TEST_SWITCH_NOT:
    case TEST_SWITCH_BREAKS:
    case TEST_ANGLE_ALONE:
        if (!flags_has(switches, rule->name, &value))
            return "it is not given";
        return arena_printf(arena, "--%s%s%s", rule->name, *value ? "=" : "", value);
    case TEST_GL_VENDOR:
        value = gl->vendor;
        break;
    case TEST_GL_RENDERER:
        value = gl->renderer;
        break;
    case TEST_MESA_BELOW:
    case TEST_GL_BELOW:
    case TEST_GL_NO_NUMBER:
    case TEST_GL_ENDS:
    case TEST_ES_NO_NUMBER:
    case TEST_WINDOWS_ES:
        value = gl->version;
        break;
    }
    return value ? value : "unknown";
}

/* Is the rule about an engine like this? */
static bool rule_concerns(const struct rule *rule, const struct identity *identity)
{
    const char *qt = identity->engine.qt, *os = identity->os.name;
    if (rule->test == TEST_WINDOWS_ES && os && !text_equal(os, "windows"))
        return false;
    return !qt
           || ((!rule->since || version_compare(qt, rule->since) >= 0)
               && (!rule->until || version_compare(qt, rule->until) < 0));
}

void qt_rules_apply(struct arena *arena, const struct identity *identity,
                    const struct strings *switches, struct qt_findings *out)
{
    const char *qt = identity->engine.qt;
    for (size_t i = 0; i < ROWS(rules); i++) {
        const struct rule *rule = &rules[i];
        struct qt_finding finding = { .effect = rule->effect, .why = rule->why };
        if (!rule_concerns(rule, identity))
            continue;
        finding.holds = rule_test(identity, switches, rule, &finding.missing);
        finding.found = found_text(arena, identity, switches, rule);
        if (!qt && (rule->since || rule->until) && finding.holds == TRUTH_YES) {
            finding.holds = TRUTH_UNKNOWN;
            finding.missing = "engine.qt";
        } else if (rule->sure == UNSURE && finding.holds == TRUTH_YES) {
            finding.holds = TRUTH_UNKNOWN;
            finding.missing = NULL;
        }
        ARENA_PUSH(arena, out, finding);
    }
}
