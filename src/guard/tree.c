/* Who belongs to the app. Everything that is started below us is seen once, when the newest pid of
 * the system has moved; its parent says whether it is of the app. A process whose parent has ended
 * is given to us by the kernel, so nothing gets away by forking twice or by a session of its own.
 */
#include "guard/tree_private.h"

#include <stdlib.h>
#include <string.h>

#include "platform/event.h"

int tree_open(struct tree *tree, struct process_table *table, const struct strings *keep,
              struct err *err)
{
    *tree = (struct tree){ .table = table, .keep = keep, .self = process_self() };
    tree->members = calloc(TREE_MEMBERS_MAX, sizeof *tree->members);
    tree->pids = calloc(TREE_LIST_MAX, sizeof *tree->pids);
    tree->fresh = calloc(TREE_MEMBERS_MAX, sizeof *tree->fresh);
    if (!tree->members || !tree->pids || !tree->fresh) {
        tree_close(tree);
        return err_set(err, ERR_SYSTEM, "no memory to guard with");
    }
    tree->last_told = process_table_last(table, &tree->last);
    size_t count;
    if (!process_table_children(table, tree->pids, TREE_LIST_MAX, &count))
        count = process_table_list(table, tree->pids, TREE_LIST_MAX);
    for (size_t i = 0; i < count; i++) {
        struct process_facts facts;
        struct err ignored;
        if (process_facts_read(table, tree->pids[i], &facts, &ignored) == 0
            && facts.parent == tree->self)
            tree_ignore(tree, facts.pid);
    }
    return 0;
}

void tree_close(struct tree *tree)
{
    while (tree->count)
        tree_remove(tree, tree->count - 1);
    free(tree->members);
    free(tree->pids);
    free(tree->fresh);
    tree->members = NULL;
    tree->pids = NULL;
    tree->fresh = NULL;
}

struct member *tree_find(const struct tree *tree, int64_t pid)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->members[i].proc.pid == pid)
            return &tree->members[i];
    return NULL;
}

void tree_remove(struct tree *tree, size_t index)
{
    struct member *member = &tree->members[index];
    memory_watch_close(tree->table, &member->watch);
    process_release(tree->table, &member->proc);
    *member = tree->members[--tree->count];
}

static struct member *add(struct tree *tree, const struct process_facts *facts,
                          enum member_kind kind, uint64_t now_ns)
{
    if (tree->count == TREE_MEMBERS_MAX) {
        tree->overflowed = true;
        return NULL;
    }
    struct member *member = &tree->members[tree->count];
    *member = (struct member){ .proc = { facts->pid, facts->start, PROCESS_HANDLE_NONE },
                               .watch = { PROCESS_HANDLE_NONE },
                               .kind = kind,
                               .role = ROLE_OTHER,
                               .parent = facts->parent,
                               .session = facts->session,
                               .seen_ns = now_ns,
                               .check_ns = kind == MEMBER_APP ? now_ns : EVENT_NEVER,
                               .is_new = true };
    memcpy(member->name, facts->name, sizeof member->name);
    if (kind == MEMBER_APP) {
        struct err gone;
        if (process_hold(tree->table, &member->proc, &gone) < 0)
            return NULL;
        memory_watch_open(tree->table, &member->proc, &member->watch);
    }
    tree->foreign_news |= kind == MEMBER_FOREIGN;
    tree->count++;
    return member;
}

void tree_ignore(struct tree *tree, int64_t pid)
{
    struct process_facts facts = { .pid = pid, .parent = tree->self };
    struct err ignored;
    struct member *known = tree_find(tree, pid);
    if (known)
        tree_remove(tree, (size_t)(known - tree->members));
    (void)process_facts_read(tree->table, pid, &facts, &ignored);
    (void)add(tree, &facts, MEMBER_IGNORED, 0);
}

void tree_adopt(struct tree *tree, int64_t pid, uint64_t start, uint64_t now_ns)
{
    struct process_facts facts;
    struct err ignored; /* it has ended meanwhile */
    if (pid == tree->self || tree_find(tree, pid)
        || process_facts_read(tree->table, pid, &facts, &ignored) < 0 || facts.start != start
        || facts.ended)
        return;
    (void)add(tree, &facts, MEMBER_APP, now_ns);
}

/* What could not be ended by SIGKILL waits in the kernel, and ends when it comes back from there.
 * It was reported, and nothing waits for it. */
static void leave(struct tree *tree, size_t index)
{
    struct member *member = &tree->members[index];
    if (!member->killed || process_has_ended(tree->table, &member->proc)) {
        tree_remove(tree, index);
        return;
    }
    memory_watch_close(tree->table, &member->watch);
    process_release(tree->table, &member->proc);
    member->kind = MEMBER_IGNORED;
    member->check_ns = EVENT_NEVER;
}

void tree_begin(struct tree *tree, const struct proc *first, uint64_t now_ns)
{
    for (size_t i = tree->count; i-- > 0;)
        if (tree->members[i].kind == MEMBER_APP)
            leave(tree, i);
    tree->first = first->pid;
    tree->first_start = first->start;
    tree->program_count = 0;
    tree->apart_count = 0;
    tree->absent_count = 0;
    tree->sum_bytes = tree->bound_bytes = 0;
    tree->exact_bytes.known = false;
    tree->exact_ns = tree->exact_cost_ns = 0;
    struct process_facts facts = { .pid = first->pid, .parent = tree->self, .start = first->start };
    struct err ignored;
    (void)process_facts_read(tree->table, first->pid, &facts, &ignored);
    tree->session = facts.session;
    tree->group = process_group_read(tree->table, first->pid);
    tree->first_session = tree->session;
    tree->first_group = tree->group;
    struct member *member = add(tree, &facts, MEMBER_APP, now_ns);
    if (member)
        member->role = ROLE_BROWSER;
}

/* What a new process is, by its parent; false when it is none of our business (or not yet). */
static bool kind_by_parent(const struct tree *tree, const struct process_facts *facts,
                           enum member_kind *out)
{
    const struct member *parent = tree_find(tree, facts->parent);
    if (parent) {
        *out = parent->kind;
        return true;
    }
    *out = MEMBER_APP; /* an orphan of the tree: the kernel gave it to us */
    return facts->parent == tree->self && !tree->attached;
}

static size_t fresh_collect(struct tree *tree, size_t found)
{
    size_t count = 0;
    for (size_t i = 0; i < found; i++) {
        struct process_facts facts;
        struct err ignored;
        int64_t pid = tree->pids[i];
        if (process_facts_read(tree->table, pid, &facts, &ignored) < 0 || facts.ended)
            continue;
        const struct member *known = tree_find(tree, pid);
        if (known && known->proc.start == facts.start)
            continue;
        if (known)
            tree_remove(tree, (size_t)(known - tree->members));
        if (count < TREE_MEMBERS_MAX)
            tree->fresh[count++] = facts;
        else
            tree->overflowed = true;
    }
    return count;
}

/* Add those whose parent is known; *fresh: how many there are, and then how many are left. */
static size_t fresh_add(struct tree *tree, size_t *fresh, uint64_t now_ns)
{
    size_t added = 0;
    /* A parent may stand behind its child in the list, so go on until nothing fits any more. */
    for (bool more = true; more;) {
        more = false;
        for (size_t i = *fresh; i-- > 0;) {
            enum member_kind kind;
            if (!kind_by_parent(tree, &tree->fresh[i], &kind))
                continue;
            if (add(tree, &tree->fresh[i], kind, now_ns) && kind == MEMBER_APP)
                added++;
            tree->fresh[i] = tree->fresh[--*fresh];
            more = true;
        }
    }
    return added;
}

/* Between the look at a process and here its parent may have ended, and then it is ours: a program
 * that forks twice does just that. Are there any of those? What has ended, too, is left out: its
 * session may be the app's. */
static bool fresh_again(struct tree *tree, size_t *fresh)
{
    bool changed = false;
    for (size_t i = *fresh; i-- > 0;) {
        struct process_facts facts;
        struct err ignored;
        if (process_facts_read(tree->table, tree->fresh[i].pid, &facts, &ignored) < 0
            || facts.start != tree->fresh[i].start) {
            tree->fresh[i] = tree->fresh[--*fresh];
            continue;
        }
        changed |= facts.parent != tree->fresh[i].parent;
        tree->fresh[i] = facts;
    }
    return changed;
}

size_t tree_scan(struct tree *tree, uint64_t now_ns, bool all)
{
    size_t found = births_find(tree, now_ns, all);
    size_t fresh = fresh_collect(tree, found);
    size_t added = fresh_add(tree, &fresh, now_ns);
    if (!tree->attached && !all && fresh_again(tree, &fresh))
        added += fresh_add(tree, &fresh, now_ns);
    births_apart(tree, fresh);
    return added;
}

size_t tree_sweep(struct tree *tree)
{
    size_t before = tree->count;
    for (size_t i = tree->count; i-- > 0;)
        if (tree->members[i].kind == MEMBER_APP
            && process_has_ended(tree->table, &tree->members[i].proc))
            tree_remove(tree, i);
    return before - tree->count;
}

size_t tree_app_count(const struct tree *tree)
{
    size_t count = 0;
    for (size_t i = 0; i < tree->count; i++)
        count += tree->members[i].kind == MEMBER_APP;
    return count;
}

bool tree_is_leftover(const struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct member *member = &tree->members[i];
        if (member->kind == MEMBER_APP
            && (member->role == ROLE_BROWSER || member->role == ROLE_OTHER))
            return false;
    }
    return true;
}
