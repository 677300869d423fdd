/* written.h: what `qwguard apply` wrote before and this process now has in its environment.
 * Room: cli. */
#ifndef QWGUARD_CLI_WRITTEN_H
#define QWGUARD_CLI_WRITTEN_H

#include "cli/command.h"
#include "plan/install.h"

/**
 * Variables of this process that hold what apply wrote become again what the user had, so that an
 * older plan is not taken for the user's own wish. Records and files that cannot be read change
 * nothing.
 */
void written_restore(const struct context *context);

/**
 * The same with records that were read already.
 */
void written_restore_items(const struct install_items *items);

#endif
