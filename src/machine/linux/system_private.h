/* system_private.h: the parts of looking at a Linux machine. All read below a root; what is not
 * there stays unknown.
 * Room: machine (linux). */
#ifndef QWGUARD_MACHINE_LINUX_SYSTEM_PRIVATE_H
#define QWGUARD_MACHINE_LINUX_SYSTEM_PRIVATE_H

#include "base/arena.h"
#include "base/text.h"
#include "machine/identity.h"

/**
 * A path below the root.
 */
const char *root_path(struct arena *arena, const char *root, const char *path);

/**
 * One short file below the root, without white space at its ends; NULL when it cannot be read.
 */
const char *root_line(struct arena *arena, const char *root, const char *path);

/**
 * Names in a folder below the root; false when there is none.
 */
bool root_list(struct arena *arena, const char *root, const char *path, struct strings *out);

/**
 * True when there is something at a path below the root.
 */
bool root_exists(struct arena *arena, const char *root, const char *path);

/**
 * Last part of where a link below the root points; NULL when it is none.
 */
const char *root_link_name(struct arena *arena, const char *root, const char *path);

/**
 * Folders with shared libraries that exist below the root, this processor's first; folders of
 * LD_LIBRARY_PATH come before them when there is no root.
 */
void library_folders(struct arena *arena, const char *root, struct strings *out);

/**
 * os: kernel release, distribution.
 */
void os_probe(struct arena *arena, const char *root, struct identity *out);

/**
 * machine.virtual_machine.
 */
void virtual_probe(struct arena *arena, const char *root, struct identity *out);

/**
 * machine.container.
 */
void container_probe(struct arena *arena, const char *root, struct identity *out);

/**
 * session, from the environment alone.
 */
void session_probe(struct arena *arena, struct identity *out);

/**
 * gpus, with the versions of their drivers.
 */
void pci_probe(struct arena *arena, const char *root, struct identity *out);

/**
 * Versions of NVIDIA's kernel module and of its libraries, for a GPU driven by that module.
 */
void nvidia_probe(struct arena *arena, const char *root, struct gpu *gpu);

#endif
