/* Memory of processes: of one that holds a known amount, of one that has ended, of ourselves. */
#include "platform/memory.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "child.h"

#define TOUCHED (32 * MIB_BYTES)

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
    return 0;
}

static struct proc proc_of(int64_t pid)
{
    struct process_facts facts;
    struct err err;
    assert_int_equal(process_facts_read(table, pid, &facts, &err), 0);
    return (struct proc){ .pid = pid, .start = facts.start, .handle = PROCESS_HANDLE_NONE };
}

static void test_memory_of_a_process_that_holds_some(void **state)
{
    (void)state;
    struct child child = child_start(NULL, TOUCHED);
    struct proc proc = proc_of(child.pid);
    struct memory_watch watch, none = { PROCESS_HANDLE_NONE };
    struct memory_now kept, opened;
    struct memory_kinds kinds;
    uint64_t proportional = 0;
    struct err err;
    unsigned room = process_table_room(table);
    memory_watch_open(table, &proc, &watch);
    assert_int_not_equal(watch.handle, PROCESS_HANDLE_NONE);
    assert_int_equal(process_table_room(table), room - 1);
    assert_int_equal(memory_look(table, &proc, &watch, &kept, &err), 0);
    assert_int_equal(memory_look(table, &proc, &none, &opened, &err), 0);
    assert_true(kept.resident_bytes == opened.resident_bytes);
    assert_true(kept.resident_bytes >= TOUCHED && kept.size_bytes >= kept.resident_bytes);
    assert_true(kept.shared_bytes <= kept.resident_bytes);
    assert_int_equal(memory_kinds_read(table, &proc, &kinds, &err), 0);
    assert_true(kinds.anonymous_bytes >= TOUCHED);
    assert_int_equal(memory_proportional(table, &proc, &proportional, &err), 0);
    assert_true(proportional >= TOUCHED);
    memory_watch_close(table, &watch);
    memory_watch_close(table, &watch);
    assert_int_equal(process_table_room(table), room);
    (void)child_wait(&child);
}

static void test_memory_when_it_is_gone(void **state)
{
    (void)state;
    struct child child = child_start(NULL, 0);
    struct proc proc = proc_of(child.pid);
    struct memory_watch watch, none = { PROCESS_HANDLE_NONE };
    struct memory_now now = { .resident_bytes = 7 };
    struct memory_kinds kinds;
    uint64_t bytes = 7;
    bool mapped = true;
    struct err err;
    memory_watch_open(table, &proc, &watch);
    (void)child_wait(&child);
    assert_int_equal(memory_look(table, &proc, &watch, &now, &err), -1);
    assert_int_equal(err.kind, ERR_GONE);
    assert_int_equal(memory_look(table, &proc, &none, &now, &err), -1);
    assert_int_equal(err.kind, ERR_GONE);
    assert_int_equal(now.resident_bytes, 7);
    assert_int_equal(memory_proportional(table, &proc, &bytes, &err), -1);
    assert_int_equal(err.kind, ERR_GONE);
    assert_int_equal(bytes, 7);
    assert_int_equal(memory_kinds_read(table, &proc, &kinds, &err), -1);
    assert_int_equal(err.kind, ERR_GONE);
    assert_int_equal(memory_maps_has(table, &proc, "libc", SECOND_NS, &mapped, &err), -1);
    assert_int_equal(err.kind, ERR_GONE);
    assert_true(mapped);
    memory_watch_close(table, &watch);
}

static void *hold_on(void *context)
{
    (void)context;
    for (;;)
        pause();
    return NULL;
}

static void wait_zombie(int64_t pid)
{
    char path[64], text[64] = "";
    (void)snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    while (!strstr(text, ") Z")) {
        int fd = open(path, O_RDONLY);
        ssize_t length = read(fd, text, sizeof text - 1);
        close(fd);
        assert_true(length > 0);
        text[length] = '\0';
    }
}

static pid_t start_without_first_thread(void)
{
    pthread_t other;
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    void *memory = mmap(NULL, TOUCHED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || pthread_create(&other, NULL, hold_on, NULL) != 0)
        _exit(1);
    memset(memory, 1, TOUCHED);
    pthread_exit(NULL);
}

/* The kernel shows it as a zombie without memory. */
static void test_memory_when_the_first_thread_has_ended(void **state)
{
    (void)state;
    pid_t pid = start_without_first_thread();
    wait_zombie(pid);
    struct proc proc = proc_of(pid);
    struct memory_watch watch;
    struct memory_now now = { 0 };
    struct process_facts facts;
    bool mapped = true;
    siginfo_t info;
    struct err err;
    memory_watch_open(table, &proc, &watch);
    assert_int_equal(memory_look(table, &proc, &watch, &now, &err), 0);
    assert_true(now.resident_bytes >= TOUCHED);
    assert_int_equal(process_facts_read(table, pid, &facts, &err), 0);
    assert_false(facts.ended);
    assert_int_equal(memory_maps_has(table, &proc, "libc", SECOND_NS, &mapped, &err), -1);
    kill(pid, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(memory_look(table, &proc, &watch, &now, &err), 0);
    assert_int_equal(now.resident_bytes, 0);
    assert_int_equal(process_facts_read(table, pid, &facts, &err), 0);
    assert_true(facts.ended);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    memory_watch_close(table, &watch);
}

static void test_memory_is_common(void **state)
{
    (void)state;
    struct child child = child_start(NULL, 0);
    struct proc self = proc_of(getpid()), other = proc_of(child.pid);
    assert_int_equal(memory_is_common(&self, &self), TRUTH_YES);
    assert_int_equal(memory_is_common(&self, &other), TRUTH_NO);
    (void)child_wait(&child);
    assert_int_equal(memory_is_common(&self, &other), TRUTH_UNKNOWN);
}

static void test_memory_maps_has(void **state)
{
    (void)state;
    struct proc proc = proc_of(getpid());
    bool mapped = false;
    struct err err;
    assert_int_equal(memory_maps_has(table, &proc, "libcmocka", 10 * SECOND_NS, &mapped, &err), 0);
    assert_true(mapped);
    assert_int_equal(
        memory_maps_has(table, &proc, "libQt6WebEngine", 10 * SECOND_NS, &mapped, &err), 0);
    assert_false(mapped);
    mapped = true;
    assert_int_equal(memory_maps_has(table, &proc, "libQt6WebEngine", 0, &mapped, &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_true(mapped); /* untouched */
}

static void test_memory_shared_is_seen_by_both(void **state)
{
    (void)state;
    unsigned *shared = memory_shared_get(2 * sizeof *shared);
    int status = 0;
    assert_non_null(shared);
    assert_int_equal(shared[0], 0);
    pid_t child = fork();
    if (child == 0) {
        shared[1] = 42;
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(shared[1], 42);
    (void)munmap(shared, 2 * sizeof *shared);
    memory_heap_trim();
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_table, close_table)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_memory_of_a_process_that_holds_some),
        TEST(test_memory_when_it_is_gone),
        TEST(test_memory_when_the_first_thread_has_ended),
        TEST(test_memory_is_common),
        TEST(test_memory_maps_has),
        TEST(test_memory_shared_is_seen_by_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
