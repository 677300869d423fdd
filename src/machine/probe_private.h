/* probe_private.h: how looking at a machine is split: what each system does in its own folder, and
 * what is the same everywhere (the variables, the answer of a child, the cache).
 * Room: machine. */
#ifndef QWGUARD_MACHINE_PROBE_PRIVATE_H
#define QWGUARD_MACHINE_PROBE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "machine/identity.h"
#include "machine/probe.h"

/* The whole answer of the child is smaller than this; more is no answer. */
#define PROBE_ANSWER_BYTES_MAX ((size_t)256 * 1024)

/* First and last line of the child's answer. Between them stand records: NAME, a space, a length,
 * a newline, so many bytes, a newline. */
#define PROBE_ANSWER_HEAD "qwguard-probe 1\n"
#define PROBE_ANSWER_END "end\n"
/* The record that says how it went: "ok", "no-library", "no-context". */
#define PROBE_ANSWER_RESULT "result"
/* The record that says whether GLX draws directly. */
#define PROBE_ANSWER_DIRECT "direct-rendering"
/* The library by which a child asks for Vulkan's devices. */
#define PROBE_VULKAN_LIBRARY "libvulkan.so.1"
/* The record of one device of Vulkan; there may be many. */
#define PROBE_ANSWER_DEVICE "device"
#define PROBE_DEVICES_MAX 16

enum gl_api { GL_API_DESKTOP, GL_API_ES, GL_API_COUNT };

/* What one child looks at. */
enum probe_subject {
    SUBJECT_GL_DESKTOP = GL_API_DESKTOP, /* contexts, first the one named */
    SUBJECT_GL_ES = GL_API_ES,
    SUBJECT_VULKAN,
    SUBJECT_COUNT,
};

/* Strings of one context; all NULL = none could be made. */
struct gl_strings {
    const char *vendor;
    const char *renderer;
    const char *version;
    const char *extensions;
};

/* What the child found, or what became of it. */
struct probe_result {
    enum gl_probe probe;
    struct gl_strings contexts[GL_API_COUNT];
    const char *direct_rendering; /* "1" = indirect, "2" = direct; NULL = not known */
    struct strings devices;       /* of Vulkan */
};

/**
 * "desktop", "es", "vulkan".
 */
const char *probe_subject_text(enum probe_subject subject);

/**
 * A string of a context by its place; NULL behind the last.
 *
 * out_name  "vendor", "renderer", "version", "extensions"
 */
const char **gl_strings_at(struct gl_strings *strings, size_t index, const char **out_name);

/**
 * Read the child's answer: strictly, since a driver may have written into it.
 *
 * out       GL_PROBE_GARBAGE when anything is not as it must be
 */
void probe_answer_parse(struct arena *arena, enum probe_subject subject, const char *bytes,
                        size_t length, struct probe_result *out);

/**
 * The API of the context that an engine would make in this session.
 */
enum gl_api gl_api_expected(const struct identity *identity);

/**
 * Fill identity.gl or identity.vulkan from a result.
 */
void probe_result_apply(enum probe_subject subject, const struct probe_result *result,
                        struct identity *inout);

/* --- the cache (probe_cache.c) */

/**
 * The key of all results of this machine, behind their subject: identity, variables that drivers
 * read, and the files of drivers.
 */
const char *probe_cache_stamp(struct arena *arena, const struct probe_options *options,
                              const struct identity *identity);

/**
 * Look a result up.
 *
 * now_s     seconds since 1970; a failure is believed for a while only
 * returns   false when there is none (or the file is damaged)
 */
bool probe_cache_load(struct arena *arena, const char *folder, const char *key, uint64_t now_s,
                      struct probe_result *out);

/**
 * Keep a result; a cache that cannot be written is no failure. One that is not kept only takes an
 * old one away; without an old one nothing is written.
 */
void probe_cache_store(struct arena *arena, const char *folder, const char *key, uint64_t now_s,
                       const struct probe_result *result);

/* --- what each system does (linux/, unsupported/) */

/**
 * os, session, machine, gpus and files.
 */
void probe_system(struct arena *arena, const struct probe_options *options, struct identity *out);

/**
 * Is there a shared library of this name that a program could open at run time?
 *
 * returns   unknown when it is in no folder that we know and the loader's list cannot be read
 */
enum truth library_find(struct arena *arena, const char *root, const char *name);

/**
 * Run the child and wait for its answer, at most until the time limit.
 *
 * subject   of GL the context wanted; the other one is made when there is none of it
 * session   type of the session, NULL = unknown: which display is asked first
 */
void probe_child_run(struct arena *arena, const struct probe_options *options,
                     enum probe_subject subject, const char *session, struct probe_result *out);

/**
 * Words for everything that drivers of this system are made of and configured by, and for the
 * display: paths with sizes and times, and names of variables with values.
 */
void probe_driver_traces(struct arena *arena, const struct probe_options *options,
                         struct strings *out);

#endif
