/* What DRM drivers say of their clients, and which descriptors are asked. */
#include "platform/gpu.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"

/* Forms of Documentation/gpu/drm-usage-stats.rst and of the drivers named. */
static const struct {
    const char *label, *text;
    bool want;
    uint64_t want_bytes, want_id;
} rows[] = {
    { "amdgpu 6.1",
      "pos:\t0\nflags:\t02100002\nmnt_id:\t25\nino:\t611\ndrm-driver:\tamdgpu\n"
      "drm-pdev:\t0000:03:00.0\ndrm-client-id:\t42\ndrm-memory-vram:\t2048 KiB\n"
      "drm-memory-gtt: \t100 KiB\ndrm-memory-cpu: \t0 KiB\ndrm-engine-gfx:\t123 ns\n",
      true, 2148 * KIB_BYTES, 42 },
    { "amdgpu, both words for one region",
      "drm-driver:\tamdgpu\ndrm-client-id:\t7\ndrm-memory-vram:\t4096 KiB\n"
      "drm-total-vram:\t8192 KiB\ndrm-shared-vram:\t1 KiB\ndrm-resident-vram:\t1024 KiB\n",
      true, 1024 * KIB_BYTES, 7 },
    { "the exact word first",
      "drm-driver:\tamdgpu\ndrm-resident-vram:\t1024 KiB\ndrm-memory-vram:\t4096 KiB\n", true,
      1024 * KIB_BYTES, 0 },
    { "i915 with memory of its own",
      "drm-driver:\ti915\ndrm-pdev:\t0000:03:00.0\ndrm-client-id:\t9\n"
      "drm-total-system0:\t64 MiB\ndrm-resident-system0:\t2 MiB\ndrm-resident-local0:\t3 MiB\n"
      "drm-active-local0:\t0\ndrm-purgeable-local0:\t1 MiB\ndrm-resident-stolen-system0:\t0\n",
      true, 5 * MIB_BYTES, 9 },
    { "xe",
      "drm-driver:\txe\ndrm-client-id:\t1\ndrm-resident-vram0:\t12 MiB\ndrm-resident-gtt:\t512\n",
      true, 12 * MIB_BYTES + 512, 1 },
    { "nothing about memory", "drm-driver:\tnouveau\ndrm-client-id:\t3\n", true, 0, 3 },
    { "no device", "pos:\t0\nflags:\t0100002\ndrm-memory-vram:\t1 KiB\n", false, 0, 0 },
    { "a word that is cut", "drm-driver:\ti915\ndrm-resident-local0", true, 0, 0 },
    { "a number that is none", "drm-driver:\ti915\ndrm-resident-local0:\tmany KiB\n", true, 0, 0 },
    { "empty", "", false, 0, 0 },
};

static void test_client_when_told_then_memory_that_is_resident(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct gpu_client client = { .bytes = 77 };
        bool is = gpu_client_parse(rows[i].text, &client);
        if (is != rows[i].want || client.bytes != (is ? rows[i].want_bytes : 77)
            || (is && client.id != rows[i].want_id))
            fail_msg("%s: %d, %llu bytes, client %llu", rows[i].label, is,
                     (unsigned long long)client.bytes, (unsigned long long)client.id);
    }
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

static int folder_remove_deep(const char *root)
{
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void folder(const char *root, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", root, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

/* A descriptor of a process in a /proc of our own. */
static void descriptor(const char *root, int pid, int fd, const char *target, const char *client,
                       const char *size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/proc/%d/fd/%d", root, pid, fd);
    assert_int_equal(symlink(target, path), 0);
    snprintf(path, sizeof path, "%s/proc/%d/fdinfo/%d", root, pid, fd);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "drm-driver:\tamdgpu\ndrm-pdev:\t%s\ndrm-memory-vram:\t%s KiB\n", client, size);
    fclose(file);
}

static void test_look_when_clients_are_shared_then_counted_once(void **state)
{
    char root[] = "/tmp/qwg-gpu-XXXXXX";
    const char *folders[] = { "proc",    "proc/10",    "proc/10/fd",    "proc/10/fdinfo",
                              "proc/11", "proc/11/fd", "proc/11/fdinfo" };
    struct gpu_watch *watch;
    struct err err;
    uint64_t bytes = 5;
    (void)state;
    assert_non_null(mkdtemp(root));
    for (size_t i = 0; i < ROWS(folders); i++)
        folder(root, folders[i]);
    descriptor(root, 10, 3, "/dev/dri/renderD128", "a\ndrm-client-id:\t1", "100");
    descriptor(root, 10, 4, "/dev/dri/renderD128", "a\ndrm-client-id:\t1", "100"); /* dup(2) */
    descriptor(root, 10, 5, "/dev/dri/renderD129", "b\ndrm-client-id:\t1", "20");
    descriptor(root, 10, 6, "/home/user/file", "a\ndrm-client-id:\t8", "4000");
    descriptor(root, 11, 9, "/dev/dri/card0", "a\ndrm-client-id:\t1", "100"); /* handed over */
    descriptor(root, 11, 8, "/dev/dri/card0", "a\ndrm-client-id:\t2", "3");
    assert_int_equal(gpu_watch_open(root, &watch, &err), 0);
    for (int round = 0; round < 2; round++) {
        gpu_watch_begin(watch);
        assert_true(gpu_watch_look(watch, 10, &bytes));
        assert_int_equal(bytes, 120 * KIB_BYTES);
        assert_true(gpu_watch_look(watch, 11, &bytes));
        assert_int_equal(bytes, 3 * KIB_BYTES);
        assert_false(gpu_watch_look(watch, 12, &bytes));
        assert_int_equal(bytes, 3 * KIB_BYTES);
    }
    gpu_watch_close(watch);
    gpu_watch_close(NULL);
    assert_int_equal(gpu_watch_open("/nowhere", &watch, &err), -1);
    assert_int_equal(folder_remove_deep(root), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client_when_told_then_memory_that_is_resident),
        cmocka_unit_test(test_look_when_clients_are_shared_then_counted_once),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
