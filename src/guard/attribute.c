/* What leaked. Chromium's GPU service runs inside the app's own process in every Qt WebEngine, so
 * textures grow there while the renderers stay flat; script objects grow a renderer. An app without
 * the engine in it has only its own heap to blame. Whatever fits none of these is unknown, and an
 * unknown cause changes nothing but the start itself. */
#include "guard/attribute_private.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/macros.h"
#include "base/unit.h"

/* The growth belongs to one kind of process when it has this share of all growth. */
#define MAIN_SHARE_PERCENT 60
/* Lines a second that a page prints while it goes on uploading; healthy pages print a few at their
 * start and then none. */
#define WEBGL_LINES_PER_S 0.2

static void say(struct attribution_result *out, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(struct attribution_result *out, const char *format, ...)
{
    va_list args;
    if (out->evidence_count == EVIDENCE_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(out->evidence[out->evidence_count++], EVIDENCE_BYTES, format, args);
    va_end(args);
}

static bool role_is_main(const struct attribution_input *in, enum process_role role)
{
    uint64_t all = 0;
    for (size_t i = 0; i < ROLE_COUNT; i++)
        all += in->groups[i].grown_bytes;
    return all > 0 && in->groups[role].grown_bytes * 100 / MAIN_SHARE_PERCENT >= all;
}

/* What holds much and was not seen to grow to it may hold it for good reason. */
static bool growth_is_seen(const struct attribution_input *in)
{
    return in->grown_bytes > 0 && !in->over_before;
}

static enum attribution decide(const struct attribution_input *in)
{
    bool main = in->crossed_alone || role_is_main(in, in->role);
    bool own = in->role == ROLE_BROWSER || in->role == ROLE_OTHER;
    if (!main)
        return ATTRIBUTION_UNKNOWN;
    if (own && in->webgl_lines_per_s >= WEBGL_LINES_PER_S)
        return ATTRIBUTION_GPU_IN_APP;
    if (!growth_is_seen(in))
        return ATTRIBUTION_UNKNOWN;
    if (in->role == ROLE_RENDERER)
        return ATTRIBUTION_SCRIPT_HEAP;
    if (in->role == ROLE_GPU)
        return ATTRIBUTION_GPU_IN_APP; /* never in a Qt WebEngine known so far; same remedy */
    if (!own || in->crossed_early)
        return ATTRIBUTION_UNKNOWN;
    if (in->engine_mapped == TRUTH_YES)
        return ATTRIBUTION_GPU_IN_APP;
    if (in->engine_mapped == TRUTH_NO)
        return ATTRIBUTION_APP;
    return ATTRIBUTION_UNKNOWN;
}

/* Who holds what, and what was seen of how it came to that. */
static void say_growth(const struct attribution_input *in, struct attribution_result *out)
{
    char a[UNIT_TEXT_BYTES], b[UNIT_TEXT_BYTES], c[UNIT_TEXT_BYTES];
    const char *role = process_role_text(in->role);
    unit_size_text(a, sizeof a, in->grown_bytes);
    unit_time_text(b, sizeof b, in->grown_ns);
    unit_size_text(c, sizeof c, in->bytes);
    if (growth_is_seen(in))
        say(out, "process %lld (%s, %s) grew by %s in %s to %s", (long long)in->pid, in->name, role,
            a, b, c);
    else if (in->grown_bytes)
        say(out, "process %lld (%s, %s) holds %s; %s ago it was over the limit, too: it grew by %s",
            (long long)in->pid, in->name, role, c, b, a);
    else
        say(out, "process %lld (%s, %s) holds %s: it was not seen to grow in %s",
            (long long)in->pid, in->name, role, c, b);
}

static void say_memory(const struct attribution_input *in, struct attribution_result *out)
{
    char a[UNIT_TEXT_BYTES], b[UNIT_TEXT_BYTES], c[UNIT_TEXT_BYTES], d[UNIT_TEXT_BYTES];
    say_growth(in, out);
    if (in->has_kinds)
        say(out, "its memory: anonymous %s, files %s, shared memory %s%s%s",
            unit_size_text(a, sizeof a, in->anonymous_bytes),
            unit_size_text(b, sizeof b, in->file_bytes),
            unit_size_text(c, sizeof c, in->shared_memory_bytes),
            in->swapped_bytes ? ", swapped out " : "",
            in->swapped_bytes ? unit_size_text(d, sizeof d, in->swapped_bytes) : "");
}

static void say_renderers(const struct attribution_input *in, struct attribution_result *out)
{
    const struct attribution_group *group = &in->groups[ROLE_RENDERER];
    char a[UNIT_TEXT_BYTES], b[UNIT_TEXT_BYTES];
    if (group->count == 0)
        return;
    say(out, "%zu %s %s and grew by %s", group->count,
        group->count == 1 ? "renderer holds" : "renderers hold",
        unit_size_text(a, sizeof a, group->bytes), unit_size_text(b, sizeof b, group->grown_bytes));
}

void attribute(const struct attribution_input *in, struct attribution_result *out)
{
    static const char *const engine[] = {
        [TRUTH_UNKNOWN] = "whether Qt WebEngine is loaded in it could not be read",
        [TRUTH_NO] = "Qt WebEngine is not loaded in it",
        [TRUTH_YES] = "Qt WebEngine is loaded in it, so its graphics memory is there",
    };
    char time[UNIT_TEXT_BYTES];
    *out = (struct attribution_result){ .kind = decide(in) };
    say_memory(in, out);
    if (in->role == ROLE_BROWSER || in->role == ROLE_OTHER)
        say(out, "%s", engine[in->engine_mapped]);
    if ((in->role == ROLE_BROWSER || in->role == ROLE_OTHER) && in->crossed_early)
        say(out,
            "it was over the limit %s after its start: what it needs to start and what leaks "
            "cannot be told apart",
            unit_time_text(time, sizeof time, in->age_ns));
    say_renderers(in, out);
    if (in->webgl_lines)
        say(out, "%llu log lines about WebGL textures that cannot be drawn (%.1f a second)",
            (unsigned long long)in->webgl_lines, in->webgl_lines_per_s);
    if (!in->crossed_alone && !role_is_main(in, in->role))
        say(out, "no kind of process has most of the growth");
}
