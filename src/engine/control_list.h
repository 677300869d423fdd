/* control_list.h: Chromium's GPU lists and the evaluator that decides as an engine would.
 * Room: engine. Evaluation is pure; loading reads one file or the built-in rules.
 * Source: Chromium gpu/config/gpu_control_list.cc, process_json.py, gpu_util.cc. */
#ifndef QWGUARD_ENGINE_CONTROL_LIST_H
#define QWGUARD_ENGINE_CONTROL_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/known.h"
#include "base/report.h"
#include "base/text.h"
#include "base/yaml.h"
#include "machine/identity.h"

/* The form in which `rules extract` writes the lists. */
#define LISTS_SCHEMA "qwguard.lists/1"

/* One entry of a list; its inside belongs to the evaluator (control_list_private.h). */
struct control_entry;

/* One list: "software_rendering_list" or "gpu_driver_bug_list". */
struct control_list {
    const char *name;
    const struct control_entry *entries; /* in the order of the file */
    size_t count;
};

/* Both lists of one Chromium version, with every pattern compiled. */
struct control_lists {
    const char *chromium;       /* version the lists were taken from: "102.0.5005.177" */
    const char *origin;         /* file or "built in", for people */
    bool from_library;          /* taken from the installed engine's own library */
    bool exact;                 /* same major Chromium version as the engine that was asked for */
    struct strings workarounds; /* every name that the engine takes as a switch; empty = not told */
    struct control_list blocklist; /* software_rendering_list */
    struct control_list bug_list;  /* gpu_driver_bug_list */
};

/* The machine as this engine's collector would describe it to the lists. */
struct gpu_info;

/* One condition that was looked at. */
struct condition_trace {
    const char *text;  /* "gl.renderer matches (?i).*llvmpipe.*" */
    const char *found; /* what the machine has; "unknown" */
    enum truth result;
};

/* What one entry came to. */
struct entry_result {
    const char *list;
    unsigned id;
    const char *description;
    bool active;
    bool needs_more_info;    /* would apply if something unknown were known */
    struct strings features; /* blocked features or workarounds, as the list names them */
    const char *why;         /* one line: the conditions that made it */
    const char *settled_by;  /* which facts, with which values, would settle it; NULL = it is */
    struct condition_trace *conditions; /* in their order, up to the one that decided */
    size_t condition_count;
};

struct control_decision {
    struct strings blocked_features; /* union, "all" expanded for this version; sorted */
    struct strings workarounds;      /* union, sorted; after switches such as --name=0 */
    struct entry_result
        *entries; /* every relevant entry: active ones, and those that lack a fact */
    size_t entry_count;
    bool needs_more_info;
    struct strings missing; /* names of facts: "gl.renderer" … */
};

/**
 * The shipped lists of the Chromium version nearest to the one asked for (the same major version,
 * else the next older one, else the oldest).
 *
 * chromium  "102.0.5005.177"; NULL = the newest
 * out       lives in the arena
 * returns   0, or -1 and ERR_DATA / ERR_UNAVAILABLE (a broken or missing built-in file is a bug)
 */
int control_lists_shipped(struct arena *arena, const char *chromium, struct control_lists *out,
                          struct err *err);

/**
 * The same as the tree that the file holds, for showing it.
 *
 * out       its file names the built-in file; untouched on failure
 */
int control_lists_shipped_tree(struct arena *arena, const char *chromium, struct yaml_node **out,
                               struct err *err);

/**
 * Read a rule file in the form of profiles/rules/ (YAML; also the JSON of `rules extract`).
 *
 * report    every fault with its place; an entry in error is an error of the whole file
 * returns   0, or -1 when the report has errors
 */
int control_lists_read(struct arena *arena, const struct yaml_node *root, struct report *report,
                       struct control_lists *out);

/**
 * Evaluate both lists as the engine does, switches and environment of the identity included
 * (--ignore-gpu-blocklist, --disable-gpu-driver-bug-workarounds, test groups, workaround names).
 *
 * switches  what the engine's command line will hold (variable, or arguments); without "--"
 * handling out       overwritten; lives in the arena
 */
void control_lists_evaluate(struct arena *arena, const struct control_lists *lists,
                            const struct identity *identity, const struct strings *switches,
                            struct control_decision *out);

#endif
