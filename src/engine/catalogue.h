/* catalogue.h: every switch and variable that is known here: what it does, what it costs, which
 * engine honours it, who may write it. Room: engine. Pure tables; each row with its source. To add
 * one: a row in catalogue_switches.c, catalogue_dangers.c or catalogue_variables.c and one in
 * tests/unit/engine/test_lint.c, then `tests/tools/flags_doc.py --write` for docs/flags.md. */
#ifndef QWGUARD_ENGINE_CATALOGUE_H
#define QWGUARD_ENGINE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/known.h"

enum value_grammar {
    VALUE_NONE,   /* no value at all */
    VALUE_ON_OFF, /* none, 0 or 1: a workaround by its name */
    VALUE_WORD,   /* one of the words */
    VALUE_LIST,   /* some of the words, separated by commas */
    VALUE_NUMBER, /* decimal digits */
    VALUE_ANY,    /* whatever it is; the row stands for the values that no other row names */
    VALUE_GRAMMAR_COUNT,
};

enum catalogue_class {
    CLASS_MITIGATION, /* may help, at its cost */
    CLASS_DIAGNOSIS,  /* tells more, or provokes a fault for a test */
    CLASS_DANGEROUS,  /* harms who writes it without knowing */
    CLASS_STALE,      /* advice that goes round and does not help */
    CLASS_COUNT,
};

/* One name, or one name with some of its values. Versions are of Qt WebEngine unless they say
 * otherwise. NULL = no bound, or nothing to say. */
struct catalogue_row {
    const char *name;   /* "--disable-gpu", "QT_OPENGL"; a '*' at the end stands for any rest */
    const char *effect; /* what it does where it works */
    enum value_grammar grammar;
    const char *words; /* separated by '|' */
    enum catalogue_class class;
    bool allowed;               /* a profile may write it */
    bool never;                 /* no Qt honours it */
    const char *since;          /* first Qt that honours it */
    const char *until;          /* first Qt that does not any more */
    const char *unsure_from;    /* from here up to since, or up to until, it was not looked at */
    const char *chromium_since; /* first Chromium that has it, where that is the reason */
    const char *chromium_until; /* first Chromium without it */
    const char *why_not;        /* why it is not honoured */
    const char *breaks_since;   /* first Qt that it breaks (on Linux) */
    const char *breaks_until;   /* first Qt that it breaks no more; both NULL = breaks none */
    const char *breaks;         /* how */
    const char *cost;           /* what is lost */
    const char *refuse;         /* why a profile may never write it */
    const char *better;         /* what to do in its place */
    const char *source;
};

/**
 * Row by number.
 *
 * returns   NULL behind the last one
 */
const struct catalogue_row *catalogue_at(size_t index);

/**
 * Row of a switch ("--disable-gpu") or variable; where a name has several, the one that knows the
 * value, else the one for any other value, else the first. Names with a '*' come last.
 *
 * value     NULL = none
 * returns   NULL when the catalogue has none
 */
const struct catalogue_row *catalogue_find(const char *name, size_t length, const char *value);

/**
 * Is the value one that the row's grammar takes?
 *
 * value     NULL = none
 */
bool catalogue_takes(const struct catalogue_row *row, const char *value);

/**
 * All words of the rows of a name that a profile may write, "disabled|angle|desktop"; "a number"
 * for numbers. Cut at the size of out.
 */
void catalogue_words(const char *name, size_t length, char *out, size_t size);

/**
 * Does this Qt honour it?
 *
 * qt        NULL = unknown version
 */
enum truth catalogue_honoured(const struct catalogue_row *row, const char *qt);

/**
 * Does it break this Qt (on Linux)? Unknown for an unknown version where it breaks some.
 */
enum truth catalogue_breaks(const struct catalogue_row *row, const char *qt);

/**
 * "mitigation", "diagnosis", "dangerous", "stale".
 */
const char *catalogue_class_text(enum catalogue_class class);

/**
 * "none", "on-off", "word", "list", "number", "any".
 */
const char *value_grammar_text(enum value_grammar grammar);

#endif
