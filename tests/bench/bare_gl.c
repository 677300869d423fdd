/* A bare program that makes the context that the probe of GL makes on X11, and reads its strings:
 * what bench-probe.py sets the probe against. */
#include <stdio.h>

#include <GL/glx.h>
#include <X11/Xlib.h>

int main(void)
{
    static const int wanted[] = { GLX_DRAWABLE_TYPE, GLX_PBUFFER_BIT | GLX_WINDOW_BIT, None };
    static const int one_pixel[] = { GLX_PBUFFER_WIDTH, 1, GLX_PBUFFER_HEIGHT, 1, None };
    int count = 0;
    Display *display = XOpenDisplay(NULL);
    if (!display)
        return 1;
    GLXFBConfig *configs = glXChooseFBConfig(display, DefaultScreen(display), wanted, &count);
    if (!configs || count < 1)
        return 1;
    GLXContext context = glXCreateNewContext(display, configs[0], GLX_RGBA_TYPE, NULL, True);
    GLXPbuffer pbuffer = glXCreatePbuffer(display, configs[0], one_pixel);
    if (!context || !glXMakeContextCurrent(display, pbuffer, pbuffer, context))
        return 1;
    (void)printf("%s\n%s\n%s\n", (const char *)glGetString(GL_VENDOR),
                 (const char *)glGetString(GL_RENDERER), (const char *)glGetString(GL_VERSION));
    return 0;
}
