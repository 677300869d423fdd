/* version.h: which qwguard this is.
 * Room: cli. */
#ifndef QWGUARD_CLI_VERSION_H
#define QWGUARD_CLI_VERSION_H

/**
 * Print name, version, build and what was built in, as `--version` does.
 */
void version_print(void);

#endif
