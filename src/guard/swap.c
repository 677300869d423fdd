/* What is swapped out. Pages that leak are the ones that nobody touches again, so on a machine that
 * is short of memory they go to swap first: the process stays small while its leak fills the disk.
 * So what is swapped out counts as held. To ask a process costs more than ten looks at its memory;
 * it is done when the machine's use of swap has changed, which costs one call to know. */
#include "guard/guard_private.h"

#define SWAP_STEP_NS (100 * MS_NS)
#define SWAP_STEP_BYTES (16 * MIB_BYTES)

void swap_add(struct member *member, const struct memory_now *memory)
{
    member->memory = *memory;
    member->held_bytes = memory->resident_bytes + member->swapped_bytes;
}

void swap_read(struct guard *g, struct member *member)
{
    struct memory_kinds kinds;
    struct err ignored; /* it has ended, or may not be read: then what was known counts */
    if (memory_kinds_read(g->table, &member->proc, &kinds, &ignored) < 0)
        return;
    /* All of it at one moment: what moves between memory and swap is not there twice. */
    struct memory_now memory = member->memory;
    memory.resident_bytes = kinds.anonymous_bytes + kinds.file_bytes + kinds.shared_memory_bytes;
    member->swapped_bytes = kinds.swapped_bytes;
    swap_add(member, &memory);
}

void swap_look(struct guard *g, uint64_t now_ns)
{
    struct tree *tree = &g->tree;
    uint64_t used, before = tree->swap_used_bytes;
    if (now_ns - tree->swap_ns < SWAP_STEP_NS || !memory_swap_used(&used))
        return;
    tree->swap_ns = now_ns;
    if (used < before + SWAP_STEP_BYTES && before < used + SWAP_STEP_BYTES)
        return;
    tree->swap_used_bytes = used;
    for (size_t i = 0; i < tree->count; i++) {
        struct member *member = &tree->members[i];
        if (member->kind != MEMBER_APP)
            continue;
        swap_read(g, member);
        member->due_ns = now_ns; /* when it is due next depends on it */
    }
}
