/* Reading run/: whose guard lives, whose app goes on without one. A file is believed only when it
 * is ours, whole, and of this start of the system; a process only when its start time is the one
 * that was written down. */
#include "guard/run_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"
#include "platform/file.h"
#include "platform/process.h"
#include "platform/state.h"

#define FILE_MAX_BYTES (size_t)(64 * 1024)
#define READS_MAX 5 /* a writer comes once a second: twice is more than enough */
#define MEMBERS_MAX 4096

static bool alive(struct process_table *table, const struct run_process *process)
{
    struct process_facts facts;
    struct err ignored;
    return process->pid > 0 && process_facts_read(table, process->pid, &facts, &ignored) == 0
           && facts.start == process->start && !facts.ended;
}

static struct run_process process_get(const json_t *object, const char *key)
{
    const json_t *process = json_object_get(object, key);
    return (struct run_process){ (int64_t)json_get_u64(process, "pid", 0),
                                 json_get_u64(process, "start", 0) };
}

static void members_get(struct arena *arena, const json_t *root, struct run_entry *entry)
{
    const json_t *list = json_object_get(root, "members");
    size_t count = json_array_size(list);
    count = count < MEMBERS_MAX ? count : MEMBERS_MAX;
    struct run_process *members = arena_array(arena, count + 1, sizeof *members);
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(list, i);
        members[i].pid = (int64_t)json_integer_value(json_array_get(pair, 0));
        members[i].start = (uint64_t)json_integer_value(json_array_get(pair, 1));
    }
    entry->members = members;
    entry->member_count = count;
}

static const char *text_or(struct arena *arena, const json_t *root, const char *key,
                           const char *otherwise)
{
    const char *text = json_get_text(arena, root, key);
    return text ? text : otherwise;
}

static void entry_fill(struct arena *arena, const json_t *root, struct run_entry *entry)
{
    entry->name = text_or(arena, root, "name", "?");
    entry->state = text_or(arena, root, "state", "up");
    entry->rung = text_or(arena, root, "rung", "none");
    entry->limit_of = text_or(arena, root, "limit_of", "none");
    entry->incident = json_get_text(arena, root, "incident");
    entry->guard = process_get(root, "guard");
    entry->app = process_get(root, "app");
    entry->attached = json_is_true(json_object_get(root, "attached"));
    entry->started_s = json_get_u64(root, "started_s", 0);
    entry->updated_s = json_get_u64(root, "updated_s", 0);
    entry->incident_s = json_get_u64(root, "incident_s", 0);
    entry->limit_bytes = json_get_u64(root, "limit_bytes", 0);
    entry->largest_bytes = json_get_u64(root, "largest_bytes", 0);
    entry->tree_bytes = json_get_u64(root, "tree_bytes", 0);
    entry->gpu_bytes = json_get_u64(root, "gpu_bytes", 0);
    entry->rate_bytes_per_s = json_integer_value(json_object_get(root, "rate_bytes_per_s"));
    entry->process_count = json_get_u64(root, "process_count", 0);
    entry->restart = json_get_u64(root, "restart", 0);
    entry->restart_max = json_get_u64(root, "restart_max", 0);
    members_get(arena, root, entry);
}

/* One writing, whole; NULL when there is none to be had. */
static json_t *root_read(struct arena *arena, const char *path)
{
    for (unsigned i = 0; i < READS_MAX; i++) {
        const char *bytes;
        size_t length;
        struct err ignored; /* gone, not ours, or just being written */
        if (state_read(arena, path, FILE_MAX_BYTES, &bytes, &length, &ignored) < 0)
            return NULL;
        json_t *root = json_parse(path, bytes, length, &ignored);
        if (root && text_equal(json_string_value(json_object_get(root, "schema")), RUN_FILE_SCHEMA)
            && json_get_u64(root, "count", 0) == json_get_u64(root, "end", 1))
            return root;
        json_freep(&root);
    }
    return NULL;
}

/* Is somebody of the app left: what was started, or any other that the guard knew? When a launcher
 * has ended, the oldest that goes on stands for the app: that one can be attached to. */
static bool app_lives(struct process_table *table, struct run_entry *entry)
{
    const struct run_process *oldest = NULL;
    if (alive(table, &entry->app))
        return true;
    for (size_t i = 0; i < entry->member_count; i++) {
        const struct run_process *member = &entry->members[i];
        if ((!oldest || member->start < oldest->start) && alive(table, member))
            oldest = member;
    }
    if (oldest)
        entry->app = *oldest;
    return oldest != NULL;
}

/* Of this start of the system, but where pids mean others: a container that shares the folder. */
static bool from_beside(const char *noted, const char *boot)
{
    size_t length = strcspn(boot, ":");
    return noted && !text_equal(noted, boot) && strncmp(noted, boot, length) == 0
           && noted[length] == ':';
}

/* A guard that waits before the next start has no app, and is there all the same. */
static bool entry_read(struct arena *arena, struct process_table *table, const char *path,
                       const char *boot, struct run_entry *out)
{
    CLEANUP(json_freep) json_t *root = root_read(arena, path);
    struct err ignored;
    if (!root)
        return false;
    struct run_entry entry = { .path = path };
    entry_fill(arena, root, &entry);
    const char *noted = json_string_value(json_object_get(root, "boot"));
    if (from_beside(noted, boot))
        return false; /* who lives there cannot be told from here */
    bool now = text_equal(noted, boot);
    entry.guarded = now && alive(table, &entry.guard);
    if (!entry.guarded && !(now && app_lives(table, &entry))) {
        (void)file_remove(path, &ignored); /* the next one who looks may try again */
        return false;
    }
    *out = entry;
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct run_entry *one = a, *other = b;
    int order = strcmp(one->name, other->name);
    return order ? order : (one->app.pid > other->app.pid) - (one->app.pid < other->app.pid);
}

int run_file_list(struct arena *arena, const char *state_dir, struct run_entries *out,
                  struct err *err)
{
    struct strings names = { 0 };
    struct run_entries entries = { 0 };
    struct process_table *table;
    struct err problem;
    char boot[64];
    if (!state_dir) {
        *out = entries;
        return 0;
    }
    const char *folder = path_join(arena, state_dir, RUN_FILE_FOLDER);
    if (state_folder_check(folder, &problem) < 0
        || folder_list(arena, folder, &names, &problem) < 0) {
        if (problem.kind != ERR_NO_INPUT) {
            *err = problem;
            return -1;
        }
        *out = entries;
        return 0;
    }
    if (process_table_open(&table, err) < 0)
        return -1;
    process_boot_read(boot, sizeof boot);
    for (size_t i = 0; i < names.count; i++) {
        struct run_entry entry;
        if (entry_read(arena, table, path_join(arena, folder, names.items[i]), boot, &entry))
            ARENA_PUSH(arena, &entries, entry);
    }
    process_table_close(table);
    if (entries.count)
        qsort(entries.items, entries.count, sizeof *entries.items, by_name);
    *out = entries;
    return 0;
}
