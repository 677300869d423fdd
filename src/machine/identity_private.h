/* identity_private.h: the keys of an identity as rows, which reading, writing and fingerprints
 * share. A new fact is a member of a struct in identity.h, a row here, and a line in
 * docs/identity.md.
 * Room: machine. */
#ifndef QWGUARD_MACHINE_IDENTITY_PRIVATE_H
#define QWGUARD_MACHINE_IDENTITY_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_kind {
    FIELD_TEXT,    /* const char * */
    FIELD_NUMBER,  /* struct maybe_u64, hexadecimal in JSON */
    FIELD_TRUTH,   /* enum truth */
    FIELD_STRINGS, /* struct strings */
    FIELD_NAMES,   /* struct maybe_strings */
    FIELD_PROBE,   /* enum gl_probe */
};

/* What of a fingerprint a field belongs to. */
enum field_print { PRINT_NEVER, PRINT_ALWAYS, PRINT_GL };

struct field_row {
    const char *key;
    enum field_kind kind;
    size_t offset;            /* in struct identity, for rows of gpus in struct gpu */
    const char *const *words; /* all that it can be, NULL behind the last; NULL = open */
    uint64_t max;             /* FIELD_NUMBER */
    unsigned digits;          /* FIELD_NUMBER: hexadecimal digits when written */
    enum field_print print;
};

struct field_section {
    const char *key; /* "os" */
    const struct field_row *rows;
    size_t count;
};

#define IDENTITY_VERSION 1
#define IDENTITY_SECTION_COUNT 7

/* In the order of the contract; "gpus" stands between "machine" and "gl". */
extern const struct field_section identity_sections[IDENTITY_SECTION_COUNT];
extern const struct field_section identity_gpu_section;

#endif
