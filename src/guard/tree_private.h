/* tree_private.h: the processes of the app: who belongs to it, who does not, and what they are.
 * Room: guard. Allocates in tree_open() only. */
#ifndef QWGUARD_GUARD_TREE_PRIVATE_H
#define QWGUARD_GUARD_TREE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/known.h"
#include "base/macros.h"
#include "base/text.h"
#include "incident/incident.h"
#include "platform/memory.h"
#include "platform/process.h"

#define TREE_MEMBERS_MAX 4096
#define TREE_PROGRAMS_MAX 16
#define GROWTH_POINTS 16
#define TREE_APART_MAX 64
#define TREE_ABSENT_MAX 128
#define TREE_LIST_MAX 65536

enum member_kind {
    MEMBER_APP,     /* counted and ended */
    MEMBER_FOREIGN, /* a program that the app opened for the user */
    MEMBER_IGNORED, /* ours, or there before the app */
};

/* Memory of the last seconds: a ring, next point at count % GROWTH_POINTS. */
struct growth {
    unsigned count;
    struct growth_point {
        uint64_t t_ns, bytes;
    } points[GROWTH_POINTS];
};

/* What each look at an idle app touches stands first: after a second of sleep each line of it comes
 * from memory. */
struct member {
    enum member_kind kind;
    bool is_new; /* not looked at for memory yet */
    bool stopped;
    bool asked;        /* SIGTERM was sent */
    bool killed;       /* SIGKILL was sent */
    bool kill_denied;  /* it could not be */
    uint64_t check_ns; /* when it is looked at closely next; EVENT_NEVER = not again */
    uint64_t due_ns;   /* when its memory is looked at next */
    struct memory_watch watch;
    struct proc proc;
    struct memory_now memory;
    uint64_t held_bytes;    /* resident or swapped out: what limits are about */
    uint64_t swapped_bytes; /* at the last look at swap */
    uint64_t exact_bytes;   /* of these, what the last exact look at the tree covers */
    uint64_t seen_ns;
    uint64_t first_ns; /* when first_bytes was */
    struct growth growth;
    uint64_t first_bytes; /* when it was first seen, or 10 s later */
    enum process_role role;
    unsigned checks;           /* how often the time for a close look has come */
    struct memory_now checked; /* its memory then */
    int64_t parent, session;
    uint64_t program;           /* hash of the executable's path; 0 = not known */
    uint64_t group;             /* control group; 0 = not known */
    struct maybe_u64 pss_bytes; /* of the last exact look */
    struct maybe_u64 gpu_bytes; /* of the last look at graphics memory */
    char name[PROCESS_NAME_BYTES];
};

/* A number that was given, and under which nothing was found: it has ended, or is being born. */
struct absent {
    int64_t pid;
    uint64_t first_ns; /* when it was first asked for */
    uint64_t again_ns; /* when it is asked for once more */
};

struct tree {
    struct process_table *table;
    struct member *members; /* in no order */
    size_t count;
    int64_t *pids; /* TREE_LIST_MAX: a list of all processes */
    struct process_facts *fresh;
    int64_t self;
    int64_t first; /* the process that was started */
    uint64_t first_start;
    int64_t last;   /* newest pid of the last look; 0 = not known */
    bool last_told; /* the system tells the newest pid */
    uint64_t listed_ns;
    const struct strings *keep;
    uint64_t programs[TREE_PROGRAMS_MAX]; /* executables of the app */
    size_t program_count;
    int64_t session; /* where the first process was started */
    uint64_t group;
    int64_t first_session; /* where it was last seen: it may go elsewhere with the app */
    uint64_t first_group;
    int64_t apart[TREE_APART_MAX]; /* sessions of others: nothing of the app is ever in them */
    size_t apart_count;            /* ever noted; the oldest ones are forgotten */
    struct absent absent[TREE_ABSENT_MAX];
    size_t absent_count;
    bool overflowed;
    bool foreign_news; /* there is a foreign process that was none before */
    bool attached;     /* the first process is not a child of ours, and none of ours is the app's */

    /* Kept by sample.c. */
    uint64_t sum_bytes;   /* resident memory of all, shared pages counted each time */
    uint64_t bound_bytes; /* the tree holds no more than this */
    struct maybe_u64 exact_bytes;
    uint64_t exact_ns;      /* when */
    uint64_t exact_cost_ns; /* how long it took */
    uint64_t
        swap_used_bytes; /* on the whole machine, when each was last asked what is swapped out */
    uint64_t swap_ns;    /* when that was last compared */
};

/* Room for everything; what runs now below us is ignored from here on. */
int tree_open(struct tree *tree, struct process_table *table, const struct strings *keep,
              struct err *err);

void tree_close(struct tree *tree);

/* Forget the old tree, but what of it cannot be ended: that is ignored; and begin with a process
 * that was just started. */
void tree_begin(struct tree *tree, const struct proc *first, uint64_t now_ns);

/* Take in what was born since, when something was. all: look at every process. Returns how many
 * members of the app are new. */
size_t tree_scan(struct tree *tree, uint64_t now_ns, bool all);

/* Look closely (role, whose it is) at those for which it is time, or at all. */
void tree_check(struct tree *tree, uint64_t now_ns, bool all);

/* The same for one member of the app, now. */
void tree_check_member(struct tree *tree, struct member *member);

/* A process of this kind that is not of the app: a helper of ours. */
void tree_ignore(struct tree *tree, int64_t pid);

/* A process of the app that is not below another one of it; nothing when it has ended. */
void tree_adopt(struct tree *tree, int64_t pid, uint64_t start, uint64_t now_ns);

/* NULL when it is not known. Valid until the next call that adds or removes. */
struct member *tree_find(const struct tree *tree, int64_t pid);

/* The process is gone. */
void tree_remove(struct tree *tree, size_t index);

/* Take out the members that have ended without our being told. Returns how many. */
size_t tree_sweep(struct tree *tree);

/* Number of members of the app. */
size_t tree_app_count(const struct tree *tree);

/* True when all members of the app are helpers of the engine that cannot live without it. */
bool tree_is_leftover(const struct tree *tree);

/* births.c */

/* Pids that may have been born since the last look go into tree->pids: by asking for each number
 * that was given when those are few, else by a list of all, and then members that are not the app's
 * and not in it are removed. all: everything that runs. Returns how many. */
size_t births_find(struct tree *tree, uint64_t now_ns, bool all);

/* Of these new processes, who is left over lives in sessions of others. */
void births_apart(struct tree *tree, size_t fresh);

/* Is pid between two readings of the newest pid, also when numbers began again meanwhile? Pure. */
bool births_pid_is_new(int64_t pid, int64_t before, int64_t now);

#endif
