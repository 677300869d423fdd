/* The comparison of a verdict with a running engine. What a page gets is the proof; features,
 * workarounds and GL strings tell where a difference comes from. */
#include "engine/verify.h"

#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"
#include "engine/control_list_private.h"

/* Features of Chromium's list whose state an engine tells, and under which name. Source: Chromium
 * content/browser/gpu/compositor_util.cc GetGpuFeatureData. */
static const struct {
    const char *feature, *status;
} features[] = {
    { "accelerated_webgl", "webgl" },
    { "accelerated_webgl2", "webgl2" },
    { "accelerated_2d_canvas", "2d_canvas" },
    { "canvas_oop_rasterization", "canvas_oop_rasterization" },
    { "gpu_rasterization", "rasterization" },
    { "accelerated_video_decode", "video_decode" },
    { "accelerated_video_encode", "video_encode" },
    { "accelerated_gl", "opengl" },
    { "vulkan", "vulkan" },
    { "accelerated_webgpu", "webgpu" },
};

/* What an engine tells of a feature begins with one of these; the rest says what is done instead.
 * "disabled" (a switch, or a feature that is off in every case) hides what the list says. */
static const struct {
    const char *predicted, *found;
    enum truth agree;
} states[] = {
    { "enabled", "enabled", TRUTH_YES },         { "enabled", "unavailable", TRUTH_NO },
    { "enabled", "disabled", TRUTH_UNKNOWN },    { "blocklisted", "enabled", TRUTH_NO },
    { "blocklisted", "unavailable", TRUTH_YES }, { "blocklisted", "disabled", TRUTH_UNKNOWN },
    { "disabled", "enabled", TRUTH_NO },         { "disabled", "unavailable", TRUTH_YES },
    { "disabled", "disabled", TRUTH_YES },
};

#define GL_OFF "off" /* in place of the strings; Qt 6 says "Disabled", Qt 5 nothing */

struct comparing {
    struct arena *arena;
    const struct identity *identity;
    const struct verdict *verdict;
    const json_t *answers, *gpu;
    struct verify_points *out;
};

static struct verify_point *add(struct comparing *c, const char *name, const char *predicted,
                                const char *found)
{
    struct verify_point point = { .point = name, .predicted = predicted, .found = found };
    if (predicted && found)
        point.agree = text_equal(predicted, found) ? TRUTH_YES : TRUTH_NO;
    ARENA_PUSH(c->arena, c->out, point);
    return &c->out->items[c->out->count - 1];
}

static const char *known_word(const char *word)
{
    return word && text_equal(word, "unknown") ? NULL : word;
}

/* --- what a page gets ---------------------------------------------------------------------------
 */

static void webgl_compare(struct comparing *c, const char *name, enum webgl_state state)
{
    const json_t *page = json_object_get(c->answers, "page");
    const json_t *answer = json_object_get(page, name), *got = json_object_get(answer, "got");
    const char *why = json_get_text(c->arena, answer, "why");
    const char *found = json_is_true(got) ? "enabled" : json_is_false(got) ? "disabled" : NULL;
    struct verify_point *point = add(c, name, known_word(webgl_state_text(state)), found);
    if (!found)
        why = json_get_text(c->arena, c->answers, "page_problem");
    if (why && *why)
        point->why = why;
}

/* --- features -----------------------------------------------------------------------------------
 */

/* Of a feature that the verdict does not name no list says anything, when all was known. */
static const char *feature_predicted(const struct comparing *c, const char *feature)
{
    const char *word = variables_get(&c->verdict->features, feature);
    if (word)
        return known_word(word);
    if (text_equal(variables_get(&c->verdict->features, "accelerated_webgl"), "disabled"))
        return NULL; /* GL is off altogether, and no list is asked */
    return c->verdict->source != SOURCE_NONE && c->verdict->missing.count == 0 ? "enabled" : NULL;
}

static void feature_compare(struct comparing *c, size_t row)
{
    const json_t *all = json_object_get(c->gpu, "featureStatus");
    const char *found = json_get_text(c->arena, all, features[row].status);
    const char *name = arena_printf(c->arena, "feature.%s", features[row].status);
    const char *predicted = feature_predicted(c, features[row].feature);
    struct verify_point *point = add(c, name, predicted, found);
    point->agree = TRUTH_UNKNOWN;
    for (size_t i = 0; predicted && found && i < ROWS(states); i++)
        if (text_equal(predicted, states[i].predicted) && text_starts(found, states[i].found))
            point->agree = states[i].agree;
    if (predicted && found && point->agree == TRUTH_UNKNOWN && text_starts(found, "disabled"))
        point->why = "what is off in any case does not show what the lists say";
}

/* --- workarounds --------------------------------------------------------------------------------
 */

static const char *presence(bool known, bool present)
{
    return !known ? NULL : present ? "active" : "inactive";
}

static void workaround_compare(struct comparing *c, const char *name, bool known, bool found)
{
    bool predicted = strings_has(&c->verdict->workarounds, name);
    (void)add(c, arena_printf(c->arena, "workaround.%s", name),
              presence(c->verdict->source != SOURCE_NONE, predicted), presence(known, found));
}

static void workarounds_compare(struct comparing *c)
{
    const json_t *list = json_object_get(c->gpu, "driverBugWorkarounds"), *item;
    struct strings found = { 0 };
    size_t i;
    json_array_foreach(list, i, item)
    {
        const char *name = json_string_value(item);
        if (name && !strings_has(&found, name))
            ARENA_PUSH(c->arena, &found, arena_strdup(c->arena, name));
    }
    for (i = 0; i < c->verdict->workarounds.count; i++) {
        const char *name = c->verdict->workarounds.items[i];
        workaround_compare(c, name, json_is_array(list), strings_has(&found, name));
    }
    for (i = 0; i < found.count; i++)
        if (!strings_has(&c->verdict->workarounds, found.items[i]))
            workaround_compare(c, found.items[i], true, true);
}

/* --- GL strings ---------------------------------------------------------------------------------
 */

enum gl_part { GL_VENDOR, GL_RENDERER, GL_VERSION, GL_PART_COUNT };

static const struct {
    const char *name, *key;
} gl_parts[GL_PART_COUNT] = {
    [GL_VENDOR] = { "gl.vendor", "glVendor" },
    [GL_RENDERER] = { "gl.renderer", "glRenderer" },
    [GL_VERSION] = { "gl.version", "glVersion" },
};

static const char *without_commas(struct arena *arena, const char *text)
{
    struct text out = { .arena = arena };
    for (; *text; text += strcspn(text, ",") + (text[strcspn(text, ",")] == ','))
        text_add(&out, text, strcspn(text, ","));
    return text_get(&out);
}

/* An engine that draws through ANGLE tells the driver's own strings as parts of ANGLE's renderer,
 * without commas, and the version behind "OpenGL ". */
static void angle_compare(struct comparing *c, enum gl_part part, struct verify_point *point)
{
    const char *parts[GL_PART_COUNT];
    const char *renderer = json_string_value(
        json_object_get(json_object_get(c->gpu, "auxAttributes"), gl_parts[GL_RENDERER].key));
    if (!renderer
        || !angle_unwrap(c->arena, renderer, &parts[GL_VENDOR], &parts[GL_RENDERER],
                         &parts[GL_VERSION]))
        return;
    const char *below = parts[part], *wanted = without_commas(c->arena, point->predicted);
    size_t skip = part == GL_VERSION && text_starts(below, "OpenGL ") ? strlen("OpenGL ") : 0;
    if (text_equal(wanted, below) || text_equal(wanted, below + skip)) {
        point->agree = TRUTH_YES;
        point->found = below;
    }
}

static void gl_compare(struct comparing *c, enum gl_part part)
{
    const struct identity_gl *gl = &c->identity->gl;
    const char *const predictions[GL_PART_COUNT] = { gl->vendor, gl->renderer, gl->version };
    const json_t *aux = json_object_get(c->gpu, "auxAttributes");
    const char *found = json_get_text(c->arena, aux, gl_parts[part].key);
    bool off = text_equal(variables_get(&c->verdict->features, "accelerated_webgl"), "disabled");
    if (found && (!*found || text_equal(found, "Disabled")))
        found = GL_OFF;
    struct verify_point *point = add(c, gl_parts[part].name, off ? GL_OFF : predictions[part],
                                     found);
    if (point->agree == TRUTH_NO)
        angle_compare(c, part, point);
}

/* --- versions -----------------------------------------------------------------------------------
 */

/* "Mozilla/5.0 (…) QtWebEngine/6.4.2 Chrome/102.0.5005.177 Safari/537.36" */
static const char *product_version(const struct comparing *c, const char *product)
{
    const json_t *version = json_object_get(c->answers, "version");
    const char *agent = json_string_value(json_object_get(version, "User-Agent"));
    const char *at = agent ? strstr(agent, product) : NULL;
    if (!at)
        return NULL;
    at += strlen(product);
    size_t length = strspn(at, "0123456789.");
    return length ? arena_strndup(c->arena, at, length) : NULL;
}

void verify_compare(struct arena *arena, const struct identity *identity,
                    const struct verdict *verdict, const json_t *answers, struct verify_points *out)
{
    struct comparing c = {
        arena, identity, verdict, answers, json_object_get(answers, "gpu"), out
    };
    webgl_compare(&c, "webgl", verdict->webgl);
    webgl_compare(&c, "webgl2", verdict->webgl2);
    (void)add(&c, "engine.qt", identity->engine.qt, product_version(&c, "QtWebEngine/"));
    (void)add(&c, "engine.chromium", identity->engine.chromium, product_version(&c, "Chrome/"));
    for (enum gl_part part = 0; part < GL_PART_COUNT; part++)
        gl_compare(&c, part);
    for (size_t i = 0; i < ROWS(features); i++)
        feature_compare(&c, i);
    workarounds_compare(&c);
}

size_t verify_count(const struct verify_points *points, enum truth agree)
{
    size_t count = 0;
    for (size_t i = 0; i < points->count; i++)
        count += points->items[i].agree == agree;
    return count;
}

json_t *verify_points_to_json(const struct verify_points *points)
{
    json_t *list = json_array();
    for (size_t i = 0; i < points->count; i++) {
        const struct verify_point *point = &points->items[i];
        json_t *row = json_object();
        json_set_text(row, "point", point->point);
        json_set(row, "predicted", json_text(point->predicted));
        json_set(row, "found", json_text(point->found));
        json_set_text(row, "agree", truth_text(point->agree));
        json_set_text(row, "why", point->why);
        (void)json_array_append_new(list, row); /* fails only without memory */
    }
    return list;
}
