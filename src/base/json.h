/* json.h: the few things that every writer of JSON here needs on top of jansson.
 * Room: base. Ownership of values follows jansson: functions named *_set steal the new value. */
#ifndef QWGUARD_BASE_JSON_H
#define QWGUARD_BASE_JSON_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/**
 * Scope cleanup for `CLEANUP(json_freep) json_t *value`. NULL is accepted.
 */
void json_freep(json_t **value);

/**
 * JSON string of any bytes: what is not UTF-8 is cleaned (text_clean), NULL gives JSON null.
 */
json_t *json_text(const char *text);

/**
 * JSON array of strings, in order.
 */
json_t *json_strings(const struct strings *strings);

/**
 * Set a key, stealing the value. A NULL value (jansson out of memory) is left out.
 */
void json_set(json_t *object, const char *key, json_t *value);

/**
 * Set a string key; nothing happens when text is NULL (unknown stays absent).
 */
void json_set_text(json_t *object, const char *key, const char *text);

/**
 * Set an integer key. Values above 2^63-1 are held at that bound.
 */
void json_set_u64(json_t *object, const char *key, uint64_t value);

/**
 * Whole value as indented text with a newline at the end, keys in the order of their setting.
 *
 * returns   text in the arena
 */
const char *json_format(struct arena *arena, const json_t *value);

/**
 * Parse a text.
 *
 * name      file name for the place; borrowed
 * returns   a new reference, or NULL and ERR_DATA with line and column
 */
json_t *json_parse(const char *name, const char *bytes, size_t length, struct err *err);

/**
 * Copy of a string member in the arena; NULL when absent or no string.
 */
const char *json_get_text(struct arena *arena, const json_t *object, const char *key);

/**
 * Integer member; fallback when absent, no integer or negative.
 */
uint64_t json_get_u64(const json_t *object, const char *key, uint64_t fallback);

#endif
