/* Where control groups may be made, and what is written into one: on faked folders, in which files
 * do not act, so this is about the words; the kernel's part is tests/fault/test_backstop.py. */
#include "platform/cgroup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/file.h"
#include "rows.h"
#include "scratch.h"

static struct arena arena;

static int clear(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static const char *put(const char *folder, const char *path, const char *text)
{
    return scratch_write(&arena, folder, path, text, strlen(text));
}

#define V1_MOUNT "30 25 0:26 / /cg/memory rw - cgroup cgroup rw,memory\n"
#define V1_OTHERS "31 25 0:27 / /cg/cpu rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
#define V1_BELOW "30 25 0:26 /docker/x /cg/memory rw - cgroup cgroup rw,memory\n"
#define V2_MOUNT "32 25 0:28 / /cg/v2 rw,nosuid shared:7 - cgroup2 cgroup2 rw\n"
#define OWN "%OWN%" /* in a text: the pid of the test */

enum { MANAGED = 1, MARK_OWN = 2, MARK_ABOVE = 4 };

static const struct {
    const char *label;
    const char *groups, *mounts;                 /* /proc/self/cgroup, mountinfo */
    const char *controllers, *turned_on, *procs; /* of /cg/v2/a/b; of /cg/v2/a when MARK_ABOVE */
    unsigned flags;
    const char *v1, *v2, *home; /* wanted, from the root on; NULL = none */
    bool limits;                /* of v2 */
    const char *why;
} rows[] = {
    { "nothing", "", "", "", "", "", 0, NULL, NULL, NULL, false,
      "no control group bounds memory here that we may make" },
    { "v1", "3:cpu,cpuacct:/\n4:memory:/a/b\n0::/\n", V1_OTHERS V1_MOUNT, "", "", "", MANAGED,
      "/cg/memory/a/b", NULL, NULL, false, NULL },
    { "v1 below the mount of a container", "4:memory:/docker/x/a/b\n", V1_BELOW, "", "", "", 0,
      "/cg/memory/a/b", NULL, NULL, false, NULL },
    { "v1 out of sight", "4:memory:/docker/y\n", V1_BELOW, "", "", "", 0, NULL, NULL, NULL, false,
      "no control group bounds memory here that we may make" },
    { "v1 above what is ours", "4:memory:/../a/b\n", V1_MOUNT, "", "", "", 0, NULL, NULL, NULL,
      false, "no control group bounds memory here that we may make" },
    { "v2 that a manager keeps", "0::/a/b\n", V2_MOUNT, "memory pids", "", OWN, MANAGED, NULL, NULL,
      NULL, false, "control groups are managed here, and none was delegated (Delegate=yes)" },
    { "v2 delegated, we alone", "0::/a/b\n", V2_MOUNT, "cpu memory pids", "", OWN,
      MANAGED | MARK_OWN, NULL, "/cg/v2/a/b", NULL, true, NULL },
    { "v2 delegated, not alone", "0::/a/b\n", V2_MOUNT, "memory pids", "", OWN "\n1\n",
      MANAGED | MARK_OWN, NULL, "/cg/v2/a/b", "/cg/v2/a/b", false,
      "no control group bounds memory here that we may make" },
    { "v2 delegated without memory", "0::/a/b\n", V2_MOUNT, "pids memoryless", "", OWN,
      MANAGED | MARK_OWN, NULL, "/cg/v2/a/b", "/cg/v2/a/b", false,
      "no control group bounds memory here that we may make" },
    { "v2, the one above delegated", "0::/a/b\n", V2_MOUNT, "memory", "", "", MANAGED | MARK_ABOVE,
      NULL, "/cg/v2/a", "/cg/v2/a/b", true, NULL },
    { "v2 without a manager, memory on", "0::/a/b\n", V2_MOUNT, "memory", "memory", "1\n", 0, NULL,
      "/cg/v2/a/b", "/cg/v2/a/b", true, NULL },
    { "v2 without a manager, memory off", "0::/a/b\n", V2_MOUNT, "memory", "", OWN, 0, NULL,
      "/cg/v2/a/b", "/cg/v2/a/b", false, "no control group bounds memory here that we may make" },
};

static const char *with_pid(const char *text)
{
    const char *at = strstr(text, OWN);
    return at ? arena_printf(&arena, "%lld%s", (long long)process_self(), at + strlen(OWN)) : text;
}

/* False where the file system takes no mark. */
static bool mark(const char *folder)
{
    return setxattr(folder, "trusted.delegate", "1", 1, 0) == 0
           || setxattr(folder, "user.delegate", "1", 1, 0) == 0;
}

static const char *rooted(const char *root, const char *path)
{
    return path ? arena_printf(&arena, "%s%s", root, path) : NULL;
}

static void test_places_when_groups_differ_then_only_where_nobody_is_disturbed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *root = scratch_make(&arena);
        bool above = rows[i].flags & MARK_ABOVE;
        const char *v2 = above ? "/cg/v2/a" : "/cg/v2/a/b";
        struct cgroup_places got;
        put(root, "proc/self/cgroup", rows[i].groups);
        put(root, "proc/self/mountinfo", rows[i].mounts);
        put(root, "cg/memory/a/b/cgroup.procs", "");
        put(root, "cg/v2/a/b/cgroup.procs", "");
        put(root, arena_printf(&arena, "%s/cgroup.procs", v2), with_pid(rows[i].procs));
        put(root, arena_printf(&arena, "%s/cgroup.controllers", v2), rows[i].controllers);
        put(root, arena_printf(&arena, "%s/cgroup.subtree_control", v2), rows[i].turned_on);
        if (rows[i].flags & MANAGED)
            scratch_folder(&arena, root, "run/systemd/system");
        if (rows[i].flags & (MARK_OWN | MARK_ABOVE))
            rows_that(mark(rooted(root, v2)), rows[i].label, "a folder cannot be marked: %s",
                      strerror(errno));
        cgroup_find(&arena, root, &got);
        rows_text(rows[i].label, got.v1, rooted(root, rows[i].v1));
        rows_text(rows[i].label, got.v2, rooted(root, rows[i].v2));
        rows_text(rows[i].label, got.home, rooted(root, rows[i].home));
        rows_number(rows[i].label, got.v2_limits, rows[i].limits);
        rows_text(rows[i].label, got.why, rows[i].why);
        scratch_remove(root);
    }
    rows_done();
}

/* A user's group below one of root is that user's to keep, without a mark. */
static void test_places_when_given_to_a_user_then_only_the_topmost(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *topmost;
        bool found;
    } owners[] = { { "itself", "/cg/v2/a/b", true }, { "below another", "/cg/v2/a", false } };
    const uid_t user = 65534;
    if (geteuid() != 0) {
        print_message("skipped: only root can give a folder away\n");
        skip();
    }
    setenv("TMPDIR", "/tmp", 1); /* that user does not get into a folder of the test's alone */
    for (size_t i = 0; i < ROWS(owners); i++) {
        const char *root = scratch_make(&arena);
        struct cgroup_places got;
        put(root, "proc/self/cgroup", "0::/a/b\n");
        put(root, "proc/self/mountinfo", V2_MOUNT);
        const char *procs = put(root, "cg/v2/a/b/cgroup.procs", with_pid(OWN));
        const char *control = put(root, "cg/v2/a/b/cgroup.subtree_control", "");
        put(root, "cg/v2/a/b/cgroup.controllers", "memory");
        scratch_folder(&arena, root, "run/systemd/system");
        assert_int_equal(chmod(root, 0755), 0);
        assert_int_equal(chown(rooted(root, owners[i].topmost), user, 0), 0);
        assert_int_equal(chown(rooted(root, "/cg/v2/a/b"), user, 0), 0);
        assert_int_equal(chown(procs, user, 0), 0);
        assert_int_equal(chown(control, user, 0), 0);
        assert_int_equal(seteuid(user), 0);
        cgroup_find(&arena, root, &got);
        assert_int_equal(seteuid(0), 0);
        rows_text(owners[i].label, got.v2, owners[i].found ? rooted(root, "/cg/v2/a/b") : NULL);
        scratch_remove(root);
    }
    rows_done();
}

static void written(const char *label, const char *folder, const char *file, const char *want)
{
    const char *path = arena_printf(&arena, "%s/%s", folder, file);
    rows_text(arena_printf(&arena, "%s: %s", label, file), file_line(&arena, path), want);
}

static void test_group_of_v2_when_made_and_left_then_what_the_kernel_is_told(void **state)
{
    (void)state;
    const char *root = scratch_make(&arena);
    const char *app = scratch_folder(&arena, root, "own/name");
    const char *home = scratch_folder(&arena, root, "own/name.guard");
    const char *own = rooted(root, "/own");
    static const char *const files[] = { "cgroup.procs", "memory.max", "cgroup.freeze",
                                         "cgroup.kill" };
    struct cgroup_places places = { .v2 = own, .v2_limits = true };
    struct cgroup group;
    struct err err;
    for (size_t i = 0; i < ROWS(files); i++)
        put(app, files[i], "");
    put(app, "memory.events", "low 0\nhigh 0\nmax 12\noom 2\noom_kill 3\noom_group_kill 0\n");
    put(home, "cgroup.procs", "");
    put(own, "cgroup.procs", "");
    put(own, "cgroup.subtree_control", "");
    assert_int_equal(cgroup_make(&places, "name", &group, &err), 0);
    written("made", home, "cgroup.procs", "0");
    written("made", own, "cgroup.subtree_control", "+memory");
    assert_int_equal(cgroup_limit_set(&group, 123456, &err), 0);
    written("bounded", app, "memory.max", "123456");
    assert_true(group.event >= 0 && group.limits_v2);
    uint64_t kills = 0;
    assert_true(cgroup_kills_read(&group, &kills));
    assert_int_equal(kills, 3);
    assert_true(cgroup_freeze(&group, true));
    written("stopped", app, "cgroup.freeze", "1");
    assert_true(cgroup_kill(&group));
    written("ended", app, "cgroup.kill", "1");
    cgroup_enter(&group, false);
    written("entered", app, "cgroup.procs", "0");
    put(home, "cgroup.procs", "");
    cgroup_move_out(&group, 4711);
    written("moved out", home, "cgroup.procs", "4711");
    put(app, "memory.max", "");
    put(app, "cgroup.freeze", "");
    assert_false(cgroup_remove(&group)); /* files are in it, as a process would be */
    written("left", app, "cgroup.freeze", "0");
    written("left", app, "memory.max", "max");
    assert_int_equal(group.event, -1);
    rows_done();
    scratch_remove(root);
}

static void test_group_when_it_cannot_be_made_then_nothing_is_left(void **state)
{
    (void)state;
    const char *root = scratch_make(&arena);
    const char *own = scratch_folder(&arena, root, "own");
    struct cgroup_places places = { .v2 = own, .v2_limits = true };
    struct cgroup group;
    struct file_info info;
    struct err err;
    cgroup_none(&group);
    assert_int_equal(cgroup_make(&places, "name", &group, &err), -1); /* no cgroup.procs there */
    assert_true(text_starts(err.text, "cannot make room in the control group"));
    assert_false(file_stat(rooted(root, "/own/name.guard"), true, &info));
    assert_false(file_stat(rooted(root, "/own/name"), true, &info));
    assert_int_equal(cgroup_make(&(struct cgroup_places){ 0 }, "name", &group, &err), -1);
    assert_true(cgroup_remove(&group));
    scratch_remove(root);
}

static void test_leftovers_when_their_guard_is_gone_then_taken_away(void **state)
{
    (void)state;
    struct process_table *table;
    struct process_facts facts;
    struct err err;
    char alive[CGROUP_NAME_BYTES], other[CGROUP_NAME_BYTES];
    assert_int_equal(process_table_open(&table, &err), 0);
    assert_int_equal(process_facts_read(table, process_self(), &facts, &err), 0);
    cgroup_name(alive, facts.pid, facts.start);
    cgroup_name(other, facts.pid, facts.start + 1);
    const struct {
        const char *name;
        bool stays;
    } names[] = {
        { alive, true },
        { other, false },
        { arena_printf(&arena, "%s.guard", other), false },
        { arena_printf(&arena, "%s.other", other), true },
        { "qwguard-999999999-1", false },
        { "qwguard-0-1", true },
        { "qwguard-12", true },
        { "user.slice", true },
    };
    const char *root = scratch_make(&arena);
    for (size_t i = 0; i < ROWS(names); i++)
        scratch_folder(&arena, root, names[i].name);
    cgroup_clean(table, &(struct cgroup_places){ .v1 = root });
    for (size_t i = 0; i < ROWS(names); i++) {
        struct file_info info;
        const char *path = path_join(&arena, root, names[i].name);
        rows_number(names[i].name, file_stat(path, true, &info), names[i].stays);
    }
    rows_done();
    scratch_remove(root);
    process_table_close(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places_when_groups_differ_then_only_where_nobody_is_disturbed),
        cmocka_unit_test(test_places_when_given_to_a_user_then_only_the_topmost),
        cmocka_unit_test(test_group_of_v2_when_made_and_left_then_what_the_kernel_is_told),
        cmocka_unit_test(test_group_when_it_cannot_be_made_then_nothing_is_left),
        cmocka_unit_test(test_leftovers_when_their_guard_is_gone_then_taken_away),
    };
    return cmocka_run_group_tests(tests, NULL, clear);
}
