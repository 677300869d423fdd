/* verdict_private.h: what the files of verdict.h share.
 * Room: engine, private. Pure. */
#ifndef QWGUARD_ENGINE_VERDICT_PRIVATE_H
#define QWGUARD_ENGINE_VERDICT_PRIVATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/known.h"
#include "base/text.h"
#include "engine/control_list.h"
#include "engine/verdict.h"
#include "machine/identity.h"

/* --- the GL context (verdict_gl.c) ------------------------------------------------------------ */

/* GL_VERSION, taken apart. */
struct gl_version {
    bool known;      /* false: the string is unknown */
    bool has_number; /* false: no number stands where one should */
    bool parsed;     /* false: it holds no major.minor */
    bool is_es;      /* "OpenGL ES …" */
    unsigned number; /* 100 * major + minor: 405 for 4.5 */
};

/**
 * Take GL_VERSION apart.
 *
 * text      NULL = unknown
 */
struct gl_version gl_version_parse(const char *text);

/* Can a context carry WebGL 2, and what was asked. */
struct es3_answer {
    enum truth capable;
    const char *rule;    /* "GL 3.3 with GL_ARB_texture_storage …", for the trace */
    const char *missing; /* fact that would settle it; NULL = none */
};

/**
 * The ES 3 rule of an engine on the context that it will create.
 *
 * angle     the engine draws through ANGLE, so the bar is ANGLE's on what lies below it
 * source    Chromium ui/gl/gl_version_info.cc (is_es3_capable); ANGLE
 *           src/libANGLE/renderer/gl/renderergl_utils.cpp and
 *           src/libANGLE/renderer/d3d/d3d11/renderer11_utils.cpp (GetMaximumClientVersion)
 */
struct es3_answer es3_capable(const struct identity_gl *gl, bool angle);

/* --- Qt's own logic (verdict_qt.c) ------------------------------------------------------------ */

enum qt_effect {
    QT_EFFECT_GL_OFF,        /* GL is not used: no GPU for pages */
    QT_EFFECT_NO_GPU,        /* a context is made, and refused */
    QT_EFFECT_START_FAILURE, /* the engine crashes */
    QT_EFFECT_FREEZE,        /* it freezes before the first paint, whatever Chromium decides */
    QT_EFFECT_ES2,           /* the context is one of OpenGL ES 2, whatever the driver can */
    QT_EFFECT_NO_WEBGL,      /* pages may not use WebGL */
};

struct qt_finding {
    enum qt_effect effect;
    const char *why;   /* one line */
    const char *found; /* what there is, for the trace */
    enum truth holds;
    const char *missing; /* fact that would settle it when unknown; NULL = none would */
};

struct qt_findings {
    struct qt_finding *items;
    size_t count;
    size_t capacity;
};

/**
 * What Qt of this version does on this machine with these switches, in the order of the table. Rows
 * that are about other versions or systems are left out; all others are there, held or not, for the
 * trace.
 */
void qt_rules_apply(struct arena *arena, const struct identity *identity,
                    const struct strings *switches, struct qt_findings *out);

/**
 * The engine's Chromium version, told or by its Qt version; NULL = unknown.
 */
const char *chromium_of(const struct identity_engine *engine);

/**
 * Does the engine draw through ANGLE here?
 */
bool draws_through_angle(const struct identity *identity, const struct strings *switches);

/* --- what the steps hand on (verdict.c) ------------------------------------------------------- */

struct deciding {
    struct arena *arena;
    struct identity identity;          /* a copy: gl.disabled is set by Qt's logic */
    const struct control_lists *lists; /* NULL = none are known */
    struct strings switches;           /* what will stand on the engine's command line */
    struct control_decision decision;
    struct qt_findings qt;
    struct verdict *out;
};

/**
 * Add a line to the trace.
 */
void deciding_trace(struct deciding *deciding, unsigned depth, enum truth result, const char *text);

/**
 * Name a fact that would settle something, once; NULL is none.
 */
void deciding_missing(struct deciding *deciding, const char *fact);

/* --- the lists (verdict_lists.c) -------------------------------------------------------------- */

/* A workaround that takes ES 3 away. */
struct es3_workaround {
    const char *name;
    unsigned until;  /* Chromium major version that no longer has it; 0 = all do */
    bool as_blocked; /* Chromium treats WebGL 2 as blocklisted; else the context is held too low */
    const char *why;
};

/**
 * Ask the lists: entries, workarounds, features, source, and their lines in the trace.
 */
void lists_decide(struct deciding *deciding);

/**
 * Is the feature blocked by the blocklist? Unknown when an entry lacks a fact.
 *
 * feature   "accelerated_webgl" …
 */
enum truth feature_blocked(const struct deciding *deciding, const char *feature);

/**
 * The first workaround in force that takes ES 3 away; NULL when none does.
 */
const struct es3_workaround *es3_workaround_find(const struct deciding *deciding);

/**
 * The entry that blocks WebGL, in words; "" when none does.
 */
const char *blocking_entry_text(const struct deciding *deciding);

#endif
