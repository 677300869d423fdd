/* profile.h: hardware profiles: on which machine something is known to help, and what it costs.
 * Room: profile. Reads YAML (built in, folders); matching is pure. Format: docs/profiles.md.
 * A profile can never make anything run: switches and variables are checked against the allow-lists
 * of engine/switches.h when it is read. */
#ifndef QWGUARD_PROFILE_PROFILE_H
#define QWGUARD_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/known.h"
#include "base/report.h"
#include "base/text.h"
#include "base/yaml.h"
#include "engine/switches.h"
#include "engine/verdict.h"
#include "machine/identity.h"

struct conditions; /* tree of conditions; condition_private.h */

/* What is known of an application, whatever the machine. */
struct profile_app {
    bool known;                     /* false: the profile says nothing of the kind */
    enum truth handles_termination; /* a renderer that is ended: the app goes on and shows it */
    const char *passes_flags;       /* argument | environment | never; NULL = unknown */
    const char *reacts;             /* what it does when the variable is set; NULL = unknown */
    struct maybe_u64 memory_bytes;  /* of all its processes in ordinary use */
};

struct profile {
    const char *id; /* unique, kebab-case */
    const char *title;
    struct strings evidence; /* URLs */
    const char *confidence;  /* high | medium | low */
    const struct conditions *match;
    struct rung *ladder; /* narrow to wide; may be empty (advice only) */
    size_t ladder_count;
    struct strings advice; /* reboot | install:… | update-driver | clear-cache:… | remove-flags:… */
    struct profile_app app;
    bool applies_at_start; /* false (`when: incident`): applies nothing at a start and its match may
                              be unknown there; the guard matches it again with an attribution */
    const char *file;      /* where it was read: "built in: profiles/10-generic.yaml" or a path */
    struct place at;
    unsigned specificity;       /* number of conditions; the more specific profile wins */
    struct profile_test *tests; /* tests inside, run by profiles_test() */
    size_t test_count;
    const struct yaml_node *source; /* the whole entry as it was written */
};

/* One test inside a profile: facts, and what matching them must come to. */
struct profile_test {
    const struct yaml_node *identity; /* NULL = nothing is known */
    const struct verdict *verdict;    /* only outcome, webgl, webgl2; NULL = unknown */
    const char *attribution;
    struct maybe_u64 crashes;
    enum truth updated;
    const struct variables *signatures; /* NULL = unknown */
    enum truth expect;
    struct place at;
};

enum profile_tests {
    PROFILE_TESTS_READ,
    PROFILE_TESTS_LEFT_OUT, /* of the built-in profiles; sources hold none either */
};

/* All profiles in the order of their reading; later sources replace earlier ids. */
struct profiles {
    const struct profile **items;
    size_t count;
    size_t capacity;
};

/* What conditions can ask for beyond the identity. */
struct profile_facts {
    const struct identity *identity;
    const struct verdict *verdict;      /* NULL = unknown */
    const char *attribution;            /* of the last incident; NULL = unknown */
    struct maybe_u64 crashes;           /* start-up crashes in the history */
    enum truth updated;                 /* driver, kernel or engine since the last good start */
    const struct variables *signatures; /* log signature -> count as text; NULL = unknown */
};

struct profile_match {
    const struct profile *profile;
    enum truth match;
    const char *needs;  /* when unknown: what would settle it, "gl.renderer"; else NULL */
    struct trace trace; /* each condition, what was wanted, what the machine has, the result */
};

struct profile_matches {
    struct profile_match *items; /* in the order of struct profiles */
    size_t count;
};

/**
 * Load all profiles: built in, then each folder in order (files *.yaml sorted by name, then those
 * of its subfolder apps/; later ones replace the same id; `disabled: true` removes it).
 *
 * folders   existing or not; an absent one is skipped silently
 * tests     those of the built-in profiles take half of the time, and no start needs them
 * report    every fault with its place; a bad profile is skipped, the rest works
 */
void profiles_load(struct arena *arena, const struct strings *folders, enum profile_tests tests,
                   struct report *report, struct profiles *out);

/**
 * Read one more file on top of what is there, under the same rules.
 *
 * path      as the user named it; it names the places
 * returns   0 (whatever the report got), or -1 and err when the file cannot be read
 */
int profiles_add_file(struct arena *arena, const char *path, struct report *report,
                      struct profiles *inout, struct err *err);

/**
 * One profile by id.
 *
 * returns   NULL when there is none
 */
const struct profile *profile_find(const struct profiles *profiles, const char *id);

/**
 * Can a profile have this id? Small letters, digits and single dashes, at most 64.
 */
bool profile_id_fits(const char *id);

/**
 * Match every profile against the facts. Pure.
 */
void profiles_match(struct arena *arena, const struct profiles *profiles,
                    const struct profile_facts *facts, struct profile_matches *out);

/**
 * Would a closer look at the machine settle it? True when the profile is for the start, too little
 * is known, and nothing that is missing lies in the application or in what is still to happen.
 */
bool profile_match_may_apply(const struct profile_match *match);

/**
 * What the profiles that match say of the application, put together: each fact from the first
 * profile that has it.
 */
void profiles_app(const struct profile_matches *matches, struct profile_app *out);

/**
 * A profile as JSON (all of it, match conditions included).
 *
 * returns   a new reference
 */
json_t *profile_to_json(const struct profile *profile);

/**
 * A match as the object of `check --json`: {"id", "match", "rung", "file"}; with its trace when
 * explain.
 *
 * returns   a new reference
 */
json_t *profile_match_to_json(const struct profile_match *match, bool explain);

/**
 * Run the tests inside every profile.
 *
 * report    a failed test becomes an error with its place; a profile without a test that must
 * match, or without one that must not, gets a warning
 */
void profiles_test(struct arena *arena, const struct profiles *profiles, struct report *report);

/**
 * What no profile can show alone: rungs that nothing can come of, and two profiles that match the
 * machine of a test, disagree about the first rung, and leave only the order of the files to decide
 * (the same number of conditions).
 *
 * judged    the profiles that findings are wanted about
 * all       what they stand among; may be the same set
 */
void profiles_check(struct arena *arena, const struct profiles *judged, const struct profiles *all,
                    struct report *report);

#endif
