/* devtools.h: what is asked of a running engine over its DevTools port, and what it answers.
 * Room: engine. Pure: messages in, messages out; how they travel is somebody else's matter. The
 * messages may come from anyone who answers on the port, so every one is checked.
 * Source: https://chromedevtools.github.io/devtools-protocol/ (SystemInfo, Target, Page, Runtime),
 * tried on Qt 5.15.13 and 6.4.2. */
#ifndef QWGUARD_ENGINE_DEVTOOLS_H
#define QWGUARD_ENGINE_DEVTOOLS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"

/* Larger messages are refused: those of a real engine are below 64 KiB. */
#define DEVTOOLS_MESSAGE_BYTES_MAX ((size_t)1024 * 1024)

/* A conversation. Lives in an arena, holds JSON: end with devtools_end(). */
struct devtools;

/**
 * Begin with what GET /json/version gave.
 *
 * port      the port that was asked
 * out_path  path of the browser target, for ws://127.0.0.1:PORT
 * returns   NULL and ERR_DATA when it is no answer of an engine, or names another address
 */
struct devtools *devtools_begin(struct arena *arena, unsigned port, const char *bytes,
                                size_t length, const char **out_path, struct err *err);

/**
 * The message to send now, or NULL: then wait for one. When devtools_is_idle(), ask again a little
 * later (there is no page yet).
 *
 * returns   in the arena; the same is not given twice
 */
const char *devtools_next(struct devtools *devtools);

/**
 * Take a message of the engine. Events and answers to nothing are passed over.
 *
 * returns   0; -1 and ERR_DATA when it is no JSON object or the engine refuses what it must answer
 */
int devtools_take(struct devtools *devtools, const char *bytes, size_t length, struct err *err);

/**
 * Is there nothing to wait for but time?
 */
bool devtools_is_idle(const struct devtools *devtools);

/**
 * Wait no longer for a page; go on to the questions that need none.
 */
void devtools_page_give_up(struct devtools *devtools);

/**
 * Is everything answered?
 */
bool devtools_is_done(const struct devtools *devtools);

/**
 * What is being waited for, for a person: "a page to be shown".
 */
const char *devtools_wish(const struct devtools *devtools);

/**
 * The answers so far: {"version": /json/version, "page": {"own", "webgl", "webgl2"},
 * "page_problem": text, "gpu": of SystemInfo.getInfo, "command_line", "processes": of
 * SystemInfo.getProcessInfo}; what is not answered is absent.
 *
 * returns   a new reference
 */
json_t *devtools_to_json(const struct devtools *devtools);

/**
 * Let go of the JSON; NULL is accepted.
 */
void devtools_end(struct devtools *devtools);

#endif
