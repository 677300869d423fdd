/* flags_private.h: one item of a flag string as Chromium sees it, and the switches that hold lists.
 * Room: engine. */
#ifndef QWGUARD_ENGINE_FLAGS_PRIVATE_H
#define QWGUARD_ENGINE_FLAGS_PRIVATE_H

#include "engine/flags.h"

/* What Chromium trims around an argument. */
#define WHITE_SPACE " \t\n\v\f\r"

/* Pointers into the item, nothing is terminated. */
struct flag_view {
    const char *name; /* without dashes */
    size_t name_length;
    const char *value; /* NULL = none */
    size_t value_length;
};

/* A switch whose value is a list. */
struct list_switch {
    const char *name;
    const char *opposite; /* the list that says the contrary, NULL = each item can deny itself */
    char separator;
};

/**
 * Chromium trims an argument and takes one dash or two; "-" and "--" are no switches.
 *
 * returns   false when the item is no switch
 */
bool flag_view(const char *item, struct flag_view *out);

/**
 * Is it "--", behind which nothing is a switch?
 */
bool flag_ends_switches(const char *item);

/**
 * Number of items before the one that ends switches.
 */
size_t flags_end(const struct strings *items);

/**
 * Index of the last switch of a name, which is the one that counts.
 *
 * out       untouched when there is none
 * returns   items->count then
 */
size_t flags_find_last(const struct strings *items, const char *name, size_t name_length,
                       struct flag_view *out);

/**
 * The row of a switch with a list; NULL for all others.
 */
const struct list_switch *flag_list_find(const struct flag_view *view);

/**
 * The elements of a list, empty ones left out, appended.
 */
void flag_split(struct arena *arena, const struct flag_view *view, char separator,
                struct strings *out);

/**
 * What an element of a list is about: "Name<Trial:parameter" -> "Name", and for flags of V8
 * "--no-some_flag=1" -> "some-flag".
 */
const char *flag_element_name(struct arena *arena, const char *element, bool is_v8);

#endif
