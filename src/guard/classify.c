/* What a process is. Its command line says it, except for renderers that are forked from a zygote
 * and keep its command line; those are known by their parent and by what Chromium gives renderers
 * only. A process is looked at when it is first seen and a few times more, because between fork and
 * exec it is still a copy of its parent. */
#include <stdio.h>
#include <string.h>

#include "guard/tree_private.h"
#include "platform/event.h"

/* Chromium's readiness of renderers to be ended, kLowestRendererOomScore in
 * content/common/child_process_… constants; seen on Qt WebEngine 5.15 and 6.4. */
#define RENDERER_OOM_SCORE 300

/* Ages of a process at which it is looked at again. */
static const uint64_t check_ages_ns[] = { 10 * MS_NS, 100 * MS_NS, SECOND_NS, 5 * SECOND_NS,
                                          30 * SECOND_NS };

static const struct role_row {
    const char *type;
    enum process_role role;
} role_rows[] = {
    { "--type=renderer", ROLE_RENDERER }, { "--type=zygote", ROLE_ZYGOTE },
    { "--type=utility", ROLE_UTILITY },   { "--type=gpu-process", ROLE_GPU },
    { "--type=", ROLE_UTILITY }, /* any other helper of the engine; must be the last row */
};

/* Role by the words of a command line; ROLE_OTHER when no word tells. Words are separated by NUL,
 * or by spaces where the process wrote its own title. */
static enum process_role role_by_command(const char *command, size_t length)
{
    for (size_t i = 0; i < ROWS(role_rows); i++) {
        size_t size = strlen(role_rows[i].type);
        for (size_t at = 1; at + size <= length; at++)
            if ((command[at - 1] == '\0' || command[at - 1] == ' ')
                && memcmp(command + at, role_rows[i].type, size) == 0)
                return role_rows[i].role;
    }
    return ROLE_OTHER;
}

static bool forked_renderer(struct tree *tree, const struct member *member)
{
    int score;
    const struct member *parent = tree_find(tree, member->parent);
    if (!parent || parent->role != ROLE_ZYGOTE)
        return false;
    if (process_oom_score_read(tree->table, member->proc.pid, &score)
        && score == RENDERER_OOM_SCORE)
        return true;
    return process_thread_exists(tree->table, member->proc.pid, "Compositor");
}

static void role_check(struct tree *tree, struct member *member)
{
    char command[4096];
    size_t length = process_command_read(tree->table, member->proc.pid, command, sizeof command);
    enum process_role role = role_by_command(command, length);
    if (role == ROLE_ZYGOTE && forked_renderer(tree, member))
        role = ROLE_RENDERER;
    if (role != ROLE_OTHER) {
        /* Who starts helpers of the engine is the app itself: a launcher in front of it is not. */
        struct member *parent = tree_find(tree, member->parent);
        if (parent && parent->role == ROLE_OTHER)
            parent->role = ROLE_BROWSER;
    } else if (member->role == ROLE_BROWSER || member->proc.pid == tree->first) {
        role = ROLE_BROWSER;
    }
    member->role = role;
}

static void program_note(struct tree *tree, uint64_t program)
{
    for (size_t i = 0; i < tree->program_count; i++)
        if (tree->programs[i] == program)
            return;
    if (tree->program_count < TREE_PROGRAMS_MAX)
        tree->programs[tree->program_count++] = program;
}

static bool program_is_app(const struct tree *tree, uint64_t program)
{
    for (size_t i = 0; i < tree->program_count; i++)
        if (tree->programs[i] == program)
            return true;
    return false;
}

static bool is_kept(const struct tree *tree, const struct member *member, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < tree->keep->count; i++) {
        const char *keep = tree->keep->items[i];
        /* The name of the thread holds 15 bytes and is all there is when the path may not be read.
         */
        if (strcmp(keep, name) == 0 || (*path == '\0' && strncmp(keep, member->name, 15) == 0))
            return true;
    }
    return false;
}

/* A launcher may lead the app into a session (setsid) or a control group (a scope of the service
 * manager) of its own: where the first process is now is where the app is. */
static void first_place_read(struct tree *tree)
{
    struct process_facts facts;
    struct err ignored; /* it has ended: where it was last is remembered */
    if (process_facts_read(tree->table, tree->first, &facts, &ignored) < 0
        || facts.start != tree->first_start || facts.ended)
        return;
    tree->first_session = facts.session;
    uint64_t group = process_group_read(tree->table, tree->first);
    if (group)
        tree->first_group = group;
}

/* Is it in a session or control group in which the app was never seen? */
static bool is_elsewhere(struct tree *tree, struct member *member)
{
    bool elsewhere = member->session != tree->session && member->session != tree->first_session;
    if (elsewhere)
        return true;
    member->group = process_group_read(tree->table, member->proc.pid);
    return member->group && tree->group && member->group != tree->group
           && member->group != tree->first_group;
}

/* Contract §8: another executable than the app's and the engine's, in a session or control group of
 * its own; or named to be kept. What cannot be read is taken for the app's. */
static bool is_foreign(struct tree *tree, struct member *member, const char *path)
{
    if (is_kept(tree, member, path))
        return member->proc.pid != tree->first;
    if (member->proc.pid == tree->first || member->role != ROLE_OTHER || member->program == 0)
        return false;
    bool apart = is_elsewhere(tree, member);
    if (apart) {
        first_place_read(tree);
        apart = is_elsewhere(tree, member);
    }
    if (!apart)
        program_note(tree, member->program);
    return apart && !program_is_app(tree, member->program);
}

/* An exec, a thread and a library all change the size of its memory: one whose figures are those of
 * the last close look has become nothing else. A look at them costs a tenth of a close look. */
static bool is_unchanged(struct tree *tree, struct member *member)
{
    struct memory_now now, before = member->checked;
    struct err ignored;
    if (memory_look(tree->table, &member->proc, &member->watch, &now, &ignored) < 0)
        return false;
    member->checked = now;
    return now.size_bytes == before.size_bytes && now.resident_bytes == before.resident_bytes
           && now.shared_bytes == before.shared_bytes;
}

void tree_check_member(struct tree *tree, struct member *member)
{
    struct process_facts facts;
    struct err ignored;
    char path[4096];
    if (process_facts_read(tree->table, member->proc.pid, &facts, &ignored) < 0
        || facts.start != member->proc.start)
        return; /* ended; the next look at its memory takes it out */
    member->parent = facts.parent;
    member->session = facts.session;
    memcpy(member->name, facts.name, sizeof member->name);
    role_check(tree, member);
    member->program = 0;
    if (process_program_read(tree->table, member->proc.pid, path, sizeof path))
        member->program = text_hash(TEXT_HASH_START, path, strlen(path));
    if (member->proc.pid == tree->first || member->role != ROLE_OTHER)
        program_note(tree, member->program);
    if (member->proc.pid == tree->first)
        first_place_read(tree);
    if (is_foreign(tree, member, path)) {
        member->kind = MEMBER_FOREIGN;
        tree->foreign_news = true;
        member->check_ns = EVENT_NEVER;
        memory_watch_close(tree->table, &member->watch);
        process_release(tree->table, &member->proc);
    }
}

/* Has an age come at which something may have become of it? What leaves no mark in its memory (a
 * session of its own) is seen at the first and at the last age. */
static bool is_due(struct tree *tree, struct member *member, uint64_t now_ns)
{
    if (now_ns < member->check_ns)
        return false;
    unsigned next = member->checks < ROWS(check_ages_ns) ? member->checks++ : ROWS(check_ages_ns);
    bool is_last = next == ROWS(check_ages_ns);
    member->check_ns = is_last ? EVENT_NEVER : member->seen_ns + check_ages_ns[next];
    return !is_unchanged(tree, member) || is_last;
}

void tree_check(struct tree *tree, uint64_t now_ns, bool all)
{
    for (size_t i = 0; i < tree->count; i++) {
        struct member *member = &tree->members[i];
        if (member->kind == MEMBER_APP && (is_due(tree, member, now_ns) || all))
            tree_check_member(tree, member);
    }
}
