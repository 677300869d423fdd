/* run_note_private.h: the guard's own file in run/.
 * Room: guard. */
#ifndef QWGUARD_GUARD_RUN_NOTE_PRIVATE_H
#define QWGUARD_GUARD_RUN_NOTE_PRIVATE_H

#include <stdint.h>

#include "platform/state.h"

#define RUN_NOTE_MEMBERS 512
#define RUN_NOTE_BYTES (size_t)(32 * 1024)
#define RUN_NOTE_FIXED_BYTES 2048
#define RUN_NOTE_PATH_BYTES 4096

/* What a reader would see change. */
struct run_note_seen {
    uint64_t largest_bytes, tree_bytes, gpu_bytes;
    int64_t first;
    uint64_t members; /* a hash over who they are */
    unsigned restart, incidents;
    int state;
    bool looked; /* the memory of the app is known: the first writing was before the first look */
};

struct run_note {
    struct state_slot slot;
    char path[RUN_NOTE_PATH_BYTES];
    char fixed[RUN_NOTE_FIXED_BYTES]; /* what never changes, as JSON */
    char bytes[RUN_NOTE_BYTES];
    size_t longest; /* what was ever written: a shorter one is filled up with spaces */
    uint64_t count; /* of writings */
    uint64_t written_ns;
    struct run_note_seen seen;
};

#endif
