/* Processes: described, held and signalled. A pid that belongs to somebody else by now is never
 * hit. */
#include "platform/process.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "child.h"
#include "rows.h"

static struct process_table *table;

static int open_table(void **state)
{
    struct err err;
    (void)state;
    return process_table_open(&table, &err);
}

static int close_table(void **state)
{
    (void)state;
    process_table_close(table);
    process_table_close(NULL);
    return 0;
}

static struct proc proc_of(int64_t pid)
{
    struct process_facts facts;
    struct err err;
    assert_int_equal(process_facts_read(table, pid, &facts, &err), 0);
    return (struct proc){ .pid = pid, .start = facts.start, .handle = PROCESS_HANDLE_NONE };
}

static void test_process_facts_of_odd_names(void **state)
{
    (void)state;
    static const char *const names[] = { "plain", "a) R 1 (b",      "((", "))", " ) Z 0 0",
                                         "x\ny",  "123456789012345" };
    for (size_t i = 0; i < ROWS(names); i++) {
        struct child child = child_start(names[i], 0);
        struct process_facts facts = { 0 };
        struct err err;
        rows_number(names[i], process_facts_read(table, child.pid, &facts, &err), 0);
        rows_text(names[i], facts.name, names[i]);
        rows_number(names[i], facts.parent, getpid());
        rows_number(names[i], facts.session, getsid(0));
        rows_number(names[i], facts.ended, false);
        (void)rows_that(facts.start > 0, names[i], "no start");
        rows_number(names[i], process_thread_exists(table, child.pid, names[i]), true);
        rows_number(names[i], process_thread_exists(table, child.pid, "other"), false);
        (void)child_wait(&child);
        rows_number(names[i], process_facts_read(table, child.pid, &facts, &err), -1);
        rows_number(names[i], err.kind, ERR_GONE);
    }
    rows_done();
}

static void test_process_describes_itself(void **state)
{
    (void)state;
    char text[4096];
    int score = 12345;
    int64_t self = process_self();
    assert_int_equal(self, getpid());
    assert_true(process_program_read(table, self, text, sizeof text));
    assert_non_null(strstr(text, "test_process"));
    assert_true(process_command_read(table, self, text, sizeof text) > 0);
    assert_non_null(strstr(text, "test_process"));
    assert_int_equal(process_command_read(table, self, text, 3), 2);
    assert_int_equal(strlen(text), 2);
    assert_true(process_oom_score_read(table, self, &score));
    assert_true(score >= -1000 && score <= 1000);
    assert_true(process_group_read(table, self) == process_group_read(table, getppid())
                || process_group_read(table, self) != 0);
}

static void test_process_when_it_is_gone(void **state)
{
    (void)state;
    struct child child = child_start(NULL, 0);
    struct proc proc = proc_of(child.pid);
    char text[64] = "x";
    int score = 7;
    struct err err;
    (void)child_wait(&child);
    assert_int_equal(process_command_read(table, child.pid, text, sizeof text), 0);
    assert_string_equal(text, "");
    assert_false(process_program_read(table, child.pid, text, sizeof text));
    assert_false(process_oom_score_read(table, child.pid, &score));
    assert_int_equal(score, 7);
    assert_false(process_thread_exists(table, child.pid, "x"));
    assert_int_equal(process_group_read(table, child.pid), 0);
    assert_int_equal(process_hold(table, &proc, &err), -1);
    assert_int_equal(err.kind, ERR_GONE);
    assert_true(process_has_ended(table, &proc));
    assert_int_equal(process_signal_send(table, &proc, PROCESS_KILL, &err), -1);
    assert_int_equal(err.kind, ERR_GONE);
}

static void test_process_hold_signal_and_reap(void **state)
{
    (void)state;
    struct child child = child_start(NULL, 0);
    struct proc proc = proc_of(child.pid);
    struct process_facts facts;
    struct process_end end;
    struct err err;
    unsigned room = process_table_room(table);
    siginfo_t seen;
    assert_int_equal(process_hold(table, &proc, &err), 0);
    assert_int_not_equal(proc.handle, PROCESS_HANDLE_NONE);
    assert_int_equal(process_table_room(table), room - 1);
    assert_false(process_has_ended(table, &proc));
    assert_int_equal(process_signal_send(table, &proc, PROCESS_STOP, &err), 0);
    assert_int_equal(waitid(P_PID, (id_t)child.pid, &seen, WSTOPPED), 0);
    assert_int_equal(process_signal_send(table, &proc, PROCESS_CONTINUE, &err), 0);
    assert_int_equal(process_signal_send(table, &proc, PROCESS_KILL, &err), 0);
    assert_int_equal(waitid(P_PID, (id_t)child.pid, &seen, WEXITED | WNOWAIT), 0);
    assert_true(process_has_ended(table, &proc));
    assert_int_equal(process_facts_read(table, child.pid, &facts, &err), 0);
    assert_true(facts.ended); /* a zombie */
    assert_true(process_reap(&end));
    assert_int_equal(end.pid, child.pid);
    assert_true(end.by_signal && !end.crashed);
    assert_int_equal(end.code, SIGKILL);
    assert_true(process_has_ended(table, &proc));
    process_release(table, &proc);
    process_release(table, &proc);
    assert_int_equal(process_table_room(table), room);
    child_release(&child);
}

/* The start tells two users of one pid apart. */
static void test_process_when_the_pid_was_used_again(void **state)
{
    (void)state;
    struct child child = child_start(NULL, 0);
    struct proc proc = proc_of(child.pid);
    struct err err;
    proc.start++;
    assert_int_equal(process_hold(table, &proc, &err), -1);
    assert_int_equal(err.kind, ERR_GONE);
    assert_int_equal(process_signal_send(table, &proc, PROCESS_KILL, &err), -1);
    assert_int_equal(err.kind, ERR_GONE);
    assert_true(process_has_ended(table, &proc));
    child_release(&child);
    int status = child_wait(&child);
    assert_true(WIFEXITED(status)); /* it was not hit */
}

static void test_process_reap_tells_a_crash(void **state)
{
    (void)state;
    static const struct {
        int number;
        bool crashed;
    } rows[] = { { SIGSEGV, true }, { SIGABRT, true }, { SIGTRAP, true },  { SIGBUS, true },
                 { SIGILL, true },  { SIGFPE, true },  { SIGTERM, false }, { SIGKILL, false } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct child child = child_start(NULL, 0);
        struct rlimit none = { 0, 0 };
        struct process_end end;
        siginfo_t seen;
        (void)prlimit((pid_t)child.pid, RLIMIT_CORE, &none, NULL);
        assert_int_equal(kill((pid_t)child.pid, rows[i].number), 0);
        assert_int_equal(waitid(P_PID, (id_t)child.pid, &seen, WEXITED | WNOWAIT), 0);
        assert_true(process_reap(&end));
        child_release(&child);
        rows_number("by signal", end.by_signal, true);
        rows_number("signal", end.code, rows[i].number);
        rows_number("crashed", end.crashed, rows[i].crashed);
    }
    rows_done();
}

static bool has(const int64_t *pids, size_t count, int64_t pid)
{
    for (size_t i = 0; i < count; i++) {
        if (pids[i] == pid)
            return true;
    }
    return false;
}

static void test_process_table_lists(void **state)
{
    (void)state;
    static int64_t pids[65536];
    int64_t last = 0;
    size_t count = 0;
    struct child first = child_start(NULL, 0), second = child_start(NULL, 0);
    count = process_table_list(table, pids, ROWS(pids));
    assert_true(has(pids, count, first.pid) && has(pids, count, getpid()));
    assert_int_equal(process_table_list(table, pids, 1), 1);
    if (process_table_children(table, pids, ROWS(pids), &count)) {
        assert_true(has(pids, count, first.pid) && has(pids, count, second.pid));
        assert_false(has(pids, count, getpid()));
        assert_true(process_table_children(table, pids, 1, &count));
        assert_int_equal(count, 1);
    }
    assert_true(process_table_last(table, &last));
    assert_true(last > 0);
    (void)child_wait(&first);
    (void)child_wait(&second);
}

/* Without a descriptor to spare a process is still looked at and signalled. */
static void test_process_hold_when_descriptors_are_scarce(void **state)
{
    (void)state;
    struct rlimit before, few;
    struct child child = child_start(NULL, 0);
    struct err err;
    struct process_table *scarce;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = (struct rlimit){ .rlim_cur = 16, .rlim_max = before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    int opened = process_table_open(&scarce, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(opened, 0);
    assert_int_equal(process_table_room(scarce), 0);
    struct proc proc = proc_of(child.pid);
    assert_int_equal(process_hold(scarce, &proc, &err), 0);
    assert_int_equal(proc.handle, PROCESS_HANDLE_NONE);
    assert_false(process_has_ended(scarce, &proc));
    assert_int_equal(process_signal_send(scarce, &proc, PROCESS_KILL, &err), 0);
    child_release(&child);
    int status = child_wait(&child);
    process_table_close(scarce);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_table, close_table)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_process_facts_of_odd_names),
        TEST(test_process_describes_itself),
        TEST(test_process_when_it_is_gone),
        TEST(test_process_hold_signal_and_reap),
        TEST(test_process_when_the_pid_was_used_again),
        TEST(test_process_reap_tells_a_crash),
        TEST(test_process_table_lists),
        TEST(test_process_hold_when_descriptors_are_scarce),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
