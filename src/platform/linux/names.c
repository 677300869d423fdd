/* Names in a folder of /proc, read through a buffer on the stack: opendir(3) allocates. */
#include <dirent.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "platform/linux/process_private.h"

bool proc_names_open(const struct process_table *table, const char *path, struct proc_names *out)
{
    out->fd = openat(table->folder_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    out->length = out->at = 0;
    return out->fd >= 0;
}

void proc_names_close(struct proc_names *names)
{
    close(names->fd);
}

const char *proc_names_next(struct proc_names *names)
{
    for (;;) {
        if (names->at >= names->length) {
            names->length = getdents64(names->fd, names->bytes, sizeof names->bytes);
            names->at = 0;
            if (names->length <= 0)
                return NULL;
        }
        /* Entries are aligned by the kernel: 8 bytes, as the buffer is. Source: getdents64(2). */
        const struct dirent64 *entry = (const struct dirent64 *)(const void *)(names->bytes
                                                                               + names->at);
        names->at += entry->d_reclen;
        if (entry->d_name[0] != '.')
            return entry->d_name;
    }
}
