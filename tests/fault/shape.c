/* shape.c: processes of a shape that misleads who looks at them. The first word says which:
 *   common BYTES MS STATUS       a child that is one memory with the app for so long, as
 *                                posix_spawn makes them
 *   passing BYTES COUNT STATUS   so many children that share all with the app, and end one after
 *                                the other, a second after birth; nobody waits for them
 *   thread BYTES STATUS          a child whose first thread has ended while another one grows
 *   session GATE PROGRAM ...     once the file GATE exists, a session of its own, and then PROGRAM
 *                                as a child
 *   group GATE FILE PROGRAM ...  the same with a control group whose cgroup.procs is FILE */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEP_BYTES (1UL << 20)

static void pause_ms(uint64_t ms)
{
    struct timespec pause = { (time_t)(ms / 1000U), (long)(ms % 1000U * 1000000U) };
    (void)nanosleep(&pause, NULL);
}

static void hold(uint64_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        _exit(98);
    memset(memory, 0x5a, bytes);
}

static int status_of(pid_t pid)
{
    int status;
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status)
                                                                           : 97;
}

static int common(char **words)
{
    uint64_t ms = strtoull(words[1], NULL, 10);
    struct timespec pause = { (time_t)(ms / 1000U), (long)(ms % 1000U * 1000000U) };
    hold(strtoull(words[0], NULL, 10));
    pid_t pid = vfork();
    if (pid == 0) {
        (void)nanosleep(&pause, NULL);
        _exit(0);
    }
    (void)status_of(pid);
    return atoi(words[2]);
}

static int passing(char **words)
{
    hold(strtoull(words[0], NULL, 10));
    for (int i = atoi(words[1]); i > 0; i--)
        if (fork() == 0) {
            pause_ms(1000);
            _exit(0);
        }
    pause_ms(2000);
    return atoi(words[2]);
}

static void *grow(void *context)
{
    const uint64_t *bytes = context;
    for (uint64_t held = 0; held < *bytes; held += STEP_BYTES) {
        hold(STEP_BYTES);
        pause_ms(5);
    }
    _exit(0);
}

static int thread(char **words)
{
    static uint64_t bytes;
    pthread_t ignored;
    bytes = strtoull(words[0], NULL, 10);
    pause_ms(300); /* near its start an app is looked at more often */
    pid_t pid = fork();
    if (pid == 0) {
        if (pthread_create(&ignored, NULL, grow, &bytes) != 0)
            _exit(96);
        pthread_exit(NULL);
    }
    (void)status_of(pid);
    return atoi(words[1]);
}

static int started(char **argv)
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)execv(argv[0], argv);
        _exit(95);
    }
    return status_of(pid);
}

static int session(char **words)
{
    while (access(words[0], F_OK) != 0)
        pause_ms(2);
    (void)setsid();
    return started(words + 1);
}

static int group(char **words)
{
    while (access(words[0], F_OK) != 0)
        pause_ms(2);
    int fd = open(words[1], O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) != 1)
        return 94;
    close(fd);
    return started(words + 2);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int words;
        int (*run)(char **words);
    } shapes[] = {
        { "common", 3, common },   { "passing", 3, passing }, { "thread", 2, thread },
        { "session", 2, session }, { "group", 3, group },
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (argc > 1 + shapes[i].words && strcmp(argv[1], shapes[i].name) == 0)
            return shapes[i].run(argv + 2);
    fprintf(stderr, "shape: unknown words\n");
    return 99;
}
