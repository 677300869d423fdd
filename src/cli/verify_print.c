/* How a verification is told: what agrees in few lines, what differs with both sides and the
 * engine's own reason. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/describe.h"
#include "cli/verify_private.h"
#include "cli/words.h"

#define POINT_COLUMNS 24

static const struct {
    const char *mark, *color;
} looks[] = {
    [TRUTH_UNKNOWN] = { "?", "" },
    [TRUTH_NO] = { "×", COLOR_RED },
    [TRUTH_YES] = { "✓", COLOR_GREEN },
};

/* Points of which there are many: as predicted, they are one line together. */
static const struct {
    const char *prefix, *name;
} groups[] = { { "feature.", "features" }, { "workaround.", "workarounds" } };

static void line_print(const struct verification *v, enum truth agree, const char *point,
                       const char *text)
{
    const char *color = v->context->color_out ? looks[agree].color : "";
    printf("  %s", color);
    words_put(looks[agree].mark);
    printf("%s %-*s ", *color ? COLOR_RESET : "", POINT_COLUMNS,
           words_line(v->context->arena, point));
    words_put(words_line(v->context->arena, text));
    (void)putchar('\n');
}

/* The engine's reason is long; it is of interest where it was not expected. */
static const char *point_text(const struct verification *v, const struct verify_point *point)
{
    struct text text = { .arena = v->context->arena };
    text_printf(&text, "%s", point->found ? point->found : "not told");
    if (point->agree != TRUTH_YES)
        text_printf(&text, ", predicted was %s", point->predicted ? point->predicted : "nothing");
    if (point->why && (point->agree != TRUTH_YES || v->context->verbose))
        text_printf(&text, ": %s", point->why);
    return text_get(&text);
}

static bool is_grouped(const struct verify_point *point)
{
    for (size_t i = 0; i < ROWS(groups); i++)
        if (text_starts(point->point, groups[i].prefix))
            return true;
    return false;
}

static void group_print(const struct verification *v, size_t group)
{
    size_t counts[TRUTH_YES + 1] = { 0 };
    for (size_t i = 0; i < v->points.count; i++) {
        const struct verify_point *point = &v->points.items[i];
        if (text_starts(point->point, groups[group].prefix))
            counts[point->agree]++;
    }
    struct text text = { .arena = v->context->arena };
    text_printf(&text, "%zu as predicted", counts[TRUTH_YES]);
    if (counts[TRUTH_UNKNOWN])
        text_printf(&text, ", %zu cannot be compared", counts[TRUTH_UNKNOWN]);
    if (counts[TRUTH_YES] + counts[TRUTH_UNKNOWN])
        line_print(v, counts[TRUTH_YES] ? TRUTH_YES : TRUTH_UNKNOWN, groups[group].name,
                   text_get(&text));
}

static void points_print(const struct verification *v)
{
    bool all = v->context->verbose;
    for (size_t i = 0; i < v->points.count; i++) {
        const struct verify_point *point = &v->points.items[i];
        if (all || point->agree == TRUTH_NO || !is_grouped(point))
            line_print(v, point->agree, point->point, point_text(v, point));
    }
    for (size_t i = 0; i < ROWS(groups) && !all; i++)
        group_print(v, i);
}

static const char *asked_text(const struct verification *v)
{
    bool own = json_is_true(json_object_get(json_object_get(v->answers, "page"), "own"));
    bool page = json_object_get(v->answers, "page") != NULL;
    return arena_printf(v->context->arena, "%s, over DevTools%s; ended again", v->name,
                        !page ? ""
                        : own ? ", and a page of our own"
                              : ", and one of its pages, on a canvas that it does not show");
}

static const char *result_text(const struct verification *v)
{
    size_t differ = verify_count(&v->points, TRUTH_NO);
    size_t unknown = verify_count(&v->points, TRUTH_UNKNOWN);
    size_t compared = v->points.count - unknown;
    if (differ)
        return arena_printf(v->context->arena,
                            "the verdict differs from the engine in %zu of %zu "
                            "points",
                            differ, compared);
    return arena_printf(v->context->arena, "the verdict agrees with the engine in all %zu points",
                        compared);
}

static void print_table(const struct verification *v, int status)
{
    struct arena *arena = v->context->arena;
    const char *color = status == 0 ? COLOR_GREEN : COLOR_RED;
    describe_print("Machine", describe_machine(arena, &v->preflight.identity), "");
    describe_print("Engine", describe_engine(arena, &v->preflight), "");
    describe_print("Verdict", describe_verdict(arena, &v->preflight), "");
    describe_print("Asked", asked_text(v), "");
    points_print(v);
    describe_print("Result", result_text(v), v->context->color_out ? color : "");
}

static void print_json(const struct verification *v, int status)
{
    CLEANUP(json_freep) json_t *root = json_object();
    const struct plan *plan = &v->preflight.plan;
    json_set_text(root, "schema", VERIFY_SCHEMA);
    json_set_text(root, "app", v->name);
    json_set_text(root, "rung", option_given(v->context, "rung") ? plan->rung : "none");
    json_set(root, "identity", identity_to_json(&v->preflight.identity));
    json_set(root, "verdict", verdict_to_json(&v->preflight.verdict));
    json_set(root, "points", verify_points_to_json(&v->points));
    json_set(
        root, "own_page",
        json_boolean(json_is_true(json_object_get(json_object_get(v->answers, "page"), "own"))));
    json_set(root, "processes", json_incref(json_object_get(v->answers, "processes")));
    json_set(root, "agrees", json_boolean(status == 0));
    json_set(root, "exit", json_integer(status));
    fputs(json_format(v->context->arena, root), stdout);
}

void verification_print(const struct verification *verification, int status)
{
    if (verification->context->json)
        print_json(verification, status);
    else if (!verification->context->quiet)
        print_table(verification, status);
}
