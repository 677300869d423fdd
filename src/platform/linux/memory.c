/* Memory of processes as Linux counts it: statm for every look, smaps_rollup where shared pages
 * must be divided, status and maps for the still picture of a crossing. */
#include "platform/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/macros.h"
#include "platform/clock.h"
#include "platform/linux/process_private.h"

static int gone_or_failed(int code, const struct proc *proc, const char *what, struct err *err)
{
    return err_set_os(err, proc_errno_gone(code) ? ESRCH : code, "%s of process %lld", what,
                      (long long)proc->pid);
}

void memory_watch_open(struct process_table *table, const struct proc *proc,
                       struct memory_watch *out)
{
    char path[64];
    out->handle = PROCESS_HANDLE_NONE;
    if (table->room == 0)
        return;
    snprintf(path, sizeof path, "%lld/statm", (long long)proc->pid);
    int fd = openat(table->folder_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    out->handle = fd;
    table->room--;
}

void memory_watch_close(struct process_table *table, struct memory_watch *watch)
{
    if (watch->handle == PROCESS_HANDLE_NONE)
        return;
    close(watch->handle);
    watch->handle = PROCESS_HANDLE_NONE;
    table->room++;
}

static struct memory_now statm_parse(const struct process_table *table, const char *text)
{
    struct memory_now now;
    now.size_bytes = proc_number(&text) * table->page_bytes;
    now.resident_bytes = proc_number(&text) * table->page_bytes;
    now.shared_bytes = proc_number(&text) * table->page_bytes;
    return now;
}

/* The kernel shows a process as empty when its first thread has ended. The others go on, and show
 * what all of them hold. */
static struct memory_now threads_look(struct process_table *table, int64_t pid)
{
    struct memory_now now = { 0 };
    char path[64], text[256];
    struct proc_names threads;
    const char *thread;
    snprintf(path, sizeof path, "%lld/task", (long long)pid);
    if (!proc_names_open(table, path, &threads))
        return now;
    while (now.size_bytes == 0 && (thread = proc_names_next(&threads)) != NULL) {
        snprintf(path, sizeof path, "task/%.20s/statm", thread);
        if (proc_file_read(table, pid, path, text, sizeof text) > 0)
            now = statm_parse(table, text);
    }
    proc_names_close(&threads);
    return now;
}

int memory_look(struct process_table *table, const struct proc *proc,
                const struct memory_watch *watch, struct memory_now *out, struct err *err)
{
    char text[256];
    long length;
    if (watch->handle != PROCESS_HANDLE_NONE) {
        length = pread(watch->handle, text, sizeof text - 1, 0);
        if (length >= 0)
            text[length] = '\0';
    } else {
        length = proc_file_read(table, proc->pid, "statm", text, sizeof text);
    }
    if (length <= 0)
        return gone_or_failed(length == 0 ? ESRCH : errno, proc, "memory", err);
    *out = statm_parse(table, text);
    if (out->size_bytes == 0)
        *out = threads_look(table, proc->pid);
    return 0;
}

/* Value of a "Name:   123 kB" line in bytes. */
static bool line_bytes(const char *text, const char *name, uint64_t *out)
{
    const char *at = text;
    size_t length = strlen(name);
    while (at && strncmp(at, name, length) != 0) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    if (!at)
        return false;
    at += length;
    while (*at == ' ' || *at == '\t')
        at++;
    *out = proc_number(&at) * KIB_BYTES;
    return true;
}

int memory_proportional(struct process_table *table, const struct proc *proc, uint64_t *out_bytes,
                        struct err *err)
{
    char text[2048];
    uint64_t bytes, swapped = 0;
    if (proc_file_read(table, proc->pid, "smaps_rollup", text, sizeof text) <= 0)
        return gone_or_failed(errno, proc, "proportional memory", err);
    if (!line_bytes(text, "Pss:", &bytes))
        return err_set(err, ERR_SYSTEM, "proportional memory of process %lld is not told",
                       (long long)proc->pid);
    (void)line_bytes(text, "SwapPss:", &swapped); /* since Linux 4.3 */
    *out_bytes = bytes + swapped;
    return 0;
}

bool memory_swap_used(uint64_t *out_bytes)
{
    struct sysinfo info;
    if (sysinfo(&info) < 0)
        return false;
    *out_bytes = (uint64_t)(info.totalswap - info.freeswap) * info.mem_unit;
    return true;
}

enum truth memory_is_common(const struct proc *a, const struct proc *b)
{
    long order = syscall(SYS_kcmp, (pid_t)a->pid, (pid_t)b->pid, KCMP_VM, 0, 0);
    return order < 0 ? TRUTH_UNKNOWN : order == 0 ? TRUTH_YES : TRUTH_NO;
}

int memory_kinds_read(struct process_table *table, const struct proc *proc,
                      struct memory_kinds *out, struct err *err)
{
    char text[4096];
    struct memory_kinds kinds = { 0 };
    if (proc_file_read(table, proc->pid, "status", text, sizeof text) <= 0)
        return gone_or_failed(errno, proc, "memory", err);
    if (!line_bytes(text, "RssAnon:", &kinds.anonymous_bytes)
        || !line_bytes(text, "RssFile:", &kinds.file_bytes)
        || !line_bytes(text, "RssShmem:", &kinds.shared_memory_bytes))
        return err_set(err, ERR_SYSTEM, "kinds of memory of process %lld are not told",
                       (long long)proc->pid);
    (void)line_bytes(text, "VmSwap:", &kinds.swapped_bytes); /* not without swap in the kernel */
    *out = kinds;
    return 0;
}

int memory_maps_has(struct process_table *table, const struct proc *proc, const char *word,
                    uint64_t budget_ns, bool *out_mapped, struct err *err)
{
    /* A page of text at a time; what a piece cuts in two is seen whole in the next one. */
    char path[64], text[4096 + 256];
    size_t length = strlen(word), kept = 0;
    uint64_t until_ns = clock_monotonic_ns() + budget_ns;
    bool found = false, empty = true;
    snprintf(path, sizeof path, "%lld/maps", (long long)proc->pid);
    int fd = openat(table->folder_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return gone_or_failed(errno, proc, "maps", err);
    for (;;) {
        ssize_t got = read(fd, text + kept, sizeof text - kept);
        if (got < 0 || (got > 0 && clock_monotonic_ns() > until_ns)) {
            int code = got < 0 ? errno : ETIME;
            close(fd);
            return gone_or_failed(code, proc, "maps", err);
        }
        size_t have = kept + (size_t)got;
        found = memmem(text, have, word, length) != NULL;
        if (found || got == 0) {
            empty &= got == 0;
            break;
        }
        empty = false;
        kept = have < length ? have : length - 1;
        memmove(text, text + have - kept, kept);
    }
    close(fd);
    if (empty)
        return gone_or_failed(ESRCH, proc, "maps", err);
    *out_mapped = found;
    return 0;
}

void *memory_shared_get(size_t size_bytes)
{
    void *memory = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                        0);
    return memory == MAP_FAILED ? NULL : memory;
}

void memory_heap_trim(void)
{
    (void)malloc_trim(0); /* whether something was given back makes no difference here */
}
