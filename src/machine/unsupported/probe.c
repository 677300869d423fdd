/* A system that nobody has taught this program to look at: everything stays unknown. */
#include "machine/probe_private.h"

void probe_system(struct arena *arena, const struct probe_options *options, struct identity *out)
{
    (void)arena;
    (void)options;
    out->os = (struct identity_os){ 0 };
    out->session = (struct identity_session){ 0 };
    out->machine = (struct identity_machine){ 0 };
    out->gpus_known = false;
    out->gpus = NULL;
    out->gpu_count = 0;
    out->files = (struct variables){ 0 };
}

enum truth library_find(struct arena *arena, const char *root, const char *name)
{
    (void)arena;
    (void)root;
    (void)name;
    return TRUTH_UNKNOWN;
}

void probe_child_run(struct arena *arena, const struct probe_options *options,
                     enum probe_subject subject, const char *session, struct probe_result *out)
{
    (void)arena;
    (void)options;
    (void)subject;
    (void)session;
    *out = (struct probe_result){ .probe = GL_PROBE_NONE };
}

void probe_driver_traces(struct arena *arena, const struct probe_options *options,
                         struct strings *out)
{
    (void)arena;
    (void)options;
    *out = (struct strings){ 0 };
}

int probe_child_main(void)
{
    return 69; /* unavailable, as sysexits names it */
}
