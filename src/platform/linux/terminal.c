/* Terminals on Linux. */
#include "platform/terminal.h"

#include <poll.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "platform/env.h"

/* A pipe that is ready takes this much, a terminal at least so little, without making us wait.
 * Source: pipe(7) on PIPE_BUF; for terminals the room that poll(2) asks of the driver. */
#define READY_WRITE_BYTES ((size_t)256)

static int stream_fd(enum terminal_stream stream)
{
    return stream == TERMINAL_OUT ? STDOUT_FILENO : STDERR_FILENO;
}

bool terminal_is(enum terminal_stream stream)
{
    const char *term = env_get("TERM");
    return isatty(stream_fd(stream)) == 1 && !(term && text_equal(term, "dumb"));
}

unsigned terminal_columns(enum terminal_stream stream)
{
    struct winsize size;
    if (ioctl(stream_fd(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

bool terminal_write(enum terminal_stream stream, const char *bytes, size_t length)
{
    struct pollfd ready = { .fd = stream_fd(stream), .events = POLLOUT };
    while (length) {
        if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT))
            return false;
        ssize_t written = write(ready.fd, bytes,
                                length < READY_WRITE_BYTES ? length : READY_WRITE_BYTES);
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

bool terminal_is_utf8(void)
{
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < ROWS(names); i++) {
        const char *value = env_get(names[i]);
        if (!value || !*value)
            continue;
        for (; *value; value++) {
            if (strncasecmp(value, "utf-8", 5) == 0 || strncasecmp(value, "utf8", 4) == 0)
                return true;
        }
        return false;
    }
    return false;
}
