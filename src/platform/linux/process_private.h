/* process_private.h: what the files of this folder share about /proc.
 * Room: platform (linux). */
#ifndef QWGUARD_PLATFORM_LINUX_PROCESS_PRIVATE_H
#define QWGUARD_PLATFORM_LINUX_PROCESS_PRIVATE_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process_table {
    DIR *folder;   /* /proc, read again from its beginning each time */
    int folder_fd; /* the same */
    int last_fd;   /* /proc/loadavg, or -1 */
    int children;  /* our own children, or -1 */
    unsigned room; /* descriptors that may still be kept */
    uint64_t page_bytes;
};

/* Whole short file of one process into out, terminated; the length, or -1 and errno. */
long proc_file_read(const struct process_table *table, int64_t pid, const char *name, char *out,
                    size_t size);

/* The names in a folder of /proc, but those that begin with a dot. Allocates nothing. */
struct proc_names {
    int fd;
    long length, at;
    _Alignas(8) char bytes[2048];
};

/* False and errno when it cannot be opened; else close it with proc_names_close(). */
bool proc_names_open(const struct process_table *table, const char *path, struct proc_names *out);

/* Close it. */
void proc_names_close(struct proc_names *names);

/* The next name, valid until the next call; NULL at the end. */
const char *proc_names_next(struct proc_names *names);

/* Unsigned decimal number at *at, which is moved behind it and behind spaces. */
uint64_t proc_number(const char **at);

/* The pids in a file of numbers, from its beginning: "12 345 " or one a line. What does not fit is
 * left out. False when reading failed; *out_count tells those before it all the same. */
bool proc_pids_read(int fd, int64_t *pids, size_t capacity, size_t *out_count);

/* ESRCH and ENOENT both mean that the process is gone. */
bool proc_errno_gone(int code);

#endif
