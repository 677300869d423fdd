/* What a graph marks besides the curve: the first of each kind of action and the first line of each
 * known message in the log. Terminal and page show the same ones. */
#include "incident/incident_private.h"

static void moment_add(struct moments *moments, int64_t t_ns, const char *word, bool is_log)
{
    size_t at = 0;
    if (!word || !*word)
        return;
    for (; at < moments->count; at++) {
        if (moments->items[at].is_log == is_log && text_equal(moments->items[at].word, word))
            return; /* the first of a kind stands for all */
    }
    if (moments->count == MOMENTS_MAX)
        return;
    moments->count++;
    for (; at > 0 && moments->items[at - 1].t_ns > t_ns; at--)
        moments->items[at] = moments->items[at - 1];
    moments->items[at] = (struct moment){ t_ns, word, is_log };
}

void moments_of(const struct incident *incident, struct moments *out)
{
    out->count = 0;
    for (size_t i = 0; i < incident->action_count; i++)
        moment_add(out, incident->actions[i].t_ns, incident->actions[i].action, false);
    if (incident->restarted_ns.known)
        moment_add(out, (int64_t)incident->restarted_ns.value, "restart", false);
    for (size_t i = 0; i < incident->log_mark_count; i++)
        moment_add(out, incident->log_marks[i].first_ns, incident->log_marks[i].name, true);
}
