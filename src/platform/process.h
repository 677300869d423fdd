/* process.h: the processes of this machine: listed, described, held and signalled.
 * Room: platform. Called from one thread; allocates only in process_table_open(). A pid is never
 * signalled: only a handle that stays with one process, so a pid used again cannot be hit. */
#ifndef QWGUARD_PLATFORM_PROCESS_H
#define QWGUARD_PLATFORM_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/known.h"

#define PROCESS_NAME_BYTES 32
#define PROCESS_HANDLE_NONE (-1)

/* The kept descriptors with which processes are looked at. */
struct process_table;

/* One process. start tells two users of the same pid apart; handle may be missing when descriptors
 * are scarce, and is then made for the moment in which it is needed. */
struct proc {
    int64_t pid;
    uint64_t start; /* system's own unit; compared only */
    int handle;     /* PROCESS_HANDLE_NONE = not held */
};

struct process_facts {
    int64_t pid;
    int64_t parent;
    int64_t session;
    uint64_t start;
    bool ended;  /* only its exit status is left (a zombie) */
    bool kernel; /* a thread of the kernel: it has no memory of its own and cannot be ended */
    char name[PROCESS_NAME_BYTES];
};

/* How a child ended. */
struct process_end {
    int64_t pid;
    bool by_signal;
    int code;     /* exit status, or the number of the signal */
    bool crashed; /* by a signal that only a fault of the program raises */
};

/* What can be sent. PROCESS_USER_SIGNAL hands on a number that came with an event. */
enum process_signal {
    PROCESS_STOP,
    PROCESS_CONTINUE,
    PROCESS_TERMINATE,
    PROCESS_KILL,
};

/**
 * Open the table. Descriptors that may be kept for processes are counted from the limit of this
 * process, with a reserve for what is opened in passing.
 *
 * out       free with process_table_close()
 * returns   0, or -1 and ERR_SYSTEM / ERR_UNAVAILABLE (no /proc)
 */
int process_table_open(struct process_table **out, struct err *err);

/**
 * Close and free; NULL is accepted.
 */
void process_table_close(struct process_table *table);

/**
 * The pid that the system gave last, also to threads: when it has not moved, nothing was born.
 *
 * out_last  untouched on failure
 * returns   false when the system does not tell (then list each time)
 * source    /proc/loadavg field 5, proc(5)
 */
bool process_table_last(struct process_table *table, int64_t *out_last);

/**
 * All pids, in no order.
 *
 * pids      room for capacity; what does not fit is left out
 * returns   how many were written; 0 when the system does not tell
 */
size_t process_table_list(struct process_table *table, int64_t *pids, size_t capacity);

/**
 * The live and ended children of this process, without looking at every process.
 *
 * returns   false when the system cannot tell (then look at every parent)
 * source    /proc/PID/task/TID/children, proc(5), since Linux 3.5 where configured
 */
bool process_table_children(struct process_table *table, int64_t *pids, size_t capacity,
                            size_t *out_count);

/**
 * Descriptors that may still be kept.
 */
unsigned process_table_room(const struct process_table *table);

/**
 * Parent, session, start and name, in one look.
 *
 * returns   0, or -1: ERR_GONE (expected), ERR_DENIED, ERR_SYSTEM
 * source    /proc/PID/stat, proc(5)
 */
int process_facts_read(struct process_table *table, int64_t pid, struct process_facts *out,
                       struct err *err);

/**
 * The session of a process alone, in one call of the system.
 *
 * returns   -1 when it cannot be told
 * source    getsid(2); 0.3 us, process_facts_read() 6.5 us
 */
int64_t process_session_read(int64_t pid);

/**
 * Is it a process, and not one thread of one? Numbers are given to both.
 *
 * returns   TRUTH_UNKNOWN when descriptors are scarce
 * source    pidfd_open(2): EINVAL, and ENOENT since Linux 6.15, for a thread
 */
enum truth process_is_whole(int64_t pid);

/**
 * Command line, words separated by NUL.
 *
 * out       room for size bytes; always terminated; cut when longer
 * returns   length, 0 when there is none or it cannot be read
 */
size_t process_command_read(struct process_table *table, int64_t pid, char *out, size_t size);

/**
 * Path of the executable.
 *
 * out       room for size bytes; always terminated
 * returns   false when it cannot be told (another user's, not dumpable, ended)
 */
bool process_program_read(struct process_table *table, int64_t pid, char *out, size_t size);

/**
 * A number that is the same for processes of the same control group.
 *
 * returns   0 when it cannot be told
 */
uint64_t process_group_read(struct process_table *table, int64_t pid);

/**
 * The process's readiness to be ended when memory is out, −1000 … 1000 (Chromium gives renderers
 * 300). Untouched on failure.
 */
bool process_oom_score_read(struct process_table *table, int64_t pid, int *out_score);

/**
 * True when a thread of the process has this name (at most 15 bytes count).
 */
bool process_thread_exists(struct process_table *table, int64_t pid, const char *name);

/**
 * Hold a process whose pid and start are filled in.
 *
 * returns   0, also when descriptors are scarce (handle stays PROCESS_HANDLE_NONE);
 *           -1 and ERR_GONE when it is not there any more
 */
int process_hold(struct process_table *table, struct proc *proc, struct err *err);

/**
 * Give the handle back; one that is not held is accepted.
 */
void process_release(struct process_table *table, struct proc *proc);

/**
 * True when the process has ended (waited for or not).
 */
bool process_has_ended(struct process_table *table, const struct proc *proc);

/**
 * Send a signal to exactly this process.
 *
 * returns   0; -1 and ERR_GONE (expected), ERR_DENIED, ERR_SYSTEM
 */
int process_signal_send(struct process_table *table, const struct proc *proc,
                        enum process_signal signal, struct err *err);

#define PROCESS_SIGNAL_NONE 0

/**
 * Send the signal of an event on (number as in struct event). PROCESS_SIGNAL_NONE only asks whether
 * one could be sent.
 */
int process_signal_pass(struct process_table *table, const struct proc *proc, int number,
                        struct err *err);

/**
 * Take the status of one child that has ended, if there is one.
 *
 * returns   false when none is waiting
 */
bool process_reap(struct process_end *out);

/**
 * What tells this start of the system from every other, and the space of pids that we see from
 * that of a container, as START:SPACE: pids and start times mean nothing beyond them.
 *
 * out       room for size bytes; START is "" where the system does not tell, SPACE 0
 * source    /proc/sys/kernel/random/boot_id, random(4); /proc/self/ns/pid, namespaces(7)
 */
void process_boot_read(char *out, size_t size);

/**
 * This process's own pid.
 */
int64_t process_self(void);

#endif
