/* What is below us: everything that descends from this process. Orphans come to us, since we are
 * armed as a guard (platform/self.h), so nothing that an app starts can leave. */
#include "guard/trial_private.h"

#define PROCESSES_MAX 32768

void below_prepare(struct arena *arena, struct process_table *table, struct below *out)
{
    *out = (struct below){
        .table = table,
        .pids = arena_array(arena, PROCESSES_MAX, sizeof *out->pids),
        .all = arena_array(arena, PROCESSES_MAX, sizeof *out->all),
    };
}

static bool is_known(const struct below *below, int64_t pid)
{
    for (size_t i = 0; i < below->count; i++)
        if (below->all[i].pid == pid)
            return true;
    return pid == process_self();
}

/* Children of those in front are moved to the front until there are no more. */
static void front_fill(struct below *below, size_t total)
{
    size_t before;
    do {
        before = below->count;
        for (size_t i = before; i < total; i++) {
            if (!is_known(below, below->all[i].parent))
                continue;
            struct process_facts found = below->all[i];
            below->all[i] = below->all[below->count];
            below->all[below->count++] = found;
        }
    } while (below->count > before);
}

size_t below_look(struct below *below)
{
    size_t listed = process_table_list(below->table, below->pids, PROCESSES_MAX), total = 0;
    below->count = 0;
    for (size_t i = 0; i < listed; i++) {
        struct err ignored; /* it has ended meanwhile, or is not ours to look at */
        struct process_facts *facts = &below->all[total];
        if (process_facts_read(below->table, below->pids[i], facts, &ignored) == 0 && !facts->ended)
            total++;
    }
    front_fill(below, total);
    return below->count;
}

void below_kill(const struct below *below)
{
    for (size_t i = 0; i < below->count; i++) {
        struct err ignored; /* ended by itself; what cannot be ended is counted at the end */
        struct proc proc = { .pid = below->all[i].pid,
                             .start = below->all[i].start,
                             .handle = PROCESS_HANDLE_NONE };
        if (process_hold(below->table, &proc, &ignored) < 0)
            continue;
        (void)process_signal_send(below->table, &proc, PROCESS_KILL, &ignored);
        process_release(below->table, &proc);
    }
}
