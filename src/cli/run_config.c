/* Settings and options as the guard takes them. */
#include <string.h>

#include "base/macros.h"
#include "base/unit.h"
#include "cli/run_private.h"
#include "platform/memory.h"

#define GROWTH_IN_GRACE_BYTES (128 * MIB_BYTES) /* grown by so much more in grace: end it now */
#define TOP_RATE_BYTES_PER_S 4000000000ULL      /* the fastest that memory was seen to fill */

static struct maybe_u64 limit_of(const struct context *context, const struct settings *settings,
                                 enum setting_id id, struct maybe_u64 total)
{
    const struct setting *setting = &settings->values[id];
    if (setting->off)
        return (struct maybe_u64){ false, 0 };
    if (!setting->is_permille)
        return (struct maybe_u64){ true, setting->number };
    if (!total.known) {
        message(context, "%s: %s is not watched: this system does not tell how much memory it has",
                setting_name(id), setting->text);
        return (struct maybe_u64){ false, 0 };
    }
    return (struct maybe_u64){ true, total.value / 1000 * setting->number };
}

int names_check(struct context *context, struct err *err)
{
    struct strings keep = { 0 };
    const char *name = option_value(context, "name");
    option_values(context, "keep", &keep);
    if (name && !*name)
        return option_error(err, "name", "the name is empty");
    for (size_t i = 0; i < keep.count; i++)
        if (!*keep.items[i])
            return option_error(err, "keep", "the name is empty");
    return 0;
}

void config_fill(const struct context *context, const struct settings *settings,
                 struct guard_config *out)
{
    const struct setting *values = settings->values;
    uint64_t actions = values[SETTING_ACTIONS].number;
    struct maybe_u64 total = { 0 };
    total.known = memory_total_read(context->arena, "", &total.value);
    *out = (struct guard_config){
        .process_limit_bytes = limit_of(context, settings, SETTING_PROCESS_LIMIT, total),
        .tree_limit_bytes = limit_of(context, settings, SETTING_TREE_LIMIT, total),
        .gpu_limit_bytes = limit_of(context, settings, SETTING_GPU_LIMIT, total),
        .memory_total_bytes = total,
        .root = context->root,
        .backstop = values[SETTING_BACKSTOP].number != 0,
        .sustain_ns = values[SETTING_SUSTAIN].number,
        .grace_ns = values[SETTING_GRACE].number,
        .grace_growth_bytes = GROWTH_IN_GRACE_BYTES,
        .actions = { .reclaim = actions & ACTION_RECLAIM,
                     .restart = actions & ACTION_RESTART,
                     .kill = actions & ACTION_KILL,
                     .report = actions & ACTION_REPORT },
        .restart_max = (unsigned)values[SETTING_RESTARTS_MAX].number,
        .restart_within_ns = values[SETTING_RESTARTS_WITHIN].number,
        .backoff_ns = values[SETTING_RESTARTS_BACKOFF].number,
        .escalate = values[SETTING_ESCALATE].number != 0,
        .restart_on_crash = values[SETTING_ON_CRASH].number != 0,
        .log_tap = !option_given(context, "no-log-tap"),
        .log_file = option_value(context, "log-file"),
        .incident_keep = { .count = values[SETTING_INCIDENTS_KEEP].number,
                           .max_bytes = values[SETTING_INCIDENTS_MAX_SIZE].number },
        .state_dir = context->state_dir,
        .first = { .rung = "none" },
        .top_rate_bytes_per_s = TOP_RATE_BYTES_PER_S,
    };
    option_values(context, "keep", &out->keep);
}

bool config_reclaims(const struct settings *settings, enum truth handles_termination)
{
    return handles_termination == TRUTH_YES
           && text_equal(settings->values[SETTING_ACTIONS].origin, "default");
}

void config_fit(const struct context *context, const struct settings *settings,
                enum truth handles_termination, struct maybe_u64 memory_bytes,
                struct guard_config *config)
{
    char limit[UNIT_TEXT_BYTES], need[UNIT_TEXT_BYTES];
    if (config_reclaims(settings, handles_termination))
        config->actions.reclaim = true;
    if (config->actions.reclaim && handles_termination == TRUTH_NO)
        message(context,
                "%s: %s is known not to cope when a renderer is ended; it is done since you ask",
                setting_name(SETTING_ACTIONS), config->name);
    if (memory_bytes.known && config->tree_limit_bytes.known
        && config->tree_limit_bytes.value < memory_bytes.value)
        message(context, "%s: %s is less than the %s that %s is known to need",
                setting_name(SETTING_TREE_LIMIT),
                unit_size_text(limit, sizeof limit, config->tree_limit_bytes.value),
                unit_size_text(need, sizeof need, memory_bytes.value), config->name);
}
