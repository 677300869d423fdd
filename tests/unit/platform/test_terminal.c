/* A pseudo-terminal in the place of standard error, and what the environment says. */
#include "platform/terminal.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

static void set(const char *name, const char *value)
{
    assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void test_terminal_of_a_pseudo_terminal(void **state)
{
    (void)state;
    struct winsize size = { .ws_row = 24, .ws_col = 132 };
    struct winsize none = { .ws_row = 0 };
    char name[128];
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    assert_int_equal(ptsname_r(master, name, sizeof name), 0);
    int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    int before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    assert_true(slave >= 0 && before >= 0);
    assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
    (void)dup2(slave, STDERR_FILENO);
    set("TERM", "xterm");
    bool is = terminal_is(TERMINAL_ERR);
    unsigned columns = terminal_columns(TERMINAL_ERR);
    set("TERM", "dumb");
    bool dumb = terminal_is(TERMINAL_ERR);
    set("TERM", NULL);
    bool without = terminal_is(TERMINAL_ERR);
    int resized = ioctl(master, TIOCSWINSZ, &none);
    unsigned unknown = terminal_columns(TERMINAL_ERR);
    (void)dup2(before, STDERR_FILENO);
    (void)close(before);
    (void)close(slave);
    (void)close(master);
    assert_true(is && without && !dumb);
    assert_int_equal(columns, 132);
    assert_int_equal(resized, 0);
    assert_int_equal(unknown, 80);
}

static void test_terminal_of_a_pipe(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    (void)dup2(ends[1], STDERR_FILENO);
    set("TERM", "xterm");
    bool is = terminal_is(TERMINAL_ERR);
    unsigned columns = terminal_columns(TERMINAL_ERR);
    (void)dup2(before, STDERR_FILENO);
    (void)close(before);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_false(is);
    assert_int_equal(columns, 80);
}

static void test_terminal_is_utf8_by_environment(void **state)
{
    (void)state;
    static const struct {
        const char *all, *ctype, *lang;
        bool want;
    } rows[] = {
        { NULL, NULL, "en_US.UTF-8", true }, { NULL, NULL, "en_US.utf8", true },
        { NULL, NULL, "C.UTF-8", true },     { NULL, NULL, "C", false },
        { NULL, NULL, NULL, false },         { "C", NULL, "en_US.UTF-8", false },
        { "", "", "de_DE.UTF-8", true },     { NULL, "POSIX", "de_DE.UTF-8", false },
        { "C.UTF-8", "C", "C", true },       { NULL, NULL, "de_DE.ISO-8859-1", false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        set("LC_ALL", rows[i].all);
        set("LC_CTYPE", rows[i].ctype);
        set("LANG", rows[i].lang);
        rows_number(rows[i].lang ? rows[i].lang : "none", terminal_is_utf8(), rows[i].want);
    }
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terminal_of_a_pseudo_terminal),
        cmocka_unit_test(test_terminal_of_a_pipe),
        cmocka_unit_test(test_terminal_is_utf8_by_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
