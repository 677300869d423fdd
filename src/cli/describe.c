/* Identity, verdict and plan in words. The same sentences stand in `check` and in `run -v`. */
#include "cli/describe.h"

#include <stdio.h>
#include <string.h>

#include "cli/words.h"
#include "machine/probe.h"
#include "platform/terminal.h"

#define LABEL_COLUMNS 10

/* Names of sessions as people write them. */
static const struct {
    const char *word, *text;
} session_rows[] = {
    { "wayland", "Wayland" },
    { "x11", "X11" },
    { "xwayland", "X11 under Wayland" },
    { "none", "no display" },
};

static const char *first_words(struct arena *arena, const char *version, char stop)
{
    const char *end = strchr(version, stop);
    return end ? arena_strndup(arena, version, (size_t)(end - version)) : version;
}

/* "6.1.0-18-amd64" -> "6.1" */
static const char *kernel_short(struct arena *arena, const char *version)
{
    size_t length = strspn(version, "0123456789");
    if (version[length] == '.')
        length += 1 + strspn(version + length + 1, "0123456789");
    return arena_strndup(arena, version, length);
}

static void gpu_describe(struct text *text, const struct identity *identity)
{
    const struct gpu *gpu = identity_active_gpu(identity);
    const char *renderer = identity->gl.renderer;
    const char *vendor = gpu && gpu->vendor.known ? gpu_vendor_name(gpu->vendor.value) : NULL;
    if (renderer)
        text_printf(text, "%s", first_words(text->arena, renderer, '('));
    else if (vendor)
        text_printf(text, "%s GPU", vendor);
    else
        text_printf(text, gpu || identity->gpu_count ? "unknown GPU" : "no GPU known");
    while (text->length && text->bytes[text->length - 1] == ' ')
        text->bytes[--text->length] = '\0';
    if (gpu && gpu->vendor.known && gpu->device.known)
        text_printf(text, " (%04x:%04x)", (unsigned)gpu->vendor.value, (unsigned)gpu->device.value);
    if (gpu && gpu->driver)
        text_printf(text, ", %s", gpu->driver);
    if (gpu && gpu->driver_version)
        text_printf(text, " %s", gpu->driver_version);
    const char *mesa = identity->gl.version ? strstr(identity->gl.version, "Mesa ") : NULL;
    if (mesa)
        text_printf(text, ", Mesa %s", first_words(text->arena, mesa + 5, ' '));
    if (identity->gpu_count > 1)
        text_printf(text, ", %zu GPUs", identity->gpu_count);
}

static bool is_some(const char *word)
{
    return word && !text_equal(word, "none");
}

const char *describe_machine(struct arena *arena, const struct identity *identity)
{
    struct text text = { .arena = arena };
    gpu_describe(&text, identity);
    for (size_t i = 0; i < ROWS(session_rows); i++) {
        if (!text_equal(identity->session.type, session_rows[i].word))
            continue;
        text_printf(&text, " · %s", session_rows[i].text);
        if (identity->session.desktop)
            text_printf(&text, " (%s)", identity->session.desktop);
    }
    if (is_some(identity->session.remote))
        text_printf(&text, " · remote (%s)", identity->session.remote);
    if (is_some(identity->machine.virtual_machine))
        text_printf(&text, " · virtual machine (%s)", identity->machine.virtual_machine);
    if (is_some(identity->machine.container))
        text_printf(&text, " · %s", identity->machine.container);
    if (text_equal(identity->os.name, "linux"))
        text_printf(&text, " · Linux%s%s", identity->os.version ? " " : "",
                    identity->os.version ? kernel_short(arena, identity->os.version) : "");
    else if (identity->os.name)
        text_printf(&text, " · %s %s", identity->os.name,
                    identity->os.version ? identity->os.version : "");
    return text_get(&text);
}

const char *describe_engine(struct arena *arena, const struct preflight *preflight)
{
    struct text text = { .arena = arena };
    const struct engine *engine = &preflight->engine;
    if (!engine->qt && !engine->chromium)
        return "no Qt WebEngine found";
    text_printf(&text, "Qt WebEngine %s", engine->qt ? engine->qt : "of unknown version");
    if (engine->chromium)
        text_printf(&text, " (Chromium %s)", first_words(arena, engine->chromium, '.'));
    if (!engine->library)
        text_printf(&text, ", not installed here");
    if (!preflight->has_lists)
        text_printf(&text, ", no GPU lists known");
    else if (preflight->lists.from_library)
        text_printf(&text, ", lists read from the installed library");
    else
        text_printf(&text, ", shipped lists of Chromium %s%s",
                    first_words(arena, preflight->lists.chromium, '.'),
                    preflight->lists.exact ? "" : " (the nearest known)");
    return text_get(&text);
}

static const char *state_text(const struct verdict *verdict)
{
    static const struct {
        enum outcome outcome;
        const char *text;
    } rows[] = {
        { OUTCOME_NO_GPU, "No GPU at all: no WebGL, software drawing" },
        { OUTCOME_START_FAILURE, "The engine will not start here" },
        { OUTCOME_NOT_GPU, "Something else is broken" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (rows[i].outcome == verdict->outcome)
            return rows[i].text;
    }
    if (verdict->webgl2 == WEBGL_ENABLED)
        return verdict->webgl == WEBGL_DISABLED ? "WebGL 2 works, WebGL 1 does not"
                                                : "WebGL 2 works";
    if (verdict->webgl == WEBGL_ENABLED)
        return verdict->webgl2 == WEBGL_DISABLED ? "WebGL 1 works, WebGL 2 is refused"
                                                 : "WebGL 1 works, WebGL 2 is not known";
    if (verdict->webgl == WEBGL_DISABLED)
        return verdict->outcome == OUTCOME_BLOCKLISTED ? "WebGL is blocked" : "No WebGL";
    return "Not enough is known";
}

const char *describe_verdict(struct arena *arena, const struct preflight *preflight)
{
    const struct verdict *verdict = &preflight->verdict;
    struct text text = { .arena = arena };
    text_printf(&text, "%s", state_text(verdict));
    if (verdict->why && *verdict->why)
        text_printf(&text, ": %s", verdict->why);
    if (verdict->outcome == OUTCOME_OK)
        text_printf(&text, " (%s)",
                    preflight->has_lists ? "no list entry applies" : "lists not known");
    if (verdict->missing.count && verdict->outcome == OUTCOME_UNKNOWN)
        text_printf(&text, "; missing: %s", describe_list(arena, &verdict->missing));
    return text_get(&text);
}

const char *describe_list(struct arena *arena, const struct strings *words)
{
    struct text text = { .arena = arena };
    for (size_t i = 0; i < words->count; i++)
        text_printf(&text, "%s%s", i ? ", " : "", words->items[i]);
    return text_get(&text);
}

const char *describe_plan(struct arena *arena, const struct plan *plan)
{
    struct text text = { .arena = arena };
    if (!plan->flags.count && !plan->environment.count)
        return "nothing to change";
    text_printf(&text, "%s:", plan->rung);
    for (size_t i = 0; i < plan->environment.count; i++)
        text_printf(&text, " %s=%s", plan->environment.items[i].name,
                    plan->environment.items[i].value);
    for (size_t i = 0; i < plan->flags.count; i++)
        text_printf(&text, " %s", plan->flags.items[i]);
    return text_get(&text);
}

void describe_print(const char *label, const char *text, const char *color)
{
    size_t width = terminal_columns(TERMINAL_OUT);
    size_t used = LABEL_COLUMNS;
    width = width < 60 ? 60 : width > 100 ? 100 : width;
    printf("%-*s%s", LABEL_COLUMNS, label, color);
    for (bool first = true; *text; first = false) {
        size_t length = strcspn(text, " ");
        size_t columns = text_columns(text, length);
        if (!first && used + 1 + columns > width) {
            printf("\n%*s", LABEL_COLUMNS, "");
            used = LABEL_COLUMNS;
        } else if (!first) {
            putchar(' ');
            used++;
        }
        words_print(text, length);
        used += columns;
        text += length;
        text += strspn(text, " ");
    }
    printf("%s\n", *color ? COLOR_RESET : "");
}

void describe_trace(const struct trace *trace)
{
    static const char *const marks[] = {
        [TRUTH_UNKNOWN] = "?", [TRUTH_NO] = "·", [TRUTH_YES] = "✓"
    };
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_line *line = &trace->items[i];
        printf("  %*s", (int)(2 * line->depth), "");
        words_put(marks[line->result]);
        putchar(' ');
        words_put(line->text);
        putchar('\n');
    }
}
