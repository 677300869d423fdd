/* The relay's process. It reads what the app writes, shows it to the function that counts, and
 * writes it on through a description of its own that does not block (the shell's must not be made
 * so). The app's side is a pipe, or a pseudo-terminal in raw mode when ours is a terminal. */
#include "platform/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/macros.h"
#include "platform/clock.h"
#include "platform/spawn.h"

#define READ_BYTES (64 * 1024)
/* A terminal that could not be opened anew is written to in pieces that fit when poll says so. */
#define SMALL_WRITE_BYTES 256

/* The state of the relay's process. */
struct flow {
    const struct relay_options *options;
    int in, out, copy;
    bool out_is_socket, out_small, is_terminal;
    char *pending; /* RELAY_PENDING_BYTES, what could not be written yet */
    size_t pending_length;
    struct winsize size;
};

/* A description of standard error that we may make non-blocking, or -1 when it is gone. */
static void out_open(struct flow *flow)
{
    struct stat info;
    flow->out = STDERR_FILENO;
    if (fstat(STDERR_FILENO, &info) < 0) {
        flow->out = -1;
        return;
    }
    flow->out_is_socket = S_ISSOCK(info.st_mode);
    if (S_ISREG(info.st_mode) || flow->out_is_socket)
        return; /* files do not block and have one common offset; sockets are asked not to */
    int fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0)
        flow->out = fd;
    else
        flow->out_small = true; /* a terminal of another user, after su */
}

static ssize_t out_write(const struct flow *flow, const char *bytes, size_t length)
{
    if (flow->out_is_socket)
        return send(flow->out, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (flow->out_small) {
        struct pollfd ready = { .fd = flow->out, .events = POLLOUT };
        if (poll(&ready, 1, 0) != 1) {
            errno = EAGAIN;
            return -1;
        }
        length = length < SMALL_WRITE_BYTES ? length : SMALL_WRITE_BYTES;
    }
    return write(flow->out, bytes, length);
}

/* How many of the bytes are dealt with: written, or nobody is there to read them. */
static size_t pass_on(struct flow *flow, const char *bytes, size_t length)
{
    size_t done = 0;
    while (done < length && flow->out >= 0) {
        ssize_t written = out_write(flow, bytes + done, length - done);
        if (written >= 0)
            done += (size_t)written;
        else if (errno == EAGAIN)
            return done;
        else if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
            break; /* a full disk may have room again later */
        else if (errno != EINTR)
            flow->out = -1; /* closed pipe, terminal gone: go on reading */
    }
    if (done < length)
        atomic_fetch_add(&flow->options->counts->dropped_bytes, length - done);
    return length;
}

static void pending_flush(struct flow *flow)
{
    size_t done = pass_on(flow, flow->pending, flow->pending_length);
    flow->pending_length -= done;
    memmove(flow->pending, flow->pending + done, flow->pending_length);
}

static void take(struct flow *flow, const char *bytes, size_t length)
{
    atomic_fetch_add(&flow->options->counts->read_bytes, length);
    flow->options->seen(flow->options->context, bytes, length);
    for (size_t done = 0; flow->copy >= 0 && done < length;) {
        ssize_t written = write(flow->copy, bytes + done, length - done);
        if (written < 0 && errno != EINTR)
            break; /* a full disk must not cost the app its log on the terminal */
        done += written > 0 ? (size_t)written : 0;
    }
    size_t done = flow->pending_length ? 0 : pass_on(flow, bytes, length);
    size_t left = length - done;
    size_t room = RELAY_PENDING_BYTES - flow->pending_length;
    size_t kept = left < room ? left : room;
    memcpy(flow->pending + flow->pending_length, bytes + done, kept);
    flow->pending_length += kept;
    if (kept < left)
        atomic_fetch_add(&flow->options->counts->dropped_bytes, left - kept);
}

/* A log file that is a pipe without a reader must not hold us up, nor one that reads slowly. */
static int copy_open(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
}

int relay_copy_check(const char *path, struct err *err)
{
    int copy = copy_open(path);
    if (copy < 0 && errno == ENXIO)
        return err_set(err, ERR_CREATE, "cannot write '%s': nobody reads from it", path);
    if (copy < 0) {
        err_set_os(err, errno, "cannot write '%s'", path);
        err->kind = ERR_CREATE;
        return -1;
    }
    close(copy);
    return 0;
}

/* The app's terminal has the size of ours. */
static void size_follow(struct flow *flow)
{
    struct winsize now;
    if (!flow->is_terminal || ioctl(STDERR_FILENO, TIOCGWINSZ, &now) < 0
        || memcmp(&now, &flow->size, sizeof now) == 0)
        return;
    flow->size = now;
    (void)ioctl(flow->in, TIOCSWINSZ, &now);
}

static int flow_run(struct flow *flow)
{
    char *bytes = malloc(READ_BYTES);
    bool open = bytes != NULL;
    sigset_t all; /* none held */
    sigemptyset(&all);
    while (open || flow->pending_length) {
        struct pollfd ready[2] = {
            { .fd = open ? flow->in : -1, .events = POLLIN },
            { .fd = flow->pending_length ? flow->out : -1, .events = POLLOUT },
        };
        int count = poll(ready, ROWS(ready), 0);
        if (count == 0) {
            if (!flow->pending_length)
                atomic_store(&flow->options->counts->busy, 0);
            size_follow(flow);
            count = ppoll(ready, ROWS(ready), NULL, &all); /* a change of the size ends it */
            atomic_store(&flow->options->counts->busy, 1);
        }
        if (count < 0)
            continue; /* EINTR: look at the size again */
        if (ready[1].revents)
            pending_flush(flow);
        if (!ready[0].revents)
            continue;
        ssize_t length = read(flow->in, bytes, READ_BYTES);
        if (length > 0)
            take(flow, bytes, (size_t)length);
        else if (length == 0 || (errno != EINTR && errno != EAGAIN))
            open = false; /* EIO: the last writer of the pseudo-terminal is gone */
    }
    free(bytes);
    atomic_store(&flow->options->counts->busy, 0);
    return 0;
}

static void size_changed(int number)
{
    (void)number;
}

/* The terminal tells its group, which we are in, when its size changes: heard only while we wait,
 * so that none is missed. */
static void size_signal_hear(void)
{
    const struct sigaction action = { .sa_handler = size_changed };
    sigset_t changed;
    sigemptyset(&changed);
    sigaddset(&changed, SIGWINCH);
    (void)sigprocmask(SIG_BLOCK, &changed, NULL);
    (void)sigaction(SIGWINCH, &action, NULL);
}

static int relay_main(void *context)
{
    const struct relay *relay = context;
    struct flow flow = { .options = &relay->options,
                         .in = relay->output,
                         .copy = -1,
                         .is_terminal = relay->is_terminal };
    (void)prctl(PR_SET_NAME, "qwguard-log", 0, 0, 0);
    atomic_store(&relay->options.counts->busy, 1);
    if (relay->options.copy_path)
        flow.copy = copy_open(relay->options.copy_path);
    out_open(&flow);
    if (flow.is_terminal)
        size_signal_hear();
    (void)!chdir("/"); /* it may live long, and must not keep a file system busy */
    flow.pending = mmap(NULL, RELAY_PENDING_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (flow.pending == MAP_FAILED)
        return 1;
    return flow_run(&flow);
}

int relay_revive(struct relay *relay, struct err *err)
{
    return spawn_helper(relay_main, relay, &relay->output, 1, &relay->pid, err);
}

/* Raw, so that no byte is changed on the way; it is never anybody's controlling terminal. */
static int terminal_pair(int *out_input, int *out_output)
{
    int output = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char name[128];
    struct termios mode;
    struct winsize size;
    int input = -1;
    if (output >= 0 && grantpt(output) == 0 && unlockpt(output) == 0
        && ptsname_r(output, name, sizeof name) == 0)
        input = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (input < 0 || tcgetattr(input, &mode) < 0) {
        if (input >= 0)
            close(input);
        if (output >= 0)
            close(output);
        return -1;
    }
    cfmakeraw(&mode);
    (void)tcsetattr(input, TCSANOW, &mode);
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0)
        (void)ioctl(output, TIOCSWINSZ, &size);
    *out_input = input;
    *out_output = output;
    return 0;
}

int relay_start(const struct relay_options *options, struct relay *out, struct err *err)
{
    struct relay relay = { .options = *options, .pid = -1, .input = -1, .output = -1 };
    *out = relay;
    if (fcntl(STDERR_FILENO, F_GETFD) < 0)
        return 0;
    relay.is_terminal = isatty(STDERR_FILENO) && terminal_pair(&relay.input, &relay.output) == 0;
    if (!relay.is_terminal) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0)
            return err_set_os(err, errno, "cannot make a pipe for the log");
        relay.output = ends[0];
        relay.input = ends[1];
    }
    int flags = fcntl(relay.output, F_GETFL);
    (void)fcntl(relay.output, F_SETFL, flags | O_NONBLOCK);
    *out = relay;
    if (relay_revive(out, err) < 0) {
        close(relay.input);
        close(relay.output);
        out->input = out->output = -1;
        return -1;
    }
    return 0;
}

/* Is something on its way that has not come out? Asked in this order it cannot be missed: the relay
 * says that it is busy before it reads. */
static bool relay_has_more(const struct relay *relay)
{
    int waiting = 0;
    (void)ioctl(relay->output, FIONREAD, &waiting);
    return waiting > 0 || atomic_load(&relay->options.counts->busy);
}

void relay_stop(struct relay *relay, uint64_t limit_ns)
{
    if (relay->pid < 0)
        return;
    uint64_t until_ns = clock_monotonic_ns() + limit_ns;
    const struct timespec pause = { .tv_nsec = MS_NS / 4 };
    while (relay_has_more(relay) && clock_monotonic_ns() < until_ns)
        (void)nanosleep(&pause, NULL);
    close(relay->input);
    close(relay->output);
    *relay = (struct relay){ .pid = -1, .input = -1, .output = -1 };
}
