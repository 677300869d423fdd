/* fake_nvml.h: the functions of NVIDIA's libnvidia-ml.so.1 that list processes, with one device. A
 * fake library includes it and says with macros which forms it has: FAKE_SUFFIX (_v3, _v2 or
 * nothing) and FAKE_INSTANCES (rows of 24 bytes in place of 16).
 *
 * What is listed stands in the file QWG_FAKE_NVML, a line each: "graphics PID BYTES" or
 * "compute PID BYTES" (BYTES "-" = not told). One word says instead what goes wrong: "hang",
 * "crash", "many" (more rows than there is room for), "garbage" (nonsense in all rows), "refuse"
 * (nvmlInit fails).
 * Room: tests. */
#ifndef QWGUARD_TESTS_FAKE_NVML_H
#define QWGUARD_TESTS_FAKE_NVML_H

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

struct fake_row {
    unsigned pid;
    unsigned long long bytes;
#if FAKE_INSTANCES
    unsigned instance, compute_instance;
#endif
};

int nvmlInit_v2(void);
int nvmlDeviceGetCount_v2(unsigned *count);
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device);
int JOIN(nvmlDeviceGetGraphicsRunningProcesses, FAKE_SUFFIX)(void *, unsigned *, struct fake_row *);
int JOIN(nvmlDeviceGetComputeRunningProcesses, FAKE_SUFFIX)(void *, unsigned *, struct fake_row *);

static int fake_device;

static FILE *fake_open(void)
{
    const char *path = getenv("QWG_FAKE_NVML");
    return path ? fopen(path, "re") : NULL;
}

static int fake_word(const char *wanted)
{
    char word[32] = "";
    FILE *file = fake_open();
    if (file && fscanf(file, "%31s", word) != 1)
        word[0] = '\0';
    if (file)
        fclose(file);
    return strcmp(word, wanted) == 0;
}

int nvmlInit_v2(void)
{
    return fake_word("refuse") ? 9 : 0; /* NVML_ERROR_DRIVER_NOT_LOADED */
}

int nvmlDeviceGetCount_v2(unsigned *count)
{
    *count = 1;
    return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device)
{
    *device = &fake_device;
    return index == 0 ? 0 : 2;
}

static int fake_list(const char *list, void *device, unsigned *count, struct fake_row *rows)
{
    char kind[32], bytes[32];
    unsigned pid, room = *count;
    if (device != &fake_device)
        return 2;
    while (fake_word("hang"))
        (void)pause();
    if (fake_word("crash"))
        (void)raise(SIGSEGV);
    if (fake_word("many")) {
        *count = room + 1;
        return 7; /* NVML_ERROR_INSUFFICIENT_SIZE */
    }
    if (fake_word("garbage")) {
        memset(rows, 0xff, room * sizeof *rows);
        *count = 0xffffffffU;
        return 0;
    }
    *count = 0;
    FILE *file = fake_open();
    while (file && fscanf(file, "%31s %u %31s", kind, &pid, bytes) == 3)
        if (strcmp(kind, list) == 0 && *count < room) {
            memset(&rows[*count], 0x5a, sizeof *rows);
            rows[*count].pid = pid;
            rows[*count].bytes = *bytes == '-' ? UINT64_MAX : strtoull(bytes, NULL, 10);
            (*count)++;
        }
    if (file)
        fclose(file);
    return 0;
}

int JOIN(nvmlDeviceGetGraphicsRunningProcesses, FAKE_SUFFIX)(void *device, unsigned *count,
                                                             struct fake_row *rows)
{
    return fake_list("graphics", device, count, rows);
}

int JOIN(nvmlDeviceGetComputeRunningProcesses, FAKE_SUFFIX)(void *device, unsigned *count,
                                                            struct fake_row *rows)
{
    return fake_list("compute", device, count, rows);
}

#endif
