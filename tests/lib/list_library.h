/* list_library.h: libraries with GPU lists in them, compiled from tests/data/lists/.
 * Room: tests. */
#ifndef QWGUARD_TESTS_LIST_LIBRARY_H
#define QWGUARD_TESTS_LIST_LIBRARY_H

#include <stdbool.h>

#define LIST_LIBRARY_OPTIONS 12

/* The layouts by their letters in docs/lists.md. */
#define LAYOUT_A                                                                                   \
    "-DPOINTER_FIRST=0", "-DSCHEMA=0", "-DINTEL=0", "-DREVISION=0", "-DD3D=0", "-DNEW=0"
#define LAYOUT_B                                                                                   \
    "-DPOINTER_FIRST=0", "-DSCHEMA=1", "-DINTEL=0", "-DREVISION=1", "-DD3D=0", "-DNEW=0"
#define LAYOUT_C                                                                                   \
    "-DPOINTER_FIRST=1", "-DSCHEMA=1", "-DINTEL=1", "-DREVISION=1", "-DD3D=0", "-DNEW=1"
#define LAYOUT_D                                                                                   \
    "-DPOINTER_FIRST=1", "-DSCHEMA=1", "-DINTEL=1", "-DREVISION=1", "-DD3D=1", "-DNEW=1"

/**
 * Compile a library ($CC, else cc).
 *
 * source    name of a file of tests/data/lists/
 * options   of the compiler, ended by NULL; LIST_LIBRARY_OPTIONS at most
 * returns   false when the compiler refuses (it makes no code of 32 bits here …)
 */
bool list_library_make(const char *path, const char *source, const char *const *options);

#endif
