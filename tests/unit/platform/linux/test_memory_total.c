/* How much memory there is for us: what the machine has, or the lowest limit of a control group. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "platform/memory.h"
#include "rows.h"
#include "scratch.h"

#define MEMINFO "MemTotal:        4194304 kB\nMemFree:           1000 kB\n"
#define UNKNOWN 0

struct file {
    const char *path, *text;
};

static void test_memory_total_read_rows(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct file files[5];
        uint64_t want_bytes;
    } rows[] = {
        { "nothing is told", { { NULL, NULL } }, UNKNOWN },
        { "the machine alone", { { "proc/meminfo", MEMINFO } }, 4 * GIB_BYTES },
        { "no number", { { "proc/meminfo", "MemTotal: lots\n" } }, UNKNOWN },
        { "a limit of our group",
          { { "proc/meminfo", MEMINFO },
            { "proc/self/cgroup", "0::/a/b\n" },
            { "sys/fs/cgroup/a/b/memory.max", "1073741824\n" } },
          GIB_BYTES },
        { "a lower one above it",
          { { "proc/meminfo", MEMINFO },
            { "proc/self/cgroup", "0::/a/b\n" },
            { "sys/fs/cgroup/a/b/memory.max", "1073741824\n" },
            { "sys/fs/cgroup/a/memory.max", "536870912\n" } },
          512 * MIB_BYTES },
        { "no limit, and one higher than the machine",
          { { "proc/meminfo", MEMINFO },
            { "proc/self/cgroup", "0::/a/b\n" },
            { "sys/fs/cgroup/a/b/memory.max", "max\n" },
            { "sys/fs/cgroup/a/memory.max", "99999999999999\n" } },
          4 * GIB_BYTES },
        { "the root of a container",
          { { "proc/meminfo", MEMINFO },
            { "proc/self/cgroup", "0::/\n" },
            { "sys/fs/cgroup/memory.max", "1073741824\n" } },
          GIB_BYTES },
        { "version 1",
          { { "proc/meminfo", MEMINFO },
            { "proc/self/cgroup", "9:cpu:/x\n7:memory:/a\n0::/y\n" },
            { "sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1073741824\n" },
            { "sys/fs/cgroup/memory/x/memory.limit_in_bytes", "1\n" } },
          GIB_BYTES },
        { "a limit where the machine does not tell",
          { { "proc/self/cgroup", "0::/a\n" }, { "sys/fs/cgroup/a/memory.max", "1048576\n" } },
          MIB_BYTES },
        { "a line that is cut short",
          { { "proc/meminfo", MEMINFO }, { "proc/self/cgroup", "0:\n:\n\n0" } },
          4 * GIB_BYTES },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct arena arena = { 0 };
        const char *root = scratch_make(&arena);
        uint64_t bytes = UNKNOWN;
        for (size_t j = 0; j < ROWS(rows[i].files) && rows[i].files[j].path; j++)
            (void)scratch_write(&arena, root, rows[i].files[j].path, rows[i].files[j].text,
                                strlen(rows[i].files[j].text));
        bool known = memory_total_read(&arena, root, &bytes);
        rows_number(rows[i].label, known, rows[i].want_bytes != UNKNOWN);
        rows_number(rows[i].label, (long long)bytes, (long long)rows[i].want_bytes);
        scratch_remove(root);
        arena_clear(&arena);
    }
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_memory_total_read_rows) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
