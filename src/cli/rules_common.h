/* rules_common.h: what the commands `rules …` share.
 * Room: cli. */
#ifndef QWGUARD_CLI_RULES_COMMON_H
#define QWGUARD_CLI_RULES_COMMON_H

#include "base/yaml.h"
#include "cli/command.h"
#include "engine/engine.h"

#define RULES_SOFTWARE_LIST "software_rendering_list"
#define RULES_BUG_LIST "gpu_driver_bug_list"

/**
 * Entries of one list of a tree of rules; NULL when it has no such list.
 */
const struct yaml_node *rules_entries(const struct yaml_node *root, const char *list);

/**
 * A rule file (YAML, or the JSON of `rules extract`) as a tree.
 *
 * path      "-" is standard input
 * returns   0, or -1 and ERR_NO_INPUT, ERR_DENIED, ERR_DATA
 */
int rules_file_parse(const struct context *context, const char *path, struct yaml_node **out,
                     struct err *err);

/**
 * The rules that the options ask for, as a tree: --list FILE, else those of the engine: its
 * library's, else the built-in ones of the nearest version.
 *
 * out_engine  the engine; empty with --list
 * returns     0, or -1 and err
 */
int rules_choose(const struct context *context, struct yaml_node **out, struct engine *out_engine,
                 struct err *err);

/**
 * Print any value in one line, as YAML's flow form.
 */
void rules_flow_print(const struct yaml_node *node);

#endif
