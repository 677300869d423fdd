/* `qwguard profile show ID`: one profile, its conditions and tests as they were written, its rungs
 * with all that they add and cost. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/describe.h"
#include "cli/profile_print.h"

/* Plain scalars that YAML would not read back as the same text get quotes. */
static void scalar_print(const struct yaml_node *node)
{
    bool plain = !node->quoted && *node->text && !strpbrk(node->text, ":#{}[],&*!|>'\"%@`\\\n");
    if (plain) {
        fputs(node->text, stdout);
        return;
    }
    putchar('"');
    for (const char *at = node->text; *at; at++) {
        if (*at == '"' || *at == '\\')
            putchar('\\');
        putchar(*at == '\n' ? ' ' : *at);
    }
    putchar('"');
}

/* Flow form: everything in one line. The tree is at most YAML_DEPTH_MAX deep. */
static void flow_print(const struct yaml_node *node)
{
    switch (node->kind) {
    case YAML_SCALAR:
        scalar_print(node);
        return;
    case YAML_SEQUENCE:
        putchar('[');
        for (size_t i = 0; i < node->count; i++) {
            fputs(i ? ", " : "", stdout);
            flow_print(node->items[i]);
        }
        putchar(']');
        return;
    case YAML_MAPPING:
        putchar('{');
        for (size_t i = 0; i < node->count; i++) {
            printf("%s%s: ", i ? ", " : "", node->pairs[i].key);
            flow_print(node->pairs[i].value);
        }
        putchar('}');
        return;
    }
}

static bool is_group(const struct yaml_pair *pair)
{
    return pair->value->kind == YAML_SEQUENCE
           && (text_equal(pair->key, "all") || text_equal(pair->key, "any")
               || text_equal(pair->key, "none"));
}

/* Conditions, one a line, groups before their members. */
static void conditions_print(const struct yaml_node *node, int indent)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *item = node->kind == YAML_SEQUENCE ? node->items[i] : node;
        const struct yaml_pair *pair = node->kind == YAML_SEQUENCE ? &item->pairs[0]
                                                                   : &node->pairs[i];
        printf("%*s%s%s:", indent, "", node->kind == YAML_SEQUENCE ? "- " : "", pair->key);
        if (is_group(pair)) {
            putchar('\n');
            conditions_print(pair->value, indent + 4);
            continue;
        }
        putchar(' ');
        flow_print(pair->value);
        putchar('\n');
    }
}

static void rung_print(const struct rung *rung)
{
    printf("  %s:", rung->name);
    for (size_t i = 0; i < rung->environment.count; i++)
        printf(" %s=%s", rung->environment.items[i].name, rung->environment.items[i].value);
    for (size_t i = 0; i < rung->flags.count; i++)
        printf(" %s", rung->flags.items[i]);
    for (size_t i = 0; i < rung->costs.count; i++)
        printf("%s%s", i ? ", " : "  (costs ", rung->costs.items[i]);
    printf("%s\n", rung->costs.count ? ")" : "  (costs nothing)");
}

static void show_print(const struct context *context, const struct profile *profile)
{
    static const char *const as_written[] = { "app", "expires", "tests" };
    printf("%s: %s\n", profile->id, profile->title);
    printf("from %s:%u, %s confidence%s\n", profile->file, profile->at.line, profile->confidence,
           profile->applies_at_start ? "" : ", only after an incident");
    for (size_t i = 0; i < profile->evidence.count; i++)
        printf("  %s\n", profile->evidence.items[i]);
    puts("match");
    conditions_print(yaml_get(profile->source, "match"), 2);
    if (profile->ladder_count)
        puts("ladder");
    for (size_t i = 0; i < profile->ladder_count; i++)
        rung_print(&profile->ladder[i]);
    if (profile->advice.count)
        printf("advice\n  %s\n", describe_list(context->arena, &profile->advice));
    for (size_t i = 0; i < ROWS(as_written); i++) {
        const struct yaml_node *node = yaml_get(profile->source, as_written[i]);
        if (node)
            puts(as_written[i]);
        for (size_t j = 0; node && node->kind == YAML_SEQUENCE && j < node->count; j++) {
            fputs("  - ", stdout);
            flow_print(node->items[j]);
            putchar('\n');
        }
        for (size_t j = 0; node && node->kind == YAML_MAPPING && j < node->count; j++)
            printf("  %s: %s\n", node->pairs[j].key, node->pairs[j].value->text);
    }
}

static int show_run(struct context *context, struct err *err)
{
    struct profiles profiles = { 0 };
    const struct profile *profile;
    profile_set_load(context, &profiles);
    if (profile_set_find(context, &profiles, context->args.items[0], &profile, err) < 0)
        return -1;
    if (context->json) {
        CLEANUP(json_freep) json_t *root = json_object();
        json_set_text(root, "schema", "qwguard.profile/1");
        json_set(root, "profile", profile_to_json(profile));
        fputs(json_format(context->arena, root), stdout);
    } else {
        show_print(context, profile);
    }
    return 0;
}

const struct command command_profile_show = {
    .name = "profile show",
    .args = "ID",
    .summary = "show one hardware profile: conditions, rungs, evidence, tests",
    .min_args = 1,
    .max_args = 1,
    .prints_json = true,
    .run = show_run,
};
