/* Starting programs and helpers: what they inherit, and why one could not be started. */
#include "platform/spawn.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "platform/file.h"
#include "rows.h"
#include "scratch.h"

#define STATUS_BYTES_MAX 65536

static struct arena arena;
static struct process_table *table;
static struct self_saved *saved;
static const char *folder;
static const char *signals_before; /* mask and ignored ones, before we became a guard */

/* The lines of /proc/PID/status that tell of them. */
static const char *signal_lines(const char *status)
{
    static const char *const names[] = { "\nSigBlk:", "\nSigIgn:" };
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < ROWS(names); i++) {
        const char *line = strstr(status, names[i]);
        assert_non_null(line);
        text_add(&text, line, 1 + strcspn(line + 1, "\n"));
    }
    return text_get(&text);
}

static int arm(void **state)
{
    struct err err;
    (void)state;
    const char *status;
    if (file_read(&arena, "/proc/self/status", STATUS_BYTES_MAX, &status, NULL, &err) < 0)
        return -1;
    signals_before = signal_lines(status);
    folder = scratch_make(&arena);
    return process_table_open(&table, &err) < 0 || self_arm(&saved, &err) < 0 ? -1 : 0;
}

static int disarm(void **state)
{
    (void)state;
    self_disarm(saved);
    process_table_close(table);
    scratch_remove(folder);
    arena_clear(&arena);
    return 0;
}

static int start(const char *program, const char *const *argv, const char *const *environment,
                 int error_stream, struct proc *out, struct err *err)
{
    const struct spawn spawn = { .program = program,
                                 .argv = argv,
                                 .environment = environment,
                                 .input_stream = SPAWN_STREAM_KEEP,
                                 .output_stream = SPAWN_STREAM_KEEP,
                                 .error_stream = error_stream,
                                 .saved = saved };
    return spawn_program(table, &spawn, out, err);
}

/* Everything that comes out of a pipe up to its end. */
static const char *read_all(int fd)
{
    struct text text = { .arena = &arena };
    char bytes[4096];
    ssize_t length;
    while ((length = read(fd, bytes, sizeof bytes)) > 0)
        text_add(&text, bytes, (size_t)length);
    (void)close(fd);
    return text_get(&text);
}

static int exit_status(struct proc *proc)
{
    int status = 0;
    assert_int_equal(waitpid((pid_t)proc->pid, &status, 0), proc->pid);
    process_release(table, proc);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void test_spawn_program_with_arguments_and_environment(void **state)
{
    (void)state;
    static const char *const argv[] = {
        "other-name", "-c", "printf '%s|' \"$A\" \"$0\" \"$@\" >&2; exit 7", "zero", "a b", "",
        "\"'$x",      NULL
    };
    static const char *const environment[] = { "A=x y", "PATH=/usr/bin:/bin", NULL };
    int ends[2];
    struct proc proc;
    struct err err;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    rows_err("sh", start("/bin/sh", argv, environment, ends[1], &proc, &err), &err, NULL);
    rows_done();
    (void)close(ends[1]);
    assert_true(proc.pid > 0 && proc.start > 0);
    assert_string_equal(read_all(ends[0]), "x y|zero|a b||\"'$x|");
    assert_int_equal(exit_status(&proc), 7);
}

/* Nothing to read, output and errors in one pipe. */
static void test_spawn_program_with_streams_of_its_own(void **state)
{
    (void)state;
    static const char *const argv[] = { "sh", "-c", "cat; echo out; echo err >&2", NULL };
    static const char *const environment[] = { "PATH=/usr/bin:/bin", NULL };
    int ends[2];
    struct proc proc;
    struct err err;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    const struct spawn spawn = { .program = "/bin/sh",
                                 .argv = argv,
                                 .environment = environment,
                                 .input_stream = SPAWN_STREAM_NONE,
                                 .output_stream = ends[1],
                                 .error_stream = ends[1],
                                 .saved = saved };
    assert_int_equal(spawn_program(table, &spawn, &proc, &err), 0);
    (void)close(ends[1]);
    assert_string_equal(read_all(ends[0]), "out\nerr\n");
    assert_int_equal(exit_status(&proc), 0);
}

static void test_spawn_program_when_it_cannot(void **state)
{
    (void)state;
    static const char *const argv[] = { "x", NULL };
    static const char *const environment[] = { NULL };
    const char *plain = scratch_write(&arena, folder, "plain", "x", 1);
    const char *lost = scratch_write(&arena, folder, "lost", "#!/no/such/interpreter\n", 23);
    const struct {
        const char *program, *want;
        enum err_kind kind;
    } rows[] = {
        { "/no/such/program", "cannot start '/no/such/program': No such file or directory",
          ERR_NOT_FOUND },
        { "/etc/passwd/x", "cannot start '/etc/passwd/x': Not a directory", ERR_NOT_FOUND },
        { plain, arena_printf(&arena, "cannot start '%s': Permission denied", plain),
          ERR_NOT_EXEC },
        { "/etc", "cannot start '/etc': Permission denied", ERR_NOT_EXEC },
        { lost,
          arena_printf(&arena,
                       "cannot start '%s': the program that it names to run it (first line, or "
                       "loader) does not exist",
                       lost),
          ERR_NOT_EXEC },
    };
    assert_int_equal(chmod(lost, 0755), 0);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct proc proc = { .pid = 7 };
        struct err err;
        rows_err(rows[i].program,
                 start(rows[i].program, argv, environment, SPAWN_STREAM_KEEP, &proc, &err), &err,
                 rows[i].want);
        rows_number(rows[i].program, err.kind, rows[i].kind);
        rows_number(rows[i].program, proc.pid, 7);
        assert_true(waitpid(-1, NULL, 0) > 0); /* the child that could not */
    }
    rows_done();
}

/* A script without a first line is given to sh, as a shell does. */
static void test_spawn_program_of_a_script_without_a_first_line(void **state)
{
    (void)state;
    const char *script = scratch_write(&arena, folder, "script", "exit 9\n", 7);
    const char *const argv[] = { script, NULL };
    static const char *const environment[] = { "PATH=/usr/bin:/bin", NULL };
    struct proc proc;
    struct err err;
    assert_int_equal(chmod(script, 0755), 0);
    rows_err("script", start(script, argv, environment, SPAWN_STREAM_KEEP, &proc, &err), &err,
             NULL);
    rows_done();
    assert_int_equal(exit_status(&proc), 9);
}

/* What a program that is started says on standard error. */
static const char *said_by(const char *program, const char *const *argv)
{
    static const char *const environment[] = { "PATH=/usr/bin:/bin", NULL };
    int ends[2];
    struct proc proc;
    struct err err;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    rows_err(program, start(program, argv, environment, ends[1], &proc, &err), &err, NULL);
    rows_done();
    (void)close(ends[1]);
    const char *said = read_all(ends[0]);
    assert_int_equal(exit_status(&proc), 0);
    return said;
}

/* An app is started with the signal mask that we were started with, and no descriptor of ours. The
 * mask is not asked of sh, which clears it. */
static void test_spawn_program_as_if_we_were_not_there(void **state)
{
    (void)state;
    static const char *const mask[] = { "dd", "if=/proc/self/status", "of=/dev/stderr",
                                        "status=none", NULL };
    static const char *const descriptors[] = {
        "sh", "-c",
        "for fd in /proc/self/fd/*; do case ${fd##*/} in [012]) ;; *) [ -e \"$fd\" ] && echo "
        "\"open ${fd##*/}\" >&2;; esac; done; true",
        NULL
    };
    rows_text("signals", signal_lines(said_by("/bin/dd", mask)), signals_before);
    rows_text("descriptors", said_by("/bin/sh", descriptors), "");
    rows_done();
}

struct helper {
    int keep, other;
};

/* 0 when the kept handle is there, another is not, and TERM is not heard. */
static int help(void *context)
{
    const struct helper *helper = context;
    (void)raise(SIGTERM);
    if (write(helper->keep, "kept", 4) != 4)
        return 1;
    return fcntl(helper->other, F_GETFD) < 0 ? 0 : 2;
}

static void test_spawn_helper_keeps_what_is_named(void **state)
{
    (void)state;
    int ends[2], others[2], status = 0;
    int64_t pid = 0;
    struct err err;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(pipe2(others, O_CLOEXEC), 0);
    struct helper helper = { .keep = ends[1], .other = others[1] };
    rows_err("helper", spawn_helper(help, &helper, &ends[1], 1, &pid, &err), &err, NULL);
    rows_done();
    (void)close(ends[1]);
    assert_string_equal(read_all(ends[0]), "kept");
    assert_int_equal(waitpid((pid_t)pid, &status, 0), pid);
    (void)close(others[0]);
    (void)close(others[1]);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, arm, disarm)

int main(void)
{
    /* What we were started with is not ours to hand on. */
    (void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    const struct CMUnitTest tests[] = {
        TEST(test_spawn_program_with_arguments_and_environment),
        TEST(test_spawn_program_with_streams_of_its_own),
        TEST(test_spawn_program_when_it_cannot),
        TEST(test_spawn_program_of_a_script_without_a_first_line),
        TEST(test_spawn_program_as_if_we_were_not_there),
        TEST(test_spawn_helper_keeps_what_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
