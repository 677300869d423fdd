/* good.h: what a header looks like.
 * Room: base. */
#ifndef QWGUARD_BASE_GOOD_H
#define QWGUARD_BASE_GOOD_H

#include <stdint.h>
#include <stdio.h>

/* A type needs no comment of this kind. */
struct good {
    uint64_t size_bytes;
};
typedef int good_fn(const struct good *good);
extern const struct good goods[];

/**
 * Twice the number.
 *
 * returns   no failure
 */
int good_twice(int number);

/** Print one. The comment may stand above an attribute that spans lines. */
__attribute__((format(printf, 2, 3))) int good_print(FILE *out, const char *format, ...);

/** Inline functions count too. */
static inline int good_half(int number)
{
    return number / 2;
}

#endif
