/* preflight.h: the whole way from the machine to the plan, as check, run and profile match need it.
 * Room: cli. Joins the rooms machine, engine, profile, history and plan; decides nothing itself. */
#ifndef QWGUARD_CLI_PREFLIGHT_H
#define QWGUARD_CLI_PREFLIGHT_H

#include "cli/command.h"
#include "cli/settings.h"
#include "engine/control_list.h"
#include "engine/engine.h"
#include "engine/verdict.h"
#include "history/history.h"
#include "incident/incident.h"
#include "machine/identity.h"
#include "plan/plan.h"
#include "profile/profile.h"

struct preflight {
    struct identity identity;
    struct engine engine;
    struct control_lists lists;
    bool has_lists;
    struct verdict verdict;
    struct profiles profiles;
    struct profile_facts facts;
    struct profile_matches matches;
    struct history history;
    struct history_key history_key;
    struct plan plan;
    struct report report; /* warnings of profiles and identity */
};

/* The application that it is for. All may be NULL or empty. */
struct preflight_app {
    const char *name;
    const char *program; /* path of its executable */
    struct strings arguments;
};

/**
 * Do it all: identity (given or probed), engine, lists, verdict, profiles, history, plan.
 *
 * app       may be NULL
 * out       complete on success; on failure as far as it came
 * returns   0; -1 and err: what the user gave is wrong or missing. A probe that fails is no error.
 */
int preflight_make(struct context *context, const struct settings *settings,
                   const struct preflight_app *app, struct preflight *out, struct err *err);

/**
 * What the guard would go on with if its incident were attributed so: the profiles matched again
 * with that attribution, the plan made again.
 *
 * out       lives in the arena; overwritten
 * returns   0, or -1 and err (the ladder is empty then)
 */
int preflight_replan(struct context *context, const struct preflight *preflight,
                     enum attribution attribution, struct plan *out, struct err *err);

/**
 * Load the identity of --identity, or probe the machine; and the engine of --engine, --app, or the
 * newest installed. The first half of preflight_make(), for commands that need no verdict.
 */
int preflight_identity(struct context *context, const struct settings *settings,
                       const struct preflight_app *app, struct preflight *out, struct err *err);

/**
 * The second half: lists, verdict, profiles, history and plan, from the identity and engine that
 * preflight_identity() has filled in.
 *
 * returns   0; -1 and err: what the user gave is wrong or missing
 */
int preflight_decide(struct context *context, struct preflight *out, struct err *err);

/**
 * The engine of --engine, else the newest installed one; without any, all of it is unknown.
 *
 * returns   0, or -1 and err: what --engine names cannot be had
 */
int preflight_engine(const struct context *context, struct engine *out, struct err *err);

/**
 * The lists that an engine decides with: those of its library, else the shipped ones of the nearest
 * version; where a library is there and cannot be used, a message says so.
 *
 * returns   0, or -1 and err (no version is known)
 */
int preflight_lists(const struct context *context, const struct engine *engine,
                    struct control_lists *out, struct err *err);

/**
 * Profile folders in force: the usual ones, then every --profiles.
 */
void preflight_profile_folders(const struct context *context, struct strings *out);

/**
 * Add the members "identity", "verdict", "profiles" and "plan" of `check --json` (contract §5).
 *
 * explain   with the traces, and with the profiles that do not match
 */
void preflight_json_add(json_t *object, const struct preflight *preflight, bool explain);

#endif
