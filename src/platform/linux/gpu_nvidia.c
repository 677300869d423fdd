/* The library of NVIDIA's driver is loaded into a process of its own, which asks it again and again
 * and writes the answers into a page that both see. So a driver that hangs or crashes takes nothing
 * with it, nothing of it stays in the guard, and a look costs the guard one call.
 *
 * Forms and names are those of NVML (nvml.h; NVML API Reference, "Device Queries"): version 1 of a
 * row has 16 bytes, versions 2 and 3 have 24. A process that both draws and computes stands in both
 * lists with the same figure. Pids are those of the first namespace. */
#include "platform/linux/gpu_nvidia_private.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/macros.h"
#include "platform/clock.h"
#include "platform/memory.h"
#include "platform/spawn.h"

#define LIBRARY "libnvidia-ml.so.1"
#define ROWS_MAX 512
#define DEVICES_MAX 32
#define PERIOD_MIN_NS (20 * MS_NS)
#define PERIOD_MAX_NS SECOND_NS
/* The first call may have to wake a device. */
#define SILENT_MAX_NS (10 * SECOND_NS)
#define ADDRESS_SPACE_BYTES (64 * GIB_BYTES)

/* Source: nvmlReturn_enum; NVML_VALUE_NOT_AVAILABLE. */
#define NVML_SUCCESS 0
#define VALUE_NOT_AVAILABLE UINT64_MAX

struct row {
    uint32_t pid;
    uint64_t bytes;
};

enum trouble { TROUBLE_NONE, TROUBLE_LIBRARY, TROUBLE_FUNCTIONS, TROUBLE_START, TROUBLE_SILENT };

struct page {
    _Atomic uint64_t period_ns; /* how often the guard looks */
    _Atomic uint64_t alive_ns;  /* when the last answer was complete */
    _Atomic uint64_t turn;      /* odd while rows are being written */
    _Atomic int trouble;
    _Atomic uint32_t count;
    struct row rows[ROWS_MAX];
};

struct nvidia_watch {
    struct page *page;
    int handle; /* pidfd of the process */
    uint64_t begun_ns;
    enum trouble trouble;
    bool told;
    uint32_t count;
    struct row rows[ROWS_MAX];
};

/* --- in the process that asks ----------------------------------------------------------------- */

typedef int nvml_fn(void);
typedef int nvml_count_fn(unsigned *count);
typedef int nvml_device_fn(unsigned index, void **device);
typedef int nvml_list_fn(void *device, unsigned *count, void *rows);

struct list {
    nvml_list_fn *call;
    size_t row_bytes;
};

struct nvml {
    nvml_fn *begin;
    nvml_count_fn *count;
    nvml_device_fn *device;
    struct list lists[2];
};

static bool function(void *library, const char *name, void *out)
{
    void *found = dlsym(library, name);
    memcpy(out, &found, sizeof found); /* ISO C has no cast between the two kinds of pointers */
    return found != NULL;
}

/* The newest form of a list that the library has. */
static bool list_find(void *library, const char *name, struct list *out)
{
    static const struct {
        const char *version;
        size_t row_bytes;
    } forms[] = { { "_v3", 24 }, { "_v2", 24 }, { "", 16 } };
    char text[96];
    for (size_t i = 0; i < ROWS(forms); i++) {
        (void)snprintf(text, sizeof text, "%s%s", name, forms[i].version);
        out->row_bytes = forms[i].row_bytes;
        if (function(library, text, &out->call))
            return true;
    }
    return false;
}

static enum trouble nvml_load(struct nvml *out)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return TROUBLE_LIBRARY;
    bool has = function(library, "nvmlInit_v2", &out->begin)
               && function(library, "nvmlDeviceGetCount_v2", &out->count)
               && function(library, "nvmlDeviceGetHandleByIndex_v2", &out->device);
    bool graphics = list_find(library, "nvmlDeviceGetGraphicsRunningProcesses", &out->lists[0]);
    bool compute = list_find(library, "nvmlDeviceGetComputeRunningProcesses", &out->lists[1]);
    if (!has || (!graphics && !compute))
        return TROUBLE_FUNCTIONS;
    return out->begin() == NVML_SUCCESS ? TROUBLE_NONE : TROUBLE_START;
}

/* Add to a table that begins with count rows; a process may have several rows in one list. */
static void row_add(struct row *rows, uint32_t *count, uint32_t pid, uint64_t bytes)
{
    uint32_t i = 0;
    while (i < *count && rows[i].pid != pid)
        i++;
    if (i == ROWS_MAX)
        return;
    if (i == *count)
        rows[(*count)++] = (struct row){ pid, 0 };
    rows[i].bytes += bytes;
}

/* One list of one device. */
static uint32_t list_read(const struct list *list, void *device, struct row *rows)
{
    static _Alignas(8) char bytes[ROWS_MAX * 24 + 24];
    unsigned length = ROWS_MAX;
    uint32_t count = 0;
    if (!list->call || list->call(device, &length, bytes) != NVML_SUCCESS)
        return 0; /* also more than fit, NVML_ERROR_INSUFFICIENT_SIZE: no app has so many */
    for (unsigned i = 0; i < length && i < ROWS_MAX; i++) {
        const char *at = bytes + i * list->row_bytes;
        uint32_t pid;
        uint64_t used;
        memcpy(&pid, at, sizeof pid);
        memcpy(&used, at + 8, sizeof used);
        if (used != VALUE_NOT_AVAILABLE)
            row_add(rows, &count, pid, used);
    }
    return count;
}

static uint32_t all_read(const struct nvml *nvml, struct row *all)
{
    static struct row one[2][ROWS_MAX];
    unsigned devices = 0;
    uint32_t count = 0;
    if (nvml->count(&devices) != NVML_SUCCESS)
        return 0;
    for (unsigned i = 0; i < devices && i < DEVICES_MAX; i++) {
        void *device = NULL;
        if (nvml->device(i, &device) != NVML_SUCCESS)
            continue;
        uint32_t drawing = list_read(&nvml->lists[0], device, one[0]);
        uint32_t computing = list_read(&nvml->lists[1], device, one[1]);
        for (uint32_t j = 0; j < drawing; j++) /* the larger figure of the two lists */
            for (uint32_t k = 0; k < computing; k++)
                if (one[0][j].pid == one[1][k].pid) {
                    if (one[1][k].bytes > one[0][j].bytes)
                        one[0][j].bytes = one[1][k].bytes;
                    one[1][k].bytes = 0;
                }
        for (uint32_t j = 0; j < drawing; j++)
            row_add(all, &count, one[0][j].pid, one[0][j].bytes);
        for (uint32_t k = 0; k < computing; k++)
            row_add(all, &count, one[1][k].pid, one[1][k].bytes);
    }
    return count;
}

static int ask_main(void *context)
{
    struct page *page = context;
    static struct row rows[ROWS_MAX];
    struct nvml nvml = { 0 };
    const struct rlimit room = { ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES };
    (void)prctl(PR_SET_NAME, "qwguard-gpu", 0, 0, 0);
    (void)setrlimit(RLIMIT_AS, &room);
    int none = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (none >= 0)
        (void)dup2(none, STDERR_FILENO); /* what a driver says is not for the app's log */
    enum trouble trouble = nvml_load(&nvml);
    atomic_store(&page->trouble, (int)trouble);
    while (trouble == TROUBLE_NONE) {
        uint32_t count = all_read(&nvml, rows);
        atomic_fetch_add(&page->turn, 1);
        memcpy(page->rows, rows, count * sizeof rows[0]);
        atomic_store(&page->count, count);
        atomic_fetch_add(&page->turn, 1);
        atomic_store(&page->alive_ns, clock_monotonic_ns());
        uint64_t period_ns = atomic_load(&page->period_ns);
        struct timespec pause = { (time_t)(period_ns / SECOND_NS), (long)(period_ns % SECOND_NS) };
        (void)nanosleep(&pause, NULL);
    }
    return 0;
}

/* It must not outlive the guard, not even one that was killed. */
static int ask_bound(void *context)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    return getppid() == 1 ? 1 : ask_main(context);
}

/* --- in the guard ----------------------------------------------------------------------------- */

struct nvidia_watch *nvidia_watch_open(const char *root, struct err *err)
{
    char path[4096];
    int64_t pid;
    err->kind = ERR_NONE;
    if ((size_t)snprintf(path, sizeof path, "%s/proc/driver/nvidia", root) >= sizeof path
        || access(path, F_OK) < 0)
        return NULL;
    struct nvidia_watch *watch = calloc(1, sizeof *watch);
    struct page *page = memory_shared_get(sizeof *page);
    if (!watch || !page) {
        free(watch);
        (void)err_set(err, ERR_SYSTEM, "no memory to ask NVIDIA's driver");
        return NULL;
    }
    watch->begun_ns = clock_monotonic_ns();
    atomic_store(&page->period_ns, PERIOD_MAX_NS);
    atomic_store(&page->alive_ns, watch->begun_ns);
    watch->page = page;
    if (spawn_helper(ask_bound, page, NULL, 0, &pid, err) < 0) {
        free(watch);
        return NULL;
    }
    watch->handle = pidfd_open((pid_t)pid, 0); /* not waited for yet, so it is this process */
    return watch;
}

static bool has_ended(const struct nvidia_watch *watch)
{
    struct pollfd ended = { .fd = watch->handle, .events = POLLIN };
    return watch->handle >= 0 && poll(&ended, 1, 0) == 1;
}

static void end(struct nvidia_watch *watch)
{
    if (watch->handle >= 0) {
        (void)pidfd_send_signal(watch->handle, SIGKILL, NULL, 0); /* it may have ended */
        close(watch->handle);
    }
    watch->handle = -1;
}

void nvidia_watch_begin(struct nvidia_watch *watch)
{
    struct page *page = watch->page;
    uint64_t now_ns = clock_monotonic_ns(), period_ns = now_ns - watch->begun_ns;
    if (watch->trouble != TROUBLE_NONE)
        return;
    period_ns = period_ns < PERIOD_MIN_NS ? PERIOD_MIN_NS : period_ns;
    atomic_store(&page->period_ns, period_ns > PERIOD_MAX_NS ? PERIOD_MAX_NS : period_ns);
    watch->begun_ns = now_ns;
    uint64_t turn = atomic_load(&page->turn);
    if (turn % 2 == 0) { /* else the figures of before stand for one look more */
        uint32_t count = atomic_load(&page->count);
        static struct row rows[ROWS_MAX];
        count = count < ROWS_MAX ? count : ROWS_MAX;
        memcpy(rows, page->rows, count * sizeof rows[0]);
        if (atomic_load(&page->turn) == turn) {
            memcpy(watch->rows, rows, count * sizeof rows[0]);
            watch->count = count;
        }
    }
    uint64_t alive_ns = atomic_load(&page->alive_ns);
    bool silent = now_ns > alive_ns && now_ns - alive_ns > SILENT_MAX_NS;
    watch->trouble = (enum trouble)atomic_load(&page->trouble);
    if (watch->trouble == TROUBLE_NONE && (silent || has_ended(watch)))
        watch->trouble = TROUBLE_SILENT;
    if (watch->trouble != TROUBLE_NONE) {
        watch->count = 0;
        end(watch);
    }
}

uint64_t nvidia_watch_bytes(const struct nvidia_watch *watch, int64_t pid)
{
    for (uint32_t i = 0; i < watch->count; i++)
        if (watch->rows[i].pid == (uint64_t)pid)
            return watch->rows[i].bytes;
    return 0;
}

const char *nvidia_watch_trouble(struct nvidia_watch *watch)
{
    static const char *const texts[] = {
        [TROUBLE_LIBRARY] = LIBRARY " cannot be loaded",
        [TROUBLE_FUNCTIONS] = LIBRARY " lacks what is needed",
        [TROUBLE_START] = LIBRARY " finds no driver",
        [TROUBLE_SILENT] = "NVIDIA's driver crashed or does not answer",
    };
    if (watch->told || watch->trouble == TROUBLE_NONE)
        return NULL;
    watch->told = true;
    return texts[watch->trouble];
}

void nvidia_watch_close(struct nvidia_watch *watch)
{
    if (watch)
        end(watch);
    free(watch);
}
