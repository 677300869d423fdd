/* pack.h: a tree of nodes as bytes, for a tree that was parsed earlier: the profiles and rules that
 * are built in, and what is kept in a cache.
 * Room: base. Pure. The bytes may be damaged or from anyone: what does not add up is refused. */
#ifndef QWGUARD_BASE_PACK_H
#define QWGUARD_BASE_PACK_H

#include <stddef.h>

#include "base/arena.h"
#include "base/yaml.h"

/**
 * The nodes in the order of the text, each with its kind, size, line and column in front. The names
 * of files are left out.
 *
 * out_length  of the bytes that are returned
 */
const char *tree_pack(struct arena *arena, const struct yaml_node *root, size_t *out_length);

/**
 * The tree again. Its texts stand in the bytes.
 *
 * name      file name for the places; lives as long as the tree
 * bytes     live as long as the tree
 * skip      key whose values are left out, each with its key; NULL = nothing is
 * returns   NULL when the bytes are not sound
 */
struct yaml_node *tree_unpack(struct arena *arena, const char *name, const char *bytes,
                              size_t length, const char *skip);

#endif
