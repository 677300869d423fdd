/* Who belongs to the app when it is started again. */
#include "guard/tree_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "child.h"

static struct proc proc_of(struct process_table *table, int64_t pid)
{
    struct process_facts facts;
    struct err err;
    assert_int_equal(process_facts_read(table, pid, &facts, &err), 0);
    return (struct proc){ .pid = pid, .start = facts.start, .handle = PROCESS_HANDLE_NONE };
}

static void test_tree_when_begun_again_then_survivors_are_ignored(void **state)
{
    static const struct {
        const char *label;
        bool killed, ended;
        int kind; /* afterwards; -1 = not known */
    } rows[] = {
        { "cannot be ended", true, false, MEMBER_IGNORED },
        { "has ended", true, true, -1 },
        { "was let go", false, false, MEMBER_APP }, /* found again, as a child of ours */
    };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct process_table *table;
        struct strings keep = { 0 };
        struct tree tree;
        struct err err;
        assert_int_equal(process_table_open(&table, &err), 0);
        assert_int_equal(tree_open(&tree, table, &keep, &err), 0);
        struct child old = child_start(NULL, 0), next = child_start(NULL, 0);
        struct proc first = proc_of(table, old.pid), again = proc_of(table, next.pid);
        tree_begin(&tree, &first, 1);
        tree_find(&tree, old.pid)->killed = rows[i].killed;
        if (rows[i].ended)
            (void)child_wait(&old);
        tree_begin(&tree, &again, 2);
        (void)tree_scan(&tree, 3, true);
        const struct member *member = tree_find(&tree, old.pid);
        if ((member ? (int)member->kind : -1) != rows[i].kind)
            fail_msg("%s: %d", rows[i].label, member ? (int)member->kind : -1);
        assert_int_equal(tree_find(&tree, next.pid)->kind, MEMBER_APP);
        if (!rows[i].ended)
            (void)child_wait(&old);
        (void)child_wait(&next);
        tree_close(&tree);
        process_table_close(table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_when_begun_again_then_survivors_are_ignored),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
