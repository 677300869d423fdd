/* When a process is looked at closely again, and what is seen then. Real processes. */
#include "guard/tree_private.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/event.h"

/* A child that becomes another program in a session of its own when a byte comes through go; done
 * is at its end when it has. */
struct child {
    pid_t pid;
    int go, done;
};

static struct child child_start(void)
{
    int go[2], done[2];
    assert_int_equal(pipe2(go, O_CLOEXEC), 0);
    assert_int_equal(pipe2(done, O_CLOEXEC), 0);
    struct child child = { fork(), go[1], done[0] };
    if (child.pid == 0) {
        char byte;
        if (read(go[0], &byte, 1) == 1 && setsid() > 0)
            execl("/bin/sleep", "sleep", "1000", (char *)NULL);
        _exit(1);
    }
    close(go[0]);
    close(done[1]);
    return child;
}

static void child_become_another(const struct child *child)
{
    char byte;
    assert_int_equal(write(child->go, "x", 1), 1);
    assert_int_equal(read(child->done, &byte, 1), 0);
}

static void child_end(const struct child *child)
{
    kill(child->pid, SIGKILL);
    waitpid(child->pid, NULL, 0);
    close(child->go);
    close(child->done);
}

static void test_check_when_it_became_another_program_then_it_is_seen_at_the_next_age(void **state)
{
    static const struct strings keep = { 0 };
    struct process_table *table;
    struct process_facts facts;
    struct tree tree;
    struct err err;
    (void)state;
    assert_int_equal(process_table_open(&table, &err), 0);
    assert_int_equal(tree_open(&tree, table, &keep, &err), 0);
    struct child app = child_start(), opened = child_start();
    assert_int_equal(process_facts_read(table, app.pid, &facts, &err), 0);
    struct proc first = { facts.pid, facts.start, PROCESS_HANDLE_NONE };
    tree_begin(&tree, &first, 0);
    assert_int_equal(tree_scan(&tree, 0, true), 1);
    static const uint64_t ages_ns[] = { 0, 10 * MS_NS, 100 * MS_NS };
    for (size_t i = 0; i < ROWS(ages_ns); i++) {
        tree_check(&tree, ages_ns[i], false);
        assert_int_equal(tree_find(&tree, opened.pid)->kind, MEMBER_APP);
    }
    child_become_another(&opened);
    tree_check(&tree, SECOND_NS - 1, false);
    assert_int_equal(tree_find(&tree, opened.pid)->kind, MEMBER_APP);
    tree_check(&tree, SECOND_NS, false);
    assert_int_equal(tree_find(&tree, opened.pid)->kind, MEMBER_FOREIGN);
    assert_int_equal(tree_find(&tree, app.pid)->kind, MEMBER_APP);
    tree_check(&tree, 30 * SECOND_NS, false);
    tree_check(&tree, 60 * SECOND_NS, false);
    assert_true(tree_find(&tree, app.pid)->check_ns == EVENT_NEVER);
    child_end(&opened);
    child_end(&app);
    tree_close(&tree);
    process_table_close(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_when_it_became_another_program_then_it_is_seen_at_the_next_age),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
