/* `qwguard profile new [ID]`: the beginning of a profile for this machine, or for that of
 * --identity: conditions that it meets, and the machine itself as the first test. What only a
 * person can know is left empty and marked; `profile validate` names each place that is. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/preflight.h"
#include "profile/profile.h"

/* Of a machine these tell more of its owner than of its GPU, or fill pages. */
static const struct {
    const char *section, *key; /* key NULL: the whole section */
} left_out[] = {
    { "version", NULL },     { "files", NULL },      { "app", "arguments" },
    { "engine", "library" }, { "gl", "extensions" }, { "gl", "probe" },
};

/* A JSON text in one line is YAML as well; jansson escapes what neither takes as it is. */
static const char *flow_text(struct arena *arena, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    const char *copy = arena_strdup(arena, text ? text : "null");
    free(text);
    return copy;
}

static const char *quoted(struct arena *arena, const char *text)
{
    CLEANUP(json_freep) json_t *value = json_text(text);
    return flow_text(arena, value);
}

static void condition_print(struct arena *arena, const char *field, const char *value)
{
    if (value)
        printf("        - %s: %s\n", field, quoted(arena, value));
}

/* The minor version that a release belongs to, the one behind it and one before it: 6.4.2 gives
 * 6.4, 6.5 and 6.3; before 6.0 was 5.15. All NULL = not known. */
struct versions {
    const char *from, *below, *before;
};

static bool minor_versions(struct arena *arena, const char *qt, struct versions *out)
{
    uint64_t major, minor;
    size_t digits = qt ? strspn(qt, "0123456789") : 0;
    size_t more = digits && qt[digits] == '.' ? strspn(qt + digits + 1, "0123456789") : 0;
    if (!more || !text_to_u64(arena_strndup(arena, qt, digits), &major) || major == 0
        || !text_to_u64(arena_strndup(arena, qt + digits + 1, more), &minor))
        return false;
    out->from = arena_strndup(arena, qt, digits + 1 + more);
    out->below = arena_printf(arena, "%llu.%llu", (unsigned long long)major,
                              (unsigned long long)minor + 1);
    out->before = minor ? arena_printf(arena, "%llu.%llu", (unsigned long long)major,
                                       (unsigned long long)minor - 1)
                        : arena_printf(arena, "%llu.15", (unsigned long long)major - 1);
    return true;
}

static void gpu_print(struct arena *arena, const struct gpu *gpu)
{
    if (gpu->vendor.known) {
        const char *name = gpu_vendor_name(gpu->vendor.value);
        if (name)
            printf("        - gpu.vendor: %s\n", name);
        else
            printf("        - gpu.vendor: 0x%04llx\n", (unsigned long long)gpu->vendor.value);
    }
    if (gpu->device.known)
        printf("        - gpu.device: 0x%04llx\n", (unsigned long long)gpu->device.value);
    condition_print(arena, "gpu.driver", gpu->driver);
}

static void match_print(struct arena *arena, const struct identity *identity,
                        const struct versions *qt)
{
    const struct gpu *gpu = identity_active_gpu(identity);
    puts("    match:\n"
         "      all:  # fill in: take away what is not part of the fault; add what is, such as\n"
         "            # log.SIGNATURE or history.crashes");
    condition_print(arena, "os.name", identity->os.name ? identity->os.name : "linux");
    condition_print(arena, "session.type", identity->session.type);
    if (gpu)
        gpu_print(arena, gpu);
    condition_print(arena, "app.name", identity->app.name);
    if (qt->from)
        printf("        - engine.qt: {at-least: \"%s\", below: \"%s\"}\n", qt->from, qt->below);
}

static bool is_left_out(const char *section)
{
    for (size_t i = 0; i < ROWS(left_out); i++) {
        if (text_equal(left_out[i].section, section) && !left_out[i].key)
            return true;
    }
    return false;
}

static void identity_print(struct arena *arena, const struct identity *identity)
{
    CLEANUP(json_freep) json_t *root = identity_to_json(identity);
    const char *section;
    json_t *value;
    puts("      - identity:");
    if (!identity->os.name)
        puts("          os: {\"name\": \"linux\"}");
    json_object_foreach(root, section, value)
    {
        for (size_t i = 0; i < ROWS(left_out); i++) {
            if (left_out[i].key && text_equal(left_out[i].section, section))
                (void)json_object_del(value, left_out[i].key); /* may not be there */
        }
        if (!is_left_out(section))
            printf("          %s: %s\n", section, flow_text(arena, value));
    }
    puts("        expect: match");
}

static void skeleton_print(struct arena *arena, const struct identity *identity, const char *id)
{
    struct versions qt = { 0 };
    (void)minor_versions(arena, identity->engine.qt, &qt); /* none known: no condition */
    printf("# A profile begun on this machine; what is marked 'fill in' wants a person.\n"
           "# Check it with: qwguard profile validate FILE\n"
           "version: 1\n"
           "profiles:\n"
           "  - id: %s\n"
           "    title:  # fill in: what is wrong, in one line\n"
           "    evidence:\n"
           "      -  # fill in: the address of a public page where it is told\n"
           "    confidence: low  # medium: one report with a confirmed fix; high: two, or the "
           "vendor\n",
           id);
    match_print(arena, identity, &qt);
    puts("    ladder:\n"
         "      -  # fill in: what helps, from narrow to wide: webgl-video-copy-off, webgl-off,\n"
         "         # compositing-off, gpu-off, software, or a rung of your own");
    if (qt.from)
        printf("    expires: {engine.qt: \"%s\"}\n", qt.below);
    puts("    tests:");
    identity_print(arena, identity);
    printf("      - {identity: {os: {name: %s}}, expect: no}\n",
           text_equal(identity->os.name, "windows") ? "linux" : "windows");
    if (qt.from)
        printf("      - {identity: {engine: {qt: \"%s\"}}, expect: no}\n"
               "      - {identity: {engine: {qt: \"%s\"}}, expect: no}\n",
               qt.before, qt.below);
    puts("      - {expect: unknown}");
}

static int new_run(struct context *context, struct err *err)
{
    struct preflight preflight = { 0 };
    struct settings settings;
    struct report warnings = { .arena = context->arena };
    const char *id = context->args.count ? context->args.items[0] : "my-profile";
    if (!profile_id_fits(id))
        return err_set(err, ERR_USAGE,
                       "'%s' is no id: small letters, digits and single dashes, at most 64", id);
    if (settings_load(context, option_value(context, "app"), &settings, &warnings, err) < 0
        || preflight_identity(context, &settings, NULL, &preflight, err) < 0)
        return -1;
    message_report(context, &warnings);
    message_report(context, &preflight.report);
    skeleton_print(context->arena, &preflight.identity, id);
    return 0;
}

static const struct option_row *const tables[] = { preflight_options, NULL };

const struct command command_profile_new = {
    .name = "profile new",
    .args = "[ID]",
    .summary = "print the beginning of a hardware profile for this machine",
    .details = "It holds conditions that the machine meets and the machine as its first test.\n"
               "Arguments of the application and contents of files are left out.",
    .options = tables,
    .max_args = 1,
    .run = new_run,
};
