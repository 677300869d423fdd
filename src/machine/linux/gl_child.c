/* In the child that loads a driver of GL: makes the contexts that an engine would make, and takes
 * their strings. Everything of GL is opened at run time with declarations of our own, so that the
 * program itself needs none. Nothing is closed or given back: drivers crash there, and the process
 * ends at once. */
#include <dlfcn.h>
#include <string.h>

#include "base/macros.h"
#include "machine/linux/child_private.h"
#include "machine/probe_private.h"

#define DEVICES_MAX 16
#define EXTENSIONS_MAX 2048

/* Source of names and numbers: https://registry.khronos.org/EGL/ and …/OpenGL/. */
enum {
    EGL_NONE = 0x3038,
    EGL_SURFACE_TYPE = 0x3033,
    EGL_PBUFFER_BIT = 0x0001,
    EGL_RENDERABLE_TYPE = 0x3040,
    EGL_OPENGL_BIT = 0x0008,
    EGL_OPENGL_ES2_BIT = 0x0004,
    EGL_OPENGL_ES3_BIT = 0x0040,
    EGL_CONTEXT_MAJOR_VERSION = 0x3098,
    EGL_OPENGL_ES_API = 0x30A0,
    EGL_OPENGL_API = 0x30A2,
    EGL_EXTENSIONS = 0x3055,
    EGL_WIDTH = 0x3057,
    EGL_HEIGHT = 0x3056,
    EGL_PLATFORM_DEVICE = 0x313F,
    EGL_PLATFORM_X11 = 0x31D5,
    EGL_PLATFORM_WAYLAND = 0x31D8,
    EGL_PLATFORM_SURFACELESS = 0x31DD,
    GL_VENDOR = 0x1F00,
    GL_RENDERER = 0x1F01,
    GL_VERSION = 0x1F02,
    GL_EXTENSIONS = 0x1F03,
    GL_NUM_EXTENSIONS = 0x821D,
};

/* clang-format off */
struct egl {
    void *(*get_proc_address)(const char *name);
    void *(*get_display)(void *native);
    unsigned (*initialize)(void *display, int *major, int *minor);
    const char *(*query_string)(void *display, int name);
    unsigned (*bind_api)(unsigned api);
    unsigned (*choose_config)(void *display, const int *attributes, void **configs, int size,
                              int *out_count);
    void *(*create_context)(void *display, void *config, void *share, const int *attributes);
    void *(*create_pbuffer)(void *display, void *config, const int *attributes);
    unsigned (*make_current)(void *display, void *draw, void *read, void *context);
    /* extensions, NULL where they are missing */
    void *(*get_platform_display)(unsigned platform, void *native, const int *attributes);
    unsigned (*query_devices)(int size, void **devices, int *out_count);
    const char *(*query_device_string)(void *device, int name);
    struct gl_functions gl;
};
/* clang-format on */

enum symbol_from { FROM_LIBRARY, FROM_EXTENSION, FROM_GL };

static const struct {
    const char *name;
    enum symbol_from from;
    size_t offset;
} symbols[] = {
    { "eglGetProcAddress", FROM_LIBRARY, offsetof(struct egl, get_proc_address) },
    { "eglGetDisplay", FROM_LIBRARY, offsetof(struct egl, get_display) },
    { "eglInitialize", FROM_LIBRARY, offsetof(struct egl, initialize) },
    { "eglQueryString", FROM_LIBRARY, offsetof(struct egl, query_string) },
    { "eglBindAPI", FROM_LIBRARY, offsetof(struct egl, bind_api) },
    { "eglChooseConfig", FROM_LIBRARY, offsetof(struct egl, choose_config) },
    { "eglCreateContext", FROM_LIBRARY, offsetof(struct egl, create_context) },
    { "eglCreatePbufferSurface", FROM_LIBRARY, offsetof(struct egl, create_pbuffer) },
    { "eglMakeCurrent", FROM_LIBRARY, offsetof(struct egl, make_current) },
    { "eglGetPlatformDisplayEXT", FROM_EXTENSION, offsetof(struct egl, get_platform_display) },
    { "eglQueryDevicesEXT", FROM_EXTENSION, offsetof(struct egl, query_devices) },
    { "eglQueryDeviceStringEXT", FROM_EXTENSION, offsetof(struct egl, query_device_string) },
    { "glGetString", FROM_GL, offsetof(struct egl, gl.get_string) },
    { "glGetStringi", FROM_GL, offsetof(struct egl, gl.get_string_i) },
    { "glGetIntegerv", FROM_GL, offsetof(struct egl, gl.get_integer) },
};

/* Libraries that hold the functions of GL where EGL does not hand them out. */
static const char *const gl_libraries[] = { "libGL.so.1", "libOpenGL.so.0", "libGLESv2.so.2" };

/* ES 2 is asked for when there is no ES 3. */
static const struct context_row {
    enum gl_api api;
    unsigned bind;
    int renderable;
    int version; /* 0 = whatever the driver gives */
} context_rows[] = {
    { GL_API_DESKTOP, EGL_OPENGL_API, EGL_OPENGL_BIT, 0 },
    { GL_API_ES, EGL_OPENGL_ES_API, EGL_OPENGL_ES3_BIT, 3 },
    { GL_API_ES, EGL_OPENGL_ES_API, EGL_OPENGL_ES2_BIT, 2 },
};

/* How a running display is opened, by the type of the session. */
static const struct session_row {
    const char *session, *library, *connect;
    unsigned platform;
} session_rows[] = {
    { "x11", "libX11.so.6", "XOpenDisplay", EGL_PLATFORM_X11 },
    { "xwayland", "libX11.so.6", "XOpenDisplay", EGL_PLATFORM_X11 },
    { "wayland", "libwayland-client.so.0", "wl_display_connect", EGL_PLATFORM_WAYLAND },
};

/* Words of renderers that are the processor. */
static const char *const software_words[] = { "llvmpipe", "softpipe", "swrast", "SWR", "Software" };

struct probe {
    struct arena *arena;
    struct egl egl;
    enum gl_api wanted;
    struct gl_strings contexts[GL_API_COUNT];
};

static void *gl_symbol(const struct egl *egl, const char *name)
{
    void *symbol = egl->get_proc_address(name);
    for (size_t i = 0; i < ROWS(gl_libraries) && !symbol; i++) {
        void *library = dlopen(gl_libraries[i], RTLD_LAZY | RTLD_LOCAL);
        symbol = library ? dlsym(library, name) : NULL;
    }
    return symbol;
}

/* False when the library is not there or is no libEGL. */
static bool egl_load(struct egl *egl)
{
    void *library = dlopen("libEGL.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (!library)
        return false;
    for (size_t i = 0; i < ROWS(symbols); i++) {
        void *symbol = symbols[i].from == FROM_LIBRARY ? dlsym(library, symbols[i].name)
                       : symbols[i].from == FROM_GL    ? gl_symbol(egl, symbols[i].name)
                                                       : egl->get_proc_address(symbols[i].name);
        if (!symbol_take(symbol, (char *)egl + symbols[i].offset)
            && symbols[i].from == FROM_LIBRARY)
            return false;
    }
    return egl->gl.get_string != NULL;
}

static bool word_in(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; at && (at = strstr(at, word)); at += length) {
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    }
    return false;
}

static const char *gl_text(struct arena *arena, const struct gl_functions *gl, unsigned name)
{
    return arena_strdup(arena, (const char *)gl->get_string(name));
}

/* One string where the context still has it (all but core profiles), else one by one. */
static const char *gl_extensions(struct arena *arena, const struct gl_functions *gl)
{
    const char *all = gl_text(arena, gl, GL_EXTENSIONS);
    struct text text = { .arena = arena };
    int count = 0;
    if (all || !gl->get_string_i || !gl->get_integer)
        return all;
    gl->get_integer(GL_NUM_EXTENSIONS, &count);
    for (int i = 0; i < count && i < EXTENSIONS_MAX; i++) {
        const unsigned char *name = gl->get_string_i(GL_EXTENSIONS, (unsigned)i);
        if (name)
            text_printf(&text, "%s%s", i ? " " : "", (const char *)name);
    }
    return text_get(&text);
}

bool gl_strings_take(struct arena *arena, const struct gl_functions *gl, struct gl_strings *out)
{
    struct gl_strings strings = {
        .vendor = gl_text(arena, gl, GL_VENDOR),
        .renderer = gl_text(arena, gl, GL_RENDERER),
        .version = gl_text(arena, gl, GL_VERSION),
        .extensions = gl_extensions(arena, gl),
    };
    if (!strings.version || !strings.renderer)
        return false;
    *out = strings;
    return true;
}

/* Without a surface where the display can, else with one of one pixel. */
static bool context_enter(const struct egl *egl, void *display, void *config, void *context)
{
    static const int one_pixel[] = { EGL_WIDTH, 1, EGL_HEIGHT, 1, EGL_NONE };
    if (egl->make_current(display, NULL, NULL, context))
        return true;
    void *surface = egl->create_pbuffer(display, config, one_pixel);
    return surface && egl->make_current(display, surface, surface, context);
}

static void context_probe(struct probe *probe, void *display, const struct context_row *row)
{
    const struct egl *egl = &probe->egl;
    struct gl_strings *out = &probe->contexts[row->api];
    const int wanted[][5] = {
        { EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, row->renderable, EGL_NONE },
        { EGL_SURFACE_TYPE, 0, EGL_RENDERABLE_TYPE, row->renderable, EGL_NONE },
    };
    const int version[] = { EGL_CONTEXT_MAJOR_VERSION, row->version, EGL_NONE };
    void *config = NULL;
    int count = 0;
    if (out->version || !egl->bind_api(row->bind))
        return;
    for (size_t i = 0; i < ROWS(wanted) && !count; i++) {
        if (!egl->choose_config(display, wanted[i], &config, 1, &count))
            count = 0;
    }
    void *context = count
                        ? egl->create_context(display, config, NULL, row->version ? version : NULL)
                        : NULL;
    if (!context || !context_enter(egl, display, config, context))
        return;
    (void)gl_strings_take(probe->arena, &egl->gl, out); /* none: as without a context */
}

static const struct gl_strings *context_found(const struct probe *probe)
{
    for (enum gl_api api = 0; api < GL_API_COUNT; api++) {
        if (probe->contexts[api].version)
            return &probe->contexts[api];
    }
    return NULL;
}

/* True when the display gives a context that is not the processor's; contexts of the processor are
 * kept as long as there is nothing better. */
static bool display_probe(struct probe *probe, void *display)
{
    struct probe found = { .arena = probe->arena, .egl = probe->egl };
    bool software = false;
    if (!display || !probe->egl.initialize(display, NULL, NULL))
        return false;
    for (size_t i = 0; i < 2 * ROWS(context_rows) && !context_found(&found); i++) {
        const struct context_row *row = &context_rows[i % ROWS(context_rows)];
        if ((row->api == probe->wanted) == (i < ROWS(context_rows)))
            context_probe(&found, display, row);
    }
    const struct gl_strings *strings = context_found(&found);
    for (size_t i = 0; i < ROWS(software_words) && strings; i++)
        software = software || strstr(strings->renderer, software_words[i]);
    if (strings && (!software || !context_found(probe)))
        memcpy(probe->contexts, found.contexts, sizeof found.contexts);
    return strings && !software;
}

static void *platform_display(const struct egl *egl, unsigned platform, void *native)
{
    return egl->get_platform_display ? egl->get_platform_display(platform, native, NULL) : NULL;
}

/* Surfaceless is Mesa's and asks no display server; NVIDIA's driver has devices. The devices that
 * draw by the processor are asked only when nothing else gave a context. */
static void displays_probe(struct probe *probe)
{
    const struct egl *egl = &probe->egl;
    const char *client = egl->query_string(NULL, EGL_EXTENSIONS);
    void *devices[DEVICES_MAX];
    int count = 0;
    if (word_in(client, "EGL_MESA_platform_surfaceless")
        && display_probe(probe, platform_display(egl, EGL_PLATFORM_SURFACELESS, NULL)))
        return;
    if (word_in(client, "EGL_EXT_platform_device") && egl->query_devices
        && !egl->query_devices(DEVICES_MAX, devices, &count))
        count = 0;
    for (int i = 0; i < 2 * count; i++) {
        void *device = devices[i % count];
        const char *extensions = egl->query_device_string
                                     ? egl->query_device_string(device, EGL_EXTENSIONS)
                                     : NULL;
        bool last_resort = word_in(extensions, "EGL_MESA_device_software");
        if (last_resort != (i >= count) || (last_resort && context_found(probe)))
            continue;
        if (display_probe(probe, platform_display(egl, EGL_PLATFORM_DEVICE, device)))
            return;
    }
    if (!context_found(probe))
        (void)display_probe(probe, egl->get_display(NULL)); /* the last there is */
}

/* The display that the application would draw on; true when it gave a context of any kind. */
static bool running_display_probe(struct probe *probe, const char *session)
{
    for (size_t i = 0; i < ROWS(session_rows); i++) {
        const struct session_row *row = &session_rows[i];
        if (!text_equal(row->session, session))
            continue;
        void *library = dlopen(row->library, RTLD_LAZY | RTLD_LOCAL);
        void *symbol = library ? dlsym(library, row->connect) : NULL;
        void *(*connect)(const char *name);
        void *native = symbol_take(symbol, &connect) ? connect(NULL) : NULL;
        if (native)
            (void)display_probe(probe, platform_display(&probe->egl, row->platform, native));
    }
    return context_found(probe) != NULL;
}

void gl_child_look(struct arena *arena, enum gl_api wanted, const char *session,
                   struct probe_result *out)
{
    struct probe probe = { .arena = arena, .wanted = wanted };
    *out = (struct probe_result){ .probe = GL_PROBE_NO_LIBRARY };
    if (!egl_load(&probe.egl))
        return;
    if (!running_display_probe(&probe, session))
        displays_probe(&probe);
    out->probe = context_found(&probe) ? GL_PROBE_OK : GL_PROBE_NO_CONTEXT;
    memcpy(out->contexts, probe.contexts, sizeof out->contexts);
}
