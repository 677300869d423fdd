/* verdict.h: what Qt and Chromium will decide on this machine, and why.
 * Room: engine. Pure: reads values, returns a value. Everything lives in the arena given. */
#ifndef QWGUARD_ENGINE_VERDICT_H
#define QWGUARD_ENGINE_VERDICT_H

#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/known.h"
#include "base/text.h"
#include "engine/control_list.h"
#include "machine/identity.h"

enum outcome {
    OUTCOME_OK,
    OUTCOME_BLOCKLISTED,     /* a list entry turns WebGL 1 or WebGL 2 off */
    OUTCOME_ES3_UNSUPPORTED, /* the context will be below ES 3, or a workaround makes it so */
    OUTCOME_NO_GPU,          /* no GPU channel at all: software compositing, no WebGL */
    OUTCOME_START_FAILURE,   /* this engine is known to freeze or crash at start on this stack */
    OUTCOME_NOT_GPU,         /* something else is broken; flags cannot help */
    OUTCOME_UNKNOWN,
    OUTCOME_COUNT,
};

/* What a page would really get. */
enum webgl_state { WEBGL_UNKNOWN, WEBGL_ENABLED, WEBGL_DISABLED };

enum verdict_source { SOURCE_NONE, SOURCE_SHIPPED_RULES, SOURCE_ENGINE_LIBRARY };
enum confidence { CONFIDENCE_LOW, CONFIDENCE_HIGH, CONFIDENCE_MEASURED };

/* One list entry that is active on this machine. */
struct verdict_entry {
    const char *list; /* "software_rendering_list" or "gpu_driver_bug_list" */
    unsigned id;
    const char *description; /* may be NULL */
    struct strings features; /* or workarounds, as the list names them ("all") */
    const char *why;         /* one line */
};

/* One line of --explain: what was asked, what the machine has, and the answer. */
struct trace_line {
    unsigned depth;
    const char *text;
    enum truth result;
};

struct trace {
    struct trace_line *items;
    size_t count;
    size_t capacity;
};

struct verdict {
    enum outcome outcome;
    const char *why; /* one line for a person: the reason of the outcome */
    enum webgl_state webgl;
    enum webgl_state webgl2;
    struct variables
        features; /* Chromium's feature name -> "enabled", "blocklisted", "disabled" or "unknown" */
    struct strings workarounds; /* sorted */
    struct verdict_entry *entries;
    size_t entry_count;
    struct strings missing; /* facts that would settle it: "gl.renderer" … */
    struct strings advice;  /* words of the contract: "reboot" …, only with OUTCOME_NOT_GPU */
    enum verdict_source source;
    enum confidence confidence;
    struct trace trace; /* everything that was looked at, in order */
};

/**
 * Decide.
 *
 * identity  every field may be unknown
 * lists     lists of this engine, or NULL when there are none (source becomes SOURCE_NONE)
 * out       overwritten; complete
 * source    the control lists: Chromium gpu/config/gpu_control_list.cc; ES 3:
 * ui/gl/gl_version_info.cc and gpu/command_buffer/service/context_group.cc; Qt:
 * src/core/web_engine_context.cpp
 */
void verdict_make(struct arena *arena, const struct identity *identity,
                  const struct control_lists *lists, struct verdict *out);

/**
 * The verdict as the "verdict" object of `check --json`.
 *
 * returns   a new reference
 */
json_t *verdict_to_json(const struct verdict *verdict);

/**
 * A trace as JSON: [{"depth", "text", "result": "yes" | "no" | "unknown"}], in its order.
 *
 * returns   a new reference
 */
json_t *trace_to_json(const struct trace *trace);

/**
 * Word of the contract: "ok", "blocklisted", …
 */
const char *outcome_text(enum outcome outcome);

/**
 * Word of the contract: "enabled", "disabled" or "unknown".
 */
const char *webgl_state_text(enum webgl_state state);

/**
 * Word of the contract: "low", "high" or "measured".
 */
const char *confidence_text(enum confidence confidence);

/**
 * Word of the contract: "none", "shipped-rules" or "engine-library".
 */
const char *verdict_source_text(enum verdict_source source);

#endif
