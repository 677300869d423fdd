/* What a GL context can carry: GL_VERSION taken apart, and the bar below which pages get no
 * WebGL 2. */
#include <string.h>

#include "base/macros.h"
#include "engine/verdict_private.h"

#define ES_PREFIX "OpenGL ES"
#define ANGLE_PREFIX "ANGLE ("

struct gl_version gl_version_parse(const char *text)
{
    struct gl_version version = { .known = text != NULL };
    if (!text)
        return version;
    if (text_starts(text, ES_PREFIX)) {
        version.is_es = true;
        text += strlen(ES_PREFIX);
        while (*text && (*text < '0' || *text > '9')) /* "OpenGL ES-CM 1.1" */
            text++;
    }
    unsigned parts[2] = { 0, 0 };
    for (int i = 0; i < 2; i++) {
        if (*text < '0' || *text > '9')
            break;
        version.has_number = true;
        for (; *text >= '0' && *text <= '9'; text++)
            parts[i] = parts[i] > 1000 ? parts[i] : parts[i] * 10 + (unsigned)(*text - '0');
        version.parsed = i == 1;
        if (i == 0 && *text++ != '.')
            break;
    }
    version.number = 100 * parts[0] + (parts[1] > 99 ? 99 : parts[1]);
    return version;
}

/* What stands below ANGLE when that is not OpenGL, by a part of its renderer.
 * Source: ANGLE src/libANGLE/renderer/d3d/d3d11/renderer11_utils.cpp, GetMaximumClientVersion:
 * feature level 10_1 and later (vs_4_1, vs_5_0) carry ES 3; Direct3D 9 never does. */
static const struct backend_row {
    const char *part;
    enum truth capable;
    const char *rule;
} backend_rows[] = {
    { "Direct3D11 vs_5_", TRUTH_YES, "Direct3D 11 (ANGLE)" },
    { "Direct3D11 vs_4_1", TRUTH_YES, "Direct3D 11 (ANGLE)" },
    { "Direct3D11 vs_4_0", TRUTH_NO, "Direct3D of feature level 10_1 (ANGLE)" },
    { "Direct3D9", TRUTH_NO, "Direct3D of feature level 10_1 (ANGLE)" },
    { "Vulkan", TRUTH_YES, "Vulkan (ANGLE)" },
};

static const struct backend_row *backend_find(const struct identity_gl *gl)
{
    if (!gl->renderer || !text_starts(gl->renderer, ANGLE_PREFIX))
        return NULL;
    for (size_t i = 0; i < ROWS(backend_rows); i++) {
        if (strstr(gl->renderer, backend_rows[i].part))
            return &backend_rows[i];
    }
    return NULL;
}

/* GL_VERSION below ANGLE: what stands in "ANGLE (vendor, renderer, OpenGL 4.6 …)", else the string
 * itself. */
static const char *native_version(const struct identity_gl *gl)
{
    const char *last = gl->renderer && text_starts(gl->renderer, ANGLE_PREFIX)
                           ? strrchr(gl->renderer, ',')
                           : NULL;
    if (!last)
        return gl->version;
    last += strspn(last, ", ");
    bool desktop = text_starts(last, "OpenGL ") && !text_starts(last, ES_PREFIX);
    return desktop ? last + strlen("OpenGL ") : last;
}

static enum truth extension_has(const char *extensions, const char *name)
{
    size_t length = strlen(name);
    if (!extensions)
        return TRUTH_UNKNOWN;
    for (const char *at = extensions; (at = strstr(at, name)); at += length) {
        if ((at == extensions || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return TRUTH_YES;
    }
    return TRUTH_NO;
}

/* From these desktop versions on, with these extensions. Widest need last; a row without a rule
 * ends the table. */
struct es3_row {
    unsigned number;
    const char *extensions[2];
    const char *rule;
};

static const struct es3_row chromium_rows[] = {
    { 402, { NULL, NULL }, "desktop GL 4.2 or later" },
    { 400, { "GL_ARB_texture_storage", NULL }, "desktop GL 4.0 with GL_ARB_texture_storage" },
    { 303,
      { "GL_ARB_texture_storage", "GL_ARB_transform_feedback2" },
      "desktop GL 3.3 with GL_ARB_texture_storage and GL_ARB_transform_feedback2" },
    { .rule = NULL },
};

/* ANGLE's own bar. Seen on 6.11: 3.2 gives WebGL 2, 3.3 without the extension does not. */
static const struct es3_row angle_rows[] = {
    { 400, { NULL, NULL }, "desktop GL 4.0 or later (ANGLE)" },
    { 302,
      { "GL_ARB_transform_feedback2", NULL },
      "desktop GL 3.2 with GL_ARB_transform_feedback2 (ANGLE)" },
    { .rule = NULL },
};

static struct es3_answer desktop_capable(const struct identity_gl *gl, bool angle, unsigned number)
{
    struct es3_answer answer = { .capable = TRUTH_NO };
    bool told = !angle || !gl->extensions || *gl->extensions; /* ANGLE hides the native ones */
    for (const struct es3_row *row = angle ? angle_rows : chromium_rows; row->rule; row++) {
        answer.rule = row->rule;
        if (number < row->number)
            continue;
        answer = (struct es3_answer){ .capable = TRUTH_YES, .rule = row->rule };
        for (size_t j = 0; told && j < ROWS(row->extensions) && row->extensions[j]; j++) {
            enum truth has = extension_has(gl->extensions, row->extensions[j]);
            if (has == TRUTH_NO || answer.capable == TRUTH_NO)
                answer.capable = TRUTH_NO;
            else if (has == TRUTH_UNKNOWN)
                answer.capable = TRUTH_UNKNOWN;
        }
        if (answer.capable == TRUTH_UNKNOWN)
            answer.missing = "gl.extensions";
        return answer;
    }
    return answer;
}

struct es3_answer es3_capable(const struct identity_gl *gl, bool angle)
{
    const struct backend_row *backend = angle ? backend_find(gl) : NULL;
    if (backend)
        return (struct es3_answer){ backend->capable, backend->rule, NULL };
    struct gl_version version = gl_version_parse(angle ? native_version(gl) : gl->version);
    if (!version.known)
        return (struct es3_answer){ TRUTH_UNKNOWN, "a context that carries OpenGL ES 3",
                                    "gl.version" };
    if (!version.has_number)
        return (struct es3_answer){ TRUTH_NO, "a GL_VERSION with a number", NULL };
    if (version.is_es)
        return (struct es3_answer){ version.number >= 300 ? TRUTH_YES : TRUTH_NO,
                                    "OpenGL ES 3.0 or later", NULL };
    return desktop_capable(gl, angle, version.number);
}
