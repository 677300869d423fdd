/* Texts in tests go through the same readers as files. */
#include "profile_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "profile/read_private.h"

static const struct yaml_node *tree_of(struct arena *arena, const char *yaml)
{
    struct yaml_node *root;
    struct err err;
    if (yaml_parse(arena, "f.yaml", yaml, strlen(yaml), &root, &err) < 0)
        fail_msg("%u:%u: %s in:\n%s", err.at.line, err.at.column, err.text, yaml);
    return root;
}

void profiles_of(struct arena *arena, const char *yaml, struct report *report, struct profiles *out)
{
    struct report own = { .arena = arena };
    *out = (struct profiles){ 0 };
    profile_file_read(arena, tree_of(arena, yaml), report ? report : &own, out);
    if (own.count)
        fail_msg("%u: %s in:\n%s", own.items[0].at.line, own.items[0].text, yaml);
}

void identity_of(struct arena *arena, const char *yaml, struct identity *out)
{
    struct report report = { .arena = arena };
    *out = (struct identity){ 0 };
    identity_read(arena, tree_of(arena, yaml), &report, out);
    if (report.count)
        fail_msg("%u: %s in:\n%s", report.items[0].at.line, report.items[0].text, yaml);
}
