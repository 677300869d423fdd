/* install_private.h: what the files of install.h share.
 * Room: plan, private. */
#ifndef QWGUARD_PLAN_INSTALL_PRIVATE_H
#define QWGUARD_PLAN_INSTALL_PRIVATE_H

#include "plan/install.h"

#define INSTALL_FOLDER "applied"

/* Write the record of an item, whole (install_record.c). */
int install_record_write(struct arena *arena, const struct install_place *place,
                         const struct install_item *item, struct err *err);

/* Remove the record of a path; none there is no failure (install_record.c). */
int install_record_remove(struct arena *arena, const struct install_place *place, const char *path,
                          struct err *err);

#endif
