/* What was born since the last look. The newest pid of the system says how many numbers were given.
 * A few of them are asked for one by one, 0.3 us each; a list of all costs 100 us and more, since
 * the kernel makes an entry for each name of it. */
#include "guard/tree_private.h"
#include "platform/event.h"

/* Where the newest pid is not told, all are listed, but not more often than this: 1.7 ms for 150
 * processes (open, read and close of stat 6.5 us, and 36 us for the names). */
#define LIST_STEP_NS (100 * MS_NS)
/* Beyond so many numbers a list is cheaper. */
#define ASK_MAX 64
/* Processes that are not the app's are noticed to be gone by a list alone. */
#define LIST_AGAIN_NS (120 * SECOND_NS)
/* A number is given some microseconds before its process can be found, more when the one that forks
 * is held up. So it is asked for again at the next look, and near a limit, where that is soon, once
 * more. */
#define ABSENT_AGAIN_NS (10 * MS_NS)
#define ABSENT_LAST_NS (SECOND_NS / 2)

bool births_pid_is_new(int64_t pid, int64_t before, int64_t now)
{
    if (before <= now)
        return pid > before && pid <= now;
    return pid > before || pid <= now; /* numbers began again at the bottom */
}

/* Most of what is born on a machine is none of the app's and lives in a session in which nothing of
 * it can be: it was begun by somebody else, nobody can enter a session, and it is not the one that
 * the app was started in. The number of a session is free again only after the numbers of processes
 * began again at the bottom, and then all is forgotten. */
static bool is_apart(const struct tree *tree, int64_t session)
{
    size_t count = tree->apart_count < TREE_APART_MAX ? tree->apart_count : TREE_APART_MAX;
    for (size_t i = 0; i < count; i++)
        if (tree->apart[i] == session)
            return session >= 0;
    return false;
}

void births_apart(struct tree *tree, size_t fresh)
{
    for (size_t i = 0; i < fresh; i++) {
        int64_t session = tree->fresh[i].session;
        if (session != tree->session && !tree->attached && !is_apart(tree, session))
            tree->apart[tree->apart_count++ % TREE_APART_MAX] = session;
    }
}

/* Forget foreign processes that are not in the list any more, so that their pids can be given to
 * others. Those of the app are held and need no list. */
static void forget_gone(struct tree *tree, size_t listed)
{
    for (size_t i = tree->count; i-- > 0;) {
        bool present = tree->members[i].kind == MEMBER_APP;
        for (size_t j = 0; j < listed && !present; j++)
            present = tree->pids[j] == tree->members[i].proc.pid;
        if (!present)
            tree_remove(tree, i);
    }
}

static size_t list(struct tree *tree, int64_t before, int64_t last, bool all)
{
    size_t listed = process_table_list(tree->table, tree->pids, TREE_LIST_MAX), count = 0;
    if (listed)
        forget_gone(tree, listed);
    for (size_t i = 0; i < listed; i++) {
        int64_t pid = tree->pids[i];
        bool wanted = all
                      || (births_pid_is_new(pid, before, last)
                          && !(tree->apart_count && is_apart(tree, process_session_read(pid))));
        if (wanted && pid != tree->self)
            tree->pids[count++] = pid;
    }
    tree->absent_count = 0;
    return count;
}

enum answer { ANSWER_NOTHING, ANSWER_PROCESS, ANSWER_NOT_OURS, ANSWER_UNKNOWN };

/* Who has the number pid? Threads have numbers too. */
static enum answer ask(const struct tree *tree, int64_t pid)
{
    int64_t session = process_session_read(pid);
    if (session < 0)
        return ANSWER_NOTHING;
    if (is_apart(tree, session))
        return ANSWER_NOT_OURS;
    switch (process_is_whole(pid)) {
    case TRUTH_YES:
        return ANSWER_PROCESS;
    case TRUTH_NO:
        return ANSWER_NOT_OURS;
    case TRUTH_UNKNOWN:
        break;
    }
    return ANSWER_UNKNOWN;
}

/* Ask for each number after before; false when only a list can help. */
static bool ask_new(struct tree *tree, int64_t before, int64_t last, uint64_t now_ns,
                    size_t *out_count)
{
    *out_count = 0;
    for (int64_t pid = before + 1; pid <= last; pid++) {
        enum answer answer = ask(tree, pid);
        if (answer == ANSWER_UNKNOWN
            || (answer == ANSWER_NOTHING && tree->absent_count == TREE_ABSENT_MAX))
            return false;
        if (answer == ANSWER_NOTHING)
            tree->absent[tree->absent_count++] = (struct absent){ pid, now_ns,
                                                                  now_ns + ABSENT_AGAIN_NS };
        if (answer == ANSWER_PROCESS)
            tree->pids[(*out_count)++] = pid;
    }
    return true;
}

/* Ask again for those under whose number nothing was; true when something is by now. */
static bool ask_absent(struct tree *tree, uint64_t now_ns)
{
    bool found = false;
    for (size_t i = tree->absent_count; i-- > 0;) {
        struct absent *absent = &tree->absent[i];
        if (now_ns < absent->again_ns)
            continue;
        enum answer answer = ask(tree, absent->pid);
        found |= answer == ANSWER_PROCESS || answer == ANSWER_UNKNOWN;
        absent->again_ns = absent->first_ns + ABSENT_LAST_NS;
        if (answer != ANSWER_NOTHING || now_ns >= absent->again_ns)
            *absent = tree->absent[--tree->absent_count];
    }
    return found;
}

size_t births_find(struct tree *tree, uint64_t now_ns, bool all)
{
    int64_t before = tree->last, last = 0;
    bool told = tree->last_told && process_table_last(tree->table, &last);
    if (!told && !all && now_ns - tree->listed_ns < LIST_STEP_NS)
        return 0;
    /* What was found late may be the parent of what was passed over, so then all are looked at. */
    all |= !told || ask_absent(tree, now_ns);
    if (!all && last == before)
        return 0;
    if (last < before)
        tree->apart_count = 0;
    tree->last = last;
    size_t count;
    if (!all && before > 0 && last > before && last - before <= ASK_MAX
        && now_ns - tree->listed_ns < LIST_AGAIN_NS && ask_new(tree, before, last, now_ns, &count))
        return count;
    /* The newest pid was read first: what is born while we list is newer, and is seen next time. */
    tree->listed_ns = now_ns;
    return list(tree, before, last, all);
}
