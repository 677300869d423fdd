/* Decides with Chromium's lists as the engine would: which features are blocked, which workarounds
 * are on, and by which entries. What the machine looks like to the engine is gpu_info.c's, whether
 * an entry fits it is control_list_match.c's; here it is put together, and switches have their say.
 */
#include "engine/control_list_private.h"

#include <string.h>

#include "base/embedded.h"
#include "base/macros.h"
#include "base/pack.h"
#include "engine/flags.h"

#define RULES_FOLDER "profiles/rules/"

/* What one list comes to. */
struct tally {
    struct arena *arena;
    const struct gpu_info *info;
    struct control_decision *out;
    size_t capacity;          /* of out->entries */
    struct strings set;       /* features of the active entries */
    struct strings permanent; /* of those: certain, whatever else became known */
    struct strings potential; /* would be set if something unknown were known */
};

static void add_once(struct arena *arena, struct strings *set, const struct strings *more)
{
    for (size_t i = 0; i < more->count; i++) {
        if (!strings_has(set, more->items[i]))
            ARENA_PUSH(arena, set, more->items[i]);
    }
}

/* Keeps the order of the alphabet, each name once. */
static void add_sorted(struct arena *arena, struct strings *set, const char *name)
{
    size_t at = 0;
    while (at < set->count && strcmp(set->items[at], name) < 0)
        at++;
    if (at < set->count && text_equal(set->items[at], name))
        return;
    ARENA_PUSH(arena, set, name);
    memmove(set->items + at + 1, set->items + at, (set->count - 1 - at) * sizeof *set->items);
    set->items[at] = name;
}

static void remove_name(struct strings *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++) {
        if (text_equal(set->items[i], name)) {
            memmove(set->items + i, set->items + i + 1, (set->count - i - 1) * sizeof *set->items);
            set->count--;
            return;
        }
    }
}

/* What an entry came to. */
struct outcome_of_entry {
    enum truth main;      /* its own conditions */
    enum truth cancelled; /* by an exception */
    bool lacks;           /* the engine lacks a fact for its own conditions */
    bool exception_lacks; /* … for an exception, which is ignored then */
    size_t canceller;     /* exception that decided `cancelled` */
};

static struct outcome_of_entry entry_match(const struct control_entry *entry,
                                           const struct gpu_info *info)
{
    struct outcome_of_entry outcome = { .cancelled = TRUTH_NO };
    outcome.main = conditions_match(&entry->main, info, NULL, NULL);
    if (outcome.main == TRUTH_NO)
        return outcome;
    outcome.lacks = conditions_lack(&entry->main, info);
    for (size_t i = 0; i < entry->exception_count && outcome.cancelled != TRUTH_YES; i++) {
        if (conditions_lack(&entry->exceptions[i], info)) {
            outcome.exception_lacks = true;
            continue;
        }
        enum truth truth = conditions_match(&entry->exceptions[i], info, NULL, NULL);
        if (truth == TRUTH_NO)
            continue;
        outcome.cancelled = truth;
        outcome.canceller = i;
    }
    return outcome;
}

/* --- saying why
 * ----------------------------------------------------------------------------------- */

static void trace_entry(struct tally *tally, const struct control_entry *entry,
                        struct entry_result *result)
{
    struct condition_trace *traces = arena_array(
        tally->arena, entry->main.count + entry->exception_count + 1, sizeof *traces);
    size_t count = 0;
    enum truth main = conditions_match(&entry->main, tally->info, traces, &count);
    for (size_t i = 0; i < entry->exception_count && main != TRUTH_NO; i++) {
        const struct conditions *exception = &entry->exceptions[i];
        bool lacks = conditions_lack(exception, tally->info);
        traces[count++] = (struct condition_trace){
            .text = arena_printf(tally->arena, "except where %s", exception->text),
            .found = lacks ? "(ignored: the engine lacks a fact for it)" : "",
            .result = lacks ? TRUTH_NO : conditions_match(exception, tally->info, NULL, NULL),
        };
    }
    result->conditions = traces;
    result->condition_count = count;
}

static const char *why_text(struct tally *tally, const struct control_entry *entry,
                            const struct outcome_of_entry *outcome,
                            const struct entry_result *result)
{
    struct strings missing = { 0 };
    struct text text = { .arena = tally->arena };
    if (result->active)
        return entry->main.text;
    if (outcome->main == TRUTH_NO)
        return arena_printf(tally->arena, "not: %s (found %s)",
                            result->conditions[result->condition_count - 1].text,
                            result->conditions[result->condition_count - 1].found);
    if (outcome->cancelled == TRUTH_YES)
        return arena_printf(tally->arena, "excepted: %s",
                            entry->exceptions[outcome->canceller].text);
    if (outcome->main == TRUTH_UNKNOWN)
        (void)conditions_missing(tally->arena, &entry->main, tally->info, &missing, NULL);
    for (size_t i = 0; i < entry->exception_count && outcome->main == TRUTH_YES; i++)
        (void)conditions_missing(tally->arena, &entry->exceptions[i], tally->info, &missing, NULL);
    for (size_t i = 0; i < missing.count; i++)
        text_printf(&text, "%s%s", i ? ", " : "", missing.items[i]);
    add_once(tally->arena, &tally->out->missing, &missing);
    return arena_printf(tally->arena, "would need %s: %s",
                        text.length ? text_get(&text) : "a GL string that is empty",
                        entry->main.text);
}

static void result_add(struct tally *tally, const struct control_list *list,
                       const struct control_entry *entry, const struct outcome_of_entry *outcome)
{
    struct entry_result result = {
        .list = list->name,
        .id = entry->id,
        .description = entry->description,
        .features = entry->as_listed,
    };
    result.active = outcome->main == TRUTH_YES && outcome->cancelled == TRUTH_NO && !outcome->lacks;
    result.needs_more_info = !result.active && outcome->main != TRUTH_NO
                             && outcome->cancelled != TRUTH_YES;
    trace_entry(tally, entry, &result);
    result.why = why_text(tally, entry, outcome, &result);
    if (result.needs_more_info)
        result.settled_by = entry_settled_by(tally->arena, entry, tally->info, outcome->main);
    struct control_decision *out = tally->out;
    if (out->entry_count == tally->capacity)
        out->entries = arena_grow(tally->arena, out->entries, &tally->capacity,
                                  sizeof *out->entries);
    out->entries[out->entry_count++] = result;
}

/* --- one list
 * -------------------------------------------------------------------------------------- */

static void entry_decide(struct tally *tally, const struct control_list *list,
                         const struct control_entry *entry)
{
    struct outcome_of_entry outcome = entry_match(entry, tally->info);
    if (outcome.main == TRUTH_NO && !conditions_touch(&entry->main, tally->info))
        return; /* about other hardware */
    result_add(tally, list, entry, &outcome);
    if (outcome.main == TRUTH_NO || outcome.cancelled == TRUTH_YES)
        return;
    if (outcome.main == TRUTH_UNKNOWN || outcome.cancelled == TRUTH_UNKNOWN || outcome.lacks) {
        add_once(tally->arena, &tally->potential, &entry->features);
        return;
    }
    add_once(tally->arena, &tally->set, &entry->features);
    if (!outcome.exception_lacks)
        add_once(tally->arena, &tally->permanent, &entry->features);
}

/* Returns whether more facts could change the set (Chromium's needs_more_info). */
static bool list_decide(struct tally *tally, const struct control_list *list, unsigned group,
                        struct strings *out_set)
{
    tally->set = tally->permanent = tally->potential = (struct strings){ 0 };
    for (size_t i = 0; i < list->count; i++) {
        const struct control_entry *entry = &list->entries[i];
        if (!entry->test_group || entry->test_group == group)
            entry_decide(tally, list, entry);
    }
    for (size_t i = 0; i < tally->set.count; i++)
        add_sorted(tally->arena, out_set, tally->set.items[i]);
    for (size_t i = 0; i < tally->potential.count; i++) {
        if (!strings_has(&tally->set, tally->potential.items[i]))
            return true;
    }
    return tally->permanent.count < tally->set.count;
}

/* --- switches
 * -------------------------------------------------------------------------------------- */

static bool switch_has(const struct strings *switches, const char *name)
{
    return flags_has(switches, name, NULL);
}

static bool gl_is_off(const struct engine_traits *traits, const struct identity *identity,
                      const struct strings *switches)
{
    const char *value = NULL;
    if (identity->gl.disabled == TRUTH_YES || switch_has(switches, "disable-gpu"))
        return true;
    return traits->honours_use_gl && flags_has(switches, "use-gl", &value)
           && text_equal(value, "disabled");
}

static bool blocklist_is_ignored(const struct engine_traits *traits, const struct strings *switches)
{
    for (size_t i = 0; i < ROWS(traits->ignore_blocklist) && traits->ignore_blocklist[i]; i++) {
        if (switch_has(switches, traits->ignore_blocklist[i]))
            return true;
    }
    return traits->software_webgl && switch_has(switches, "enable-webgl-software-rendering");
}

/* Number of a test group; 0 = none, also for what is no number. */
static unsigned group_of(const struct strings *switches, const char *name)
{
    const char *value = NULL;
    uint64_t group;
    if (!flags_has(switches, name, &value) || !value || strspn(value, "0123456789") != strlen(value)
        || !text_to_u64(value, &group) || group > UINT16_MAX)
        return 0;
    return (unsigned)group;
}

static bool is_workaround(const struct control_lists *lists, const char *name)
{
    if (lists->workarounds.count)
        return strings_has(&lists->workarounds, name);
    for (size_t i = 0; i < lists->bug_list.count; i++) {
        if (strings_has(&lists->bug_list.entries[i].features, name))
            return true;
    }
    return false;
}

/* Turning one on turns the other off. Source: gpu/config/gpu_driver_bug_list.cc. */
static const char *const opposite_workarounds[][2] = {
    { "force_high_performance_gpu", "force_low_power_gpu" },
    { "force_low_power_gpu", "force_high_performance_gpu" },
};

static void add_workaround(struct arena *arena, struct strings *set, const char *name)
{
    for (size_t i = 0; i < ROWS(opposite_workarounds); i++) {
        if (text_equal(opposite_workarounds[i][0], name))
            remove_name(set, opposite_workarounds[i][1]);
    }
    add_sorted(arena, set, name);
}

/* --name turns a workaround on, --name=0 turns it off. */
static void workaround_switches(struct arena *arena, const struct control_lists *lists,
                                const struct strings *switches, struct strings *set)
{
    for (size_t i = 0; i < switches->count; i++) {
        const char *item = switches->items[i];
        item += strspn(item, "-");
        const char *name = arena_strndup(arena, item, strcspn(item, "="));
        const char *value = NULL;
        if (!is_workaround(lists, name) || !flags_has(switches, name, &value))
            continue;
        if (text_equal(value, "0"))
            remove_name(set, name);
        else
            add_workaround(arena, set, name);
    }
}

/* --- the face
 * -------------------------------------------------------------------------------------- */

void control_lists_evaluate(struct arena *arena, const struct control_lists *lists,
                            const struct identity *identity, const struct strings *switches,
                            struct control_decision *out)
{
    static const struct strings none;
    const char *chromium = identity->engine.chromium;
    const struct engine_traits *traits = engine_traits_of(chromium ? chromium : lists->chromium);
    struct gpu_info info;
    struct tally tally = { .arena = arena, .info = &info, .out = out };
    *out = (struct control_decision){ .needs_more_info = false };
    if (!switches)
        switches = &none;
    bool gl_off = gl_is_off(traits, identity, switches);
    gpu_info_collect(arena, traits, identity, switches, gl_off, &info);
    if (!gl_off && !blocklist_is_ignored(traits, switches))
        out->needs_more_info = list_decide(&tally, &lists->blocklist,
                                           group_of(switches, traits->blocklist_group),
                                           &out->blocked_features);
    if ((!gl_off || traits->bugs_without_gl)
        && !switch_has(switches, "disable-gpu-driver-bug-workarounds")
        && list_decide(&tally, &lists->bug_list,
                       group_of(switches, "gpu-driver-bug-list-test-group"), &out->workarounds))
        out->needs_more_info = true;
    workaround_switches(arena, lists, switches, &out->workarounds);
}

/* Chromium's major version by the name of the file: profiles/rules/chromium-102.yaml. */
static unsigned file_major(const struct embedded_file *file)
{
    static const char prefix[] = RULES_FOLDER "chromium-";
    return text_starts(file->path, prefix) ? chromium_major(file->path + strlen(prefix)) : 0;
}

/* The file of the same major version, else the next older one, else the oldest. */
static const struct embedded_file *file_nearest(unsigned wanted)
{
    const struct embedded_file *nearest = NULL, *oldest = NULL;
    for (size_t i = 0; i < embedded_file_count; i++) {
        unsigned major = file_major(&embedded_files[i]);
        if (!major)
            continue;
        if (!oldest || major < file_major(oldest))
            oldest = &embedded_files[i];
        if (major <= wanted && (!nearest || major > file_major(nearest)))
            nearest = &embedded_files[i];
    }
    return nearest ? nearest : oldest;
}

int control_lists_shipped_tree(struct arena *arena, const char *chromium, struct yaml_node **out,
                               struct err *err)
{
    const struct embedded_file *file = file_nearest(chromium ? chromium_major(chromium)
                                                             : UINT32_MAX);
    if (!file)
        return err_set(err, ERR_UNAVAILABLE, "no rules are built in");
    struct yaml_node *root = tree_unpack(arena, file->path, file->tree, file->length_bytes, NULL);
    if (!root)
        return err_set(err, ERR_DATA, "'%s' is damaged", file->path);
    *out = root;
    return 0;
}

int control_lists_shipped(struct arena *arena, const char *chromium, struct control_lists *out,
                          struct err *err)
{
    struct yaml_node *root;
    struct control_lists lists;
    struct report report = { .arena = arena };
    if (control_lists_shipped_tree(arena, chromium, &root, err) < 0)
        return err_wrap(err, "built-in rules");
    if (control_lists_read(arena, root, &report, &lists) < 0) {
        (void)report_to_err(&report, ERR_DATA, err); /* there is a finding: reading failed */
        return err_wrap(err, "built-in rules");
    }
    lists.origin = "built in";
    lists.exact = chromium && chromium_major(lists.chromium) == chromium_major(chromium);
    *out = lists;
    return 0;
}
