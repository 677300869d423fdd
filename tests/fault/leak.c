/* leak.c: a program that misbehaves in the ways of the applications that the guard is for. What it
 * does is said by words of the form NAME or NAME=VALUE; sizes are bytes, times milliseconds. Every
 * process of it inherits the environment, by which the tests find all of them.
 *
 * Unless it is told to leak, quit or crash, it waits for a signal. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLAB_BYTES (64UL << 20)
#define PAGE_BYTES 4096UL
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14, madvise(2) */
#endif
#define RESTART_LINE_BYTES 512

struct options {
    uint64_t start;     /* bytes held at once */
    uint64_t rate;      /* bytes a second */
    uint64_t until;     /* bytes to stop at; 0 = never */
    uint64_t children;  /* processes below the app */
    uint64_t each;      /* bytes that each child holds */
    uint64_t leaking;   /* so many of the children leak, and the app does not */
    uint64_t bomb;      /* processes that each start the next and go on */
    uint64_t zombies;   /* ended children that nobody waits for */
    uint64_t crash;     /* end by this signal */
    uint64_t crash_end; /* no crash from this restart on */
    uint64_t quit;      /* end after so many milliseconds + 1 */
    uint64_t status;    /* exit status */
    uint64_t term;      /* exit status + 1 on SIGTERM */
    uint64_t lines;     /* lines of log a second */
    uint64_t populate;  /* let the kernel fill pages by itself: faults may be slow */
    uint64_t shared, huge, ignore, twice, session, stop, again, close, launch, renderer, usr1,
        follow;
    uint64_t free_when_killed; /* give the memory back when a child has ended */
    uint64_t leave;            /* end well when a child has ended */
    const char *gate;          /* growth begins when this file exists */
    const char *note;          /* file that each start adds a line to */
    const char *say;           /* line for standard error */
};

static struct options options;

static const struct {
    const char *name;
    uint64_t *number;
    const char **text;
} words[] = {
    { "start", &options.start, NULL },         { "rate", &options.rate, NULL },
    { "until", &options.until, NULL },         { "children", &options.children, NULL },
    { "each", &options.each, NULL },           { "leaking", &options.leaking, NULL },
    { "gate", NULL, &options.gate },           { "bomb", &options.bomb, NULL },
    { "zombies", &options.zombies, NULL },     { "crash", &options.crash, NULL },
    { "crash-end", &options.crash_end, NULL }, { "quit", &options.quit, NULL },
    { "status", &options.status, NULL },       { "term", &options.term, NULL },
    { "lines", &options.lines, NULL },         { "shared", &options.shared, NULL },
    { "huge", &options.huge, NULL },           { "ignore", &options.ignore, NULL },
    { "twice", &options.twice, NULL },         { "session", &options.session, NULL },
    { "stop", &options.stop, NULL },           { "again", &options.again, NULL },
    { "close", &options.close, NULL },         { "launch", &options.launch, NULL },
    { "renderer", &options.renderer, NULL },   { "usr1", &options.usr1, NULL },
    { "follow", &options.follow, NULL },       { "free", &options.free_when_killed, NULL },
    { "note", NULL, &options.note },           { "say", NULL, &options.say },
    { "populate", &options.populate, NULL },   { "leave", &options.leave, NULL },
};

static void word_read(const char *word)
{
    size_t length = strcspn(word, "=");
    const char *value = word[length] ? word + length + 1 : "1";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].name) != length || strncmp(words[i].name, word, length) != 0)
            continue;
        if (words[i].text)
            *words[i].text = value;
        else
            *words[i].number = strtoull(value, NULL, 10);
        return;
    }
    if (strncmp(word, "--type=", 7) != 0) { /* what a child of the engine is called by */
        fprintf(stderr, "leak: unknown word '%s'\n", word);
        _exit(99);
    }
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static void pause_ns(uint64_t ns)
{
    struct timespec pause = { (time_t)(ns / 1000000000U), (long)(ns % 1000000000U) };
    (void)nanosleep(&pause, NULL);
}

/* --- memory --------------------------------------------------------------------------------- */

static char *slab;
static uint64_t slab_used = SLAB_BYTES, held;

static void hold(uint64_t bytes)
{
    int flags = MAP_ANONYMOUS | (options.shared ? MAP_SHARED : MAP_PRIVATE);
    while (bytes) {
        if (slab_used == SLAB_BYTES) {
            slab = mmap(NULL, SLAB_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0);
            if (slab == MAP_FAILED)
                _exit(98);
            if (options.huge)
                (void)madvise(slab, SLAB_BYTES, MADV_HUGEPAGE);
            slab_used = 0;
        }
        uint64_t piece = SLAB_BYTES - slab_used < bytes ? SLAB_BYTES - slab_used : bytes;
        piece = options.populate ? (piece + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES : piece;
        if (!options.populate || madvise(slab + slab_used, piece, MADV_POPULATE_WRITE) < 0)
            memset(slab + slab_used, 0x5a, piece);
        slab_used += piece;
        held += piece;
        bytes -= piece < bytes ? piece : bytes;
    }
}

static void log_write(uint64_t *written, uint64_t elapsed_ns)
{
    while (options.lines
           && *written < (uint64_t)((double)elapsed_ns / 1e9 * (double)options.lines)) {
        fprintf(stderr, "[1:1:0101/000000.000:ERROR:x.cc(1)] video visible size is empty %llu\n",
                (unsigned long long)(*written)++);
    }
}

/* Grow at the rate, by the clock, until somebody ends it. */
static void grow(void)
{
    while (options.gate && access(options.gate, F_OK) != 0)
        pause_ns(2000000);
    uint64_t began = now_ns(), grown = 0, written = 0;
    for (;;) {
        uint64_t elapsed = now_ns() - began;
        uint64_t wanted = (uint64_t)((double)elapsed / 1e9 * (double)options.rate);
        /* A pause of the processor is made up for, but not more than ten milliseconds of it. */
        uint64_t most = options.rate / 100 + 4096;
        uint64_t more = wanted > grown ? wanted - grown : 0;
        more = more > most ? most : more;
        if (options.until && held + more > options.until)
            more = 0;
        hold(more);
        grown = wanted;
        log_write(&written, elapsed);
        if (options.quit && elapsed / 1000000U >= options.quit - 1)
            _exit((int)options.status);
        if (now_ns() - began < elapsed + 500000U)
            pause_ns(500000);
    }
}

/* --- processes ------------------------------------------------------------------------------ */

static void wait_for_signal(void)
{
    uint64_t until = options.quit ? now_ns() + (options.quit - 1) * 1000000U : UINT64_MAX;
    while (now_ns() < until) {
        uint64_t left = until == UINT64_MAX ? 1000000000U : until - now_ns();
        pause_ns(left > 1000000000U ? 1000000000U : left);
    }
    _exit((int)options.status);
}

static void child_run(bool leaks, pid_t parent)
{
    if (options.follow)
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (options.follow && !options.twice && getppid() != parent)
        _exit(0); /* it ended before it could be followed */
    if (options.session)
        (void)setsid();
    if (options.ignore) {
        signal(SIGTERM, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
    }
    hold(options.each);
    if (options.stop)
        (void)raise(SIGSTOP);
    options.quit = 0;
    if (leaks)
        grow();
    wait_for_signal();
}

static void exec_renderer(char **argv, bool leaks)
{
    char rate[64], each[64], until[64], gate[4096];
    snprintf(rate, sizeof rate, "rate=%llu", leaks ? (unsigned long long)options.rate : 0ULL);
    snprintf(each, sizeof each, "start=%llu", (unsigned long long)options.each);
    snprintf(until, sizeof until, "until=%llu", (unsigned long long)options.until);
    snprintf(gate, sizeof gate, "gate=%s", options.gate ? options.gate : "/");
    execl("/proc/self/exe", argv[0], "--type=renderer", rate, each, until, gate, (char *)NULL);
    _exit(97);
}

static void children_start(char **argv)
{
    pid_t self = getpid();
    for (uint64_t i = 0; i < options.children; i++) {
        bool leaks = i < options.leaking;
        pid_t pid = fork();
        if (pid < 0)
            _exit(96);
        if (pid > 0) {
            if (options.twice)
                (void)waitpid(pid, NULL, 0);
            continue;
        }
        if (options.twice && fork() != 0)
            _exit(0);
        if (options.renderer)
            exec_renderer(argv, leaks);
        child_run(leaks, self);
    }
}

/* Each starts the next one and goes on leaking; bounded. */
static void bomb(void)
{
    while (options.bomb--) {
        pid_t pid = fork();
        if (pid != 0)
            break;
        (void)setsid();
    }
}

static void zombies_make(void)
{
    for (uint64_t i = 0; i < options.zombies; i++)
        if (fork() == 0)
            _exit(0);
}

/* --- signals and the start ------------------------------------------------------------------ */

static void terminated(int number)
{
    (void)number;
    _exit((int)options.term - 1);
}

static void usr1_seen(int number)
{
    static const char said[] = "leak: usr1\n";
    (void)number;
    (void)!write(STDERR_FILENO, said, sizeof said - 1);
}

/* A child has ended: like a browser whose page is gone, give everything back. */
static void child_ended(int number)
{
    (void)number;
    char *argv[] = { (char *)"leak", NULL };
    execv("/proc/self/exe", argv);
}

static void left_alone(int number)
{
    (void)number;
    _exit(0);
}

static void signals_set(void)
{
    if (options.ignore)
        signal(SIGTERM, SIG_IGN);
    if (options.term)
        signal(SIGTERM, terminated);
    if (options.usr1)
        signal(SIGUSR1, usr1_seen);
    if (options.free_when_killed)
        signal(SIGCHLD, child_ended);
    if (options.leave)
        signal(SIGCHLD, left_alone);
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "-";
}

static void note_write(void)
{
    char line[4096 + RESTART_LINE_BYTES];
    int fd = options.note ? open(options.note, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)
                          : -1;
    if (fd < 0)
        return;
    int length = snprintf(line, sizeof line, "%d %s %s %s %s\n", (int)getpid(), variable("QWGUARD"),
                          variable("QWGUARD_RUNG"), variable("QWGUARD_RESTART"),
                          variable("QWGUARD_INCIDENT"));
    (void)!write(fd, line, (size_t)length);
    close(fd);
}

static void crash(void)
{
    const char *restart = getenv("QWGUARD_RESTART");
    if (options.crash_end && restart && strtoull(restart, NULL, 10) >= options.crash_end)
        return;
    signal((int)options.crash, SIG_DFL);
    (void)raise((int)options.crash);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        word_read(argv[i]);
    note_write();
    for (int i = 1; options.again && i < argc; i++)
        if (strcmp(argv[i], "again") == 0) { /* the same as another program, once */
            argv[i] = (char *)"start=0";
            execv("/proc/self/exe", argv);
        }
    signals_set();
    if (options.say)
        fprintf(stderr, "%s\n", options.say);
    if (options.close) {
        close(0);
        close(1);
        close(2);
    }
    if (options.crash)
        crash();
    if (options.quit == 1)
        return (int)options.status;
    if (options.launch && fork() != 0)
        return (int)options.status;
    hold(options.start);
    children_start(argv);
    zombies_make();
    bomb();
    if (options.rate && !options.leaking)
        grow();
    wait_for_signal();
    return 0;
}
