/* How much memory there is for us. A container or a service has its own bound, and one above it may
 * be lower still, so every control group up to the root is asked. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "platform/file.h"
#include "platform/linux/cgroup_private.h"
#include "platform/memory.h"

#define PROC_FILE_MAX_BYTES ((size_t)256 * 1024)
#define CGROUP_FOLDER "/sys/fs/cgroup"

/* The two kinds of control groups. */
static const struct {
    const char *controller; /* as cgroup_own_of() takes it */
    const char *mount;      /* where Linux distributions mount it */
    const char *file;
} groups[] = {
    { "", CGROUP_FOLDER, "memory.max" },
    { "memory", CGROUP_FOLDER "/memory", "memory.limit_in_bytes" },
};

static void lower(uint64_t *inout, bool *inout_known, uint64_t value)
{
    if (!*inout_known || value < *inout)
        *inout = value;
    *inout_known = true;
}

/* "MemTotal:       16309412 kB" */
static bool machine_total(struct arena *arena, const char *root, uint64_t *out_bytes)
{
    const char *text;
    struct err ignored;
    uint64_t kib;
    if (file_read(arena, arena_printf(arena, "%s/proc/meminfo", root), PROC_FILE_MAX_BYTES, &text,
                  NULL, &ignored)
        < 0)
        return false;
    const char *line = strstr(text, "MemTotal:");
    if (!line)
        return false;
    line += strlen("MemTotal:");
    line += strspn(line, " ");
    if (!text_to_u64(arena_strndup(arena, line, strspn(line, "0123456789")), &kib))
        return false;
    *out_bytes = kib * KIB_BYTES;
    return true;
}

/* The limits of one group and all above it. path is "/a/b", and becomes shorter. */
static void group_limits(struct arena *arena, const char *root, size_t kind, char *path,
                         uint64_t *inout, bool *inout_known)
{
    for (;;) {
        uint64_t limit;
        const char *line = file_line(
            arena,
            arena_printf(arena, "%s%s%s/%s", root, groups[kind].mount, path, groups[kind].file));
        if (line && text_to_u64(line, &limit) && limit > 0) /* "max" is no number */
            lower(inout, inout_known, limit);
        char *slash = strrchr(path, '/');
        if (!slash)
            return;
        *slash = '\0';
    }
}

bool memory_total_read(struct arena *arena, const char *root, uint64_t *out_bytes)
{
    uint64_t total = 0;
    bool known = machine_total(arena, root, &total);
    const char *own = cgroup_own(arena, root);
    for (size_t i = 0; i < ROWS(groups); i++) {
        const char *group = cgroup_own_of(arena, own, groups[i].controller);
        if (group)
            group_limits(arena, root, i, arena_strdup(arena, group), &total, &known);
    }
    if (known)
        *out_bytes = total;
    return known;
}
