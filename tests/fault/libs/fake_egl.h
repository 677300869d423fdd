/* fake_egl.h: the functions of a libEGL that works and draws nothing. A fake library includes it
 * and says with macros what goes wrong: FAKE_INITIALIZE is run in eglInitialize, FAKE_DISPLAY is
 * the display that there is (NULL = none).
 * Each eglInitialize adds a line with the pid to the file QWG_FAKE_LOG.
 * Room: tests. Prototypes are those of EGL's registry, with plain pointers. */
#ifndef QWGUARD_TESTS_FAKE_EGL_H
#define QWGUARD_TESTS_FAKE_EGL_H

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef FAKE_INITIALIZE
#define FAKE_INITIALIZE (void)0
#endif
#ifndef FAKE_DISPLAY
#define FAKE_DISPLAY (&fake_object)
#endif
#ifndef FAKE_CLIENT
#define FAKE_CLIENT "EGL_EXT_platform_base EGL_MESA_platform_surfaceless"
#endif

static int fake_object;
static int fake_is_desktop;

void *eglGetDisplay(void *native);
void *eglGetPlatformDisplayEXT(unsigned platform, void *native, const int *attributes);
unsigned eglInitialize(void *display, int *major, int *minor);
const char *eglQueryString(void *display, int name);
unsigned eglBindAPI(unsigned api);
unsigned eglChooseConfig(void *display, const int *attributes, void **configs, int size,
                         int *count);
void *eglCreateContext(void *display, void *config, void *share, const int *attributes);
void *eglCreatePbufferSurface(void *display, void *config, const int *attributes);
unsigned eglMakeCurrent(void *display, void *draw, void *read, void *context);
void *eglGetProcAddress(const char *name);

/* One of the strings of QWG_FAKE_GL=VENDOR|RENDERER|VERSION|EXTENSIONS. */
static const unsigned char *fake_string(unsigned name)
{
    static char strings[4][4096];
    const char *at = getenv("QWG_FAKE_GL");
    unsigned index = name - 0x1F00;
    for (unsigned i = 0; at && i < index && *at; i++)
        at += strcspn(at, "|") + 1;
    if (!at || index > 3)
        at = index == 2 ? (fake_is_desktop ? "4.6 Fake" : "OpenGL ES 3.2 Fake") : "Fake";
    size_t length = strcspn(at, "|");
    memcpy(strings[index % 4], at, length < 4095 ? length : 4095);
    return (const unsigned char *)strings[index % 4];
}

static void fake_log(int pid)
{
    const char *path = getenv("QWG_FAKE_LOG");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (fd >= 0) {
        (void)dprintf(fd, "%d\n", pid);
        (void)close(fd);
    }
}

void *eglGetDisplay(void *native)
{
    (void)native;
    return FAKE_DISPLAY;
}

void *eglGetPlatformDisplayEXT(unsigned platform, void *native, const int *attributes)
{
    (void)platform;
    (void)native;
    (void)attributes;
    return FAKE_DISPLAY;
}

unsigned eglInitialize(void *display, int *major, int *minor)
{
    (void)display;
    (void)major;
    (void)minor;
    fake_log((int)getpid());
    FAKE_INITIALIZE;
    return 1;
}

const char *eglQueryString(void *display, int name)
{
    (void)name;
    return display ? "" : FAKE_CLIENT;
}

unsigned eglBindAPI(unsigned api)
{
    fake_is_desktop = api == 0x30A2;
    return 1;
}

unsigned eglChooseConfig(void *display, const int *attributes, void **configs, int size, int *count)
{
    (void)display;
    (void)attributes;
    if (configs && size)
        configs[0] = &fake_object;
    *count = 1;
    return 1;
}

void *eglCreateContext(void *display, void *config, void *share, const int *attributes)
{
    (void)display;
    (void)config;
    (void)share;
    (void)attributes;
    return &fake_object;
}

void *eglCreatePbufferSurface(void *display, void *config, const int *attributes)
{
    (void)display;
    (void)config;
    (void)attributes;
    return &fake_object;
}

unsigned eglMakeCurrent(void *display, void *draw, void *read, void *context)
{
    (void)display;
    (void)draw;
    (void)read;
    (void)context;
    return 1;
}

void *eglGetProcAddress(const char *name)
{
    union {
        const unsigned char *(*string)(unsigned name);
        void *(*display)(unsigned platform, void *native, const int *attributes);
        void *object;
    } function = { .object = NULL };
    if (strcmp(name, "glGetString") == 0)
        function.string = fake_string;
    if (strcmp(name, "eglGetPlatformDisplayEXT") == 0)
        function.display = eglGetPlatformDisplayEXT;
    return function.object;
}

#endif
