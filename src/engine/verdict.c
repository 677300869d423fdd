/* Joins what the lists, the GL context, Qt's own logic and the user's switches come to. The order
 * is that of the engine: Qt starts (or not), makes a context (or not), Chromium reads its lists,
 * and a page gets what is left. Each step leaves lines in the trace; unknown is carried along and
 * is never "no". */
#include "engine/verdict.h"

#include <assert.h>

#include "base/macros.h"
#include "engine/flags.h"
#include "engine/verdict_private.h"
#include "machine/probe.h"

void deciding_trace(struct deciding *deciding, unsigned depth, enum truth result, const char *text)
{
    struct trace_line line = { .depth = depth, .text = text, .result = result };
    ARENA_PUSH(deciding->arena, &deciding->out->trace, line);
}

void deciding_missing(struct deciding *deciding, const char *fact)
{
    if (fact && !strings_has(&deciding->out->missing, fact))
        ARENA_PUSH(deciding->arena, &deciding->out->missing, fact);
}

/* What stands on the engine's command line: the variable when it is set, also when it is empty,
 * else what Qt takes from the application. */
static void switches_collect(struct deciding *deciding)
{
    const struct identity *identity = &deciding->identity;
    const char *variable = variables_get(&identity->environment, FLAGS_VARIABLE);
    struct text text = { .arena = deciding->arena };
    if (variable) {
        flags_parse(deciding->arena, variable, &deciding->switches);
    } else {
        flags_of_arguments(deciding->arena, identity->engine.qt, &identity->app.arguments,
                           &deciding->switches);
        if (identity->app.flags)
            flags_parse(deciding->arena, identity->app.flags, &deciding->switches);
    }
    for (size_t i = 0; i < deciding->switches.count; i++)
        text_printf(&text, " %s", deciding->switches.items[i]);
    deciding_trace(deciding, 0, deciding->switches.count ? TRUTH_YES : TRUTH_NO,
                   arena_printf(deciding->arena, "switches (%s):%s",
                                variable ? FLAGS_VARIABLE : "from the application",
                                deciding->switches.count ? text_get(&text) : " none"));
}

/* --- Qt's own logic -------------------------------------------------------------------------- */

/* The first finding with the effect that holds, else the first that may. */
static const struct qt_finding *qt_find(const struct deciding *deciding, enum qt_effect effect)
{
    const struct qt_finding *open = NULL;
    for (size_t i = 0; i < deciding->qt.count; i++) {
        const struct qt_finding *finding = &deciding->qt.items[i];
        if (finding->effect != effect)
            continue;
        if (finding->holds == TRUTH_YES)
            return finding;
        if (finding->holds == TRUTH_UNKNOWN && !open)
            open = finding;
    }
    return open;
}

static enum truth qt_holds(const struct deciding *deciding, enum qt_effect effect)
{
    const struct qt_finding *finding = qt_find(deciding, effect);
    return finding ? finding->holds : TRUTH_NO;
}

static void qt_decide(struct deciding *deciding)
{
    const char *qt = deciding->identity.engine.qt;
    qt_rules_apply(deciding->arena, &deciding->identity, &deciding->switches, &deciding->qt);
    deciding_trace(
        deciding, 0, TRUTH_YES,
        arena_printf(deciding->arena, "Qt's own logic (Qt %s)", qt ? qt : "of unknown version"));
    for (size_t i = 0; i < deciding->qt.count; i++) {
        const struct qt_finding *finding = &deciding->qt.items[i];
        deciding_trace(deciding, 1, finding->holds,
                       arena_printf(deciding->arena, "%s: %s", finding->why, finding->found));
    }
    if (qt_holds(deciding, QT_EFFECT_GL_OFF) == TRUTH_YES)
        deciding->identity.gl.disabled = TRUTH_YES;
}

/* --- what a page gets ------------------------------------------------------------------------ */

static enum webgl_state state_of(enum truth works)
{
    static const enum webgl_state states[] = {
        [TRUTH_UNKNOWN] = WEBGL_UNKNOWN, [TRUTH_NO] = WEBGL_DISABLED, [TRUTH_YES] = WEBGL_ENABLED
    };
    return states[works];
}

static enum truth not_truth(enum truth a)
{
    return a == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : a == TRUTH_YES ? TRUTH_NO : TRUTH_YES;
}

static enum truth and_truth(enum truth a, enum truth b)
{
    if (a == TRUTH_NO || b == TRUTH_NO)
        return TRUTH_NO;
    return a == TRUTH_YES && b == TRUTH_YES ? TRUTH_YES : TRUTH_UNKNOWN;
}

static const enum qt_effect effects_without_gpu[] = { QT_EFFECT_GL_OFF, QT_EFFECT_START_FAILURE,
                                                      QT_EFFECT_NO_GPU, QT_EFFECT_NO_WEBGL };

/* Anything that leaves pages without a GPU whatever the lists say. A freeze is apart: what Chromium
 * would grant is still told, for those who take the freeze away. */
static enum truth gpu_there(const struct deciding *deciding)
{
    enum truth there = deciding->identity.gl.disabled == TRUTH_YES ? TRUTH_NO : TRUTH_YES;
    for (size_t i = 0; i < ROWS(effects_without_gpu); i++)
        there = and_truth(there, not_truth(qt_holds(deciding, effects_without_gpu[i])));
    return there;
}

static bool engine_is_known(const struct deciding *deciding)
{
    const struct identity_engine *engine = &deciding->identity.engine;
    return engine->qt || engine->chromium || deciding->lists;
}

/* The rule on the context, then what takes ES 3 away from a context that could. */
static struct es3_answer es3_decide(struct deciding *deciding)
{
    const struct es3_workaround *workaround = es3_workaround_find(deciding);
    const struct qt_finding *es2 = qt_find(deciding, QT_EFFECT_ES2);
    const char *version = deciding->identity.gl.version;
    struct es3_answer answer = es3_capable(
        &deciding->identity.gl, draws_through_angle(&deciding->identity, &deciding->switches));
    deciding_trace(deciding, 0, TRUTH_YES, "OpenGL ES 3, which WebGL 2 needs");
    deciding_trace(
        deciding, 1, answer.capable,
        arena_printf(deciding->arena, "%s: %s", answer.rule, version ? version : "unknown"));
    if (answer.capable == TRUTH_NO)
        answer.rule = arena_printf(deciding->arena, "the context is '%s', and WebGL 2 needs %s",
                                   version ? version : "", answer.rule);
    if (workaround) {
        deciding_trace(deciding, 1, TRUTH_NO, workaround->why);
        return (struct es3_answer){ TRUTH_NO, workaround->why, NULL };
    }
    if (es2 && es2->holds != TRUTH_NO)
        answer = (struct es3_answer){ and_truth(answer.capable, not_truth(es2->holds)), es2->why,
                                      es2->missing };
    return answer;
}

static void missing_collect(struct deciding *deciding, enum truth there, const char *es3_missing)
{
    const struct verdict *out = deciding->out;
    if (out->webgl != WEBGL_UNKNOWN && out->webgl2 != WEBGL_UNKNOWN)
        return;
    for (size_t i = 0; i < deciding->qt.count && there == TRUTH_UNKNOWN; i++) {
        if (deciding->qt.items[i].holds == TRUTH_UNKNOWN)
            deciding_missing(deciding, deciding->qt.items[i].missing);
    }
    if (!deciding->lists)
        deciding_missing(deciding, engine_is_known(deciding) ? "engine.library" : "engine.qt");
    if (out->webgl2 == WEBGL_UNKNOWN)
        deciding_missing(deciding, es3_missing);
    for (size_t i = 0; i < deciding->decision.missing.count; i++)
        deciding_missing(deciding, deciding->decision.missing.items[i]);
}

/* A list decides for blocked features first, the context second. */
static struct es3_answer webgl_decide(struct deciding *deciding)
{
    struct verdict *out = deciding->out;
    enum truth there = gpu_there(deciding);
    enum truth blocked1 = feature_blocked(deciding, "accelerated_webgl");
    enum truth blocked2 = feature_blocked(deciding, "accelerated_webgl2");
    struct es3_answer es3 = es3_decide(deciding);
    if (!engine_is_known(deciding))
        es3.capable = TRUTH_UNKNOWN; /* each engine has a bar of its own */
    out->webgl = state_of(and_truth(there, not_truth(blocked1)));
    out->webgl2 = state_of(and_truth(there, and_truth(not_truth(blocked2), es3.capable)));
    missing_collect(deciding, there, es3.missing);
    return es3;
}

/* --- the outcome ----------------------------------------------------------------------------- */

/* Why nothing is known of OpenGL, by how looking at it ended. */
static const char *const probe_texts[] = {
    [GL_PROBE_NONE] = "OpenGL was not looked at",
    [GL_PROBE_OK] = "OpenGL does not say enough of itself",
    [GL_PROBE_CACHED] = "OpenGL does not say enough of itself",
    [GL_PROBE_NO_LIBRARY] = "libEGL.so.1 cannot be loaded, so OpenGL could not be looked at",
    [GL_PROBE_NO_CONTEXT] = "EGL gives no context, so OpenGL could not be looked at",
    [GL_PROBE_CRASHED] = "the graphics driver crashed when it was looked at",
    [GL_PROBE_TIMEOUT] = "the graphics driver hung when it was looked at",
    [GL_PROBE_GARBAGE] = "the graphics driver said nothing that makes sense",
};
static_assert(ROWS(probe_texts) == GL_PROBE_COUNT, "one text per way in which a probe ends");

/* NULL from any of these: it is not so. */
typedef const char *why_fn(const struct deciding *deciding, const struct es3_answer *es3);

static const char *effect_why(const struct deciding *deciding, enum qt_effect effect)
{
    const struct qt_finding *finding = qt_find(deciding, effect);
    return finding && finding->holds == TRUTH_YES ? finding->why : NULL;
}

/* The kernel's module and the libraries are of different versions: no GL until a reboot. */
static const char *why_mismatch(const struct deciding *deciding, const struct es3_answer *es3)
{
    const struct gpu *gpu = probe_driver_mismatch(&deciding->identity);
    (void)es3;
    if (!gpu)
        return NULL;
    return arena_printf(deciding->arena,
                        "OpenGL is broken until a reboot: the kernel module of %s is %s, its "
                        "libraries are %s (updated while running)",
                        gpu->driver ? gpu->driver : "the driver", gpu->driver_version,
                        gpu->library_version);
}

static const char *why_no_engine(const struct deciding *deciding, const struct es3_answer *es3)
{
    (void)es3;
    return engine_is_known(deciding) ? NULL : "no Qt WebEngine is known";
}

static const char *why_crash(const struct deciding *deciding, const struct es3_answer *es3)
{
    (void)es3;
    return effect_why(deciding, QT_EFFECT_START_FAILURE);
}

static const char *why_freeze(const struct deciding *deciding, const struct es3_answer *es3)
{
    (void)es3;
    return effect_why(deciding, QT_EFFECT_FREEZE);
}

static const char *why_no_gpu(const struct deciding *deciding, const struct es3_answer *es3)
{
    const char *off = effect_why(deciding, QT_EFFECT_GL_OFF);
    (void)es3;
    if (deciding->identity.gl.disabled == TRUTH_YES)
        return off ? off : "Qt turned OpenGL off";
    return effect_why(deciding, QT_EFFECT_NO_GPU);
}

static const char *why_no_webgl(const struct deciding *deciding, const struct es3_answer *es3)
{
    (void)es3;
    return effect_why(deciding, QT_EFFECT_NO_WEBGL);
}

static const char *why_blocked(const struct deciding *deciding, const struct es3_answer *es3)
{
    (void)es3;
    return feature_blocked(deciding, "accelerated_webgl") == TRUTH_YES
                   || feature_blocked(deciding, "accelerated_webgl2") == TRUTH_YES
               ? blocking_entry_text(deciding)
               : NULL;
}

static const char *why_no_es3(const struct deciding *deciding, const struct es3_answer *es3)
{
    bool lost = es3->capable == TRUTH_NO && deciding->out->webgl2 == WEBGL_DISABLED;
    return lost && gpu_there(deciding) == TRUTH_YES ? es3->rule : NULL;
}

static const char *why_unknown(const struct deciding *deciding, const struct es3_answer *es3)
{
    const struct identity_gl *gl = &deciding->identity.gl;
    const struct verdict *out = deciding->out;
    (void)es3;
    if (out->webgl != WEBGL_UNKNOWN && out->webgl2 != WEBGL_UNKNOWN)
        return NULL;
    if (!gl->version && !gl->renderer)
        return probe_texts[gl->probe];
    for (size_t i = 0; i < ROWS(effects_without_gpu); i++) {
        const struct qt_finding *finding = qt_find(deciding, effects_without_gpu[i]);
        if (finding && finding->holds == TRUTH_UNKNOWN)
            return arena_printf(deciding->arena, "perhaps %s (%s)", finding->why,
                                finding->missing ? "it depends on what is missing"
                                                 : "this version was not looked at");
    }
    return deciding->lists ? "a list entry asks for more than is known"
                           : "the GPU lists of this engine are not known";
}

static const char *why_ok(const struct deciding *deciding, const struct es3_answer *es3)
{
    const char *version = deciding->identity.gl.version;
    (void)es3;
    return version ? version : "";
}

/* In the order in which one hides the others; the last one always holds. */
static const struct {
    why_fn *why;
    enum outcome outcome;
} outcome_rows[] = {
    { why_mismatch, OUTCOME_NOT_GPU },    { why_no_engine, OUTCOME_UNKNOWN },
    { why_crash, OUTCOME_START_FAILURE }, { why_freeze, OUTCOME_START_FAILURE },
    { why_no_gpu, OUTCOME_NO_GPU },       { why_no_webgl, OUTCOME_OK },
    { why_blocked, OUTCOME_BLOCKLISTED }, { why_no_es3, OUTCOME_ES3_UNSUPPORTED },
    { why_unknown, OUTCOME_UNKNOWN },     { why_ok, OUTCOME_OK },
};

static void outcome_decide(struct deciding *deciding, const struct es3_answer *es3)
{
    struct verdict *out = deciding->out;
    size_t i = 0;
    while (!(out->why = outcome_rows[i].why(deciding, es3)))
        i++;
    out->outcome = outcome_rows[i].outcome;
    if (out->outcome != OUTCOME_NOT_GPU)
        return;
    deciding_trace(deciding, 0, TRUTH_YES, out->why);
    out->webgl = out->webgl2 = WEBGL_DISABLED;
    out->missing = (struct strings){ 0 };
    ARENA_PUSH(deciding->arena, &out->advice, "reboot");
}

/* A mismatch stands in two files. Otherwise the lists must be this engine's own, and nothing may
 * be open that would change the outcome. */
static enum confidence confidence_of(const struct deciding *deciding)
{
    const struct identity_gl *gl = &deciding->identity.gl;
    const struct verdict *out = deciding->out;
    if (out->outcome == OUTCOME_NOT_GPU)
        return CONFIDENCE_HIGH;
    if (out->outcome == OUTCOME_UNKNOWN || !deciding->lists
        || !(deciding->lists->from_library || deciding->lists->exact)
        || qt_holds(deciding, QT_EFFECT_FREEZE) == TRUTH_UNKNOWN)
        return CONFIDENCE_LOW;
    return gl->probe == GL_PROBE_OK || gl->probe == GL_PROBE_CACHED ? CONFIDENCE_MEASURED
                                                                    : CONFIDENCE_HIGH;
}

static void settling_trace(struct deciding *deciding)
{
    const struct strings *missing = &deciding->out->missing;
    struct text text = { .arena = deciding->arena };
    for (size_t i = 0; i < missing->count; i++)
        text_printf(&text, "%s%s", i ? ", " : "what would settle the rest: ", missing->items[i]);
    if (missing->count)
        deciding_trace(deciding, 0, TRUTH_UNKNOWN, text_get(&text));
}

void verdict_make(struct arena *arena, const struct identity *identity,
                  const struct control_lists *lists, struct verdict *out)
{
    struct deciding deciding = {
        .arena = arena, .identity = *identity, .lists = lists, .out = out
    };
    *out = (struct verdict){ .why = "" };
    switches_collect(&deciding);
    qt_decide(&deciding);
    lists_decide(&deciding);
    struct es3_answer es3 = webgl_decide(&deciding);
    outcome_decide(&deciding, &es3);
    out->confidence = confidence_of(&deciding);
    settling_trace(&deciding);
}
