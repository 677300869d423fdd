/* The child that loads drivers, for one look at one thing: its limits, and the answer to its
 * parent. What it looks at is in glx_child.c, gl_child.c and vulkan_child.c. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/macros.h"
#include "machine/linux/child_private.h"
#include "machine/probe_private.h"
#include "platform/env.h"

#define STATUS_USAGE 64 /* started by hand */

/* More than any driver was seen to reserve (NVIDIA's: about 25 GiB), and less than what brings a
 * machine down. Reserved space is not memory; what can be written to is limited apart. */
#define ADDRESS_LIMIT_BYTES (64 * GIB_BYTES)
#define DATA_LIMIT_BYTES (8 * GIB_BYTES)
#define PROCESSOR_LIMIT_S 20

bool symbol_take(void *symbol, void *out_function)
{
    memcpy(out_function, &symbol, sizeof symbol);
    return symbol != NULL;
}

static void limit_set(int resource, rlim_t most)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) < 0)
        return;
    if (limit.rlim_cur > most) /* RLIM_INFINITY is the largest value */
        limit.rlim_cur = most;
    (void)setrlimit(resource, &limit); /* lowering our own is always allowed */
}

/* A driver that runs wild must not take the machine along, and leaves no core file. */
static void limits_set(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file) {
        if (fscanf(file, "%llu", &pages) != 1)
            pages = 0;
        (void)fclose(file); /* read-only */
    }
    /* Sanitizers have reserved terabytes before main. */
    rlim_t used = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
    limit_set(RLIMIT_AS, used + ADDRESS_LIMIT_BYTES);
    limit_set(RLIMIT_DATA, DATA_LIMIT_BYTES);
    limit_set(RLIMIT_CPU, PROCESSOR_LIMIT_S);
    limit_set(RLIMIT_CORE, 0);
}

static void record_add(struct text *answer, const char *name, const char *value)
{
    text_printf(answer, "%s %zu\n%s\n", name, strlen(value), value);
}

static void answer_make(struct arena *arena, struct probe_result *result, struct text *answer)
{
    text_printf(answer, "%s", PROBE_ANSWER_HEAD);
    for (enum gl_api api = 0; api < GL_API_COUNT; api++) {
        const char *name;
        const char **place;
        for (size_t i = 0; (place = gl_strings_at(&result->contexts[api], i, &name)); i++) {
            const char *subject = probe_subject_text((enum probe_subject)api);
            if (*place)
                record_add(answer, arena_printf(arena, "%s.%s", subject, name), *place);
        }
    }
    if (result->direct_rendering)
        record_add(answer, PROBE_ANSWER_DIRECT, result->direct_rendering);
    for (size_t i = 0; i < result->devices.count; i++)
        record_add(answer, PROBE_ANSWER_DEVICE, result->devices.items[i]);
    record_add(answer, PROBE_ANSWER_RESULT, gl_probe_text(result->probe));
    text_printf(answer, "%s", PROBE_ANSWER_END);
}

static enum probe_subject subject_wanted(void)
{
    enum probe_subject subject = SUBJECT_GL_DESKTOP;
    for (int i = 0; i < SUBJECT_COUNT; i++) {
        if (text_equal(env_get(PROBE_WANTED_VARIABLE), probe_subject_text((enum probe_subject)i)))
            subject = (enum probe_subject)i;
    }
    return subject;
}

/* On a display without GLX Qt draws by EGL, and then it is OpenGL ES. */
static void subject_look(struct arena *arena, enum probe_subject subject, struct probe_result *out)
{
    if (subject == SUBJECT_VULKAN) {
        vulkan_child_look(arena, out);
        return;
    }
    if (subject == SUBJECT_GL_DESKTOP && glx_child_look(arena, out))
        return;
    bool by_egl = subject == SUBJECT_GL_ES || out->probe == GL_PROBE_NO_CONTEXT;
    gl_child_look(arena, by_egl ? GL_API_ES : GL_API_DESKTOP, env_get(PROBE_SESSION_VARIABLE), out);
}

int probe_child_main(void)
{
    struct arena arena = { 0 };
    struct text answer = { .arena = &arena };
    struct probe_result result = { .probe = GL_PROBE_NONE };
    /* A parent that is gone reads no answer: its end of the pipe is closed. */
    struct pollfd parent = { .fd = PROBE_ANSWER_FD, .events = 0 };
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || poll(&parent, 1, 0) != 0)
        return STATUS_USAGE;
    (void)close_range(PROBE_ANSWER_FD + 1, ~0U, 0); /* older kernels: what is open stays open */
    limits_set();
    subject_look(&arena, subject_wanted(), &result);
    answer_make(&arena, &result, &answer);
    for (size_t done = 0; done < answer.length;) {
        ssize_t written = write(PROBE_ANSWER_FD, answer.bytes + done, answer.length - done);
        if (written <= 0)
            break; /* nobody reads it any more */
        done += (size_t)written;
    }
    _exit(0); /* drivers' own functions at exit are not run */
}
