/* memory.h: how much memory a process holds.
 * Room: platform. Called from one thread. Allocates nothing. */
#ifndef QWGUARD_PLATFORM_MEMORY_H
#define QWGUARD_PLATFORM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "platform/process.h"

/* A kept descriptor for one process; PROCESS_HANDLE_NONE when descriptors are scarce. */
struct memory_watch {
    int handle;
};

/* One look. */
struct memory_now {
    uint64_t size_bytes;     /* address space */
    uint64_t resident_bytes; /* in memory now, shared pages included */
    uint64_t shared_bytes;   /* of these: pages of files and of shared memory */
};

/* What resident memory consists of, and what is not resident now. */
struct memory_kinds {
    uint64_t anonymous_bytes;
    uint64_t file_bytes;
    uint64_t shared_memory_bytes;
    uint64_t swapped_bytes; /* anonymous, swapped out; 0 where it is not told */
};

/**
 * Start looking at a process. Never fails: without a descriptor each look opens one.
 */
void memory_watch_open(struct process_table *table, const struct proc *proc,
                       struct memory_watch *out);

/**
 * Give the descriptor back; one that is not held is accepted.
 */
void memory_watch_close(struct process_table *table, struct memory_watch *watch);

/**
 * Memory of one process as the kernel counts it now, also when its first thread has ended.
 *
 * out       untouched on failure; all zero for a process that is just ending
 * returns   0; -1 and ERR_GONE (expected), ERR_DENIED, ERR_SYSTEM (no descriptor left, …)
 * source    /proc/PID/statm, proc(5); 1.6 us with a kept descriptor, 6.5 us without
 */
int memory_look(struct process_table *table, const struct proc *proc,
                const struct memory_watch *watch, struct memory_now *out, struct err *err);

/**
 * Proportional memory, swapped out or not: each shared page divided by the number of processes that
 * map it. The kernel walks all pages: about 4 ms a GiB.
 *
 * returns   0; -1 and ERR_GONE, ERR_DENIED (not dumpable and we are not root), ERR_SYSTEM
 * source    /proc/PID/smaps_rollup, proc(5), since Linux 4.14
 */
int memory_proportional(struct process_table *table, const struct proc *proc, uint64_t *out_bytes,
                        struct err *err);

/**
 * Are two processes one memory? A child of vfork(2), as posix_spawn(3) makes them, is until it
 * executes its program: what both hold is there once, and counted fully for each.
 *
 * returns   TRUTH_UNKNOWN when one has ended, or the system does not tell
 * source    kcmp(2), KCMP_VM
 */
enum truth memory_is_common(const struct proc *a, const struct proc *b);

/**
 * What the resident memory consists of, and what is swapped out.
 *
 * source    /proc/PID/status RssAnon, RssFile, RssShmem, VmSwap, proc(5), since Linux 4.5
 */
int memory_kinds_read(struct process_table *table, const struct proc *proc,
                      struct memory_kinds *out, struct err *err);

/**
 * How much of this machine's swap space is in use, by whomever.
 *
 * returns   false when it is not told; out_bytes untouched
 * source    sysinfo(2)
 */
bool memory_swap_used(uint64_t *out_bytes);

/**
 * Is a file whose path contains this word mapped?
 *
 * budget_ns   give up after so long
 * out_mapped  untouched on failure
 * returns     0; -1 and ERR_GONE, ERR_DENIED, ERR_SYSTEM (also when the time was up)
 * source      /proc/PID/maps, proc(5)
 */
int memory_maps_has(struct process_table *table, const struct proc *proc, const char *word,
                    uint64_t budget_ns, bool *out_mapped, struct err *err);

/**
 * How much memory there is for us: what the machine has, or the limit of a control group that we
 * are in where that is lower.
 *
 * root      prefix of the files; "" = the machine itself
 * out_bytes untouched on failure
 * returns   false when the system does not tell
 * source    /proc/meminfo MemTotal, proc(5); memory.max of control groups v2 and
 *           memory.limit_in_bytes of v1, cgroups(7)
 */
bool memory_total_read(struct arena *arena, const char *root, uint64_t *out_bytes);

/**
 * Memory that children made by fork share with us, zeroed; lives until the process ends.
 *
 * returns   NULL when there is none to be had
 */
void *memory_shared_get(size_t size_bytes);

/**
 * Give what earlier work left in the heap back to the system.
 */
void memory_heap_trim(void);

#endif
