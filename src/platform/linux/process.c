/* Processes as Linux shows them below /proc, and pidfds to hold them. A file of /proc is opened
 * relative to a kept descriptor of /proc, read in one call and parsed by hand: this runs thousands
 * of times a second when an app is close to its limit. */
#include "platform/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "platform/linux/process_private.h"

/* Descriptors that stay free for what is opened in passing: a look at a process, the pipes of a
 * start, a helper that writes an incident. */
#define DESCRIPTOR_RESERVE 10

#define STAT_BYTES 1024
#define FLAG_KERNEL 0x00200000U /* PF_KTHREAD, include/linux/sched.h */

bool proc_errno_gone(int code)
{
    return code == ESRCH || code == ENOENT;
}

uint64_t proc_number(const char **at)
{
    uint64_t value = 0;
    while (**at >= '0' && **at <= '9') {
        value = value * 10 + (uint64_t)(**at - '0');
        (*at)++;
    }
    while (**at == ' ' || **at == '\t')
        (*at)++;
    return value;
}

long proc_file_read(const struct process_table *table, int64_t pid, const char *name, char *out,
                    size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "%lld/%s", (long long)pid, name);
    int fd = openat(table->folder_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t length;
    do
        length = read(fd, out, size - 1);
    while (length < 0 && errno == EINTR);
    int code = errno;
    close(fd);
    errno = code;
    if (length < 0)
        return -1;
    out[length] = '\0';
    return (long)length;
}

static unsigned descriptors_open(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;
    if (!folder)
        return 16;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count; /* "." and ".." and the folder itself stand for what is opened next */
}

int process_table_open(struct process_table **out, struct err *err)
{
    struct process_table *table = calloc(1, sizeof *table);
    if (!table)
        return err_set_os(err, ENOMEM, "cannot watch processes");
    table->folder = opendir("/proc");
    if (!table->folder) {
        int code = errno;
        free(table);
        return err_set_os(err, code, "cannot read /proc");
    }
    table->folder_fd = dirfd(table->folder);
    table->last_fd = openat(table->folder_fd, "loadavg", O_RDONLY | O_CLOEXEC);
    char path[64];
    snprintf(path, sizeof path, "self/task/%lld/children", (long long)getpid());
    table->children = openat(table->folder_fd, path, O_RDONLY | O_CLOEXEC);
    table->page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);

    struct rlimit limit = { 0 };
    unsigned used = descriptors_open() + DESCRIPTOR_RESERVE;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > used)
        table->room = limit.rlim_cur > 1000000 ? 1000000 : (unsigned)limit.rlim_cur - used;
    *out = table;
    return 0;
}

void process_table_close(struct process_table *table)
{
    if (!table)
        return;
    closedir(table->folder);
    if (table->last_fd >= 0)
        close(table->last_fd);
    if (table->children >= 0)
        close(table->children);
    free(table);
}

bool process_table_last(struct process_table *table, int64_t *out_last)
{
    char text[128];
    ssize_t length = table->last_fd < 0 ? -1 : pread(table->last_fd, text, sizeof text - 1, 0);
    if (length <= 0)
        return false;
    text[length] = '\0';
    const char *last = text + length;
    while (last > text && last[-1] != ' ')
        last--;
    *out_last = (int64_t)proc_number(&last);
    return *out_last > 0;
}

size_t process_table_list(struct process_table *table, int64_t *pids, size_t capacity)
{
    size_t count = 0;
    const struct dirent *entry;
    rewinddir(table->folder);
    while (count < capacity && (entry = readdir(table->folder)) != NULL) {
        const char *name = entry->d_name;
        if (*name < '1' || *name > '9')
            continue;
        pids[count++] = (int64_t)proc_number(&name);
    }
    return count;
}

/* A number may be cut at the end of a piece. */
bool proc_pids_read(int fd, int64_t *pids, size_t capacity, size_t *out_count)
{
    char text[4096];
    off_t offset = 0;
    ssize_t length;
    size_t count = 0;
    int64_t number = 0;
    while ((length = pread(fd, text, sizeof text, offset)) > 0) {
        for (ssize_t i = 0; i < length; i++) {
            if (text[i] >= '0' && text[i] <= '9') {
                number = number * 10 + (text[i] - '0');
                continue;
            }
            if (number > 0 && count < capacity)
                pids[count++] = number;
            number = 0;
        }
        offset += length;
    }
    *out_count = count;
    return length == 0;
}

bool process_table_children(struct process_table *table, int64_t *pids, size_t capacity,
                            size_t *out_count)
{
    size_t count;
    if (table->children < 0 || !proc_pids_read(table->children, pids, capacity, &count))
        return false;
    *out_count = count;
    return true;
}

unsigned process_table_room(const struct process_table *table)
{
    return table->room;
}

int process_facts_read(struct process_table *table, int64_t pid, struct process_facts *out,
                       struct err *err)
{
    char text[STAT_BYTES];
    if (proc_file_read(table, pid, "stat", text, sizeof text) < 0)
        return err_set_os(err, proc_errno_gone(errno) ? ESRCH : errno, "process %lld",
                          (long long)pid);
    /* The name stands in parentheses and may hold anything, so its end is looked for backwards. */
    const char *open = strchr(text, '(');
    const char *shut = strrchr(text, ')');
    if (!open || !shut || shut[1] != ' ')
        return err_set(err, ERR_SYSTEM, "process %lld: stat cannot be read", (long long)pid);
    struct process_facts facts = { .pid = pid };
    snprintf(facts.name, sizeof facts.name, "%.*s", (int)(shut - open - 1), open + 1);
    const char *at = shut + 2;
    bool zombie = *at == 'Z' || *at == 'X' || *at == 'x';
    at += 2;
    for (int field = 4; field <= 22; field++) {
        if (*at == '-')
            at++;
        uint64_t value = proc_number(&at);
        if (field == 4)
            facts.parent = (int64_t)value;
        else if (field == 6)
            facts.session = (int64_t)value;
        else if (field == 9)
            facts.kernel = value & FLAG_KERNEL;
        else if (field == 20)
            facts.ended = zombie && value <= 1; /* its first thread has ended; others may run */
        else if (field == 22)
            facts.start = value;
    }
    *out = facts;
    return 0;
}

int64_t process_session_read(int64_t pid)
{
    return getsid((pid_t)pid);
}

enum truth process_is_whole(int64_t pid)
{
    int fd = pidfd_open((pid_t)pid, 0);
    if (fd >= 0)
        close(fd);
    if (fd >= 0)
        return TRUTH_YES;
    return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? TRUTH_UNKNOWN : TRUTH_NO;
}

size_t process_command_read(struct process_table *table, int64_t pid, char *out, size_t size)
{
    long length = proc_file_read(table, pid, "cmdline", out, size);
    if (length <= 0) {
        out[0] = '\0';
        return 0;
    }
    return (size_t)length;
}

bool process_program_read(struct process_table *table, int64_t pid, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "%lld/exe", (long long)pid);
    ssize_t length = readlinkat(table->folder_fd, path, out, size - 1);
    out[length > 0 ? length : 0] = '\0';
    /* A program that was replaced while it runs is still that program. */
    static const char deleted[] = " (deleted)";
    size_t tail = sizeof deleted - 1;
    if (length > (ssize_t)tail && strcmp(out + length - tail, deleted) == 0)
        out[(size_t)length - tail] = '\0';
    return length > 0;
}

uint64_t process_group_read(struct process_table *table, int64_t pid)
{
    char text[4096];
    long length = proc_file_read(table, pid, "cgroup", text, sizeof text);
    return length <= 0 ? 0 : text_hash(TEXT_HASH_START, text, (size_t)length);
}

bool process_oom_score_read(struct process_table *table, int64_t pid, int *out_score)
{
    char text[32];
    if (proc_file_read(table, pid, "oom_score_adj", text, sizeof text) <= 0)
        return false;
    const char *at = text[0] == '-' ? text + 1 : text;
    int value = (int)proc_number(&at);
    *out_score = text[0] == '-' ? -value : value;
    return true;
}

bool process_thread_exists(struct process_table *table, int64_t pid, const char *name)
{
    char path[64], text[32];
    struct proc_names threads;
    const char *thread;
    bool found = false;
    snprintf(path, sizeof path, "%lld/task", (long long)pid);
    if (!proc_names_open(table, path, &threads))
        return false;
    while (!found && (thread = proc_names_next(&threads)) != NULL) {
        snprintf(path, sizeof path, "task/%.20s/comm", thread);
        long length = proc_file_read(table, pid, path, text, sizeof text);
        if (length > 0 && text[length - 1] == '\n')
            text[length - 1] = '\0';
        found = length > 0 && strncmp(text, name, 15) == 0;
    }
    proc_names_close(&threads);
    return found;
}

/* A pidfd for exactly this process: the pid may have been given to another one before pidfd_open,
 * and after it cannot. */
static int handle_open(struct process_table *table, const struct proc *proc)
{
    struct process_facts facts;
    struct err ignored;
    int fd = pidfd_open((pid_t)proc->pid, 0);
    if (fd < 0)
        return -1;
    if (process_facts_read(table, proc->pid, &facts, &ignored) < 0 || facts.start != proc->start) {
        close(fd);
        errno = ESRCH;
        return -1;
    }
    return fd;
}

int process_hold(struct process_table *table, struct proc *proc, struct err *err)
{
    proc->handle = PROCESS_HANDLE_NONE;
    if (table->room == 0)
        return 0;
    int fd = handle_open(table, proc);
    if (fd >= 0) {
        proc->handle = fd;
        table->room--;
        return 0;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
        return 0;
    return err_set_os(err, errno, "process %lld", (long long)proc->pid);
}

void process_release(struct process_table *table, struct proc *proc)
{
    if (proc->handle == PROCESS_HANDLE_NONE)
        return;
    close(proc->handle);
    proc->handle = PROCESS_HANDLE_NONE;
    table->room++;
}

bool process_has_ended(struct process_table *table, const struct proc *proc)
{
    int fd = proc->handle == PROCESS_HANDLE_NONE ? handle_open(table, proc) : proc->handle;
    if (fd < 0)
        return proc_errno_gone(errno);
    struct pollfd ended = { .fd = fd, .events = POLLIN };
    bool yes = poll(&ended, 1, 0) == 1;
    if (fd != proc->handle)
        close(fd);
    return yes;
}

int process_signal_pass(struct process_table *table, const struct proc *proc, int number,
                        struct err *err)
{
    int fd = proc->handle == PROCESS_HANDLE_NONE ? handle_open(table, proc) : proc->handle;
    if (fd < 0)
        return err_set_os(err, errno, "process %lld", (long long)proc->pid);
    int failed = pidfd_send_signal(fd, number, NULL, 0);
    int code = errno;
    if (fd != proc->handle)
        close(fd);
    if (failed)
        return err_set_os(err, code, "process %lld cannot be signalled", (long long)proc->pid);
    return 0;
}

int process_signal_send(struct process_table *table, const struct proc *proc,
                        enum process_signal signal, struct err *err)
{
    static const int numbers[] = {
        [PROCESS_STOP] = SIGSTOP,
        [PROCESS_CONTINUE] = SIGCONT,
        [PROCESS_TERMINATE] = SIGTERM,
        [PROCESS_KILL] = SIGKILL,
    };
    return process_signal_pass(table, proc, numbers[signal], err);
}

bool process_reap(struct process_end *out)
{
    int status;
    pid_t pid;
    do
        pid = waitpid(-1, &status, WNOHANG | __WALL);
    while (pid < 0 && errno == EINTR);
    if (pid <= 0)
        return false;
    struct process_end end = { .pid = pid, .by_signal = WIFSIGNALED(status) };
    end.code = end.by_signal ? WTERMSIG(status) : WEXITSTATUS(status);
    static const int faults[] = { SIGSEGV, SIGABRT, SIGTRAP, SIGBUS, SIGILL, SIGFPE, SIGSYS };
    for (size_t i = 0; end.by_signal && i < ROWS(faults); i++)
        end.crashed |= end.code == faults[i];
    *out = end;
    return true;
}

void process_boot_read(char *out, size_t size)
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, out, size - 1);
    if (fd >= 0)
        close(fd);
    out[length > 0 ? length : 0] = '\0';
    size_t end = strcspn(out, "\n");
    struct stat space;
    if (stat("/proc/self/ns/pid", &space) < 0)
        space.st_ino = 0; /* a kernel without them */
    (void)snprintf(out + end, size - end, ":%llu", (unsigned long long)space.st_ino);
}

int64_t process_self(void)
{
    return getpid();
}
