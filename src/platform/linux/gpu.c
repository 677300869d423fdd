/* Memory of graphics devices from what the DRM drivers say of each open device file. Which
 * descriptors are such files is seen by where their links lead, so only those are read. */
#include "platform/gpu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/text.h"
#include "platform/linux/gpu_nvidia_private.h"
#include "platform/linux/process_private.h"

#define DEVICE_FOLDER "/dev/dri/"
#define CLIENTS_MAX 1024
#define REGIONS_MAX 16

struct gpu_watch {
    struct process_table proc;   /* only its folder is used */
    struct nvidia_watch *nvidia; /* NULL = its driver is not there */
    struct err nvidia_err;       /* why, until it was told; else ERR_NONE */
    size_t count;
    struct gpu_client met[CLIENTS_MAX];
};

/* One kind of memory; its name is that of the kernel's driver: vram, gtt, local0, system … */
struct region {
    const char *name;
    size_t length;
    uint64_t bytes;
    bool resident; /* said by drm-resident-, which is the exact word */
};

/* "  123 KiB" in bytes; drivers write KiB, MiB or nothing. */
static uint64_t value_bytes(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    uint64_t value = proc_number(&at);
    if (text_starts(at, "KiB"))
        return value * KIB_BYTES;
    return text_starts(at, "MiB") ? value * MIB_BYTES : value;
}

static void region_note(struct region *regions, size_t *count, const struct region *found)
{
    size_t i = 0;
    while (i < *count
           && (regions[i].length != found->length
               || strncmp(regions[i].name, found->name, found->length) != 0))
        i++;
    if (i == REGIONS_MAX)
        return;
    if (i == *count)
        (*count)++;
    else if (regions[i].resident && !found->resident)
        return;
    regions[i] = *found;
}

/* "drm-memory-vram:\t12 KiB": a region and what is in it; false for every other line. */
static bool region_read(const char *line, struct region *out)
{
    static const struct {
        const char *word;
        bool resident;
    } words[] = { { "drm-resident-", true }, { "drm-memory-", false } };
    for (size_t i = 0; i < ROWS(words); i++) {
        if (!text_starts(line, words[i].word))
            continue;
        const char *name = line + strlen(words[i].word);
        size_t length = strcspn(name, ":\n");
        if (name[length] != ':')
            return false;
        *out = (struct region){ name, length, value_bytes(name + length + 1), words[i].resident };
        return true;
    }
    return false;
}

bool gpu_client_parse(const char *text, struct gpu_client *out)
{
    struct region regions[REGIONS_MAX], found;
    struct gpu_client client = { 0 };
    size_t count = 0;
    bool is_drm = false;
    for (const char *line = text; *line;) {
        const char *end = line + strcspn(line, "\n");
        const char *value = line + strcspn(line, ":\n");
        value += *value == ':';
        value += strspn(value, " \t");
        if (text_starts(line, "drm-driver:")) {
            is_drm = true;
        } else if (text_starts(line, "drm-pdev:")) {
            client.device = text_hash(TEXT_HASH_START, value, (size_t)(end - value));
        } else if (text_starts(line, "drm-client-id:")) {
            client.id = proc_number(&value);
            client.has_id = true;
        } else if (region_read(line, &found)) {
            region_note(regions, &count, &found);
        }
        line = *end ? end + 1 : end;
    }
    for (size_t i = 0; i < count; i++)
        client.bytes += regions[i].bytes;
    if (is_drm)
        *out = client;
    return is_drm;
}

int gpu_watch_open(const char *root, struct gpu_watch **out, struct err *err)
{
    char path[4096];
    struct gpu_watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return err_set_os(err, ENOMEM, "cannot watch graphics memory");
    if ((size_t)snprintf(path, sizeof path, "%s/proc", root) >= sizeof path) {
        free(watch);
        return err_set(err, ERR_NO_INPUT, "the path of /proc is too long");
    }
    watch->proc.folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (watch->proc.folder_fd < 0) {
        int code = errno;
        free(watch);
        return err_set_os(err, code, "cannot read '%s'", path);
    }
    watch->nvidia = nvidia_watch_open(root, &watch->nvidia_err);
    *out = watch;
    return 0;
}

void gpu_watch_close(struct gpu_watch *watch)
{
    if (watch) {
        nvidia_watch_close(watch->nvidia);
        close(watch->proc.folder_fd);
    }
    free(watch);
}

void gpu_watch_begin(struct gpu_watch *watch)
{
    watch->count = 0;
    if (watch->nvidia)
        nvidia_watch_begin(watch->nvidia);
}

const char *gpu_watch_trouble(struct gpu_watch *watch)
{
    if (watch->nvidia)
        return nvidia_watch_trouble(watch->nvidia);
    bool failed = watch->nvidia_err.kind != ERR_NONE;
    watch->nvidia_err.kind = ERR_NONE;
    return failed ? watch->nvidia_err.text : NULL;
}

/* True when the client was met before. One without a number cannot be known again. */
static bool is_met(struct gpu_watch *watch, const struct gpu_client *client)
{
    for (size_t i = 0; client->has_id && i < watch->count; i++)
        if (watch->met[i].id == client->id && watch->met[i].device == client->device)
            return true;
    if (client->has_id && watch->count < CLIENTS_MAX)
        watch->met[watch->count++] = *client;
    return false;
}

static bool is_device(int folder_fd, const char *name)
{
    char target[64];
    ssize_t length = readlinkat(folder_fd, name, target, sizeof target);
    size_t wanted = sizeof DEVICE_FOLDER - 1;
    return length > (ssize_t)wanted && memcmp(target, DEVICE_FOLDER, wanted) == 0;
}

bool gpu_watch_look(struct gpu_watch *watch, int64_t pid, uint64_t *out_bytes)
{
    char name[64], text[4096];
    struct proc_names descriptors;
    const char *descriptor;
    uint64_t bytes = watch->nvidia ? nvidia_watch_bytes(watch->nvidia, pid) : 0;
    (void)snprintf(name, sizeof name, "%lld/fd", (long long)pid);
    if (!proc_names_open(&watch->proc, name, &descriptors)) {
        if (bytes)
            *out_bytes = bytes; /* NVIDIA's driver tells more than we may read */
        return bytes != 0;
    }
    while ((descriptor = proc_names_next(&descriptors)) != NULL) {
        struct gpu_client client;
        if (!is_device(descriptors.fd, descriptor))
            continue;
        (void)snprintf(name, sizeof name, "fdinfo/%.20s", descriptor);
        if (proc_file_read(&watch->proc, pid, name, text, sizeof text) > 0
            && gpu_client_parse(text, &client) && !is_met(watch, &client))
            bytes += client.bytes;
    }
    proc_names_close(&descriptors);
    *out_bytes = bytes;
    return true;
}
