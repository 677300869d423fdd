/* Errors as values: kind, code, place and one line of text. */
#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

static void test_err_set_os_makes_the_kind_from_the_code(void **state)
{
    (void)state;
    static const struct {
        int os;
        enum err_kind kind;
        const char *text;
    } rows[] = {
        { ENOENT, ERR_NO_INPUT, "cannot read 'x': No such file or directory" },
        { ENOTDIR, ERR_NO_INPUT, "cannot read 'x': Not a directory" },
        { EISDIR, ERR_NO_INPUT, "cannot read 'x': Is a directory" },
        { ELOOP, ERR_NO_INPUT, "cannot read 'x': Too many levels of symbolic links" },
        { ENXIO, ERR_NO_INPUT, "cannot read 'x': No such device or address" },
        { ENAMETOOLONG, ERR_NO_INPUT, "cannot read 'x': File name too long" },
        { EACCES, ERR_DENIED, "cannot read 'x': Permission denied" },
        { EPERM, ERR_DENIED, "cannot read 'x': Operation not permitted" },
        { ESRCH, ERR_GONE, "cannot read 'x': No such process" },
        { EROFS, ERR_CREATE, "cannot read 'x': Read-only file system" },
        { ENOSPC, ERR_CREATE, "cannot read 'x': No space left on device" },
        { EIO, ERR_SYSTEM, "cannot read 'x': Input/output error" },
        { EMFILE, ERR_SYSTEM, "cannot read 'x': Too many open files" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct err err;
        rows_number(rows[i].text, err_set_os(&err, rows[i].os, "cannot read '%s'", "x"), -1);
        rows_number(rows[i].text, err.kind, rows[i].kind);
        rows_number(rows[i].text, err.os, rows[i].os);
        rows_text(rows[i].text, err.text, rows[i].text);
    }
    rows_done();
}

static void test_err_format_with_and_without_a_place(void **state)
{
    (void)state;
    static const struct {
        struct place at;
        const char *want;
    } rows[] = {
        { { "a.yaml", 3, 7 }, "a.yaml:3:7: broken" },
        { { "a.yaml", 3, 0 }, "a.yaml:3: broken" },
        { { "a.yaml", 0, 0 }, "a.yaml: broken" },
        { { NULL, 3, 7 }, "broken" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct err err;
        char line[64];
        rows_number(rows[i].want, err_set_at(&err, rows[i].at, "%s", "broken"), -1);
        rows_number(rows[i].want, err.kind, ERR_DATA);
        err_format(&err, line, sizeof line);
        rows_text(rows[i].want, line, rows[i].want);
    }
    struct err err;
    char small[8];
    err_set_at(&err, rows[0].at, "broken");
    err_format(&err, small, sizeof small);
    rows_text("cut", small, "a.yaml:");
    rows_done();
}

static void test_err_wrap_puts_context_in_front(void **state)
{
    (void)state;
    struct err err;
    err_set_at(&err, (struct place){ "f", 1, 2 }, "broken");
    assert_int_equal(err_wrap(&err, "folder '%s'", "/etc"), -1);
    assert_int_equal(err_wrap(&err, "profiles"), -1);
    assert_string_equal(err.text, "profiles: folder '/etc': broken");
    assert_int_equal(err.kind, ERR_DATA);
    assert_int_equal(err.at.line, 1);
    err_set_os(&err, EACCES, "x");
    err_wrap(&err, "y");
    assert_int_equal(err.os, EACCES);
    assert_int_equal(err.kind, ERR_DENIED);
}

static void test_err_when_the_text_is_long_is_cut(void **state)
{
    (void)state;
    char text[1000];
    struct err err;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    err_set(&err, ERR_USAGE, "%s", text);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    err_wrap(&err, "%s", text);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    err_set_os(&err, EACCES, "%s", text);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    text[sizeof err.text - 3] = '\0';
    err_set_os(&err, EACCES, "%s", text);
    assert_true(strlen(err.text) < sizeof err.text);
    err_set(&err, ERR_USAGE, "short");
    err_wrap(&err, "%s", text);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err_set_os_makes_the_kind_from_the_code),
        cmocka_unit_test(test_err_format_with_and_without_a_place),
        cmocka_unit_test(test_err_wrap_puts_context_in_front),
        cmocka_unit_test(test_err_when_the_text_is_long_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
