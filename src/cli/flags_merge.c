/* `qwguard flags merge`: joins flag strings as run and apply do, the first one being the user's. */
#include <stdio.h>

#include "base/json.h"
#include "cli/flags_common.h"
#include "engine/flags.h"

static const struct option_row merge_rows[] = {
    { "arguments", 0, "STRING", "the application's own arguments; no STRING is the user's then" },
    { NULL, 0, NULL, NULL },
};
static const struct option_row *const merge_options[] = { flags_engine_option, merge_rows, NULL };

static void print_json(struct context *context, const struct flags_result *result)
{
    CLEANUP(json_freep) json_t *root = json_object();
    json_set_text(root, "schema", "qwguard.flags-merge/1");
    json_set(root, "value", json_text(result->value));
    json_set(root, "switches", json_strings(&result->switches));
    json_set(root, "kept", json_strings(&result->kept));
    fputs(json_format(context->arena, root), stdout);
}

static int merge_run(struct context *context, struct err *err)
{
    struct flags_input input = { 0 };
    struct flags_result result = { 0 };
    struct strings words = { 0 };
    const char *arguments = option_value(context, "arguments"), *qt = NULL;
    size_t first = 0;
    if (arguments) {
        if (flags_engine(context, &qt, err) < 0)
            return -1;
        flags_parse(context->arena, arguments, &words);
        flags_of_arguments(context->arena, qt, &words, &input.arguments);
    } else {
        input.variable = context->args.items[first++];
    }
    for (; first < context->args.count; first++)
        flags_parse(context->arena, context->args.items[first], &input.added);
    if (flags_merge(context->arena, &input, &result, err) < 0)
        return -1;
    if (context->json) {
        print_json(context, &result);
    } else {
        if (result.value)
            printf("%s\n", result.value);
        else
            message(context, "nothing to set: the arguments stay as they are");
        for (size_t i = 0; i < result.kept.count; i++)
            message(context, "left out: %s", result.kept.items[i]);
    }
    return result.kept.count ? 10 : 0;
}

const struct command command_flags_merge = {
    .name = "flags merge",
    .args = "STRING...",
    .summary = "join flag strings as run does, the first one being the user's own",
    .details = "The user's switches stay and win; lists (--enable-features, --disable-features,\n"
               "--js-flags …) are joined; the others add what is not there yet. Exit status: 0\n"
               "all was joined, 10 something was left out, 65 it cannot be written.",
    .options = merge_options,
    .min_args = 1,
    .max_args = ARGS_ANY,
    .prints_json = true,
    .takes_flags = true,
    .run = merge_run,
};
