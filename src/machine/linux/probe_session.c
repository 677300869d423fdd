/* What an application that is started from here would draw on: display, desktop, and whether
 * somebody sits far away. All of it is in the environment. */
#include "machine/linux/system_private.h"

#include <string.h>

#include "base/macros.h"
#include "platform/env.h"

/* What QT_QPA_PLATFORM says goes before what is there. Source: https://doc.qt.io/qt-6/qpa.html */
static const struct {
    const char *platform, *type;
} platforms[] = {
    { "wayland", "wayland" }, { "wayland-egl", "wayland" },
    { "offscreen", "none" },  { "minimal", "none" },
    { "minimalegl", "none" }, { "eglfs", "none" },
    { "linuxfb", "none" },    { "vnc", "none" },
};

/* In this order: X2Go comes through ssh and sets its variables too. */
static const struct {
    const char *variable, *word;
} remotes[] = {
    { "X2GO_SESSION", "x2go" },
    { "XRDP_SESSION", "rdp" },
    { "VNCDESKTOP", "vnc" },
};

static bool is_set(const char *name)
{
    const char *value = env_get(name);
    return value && *value;
}

static const char *type_find(struct arena *arena)
{
    const char *wanted = env_get("QT_QPA_PLATFORM");
    bool wayland = is_set("WAYLAND_DISPLAY") || is_set("WAYLAND_SOCKET");
    bool wayland_session = wayland || text_equal(env_get("XDG_SESSION_TYPE"), "wayland");
    const char *on_x = !is_set("DISPLAY") ? "none" : wayland_session ? "xwayland" : "x11";
    wanted = wanted ? arena_strndup(arena, wanted, strcspn(wanted, ":;")) : NULL;
    for (size_t i = 0; i < ROWS(platforms); i++) {
        if (text_equal(platforms[i].platform, wanted))
            return platforms[i].type;
    }
    if (wayland && !text_equal(wanted, "xcb"))
        return "wayland";
    return on_x;
}

/* "ubuntu:GNOME" -> "GNOME" */
static const char *desktop_find(struct arena *arena)
{
    const char *desktop = env_get("XDG_CURRENT_DESKTOP");
    if (!desktop || !*desktop)
        desktop = env_get("XDG_SESSION_DESKTOP");
    if (!desktop || !*desktop)
        desktop = env_get("DESKTOP_SESSION");
    if (!desktop || !*desktop)
        return NULL;
    const char *colon = strrchr(desktop, ':');
    desktop = colon && colon[1] ? colon + 1 : desktop;
    return text_clean(arena, desktop, strlen(desktop));
}

/* A display of this machine (":0", "unix:0", Wayland) is near even when one came by ssh; a display
 * with a host name is far, and only ssh tells how. */
static const char *remote_find(void)
{
    const char *display = env_get("DISPLAY");
    bool near = is_set("WAYLAND_DISPLAY") || (display && *display == ':')
                || (display && text_starts(display, "unix:"));
    bool ssh = is_set("SSH_CONNECTION") || is_set("SSH_CLIENT") || is_set("SSH_TTY");
    for (size_t i = 0; i < ROWS(remotes); i++) {
        if (is_set(remotes[i].variable))
            return remotes[i].word;
    }
    if (near)
        return "none";
    if (ssh)
        return "ssh";
    return display && *display ? NULL : "none";
}

void session_probe(struct arena *arena, struct identity *out)
{
    out->session = (struct identity_session){
        .type = type_find(arena),
        .desktop = desktop_find(arena),
        .remote = remote_find(),
    };
}
