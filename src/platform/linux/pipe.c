/* Pipes. Only our end does not wait: a program that writes is held up while we do not read, as it
 * would be by any other reader. */
#include "platform/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "platform/linux/own_private.h"

int pipe_open(struct pipe_ends *out, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_set_os(err, errno, "cannot make a pipe");
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
        int code = errno;
        fd_close(&ends[0]);
        fd_close(&ends[1]);
        return err_set_os(err, code, "cannot make a pipe");
    }
    *out = (struct pipe_ends){ .input = ends[0], .output = ends[1] };
    return 0;
}

void pipe_output_close(struct pipe_ends *ends)
{
    fd_close(&ends->output);
}

void pipe_close(struct pipe_ends *ends)
{
    fd_close(&ends->input);
    fd_close(&ends->output);
}

bool pipe_read(const struct pipe_ends *ends, char *out, size_t size, size_t *out_length)
{
    ssize_t length;
    do
        length = read(ends->input, out, size);
    while (length < 0 && errno == EINTR);
    *out_length = length > 0 ? (size_t)length : 0;
    return length > 0 || (length < 0 && errno == EAGAIN);
}
