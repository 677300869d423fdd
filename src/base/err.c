/* Errors are plain values: a kind, a code of the system, a place and a line of text. They are
 * filled where they arise, get context on their way up, and only main prints them. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static enum err_kind kind_of_os(int os)
{
    static const struct {
        int os;
        enum err_kind kind;
    } rows[] = {
        { ENOENT, ERR_NO_INPUT }, { ENOTDIR, ERR_NO_INPUT }, { EISDIR, ERR_NO_INPUT },
        { ELOOP, ERR_NO_INPUT },  { ENXIO, ERR_NO_INPUT },   { ENAMETOOLONG, ERR_NO_INPUT },
        { EACCES, ERR_DENIED },   { EPERM, ERR_DENIED },     { ESRCH, ERR_GONE },
        { EROFS, ERR_CREATE },    { ENOSPC, ERR_CREATE },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (rows[i].os == os)
            return rows[i].kind;
    }
    return ERR_SYSTEM;
}

int err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    va_list args;
    *err = (struct err){ .kind = kind };
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args); /* cut when too long, by contract */
    va_end(args);
    return -1;
}

int err_set_os(struct err *err, int os, const char *format, ...)
{
    va_list args;
    *err = (struct err){ .kind = kind_of_os(os), .os = os };
    va_start(args, format);
    int length = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (length >= 0 && (size_t)length + 3 < sizeof err->text) {
        size_t left = sizeof err->text - (size_t)length;
        (void)snprintf(err->text + length, left, ": %s", strerror(os)); /* cut when too long */
    }
    return -1;
}

int err_set_at(struct err *err, struct place at, const char *format, ...)
{
    va_list args;
    *err = (struct err){ .kind = ERR_DATA, .at = at };
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args); /* cut when too long, by contract */
    va_end(args);
    return -1;
}

int err_wrap(struct err *err, const char *format, ...)
{
    char before[sizeof err->text];
    char joined[sizeof before + 2 + sizeof err->text];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(before, sizeof before, format, args); /* cut when too long, by contract */
    va_end(args);
    (void)snprintf(joined, sizeof joined, "%s: %s", before, err->text);
    joined[sizeof err->text - 1] = '\0';
    memcpy(err->text, joined, sizeof err->text);
    return -1;
}

void err_format(const struct err *err, char *out, unsigned size)
{
    if (err->at.file && err->at.line && err->at.column)
        (void)snprintf(out, size, "%s:%u:%u: %s", err->at.file, err->at.line, err->at.column,
                       err->text);
    else if (err->at.file && err->at.line)
        (void)snprintf(out, size, "%s:%u: %s", err->at.file, err->at.line, err->text);
    else if (err->at.file)
        (void)snprintf(out, size, "%s: %s", err->at.file, err->text);
    else
        (void)snprintf(out, size, "%s", err->text);
}
