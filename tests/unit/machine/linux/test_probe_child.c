/* The parent of the GL child. This program is its own child: what a driver may do to it is done
 * here, without a driver. Real libraries that fail are in tests/fault/libs/. */
#include "machine/probe.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "machine/probe_private.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "rows.h"

#define VARIABLE "QWG_TEST_CHILD"
#define LONG_NS (30 * SECOND_NS)
#define SHORT_NS (50 * MS_NS)

static struct arena arena;

/* --- the child's side */

static void say(const char *text)
{
    (void)!write(3, text, strlen(text));
}

static void good(void)
{
    say(PROBE_ANSWER_HEAD "desktop.renderer 1\nr\ndesktop.version 3\n4.6\nresult 2\nok\n");
    say(PROBE_ANSWER_END);
}

static void wait_for_ever(void)
{
    for (;;)
        (void)pause();
}

static void child_good_then_hang(void)
{
    good();
    wait_for_ever();
}

static void child_good_then_crash(void)
{
    good();
    (void)raise(SIGABRT);
}

static void child_crash(void)
{
    say(PROBE_ANSWER_HEAD);
    (void)signal(SIGSEGV, SIG_DFL); /* sanitizers catch it */
    (void)raise(SIGSEGV);
}

static void child_killed(void)
{
    (void)raise(SIGKILL);
}

static void child_processor_time(void)
{
    (void)signal(SIGXCPU, SIG_DFL);
    (void)raise(SIGXCPU);
}

static void child_silent(void)
{
}

static void child_half(void)
{
    say(PROBE_ANSWER_HEAD "desktop.renderer 1\nr\n");
}

static void child_flood(void)
{
    for (;;)
        say("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
}

/* A grandchild keeps the pipe open. */
static void child_crash_with_child(void)
{
    if (fork() == 0)
        wait_for_ever();
    child_crash();
}

static void child_close(void)
{
    (void)close(3);
    wait_for_ever();
}

/* What the child must find: nothing open but the pipe, streams that lead nowhere, a group of its
 * own, no signal held. */
static void child_looks_around(void)
{
    sigset_t held;
    bool fits = getpgrp() == getpid() && sigprocmask(SIG_BLOCK, NULL, &held) == 0
                && !sigismember(&held, SIGTERM);
    for (int fd = 0; fd < 3; fd++) {
        const char *path = arena_printf(&arena, "/proc/self/fd/%d", fd);
        fits = fits && text_equal(file_link(&arena, path), "/dev/null");
    }
    if (fits)
        good();
}

static const struct child_row {
    const char *name;
    void (*run)(void);
    uint64_t limit_ns;
    const char *want;
} child_rows[] = {
    { "good", good, LONG_NS, "ok" },
    { "good, then hangs", child_good_then_hang, LONG_NS, "ok" },
    { "good, then crashes", child_good_then_crash, LONG_NS, "ok" },
    { "crash", child_crash, LONG_NS, "crashed" },
    { "killed", child_killed, LONG_NS, "crashed" },
    { "out of processor time", child_processor_time, LONG_NS, "timeout" },
    { "silent", child_silent, LONG_NS, "garbage" },
    { "half an answer", child_half, LONG_NS, "garbage" },
    { "flood", child_flood, LONG_NS, "garbage" },
    { "crash with a child", child_crash_with_child, LONG_NS, "crashed" },
    { "hang", wait_for_ever, SHORT_NS, "timeout" },
    { "closed pipe", child_close, SHORT_NS, "timeout" },
    { "looks around", child_looks_around, LONG_NS, "ok" },
};

static int child_main(void)
{
    const char *name = getenv(VARIABLE);
    for (size_t i = 0; name && i < ROWS(child_rows); i++) {
        if (text_equal(child_rows[i].name, name)) {
            child_rows[i].run();
            _exit(0);
        }
    }
    return probe_child_main();
}

/* --- the parent's side */

static const char *probed(const char *child, const struct probe_options *options,
                          struct identity *out)
{
    *out = (struct identity){ .session.type = "x11" };
    assert_int_equal(setenv(VARIABLE, child, 1), 0);
    probe_drivers(&arena, options, false, out);
    return gl_probe_text(out->gl.probe);
}

static void test_probe_drivers_when_child_misbehaves_then_a_fact(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(child_rows); i++) {
        const struct child_row *row = &child_rows[i];
        struct probe_options options = { .with_gl = true, .timeout_ns = row->limit_ns };
        struct identity identity;
        rows_text(row->name, probed(row->name, &options, &identity), row->want);
        rows_text(row->name, identity.gl.version, text_equal(row->want, "ok") ? "4.6" : NULL);
    }
    arena_clear(&arena);
    rows_done();
}

/* Grandchildren come to this process when their parent ends: one that lived on would be found. */
static void test_probe_drivers_when_child_has_children_then_none_is_left(void **state)
{
    (void)state;
    struct probe_options options = { .with_gl = true, .timeout_ns = LONG_NS };
    struct identity identity;
    int status;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    assert_string_equal(probed("crash with a child", &options, &identity), "crashed");
    while (waitpid(-1, &status, 0) > 0) /* would wait for ever for one that lives */
        assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGKILL);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
    arena_clear(&arena);
}

static void test_probe_drivers_when_sigchld_is_ignored_then_still_told(void **state)
{
    (void)state;
    struct probe_options options = { .with_gl = true, .timeout_ns = LONG_NS };
    struct identity identity;
    assert_ptr_not_equal(signal(SIGCHLD, SIG_IGN), SIG_ERR);
    assert_string_equal(probed("crash", &options, &identity), "crashed");
    assert_ptr_equal(signal(SIGCHLD, SIG_DFL), SIG_IGN);
    arena_clear(&arena);
}

static void test_probe_drivers_when_cached_then_no_child(void **state)
{
    (void)state;
    char folder[] = "/tmp/qwg-cache-XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct probe_options options = { .cache_dir = folder, .timeout_ns = LONG_NS };
    struct probe_options again = { .cache_dir = folder, .timeout_ns = LONG_NS, .refresh = true };
    struct identity identity;
    struct err err;
    rows_text("first", probed("good", &options, &identity), "ok");
    rows_text("second", probed("crash", &options, &identity), "cached");
    rows_text("second", identity.gl.version, "4.6");
    rows_text("asked anew", probed("silent", &again, &identity), "garbage");
    rows_text("not kept", probed("good", &options, &identity), "ok");
    assert_int_equal(setenv("MESA_GL_VERSION_OVERRIDE", "3.0", 1), 0);
    rows_text("another variable of the driver", probed("crash", &options, &identity), "crashed");
    rows_text("failure kept", probed("good", &options, &identity), "crashed");
    assert_int_equal(unsetenv("MESA_GL_VERSION_OVERRIDE"), 0);
    rows_text("the first one is still there", probed("crash", &options, &identity), "cached");
    assert_int_equal(setenv("DISPLAY", ":77", 1), 0);
    rows_text("another display", probed("good", &options, &identity), "ok");
    rows_text("the same one", probed("crash", &options, &identity), "cached");
    assert_int_equal(unsetenv("DISPLAY"), 0);
    assert_int_equal(folder_remove(folder, &err), 0);
    arena_clear(&arena);
    rows_done();
}

/* Without a loader of Vulkan for sure no child is needed; where that is not sure, it is asked. */
static void test_probe_drivers_when_no_vulkan_library_then_no_child(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text, *want;
    } rows[] = {
        { "/etc/nothing", "", "garbage" },
        { "/etc/ld.so.cache", "libvulkan.so.10 libc.so.6", "no-library" },
        { "/usr/lib/libvulkan.so.1", "", "garbage" },
        { "/etc/ld.so.cache", "libc.so.6 libvulkan.so.1", "garbage" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char folder[] = "/tmp/qwg-root-XXXXXX";
        struct probe_options options = { .root = folder, .timeout_ns = LONG_NS };
        struct identity identity = { .session.type = "x11" };
        struct err err;
        assert_non_null(mkdtemp(folder));
        const char *path = arena_printf(&arena, "%s%s", folder, rows[i].path);
        const char *parent = arena_strndup(&arena, path, (size_t)(path_name(path) - path));
        assert_int_equal(folder_make_private(parent, &err), 0);
        assert_int_equal(
            file_write(path, rows[i].text, strlen(rows[i].text) + 1, 0600, false, &err), 0);
        assert_int_equal(setenv(VARIABLE, "silent", 1), 0);
        probe_drivers(&arena, &options, true, &identity);
        rows_text(rows[i].path, gl_probe_text(identity.vulkan.probe), rows[i].want);
        assert_int_equal(folder_remove(parent, &err), 0); /* it goes down two levels only */
        assert_int_equal(folder_remove(folder, &err), 0);
    }
    arena_clear(&arena);
    rows_done();
}

static void test_probe_child_main_when_started_by_hand_then_refuses(void **state)
{
    (void)state;
    const char *self = file_link(&arena, "/proc/self/exe");
    int status;
    assert_int_equal(unsetenv(VARIABLE), 0);
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(3);
        (void)execl(self, self, PROBE_CHILD_ARGUMENT, (char *)NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 64);
    arena_clear(&arena);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe_drivers_when_child_misbehaves_then_a_fact),
        cmocka_unit_test(test_probe_drivers_when_child_has_children_then_none_is_left),
        cmocka_unit_test(test_probe_drivers_when_sigchld_is_ignored_then_still_told),
        cmocka_unit_test(test_probe_drivers_when_cached_then_no_child),
        cmocka_unit_test(test_probe_drivers_when_no_vulkan_library_then_no_child),
        cmocka_unit_test(test_probe_child_main_when_started_by_hand_then_refuses),
    };
    if (argc == 2 && strcmp(argv[1], PROBE_CHILD_ARGUMENT) == 0)
        return child_main();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
