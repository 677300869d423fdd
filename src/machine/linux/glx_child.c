/* In the child that loads a driver of GL: the context that Qt makes by GLX on a running X server.
 * Another server is another answer: one for VNC draws by the processor beside the best of GPUs, and
 * one on the other side of a network draws indirectly. Opened at run time with declarations of our
 * own; nothing is closed or given back.
 * Source of names and numbers: https://registry.khronos.org/OpenGL/ (glx.xml), Xlib.h. */
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "base/macros.h"
#include "machine/linux/child_private.h"

enum {
    GLX_DRAWABLE_TYPE = 0x8010,
    GLX_PBUFFER_BIT = 0x0004,
    GLX_WINDOW_BIT = 0x0001,
    GLX_RGBA_TYPE = 0x8014,
    GLX_PBUFFER_HEIGHT = 0x8040,
    GLX_PBUFFER_WIDTH = 0x8041,
};

/* clang-format off */
struct glx {
    void *(*open_display)(const char *name);
    int (*default_screen)(void *display);
    void *(*set_error_handler)(int (*handler)(void *display, void *event));
    void **(*choose_config)(void *display, int screen, const int *attributes, int *out_count);
    void *(*create_context)(void *display, void *config, int type, void *share, int direct);
    unsigned long (*create_pbuffer)(void *display, void *config, const int *attributes);
    int (*make_current)(void *display, unsigned long draw, unsigned long read, void *context);
    int (*is_direct)(void *display, void *context);
    struct gl_functions gl;
};
/* clang-format on */

static const char *const libraries[] = { "libX11.so.6", "libGL.so.1" };

static const struct {
    size_t library; /* in libraries */
    const char *name;
    size_t offset;
} symbols[] = {
    { 0, "XOpenDisplay", offsetof(struct glx, open_display) },
    { 0, "XDefaultScreen", offsetof(struct glx, default_screen) },
    { 0, "XSetErrorHandler", offsetof(struct glx, set_error_handler) },
    { 1, "glXChooseFBConfig", offsetof(struct glx, choose_config) },
    { 1, "glXCreateNewContext", offsetof(struct glx, create_context) },
    { 1, "glXCreatePbuffer", offsetof(struct glx, create_pbuffer) },
    { 1, "glXMakeContextCurrent", offsetof(struct glx, make_current) },
    { 1, "glXIsDirect", offsetof(struct glx, is_direct) },
    { 1, "glGetString", offsetof(struct glx, gl.get_string) },
    { 1, "glGetIntegerv", offsetof(struct glx, gl.get_integer) },
};

/* Xlib's own handler ends the process; what failed returns nothing as well. */
static int error_ignore(void *display, void *event)
{
    (void)display;
    (void)event;
    return 0;
}

static bool glx_load(struct glx *glx)
{
    void *handles[ROWS(libraries)];
    for (size_t i = 0; i < ROWS(libraries); i++) {
        handles[i] = dlopen(libraries[i], RTLD_LAZY | RTLD_LOCAL);
        if (!handles[i])
            return false;
    }
    for (size_t i = 0; i < ROWS(symbols); i++) {
        void *symbol = dlsym(handles[symbols[i].library], symbols[i].name);
        if (!symbol_take(symbol, (char *)glx + symbols[i].offset))
            return false;
    }
    return true;
}

bool glx_child_look(struct arena *arena, struct probe_result *out)
{
    static const int wanted[] = { GLX_DRAWABLE_TYPE, GLX_PBUFFER_BIT | GLX_WINDOW_BIT, 0 };
    static const int one_pixel[] = { GLX_PBUFFER_WIDTH, 1, GLX_PBUFFER_HEIGHT, 1, 0 };
    struct glx glx = { 0 };
    int count = 0;
    if (!glx_load(&glx))
        return false;
    void *display = glx.open_display(NULL);
    if (!display)
        return false;
    out->probe = GL_PROBE_NO_CONTEXT;
    (void)glx.set_error_handler(error_ignore); /* the one before is Xlib's */
    void **configs = glx.choose_config(display, glx.default_screen(display), wanted, &count);
    if (!configs || count < 1)
        return false;
    void *context = glx.create_context(display, configs[0], GLX_RGBA_TYPE, NULL, 1);
    unsigned long pbuffer = context ? glx.create_pbuffer(display, configs[0], one_pixel) : 0;
    if (!pbuffer || !glx.make_current(display, pbuffer, pbuffer, context)
        || !gl_strings_take(arena, &glx.gl, &out->contexts[GL_API_DESKTOP]))
        return false;
    out->direct_rendering = glx.is_direct(display, context) ? "2" : "1";
    out->probe = GL_PROBE_OK;
    return true;
}
