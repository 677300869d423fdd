/* embedded.h: the profiles and rule sets that are built into the program.
 * Room: base. Constant data, made at build time by tests/tools/embed.c from every .yaml below
 * profiles/, so that the program works without being installed and parses none of it at a start. */
#ifndef QWGUARD_BASE_EMBEDDED_H
#define QWGUARD_BASE_EMBEDDED_H

#include <stddef.h>

/* One file of the checkout. Nothing in it is owned by the reader. */
struct embedded_file {
    const char *path;    /* from the top of the checkout: "profiles/10-generic.yaml"; UTF-8 */
    const char *tree;    /* what tree_unpack() of base/pack.h reads */
    size_t length_bytes; /* of the tree */
};

/* embedded_files[embedded_file_count], sorted by path (bytewise: the order in which profiles are
 * read), so the files of a folder lie together. Empty when profiles/ was empty. */
extern const struct embedded_file embedded_files[];
extern const size_t embedded_file_count;

#endif
