/* The relay between an app's standard error and ours: bytes in order, an app that is never held up,
 * and a terminal where ours is one. Standard error of the test is put aside while one runs. */
#include "platform/relay.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "platform/file.h"
#include "platform/memory.h"
#include "rows.h"
#include "scratch.h"

#define PIECES 20000
#define FLOOD_BYTES (4 * MIB_BYTES)
#define LIMIT_NS (30 * SECOND_NS)

static struct arena arena;
static const char *folder;
static int error_before;
static struct relay_counts *counts;

static void seen_nothing(void *context, const char *bytes, size_t length)
{
    (void)context;
    (void)bytes;
    (void)length;
}

static int make_folder(void **state)
{
    (void)state;
    folder = scratch_make(&arena);
    error_before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    counts = memory_shared_get(sizeof *counts);
    return error_before < 0 || !counts ? -1 : 0;
}

static int give_back(void **state)
{
    (void)state;
    (void)dup2(error_before, STDERR_FILENO);
    (void)close(error_before);
    (void)munmap(counts, sizeof *counts);
    scratch_remove(folder);
    arena_clear(&arena);
    return 0;
}

/* Start a relay whose standard error is this handle; ours is back afterwards. */
static struct relay start(int error, const char *copy_path)
{
    const struct relay_options options = { .seen = seen_nothing,
                                           .counts = counts,
                                           .copy_path = copy_path };
    struct relay relay;
    struct err err = { .kind = ERR_NONE };
    (void)dup2(error, STDERR_FILENO);
    int result = relay_start(&options, &relay, &err);
    (void)dup2(error_before, STDERR_FILENO);
    rows_err("start", result, &err, NULL);
    rows_done();
    return relay;
}

static int wait_for(int64_t pid)
{
    int status = 0;
    assert_int_equal(waitpid((pid_t)pid, &status, 0), pid);
    return status;
}

static void write_all(int fd, const char *bytes, size_t length)
{
    while (length) {
        ssize_t written = write(fd, bytes, length);
        assert_true(written > 0);
        bytes += written;
        length -= (size_t)written;
    }
}

static const char *read_all(int fd, size_t *out_length)
{
    struct text text = { .arena = &arena };
    static char bytes[65536];
    ssize_t length;
    while ((length = read(fd, bytes, sizeof bytes)) > 0)
        text_add(&text, bytes, (size_t)length);
    (void)close(fd);
    *out_length = text.length;
    return text_get(&text);
}

static void test_relay_passes_every_byte_in_order(void **state)
{
    (void)state;
    int ends[2];
    struct text sent = { .arena = &arena };
    size_t length, copied;
    const char *copy;
    struct err err;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct relay relay = start(ends[1], path_join(&arena, folder, "copy"));
    (void)close(ends[1]);
    assert_false(relay.is_terminal);
    int64_t pid = relay.pid;
    for (unsigned i = 0; i < PIECES; i++)
        text_printf(&sent, "%u%c", i, (char)(i % 256));
    pid_t writer = fork(); /* so that the reader below reads while it is written */
    if (writer == 0) {
        write_all(relay.input, text_get(&sent), sent.length);
        _exit(0);
    }
    (void)close(relay.input);
    (void)close(relay.output);
    const char *got = read_all(ends[0], &length);
    assert_int_equal(wait_for(writer), 0);
    assert_int_equal(wait_for(pid), 0);
    assert_int_equal(length, sent.length);
    assert_memory_equal(got, text_get(&sent), length);
    assert_int_equal(atomic_load(&counts->read_bytes), length);
    assert_int_equal(atomic_load(&counts->dropped_bytes), 0);
    assert_int_equal(atomic_load(&counts->busy), 0);
    assert_int_equal(
        file_read(&arena, path_join(&arena, folder, "copy"), 10 * MIB_BYTES, &copy, &copied, &err),
        0);
    assert_int_equal(copied, length);
    assert_memory_equal(copy, got, length);
}

/* Nobody reads: the app writes on, what does not fit is dropped and counted, and what came out at
 * last is the beginning. */
static void test_relay_when_nobody_reads_does_not_hold_the_app_up(void **state)
{
    (void)state;
    int ends[2];
    size_t length;
    char *flood = arena_alloc(&arena, FLOOD_BYTES);
    for (size_t i = 0; i < FLOOD_BYTES; i++)
        flood[i] = (char)(i * 31 >> 3);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct relay relay = start(ends[1], NULL);
    (void)close(ends[1]);
    int64_t pid = relay.pid;
    write_all(relay.input, flood, FLOOD_BYTES); /* hangs for ever in a relay that blocks */
    (void)close(relay.input);
    (void)close(relay.output);
    const char *got = read_all(ends[0], &length);
    assert_int_equal(wait_for(pid), 0);
    assert_int_equal(atomic_load(&counts->read_bytes), FLOOD_BYTES);
    assert_int_equal(atomic_load(&counts->dropped_bytes) + length, FLOOD_BYTES);
    assert_true(length >= RELAY_PENDING_BYTES && length < FLOOD_BYTES);
    assert_memory_equal(got, flood, RELAY_PENDING_BYTES);
}

/* The other side is closed: the app goes on, everything is dropped. */
static void test_relay_when_the_reader_is_gone(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct relay relay = start(ends[1], NULL);
    (void)close(ends[0]);
    (void)close(ends[1]);
    int64_t pid = relay.pid;
    write_all(relay.input, "gone", 4);
    relay_stop(&relay, LIMIT_NS);
    assert_int_equal(relay.pid, -1);
    assert_int_equal(relay.input, -1);
    assert_int_equal(wait_for(pid), 0);
    assert_int_equal(atomic_load(&counts->dropped_bytes), 4);
}

static void test_relay_stop_waits_for_what_was_written(void **state)
{
    (void)state;
    int ends[2];
    size_t length;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct relay relay = start(ends[1], NULL);
    (void)close(ends[1]);
    int64_t pid = relay.pid;
    write_all(relay.input, "last words\n", 11);
    relay_stop(&relay, LIMIT_NS);
    char now[64];
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    assert_int_equal(read(ends[0], now, sizeof now), 11); /* there already, no need to wait */
    assert_int_equal(wait_for(pid), 0);
    (void)read_all(ends[0], &length);
    assert_int_equal(length, 0);
    relay_stop(&relay, LIMIT_NS); /* stopped already: accepted */
}

/* Somebody killed the relay: nothing that the app writes meanwhile is lost. */
static void test_relay_revive_loses_nothing(void **state)
{
    (void)state;
    int ends[2];
    size_t length;
    struct err err;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct relay relay = start(ends[1], NULL);
    assert_int_equal(kill((pid_t)relay.pid, SIGKILL), 0);
    int status = wait_for(relay.pid);
    assert_true(WIFSIGNALED(status));
    write_all(relay.input, "meanwhile", 9);
    (void)dup2(ends[1], STDERR_FILENO);
    int result = relay_revive(&relay, &err);
    (void)dup2(error_before, STDERR_FILENO);
    (void)close(ends[1]);
    assert_int_equal(result, 0);
    int64_t pid = relay.pid;
    relay_stop(&relay, LIMIT_NS);
    const char *got = read_all(ends[0], &length);
    assert_int_equal(wait_for(pid), 0);
    assert_string_equal(got, "meanwhile");
}

static void test_relay_in_front_of_a_terminal_is_one(void **state)
{
    (void)state;
    struct winsize size = { .ws_row = 33, .ws_col = 111 }, told = { 0 };
    char name[128], bytes[64] = "";
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    assert_int_equal(ptsname_r(master, name, sizeof name), 0);
    int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
    struct relay relay = start(slave, NULL);
    int64_t pid = relay.pid;
    assert_true(relay.is_terminal);
    assert_true(isatty(relay.input));
    assert_int_equal(ioctl(relay.input, TIOCGWINSZ, &told), 0);
    assert_int_equal(told.ws_col, 111);
    write_all(relay.input, "a\tb\x1b[0m", 7);
    size_t length = 0;
    while (length < 7) {
        ssize_t got = read(master, bytes + length, sizeof bytes - length);
        assert_true(got > 0);
        length += (size_t)got;
    }
    assert_memory_equal(bytes, "a\tb\x1b[0m", 7);
    relay_stop(&relay, LIMIT_NS);
    assert_int_equal(wait_for(pid), 0);
    (void)close(slave);
    (void)close(master);
}

static void test_relay_copy_check_when_it_cannot(void **state)
{
    (void)state;
    const char *pipe_path = path_join(&arena, folder, "pipe");
    struct err err;
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    rows_err("no folder", relay_copy_check("/no/such/folder/log", &err), &err,
             "cannot write '/no/such/folder/log': No such file or directory");
    rows_number("no folder", err.kind, ERR_CREATE);
    rows_err("a pipe", relay_copy_check(pipe_path, &err), &err,
             arena_printf(&arena, "cannot write '%s': nobody reads from it", pipe_path));
    rows_number("a pipe", err.kind, ERR_CREATE);
    rows_number("a file", relay_copy_check(path_join(&arena, folder, "log"), &err), 0);
    rows_done();
}

static void test_relay_start_when_it_cannot(void **state)
{
    (void)state;
    const struct relay_options options = { .seen = seen_nothing, .counts = counts };
    struct relay relay = { .pid = 7 };
    struct err err;
    (void)close(STDERR_FILENO);
    int result = relay_start(&options, &relay, &err);
    (void)dup2(error_before, STDERR_FILENO);
    rows_number("no standard error", result, 0);
    rows_number("no standard error", relay.pid, -1);
    rows_number("no standard error", relay.input, -1);
    rows_done();
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, give_back)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_relay_passes_every_byte_in_order),
        TEST(test_relay_when_nobody_reads_does_not_hold_the_app_up),
        TEST(test_relay_when_the_reader_is_gone),
        TEST(test_relay_stop_waits_for_what_was_written),
        TEST(test_relay_revive_loses_nothing),
        TEST(test_relay_in_front_of_a_terminal_is_one),
        TEST(test_relay_copy_check_when_it_cannot),
        TEST(test_relay_start_when_it_cannot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
