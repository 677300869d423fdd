/* The facts that a profile may ask about, one row each: name, kind of value, where it stands in the
 * identity, and the words it can have where their number is known. Nothing is decided here. */
#include "profile/condition_private.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "engine/flags.h"

#define SHOWN_BYTES_MAX 80 /* of a value in a trace; gl.extensions has kilobytes */

enum field_base {
    BASE_IDENTITY, /* at an offset in struct identity */
    BASE_GPU,      /* at an offset in struct gpu: the active one, or each in turn */
    BASE_MADE,     /* made by a function */
};

enum field_store { STORE_TEXT, STORE_NUMBER, STORE_TRUTH };

struct field {
    const char *name; /* one that ends in a dot takes what follows as its argument */
    enum value_type type;
    enum field_base base;
    enum field_store store;
    size_t offset;
    void (*make)(const struct view *view, const char *argument, struct value *out);
    const char *const *words; /* all that it can be; NULL = open */
};

static const char *const os_names[] = { "linux", "windows", "macos", NULL };
static const char *const session_types[] = { "wayland", "x11", "xwayland", "none", NULL };
static const char *const remote_kinds[] = { "none", "ssh", "rdp", "vnc", "x2go", NULL };
static const char *const webgl_words[] = { "enabled", "disabled", NULL };
static const char *const outcome_words[] = { "ok",     "blocklisted",   "es3-unsupported",
                                             "no-gpu", "start-failure", "not-gpu",
                                             NULL };
/* Contract §7, attribution of an incident. */
static const char *const attribution_words[] = { "gpu-in-app", "gpu-driver", "script-heap",
                                                 "app",        "unknown",    NULL };
static const char *const probe_words[] = { "ok",      "cached",  "no-library", "no-context",
                                           "crashed", "timeout", "garbage",    NULL };

static void text_value(const char *text, struct value *out)
{
    out->state = text ? VALUE_KNOWN : VALUE_UNKNOWN;
    out->text = text;
}

static void truth_value(enum truth truth, struct value *out)
{
    out->state = truth == TRUTH_UNKNOWN ? VALUE_UNKNOWN : VALUE_KNOWN;
    out->number = truth == TRUTH_YES;
}

static void make_gpu_count(const struct view *view, const char *argument, struct value *out)
{
    const struct identity *identity = view->facts->identity;
    (void)argument;
    out->state = identity->gpus_known ? VALUE_KNOWN : VALUE_UNKNOWN;
    out->number = identity->gpu_count;
}

/* An update replaces the libraries under a running kernel module; then every GL program fails until
 * the next boot. Source: https://github.com/bibletime/bibletime/issues/429 */
static void make_version_mismatch(const struct view *view, const char *argument, struct value *out)
{
    const struct gpu *gpu = view->gpu;
    (void)argument;
    enum truth agree = gpu ? gpu_versions_agree(gpu) : TRUTH_UNKNOWN;
    out->state = !gpu ? view->gpu_state : agree == TRUTH_UNKNOWN ? VALUE_UNKNOWN : VALUE_KNOWN;
    out->number = agree == TRUTH_NO;
}

static void list_make(const struct view *view, const char *text, struct value *out)
{
    size_t length;
    out->state = text ? VALUE_KNOWN : VALUE_UNKNOWN;
    out->text = text;
    for (const char *at = text; at && *at; at += length) {
        at += strspn(at, " ");
        length = strcspn(at, " ");
        if (length)
            ARENA_PUSH(view->arena, &out->list, arena_strndup(view->arena, at, length));
    }
}

static void make_extensions(const struct view *view, const char *argument, struct value *out)
{
    (void)argument;
    list_make(view, view->facts->identity->gl.extensions, out);
}

static void probe_value(enum gl_probe probe, struct value *out)
{
    text_value(probe == GL_PROBE_NONE ? NULL : gl_probe_text(probe), out);
}

static void make_gl_probe(const struct view *view, const char *argument, struct value *out)
{
    (void)argument;
    probe_value(view->facts->identity->gl.probe, out);
}

static void make_vulkan_probe(const struct view *view, const char *argument, struct value *out)
{
    (void)argument;
    probe_value(view->facts->identity->vulkan.probe, out);
}

static void make_vulkan_devices(const struct view *view, const char *argument, struct value *out)
{
    const struct maybe_strings *devices = &view->facts->identity->vulkan.devices;
    (void)argument;
    out->state = devices->known ? VALUE_KNOWN : VALUE_UNKNOWN;
    out->list = devices->list;
}

static void make_arguments(const struct view *view, const char *argument, struct value *out)
{
    (void)argument;
    out->state = VALUE_KNOWN;
    out->list = view->facts->identity->app.arguments;
}

static void make_flags(const struct view *view, const char *argument, struct value *out)
{
    const char *flags = view->facts->identity->app.flags;
    (void)argument;
    out->state = VALUE_KNOWN;
    if (flags)
        flags_parse(view->arena, flags, &out->list);
}

static void make_environment(const struct view *view, const char *argument, struct value *out)
{
    out->text = variables_get(&view->facts->identity->environment, argument);
    out->state = out->text ? VALUE_KNOWN : VALUE_ABSENT;
}

static void make_file(const struct view *view, const char *argument, struct value *out)
{
    out->text = variables_get(&view->facts->identity->files, argument);
    out->state = out->text ? VALUE_KNOWN : VALUE_ABSENT;
}

static void make_outcome(const struct view *view, const char *argument, struct value *out)
{
    const struct verdict *verdict = view->facts->verdict;
    (void)argument;
    text_value(verdict && verdict->outcome != OUTCOME_UNKNOWN ? outcome_text(verdict->outcome)
                                                              : NULL,
               out);
}

static void webgl_value(enum webgl_state state, struct value *out)
{
    text_value(state == WEBGL_UNKNOWN ? NULL : webgl_state_text(state), out);
}

static void make_webgl(const struct view *view, const char *argument, struct value *out)
{
    (void)argument;
    webgl_value(view->facts->verdict ? view->facts->verdict->webgl : WEBGL_UNKNOWN, out);
}

static void make_webgl2(const struct view *view, const char *argument, struct value *out)
{
    (void)argument;
    webgl_value(view->facts->verdict ? view->facts->verdict->webgl2 : WEBGL_UNKNOWN, out);
}

static void make_workarounds(const struct view *view, const char *argument, struct value *out)
{
    (void)argument;
    if (!view->facts->verdict || view->facts->verdict->source == SOURCE_NONE)
        return;
    out->state = VALUE_KNOWN;
    out->list = view->facts->verdict->workarounds;
}

static void make_crashes(const struct view *view, const char *argument, struct value *out)
{
    (void)argument;
    out->state = view->facts->crashes.known ? VALUE_KNOWN : VALUE_UNKNOWN;
    out->number = view->facts->crashes.value;
}

static void make_updated(const struct view *view, const char *argument, struct value *out)
{
    (void)argument;
    truth_value(view->facts->updated, out);
}

static void make_attribution(const struct view *view, const char *argument, struct value *out)
{
    (void)argument;
    text_value(view->facts->attribution, out);
}

/* A history that does not name a signature has not seen it. */
static void make_signature(const struct view *view, const char *argument, struct value *out)
{
    if (!view->facts->signatures)
        return;
    const char *count = variables_get(view->facts->signatures, argument);
    out->state = !count || text_to_u64(count, &out->number) ? VALUE_KNOWN : VALUE_UNKNOWN;
}

#define IN_IDENTITY(member) .base = BASE_IDENTITY, .offset = offsetof(struct identity, member)
#define IN_GPU(member) .base = BASE_GPU, .offset = offsetof(struct gpu, member)
#define MADE(function) .base = BASE_MADE, .make = (function)

/* clang-format off */
static const struct field fields[] = {
    { "os.name", TYPE_TEXT, IN_IDENTITY(os.name), .words = os_names },
    { "os.version", TYPE_VERSION, IN_IDENTITY(os.version) },
    { "os.distribution", TYPE_TEXT, IN_IDENTITY(os.distribution) },
    { "os.distribution-version", TYPE_VERSION, IN_IDENTITY(os.distribution_version) },
    { "session.type", TYPE_TEXT, IN_IDENTITY(session.type), .words = session_types },
    { "session.desktop", TYPE_TEXT, IN_IDENTITY(session.desktop) },
    { "session.remote", TYPE_TEXT, IN_IDENTITY(session.remote), .words = remote_kinds },
    { "session.nv-control", TYPE_VERSION, IN_IDENTITY(session.nv_control) },
    { "machine.virtual", TYPE_TEXT, IN_IDENTITY(machine.virtual_machine) },
    { "machine.container", TYPE_TEXT, IN_IDENTITY(machine.container) },
    { "machine.libpci", TYPE_TRUTH, IN_IDENTITY(machine.libpci), .store = STORE_TRUTH },
    { "gpu.count", TYPE_NUMBER, MADE(make_gpu_count) },
    { "gpu.vendor", TYPE_VENDOR, IN_GPU(vendor), .store = STORE_NUMBER },
    { "gpu.device", TYPE_NUMBER, IN_GPU(device), .store = STORE_NUMBER },
    { "gpu.revision", TYPE_NUMBER, IN_GPU(revision), .store = STORE_NUMBER },
    { "gpu.class", TYPE_NUMBER, IN_GPU(pci_class), .store = STORE_NUMBER },
    { "gpu.active", TYPE_TRUTH, IN_GPU(active), .store = STORE_TRUTH },
    { "gpu.boot", TYPE_TRUTH, IN_GPU(boot), .store = STORE_TRUTH },
    { "gpu.driver", TYPE_TEXT, IN_GPU(driver) },
    { "gpu.driver-version", TYPE_VERSION, IN_GPU(driver_version) },
    { "gpu.library-version", TYPE_VERSION, IN_GPU(library_version) },
    { "gpu.version-mismatch", TYPE_TRUTH, MADE(make_version_mismatch) },
    { "gl.vendor", TYPE_TEXT, IN_IDENTITY(gl.vendor) },
    { "gl.renderer", TYPE_TEXT, IN_IDENTITY(gl.renderer) },
    { "gl.version", TYPE_TEXT, IN_IDENTITY(gl.version) },
    { "gl.extensions", TYPE_LIST, MADE(make_extensions) },
    { "gl.direct-rendering", TYPE_VERSION, IN_IDENTITY(gl.direct_rendering) },
    { "gl.disabled", TYPE_TRUTH, IN_IDENTITY(gl.disabled), .store = STORE_TRUTH },
    { "gl.probe", TYPE_TEXT, MADE(make_gl_probe), .words = probe_words },
    { "vulkan.devices", TYPE_LIST, MADE(make_vulkan_devices) },
    { "vulkan.probe", TYPE_TEXT, MADE(make_vulkan_probe), .words = probe_words },
    { "engine.qt", TYPE_VERSION, IN_IDENTITY(engine.qt) },
    { "engine.chromium", TYPE_VERSION, IN_IDENTITY(engine.chromium) },
    { "engine.library", TYPE_TEXT, IN_IDENTITY(engine.library) },
    { "app.name", TYPE_TEXT, IN_IDENTITY(app.name) },
    { "app.packaging", TYPE_TEXT, IN_IDENTITY(app.packaging) },
    { "app.arguments", TYPE_LIST, MADE(make_arguments) },
    { "app.flags", TYPE_LIST, MADE(make_flags) },
    { "environment.", TYPE_FREE, MADE(make_environment) },
    { "files.", TYPE_FREE, MADE(make_file) },
    { "verdict.outcome", TYPE_TEXT, MADE(make_outcome), .words = outcome_words },
    { "verdict.webgl", TYPE_TEXT, MADE(make_webgl), .words = webgl_words },
    { "verdict.webgl2", TYPE_TEXT, MADE(make_webgl2), .words = webgl_words },
    { "verdict.workarounds", TYPE_LIST, MADE(make_workarounds) },
    { "history.crashes", TYPE_NUMBER, MADE(make_crashes) },
    { "history.updated", TYPE_TRUTH, MADE(make_updated) },
    { "attribution", TYPE_TEXT, MADE(make_attribution), .words = attribution_words },
    { "log.", TYPE_NUMBER, MADE(make_signature) },
};
/* clang-format on */

static bool of_gpu(const struct field *field)
{
    return field->base == BASE_GPU || field->make == make_version_mismatch;
}

/* How a name with a prefix is written, for those who left out the rest or wrote it wrong. */
static const struct {
    const char *prefix, *form;
} prefix_forms[] = {
    { "environment.", "environment.NAME" },
    { "files.", "files./PATH" },
    { "log.", "log.signature-name" },
};

/* What may follow a prefix: a variable's name, an absolute path, a word of small letters. */
static bool argument_fits(const struct field *field, const char *argument)
{
    bool path = text_equal(field->name, "files.");
    bool variable = text_equal(field->name, "environment.");
    if (!*argument || (path && *argument != '/') || (variable && isdigit((unsigned char)*argument)))
        return false;
    for (const char *at = argument; *at; at++) {
        bool fits = path ? isgraph((unsigned char)*at)
                    : variable
                        ? isalnum((unsigned char)*at) || *at == '_'
                        : islower((unsigned char)*at) || isdigit((unsigned char)*at) || *at == '-';
        if (!fits)
            return false;
    }
    return true;
}

static const struct field *row_find(const char *name, const char **out_argument)
{
    *out_argument = "";
    for (size_t i = 0; i < ROWS(fields); i++) {
        const char *row = fields[i].name;
        if (text_equal(row, name))
            return row[strlen(row) - 1] == '.' ? NULL : &fields[i];
        if (row[strlen(row) - 1] != '.' || !text_starts(name, row))
            continue;
        *out_argument = name + strlen(row);
        return argument_fits(&fields[i], *out_argument) ? &fields[i] : NULL;
    }
    return NULL;
}

size_t field_names(const char **out, size_t room)
{
    size_t count = 0;
    for (; count < ROWS(fields) && count < room; count++)
        out[count] = fields[count].name;
    return count;
}

int field_find(struct arena *arena, const char *name, struct field_ref *out, const char **out_near)
{
    struct field_ref ref = { .name = name, .any_gpu = text_starts(name, "any-gpu.") };
    const char *row_name = ref.any_gpu ? name + strlen("any-") : name;
    ref.field = row_find(row_name, &ref.argument);
    if (ref.field && (!ref.any_gpu || of_gpu(ref.field))) {
        *out = ref;
        return 0;
    }
    for (size_t i = 0; out_near && i < ROWS(prefix_forms); i++) {
        if (text_starts(name, prefix_forms[i].prefix)) {
            *out_near = prefix_forms[i].form;
            return -1;
        }
    }
    if (out_near) {
        const char *names[2 * ROWS(fields)];
        size_t count = 0;
        for (size_t i = 0; i < ROWS(fields); i++) {
            names[count++] = fields[i].name;
            if (of_gpu(&fields[i]))
                names[count++] = arena_printf(arena, "any-%s", fields[i].name);
        }
        *out_near = text_nearest(name, names, count);
    }
    return -1;
}

enum value_type field_type(const struct field *field)
{
    return field->type;
}

const char *const *field_words(const struct field *field)
{
    return field->words;
}

bool field_is_engine(const struct field *field)
{
    return text_equal(field->name, "engine.qt") || text_equal(field->name, "engine.chromium");
}

static void stored_read(const struct field *field, const void *base, struct value *out)
{
    const void *at = (const char *)base + field->offset;
    switch (field->store) {
    case STORE_TEXT:
        text_value(*(const char *const *)at, out);
        return;
    case STORE_NUMBER: {
        const struct maybe_u64 *number = at;
        out->state = number->known ? VALUE_KNOWN : VALUE_UNKNOWN;
        out->number = number->value;
        return;
    }
    case STORE_TRUTH:
        truth_value(*(const enum truth *)at, out);
        return;
    }
}

static const char *list_shown(struct arena *arena, const struct strings *list)
{
    struct text text = { .arena = arena };
    for (size_t i = 0; i < list->count && text.length <= SHOWN_BYTES_MAX; i++)
        text_printf(&text, "%s%s", i ? " " : "", list->items[i]);
    return list->count ? text_get(&text) : "nothing";
}

static const char *number_shown(struct arena *arena, const struct field *field, uint64_t number)
{
    if (field->type == TYPE_TRUTH)
        return number ? "true" : "false";
    if (field->type == TYPE_VENDOR) {
        const char *name = gpu_vendor_name(number);
        return arena_printf(arena, "0x%04llx%s%s", (unsigned long long)number, name ? " " : "",
                            name ? name : "");
    }
    return arena_printf(arena, field->base == BASE_GPU ? "0x%04llx" : "%llu",
                        (unsigned long long)number);
}

void field_read(const struct view *view, const struct field_ref *ref, struct value *out)
{
    const struct field *field = ref->field;
    *out = (struct value){ .state = VALUE_UNKNOWN };
    if (field->base == BASE_MADE)
        field->make(view, ref->argument, out);
    else if (field->base == BASE_IDENTITY)
        stored_read(field, view->facts->identity, out);
    else if (view->gpu)
        stored_read(field, view->gpu, out);
    else
        out->state = view->gpu_state;
    if (out->state == VALUE_UNKNOWN)
        out->shown = "unknown";
    else if (out->state == VALUE_ABSENT)
        out->shown = "none";
    else if (field->type == TYPE_LIST)
        out->shown = text_line(view->arena, list_shown(view->arena, &out->list), SHOWN_BYTES_MAX);
    else if (out->text)
        out->shown = *out->text ? text_line(view->arena, out->text, SHOWN_BYTES_MAX)
                                : "an empty text";
    else
        out->shown = number_shown(view->arena, field, out->number);
}
