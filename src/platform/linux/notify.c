/* The protocol of sd_notify(3): datagrams to a socket whose address stands in the environment. */
#include "platform/notify.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/text.h"
#include "platform/env.h"

static bool address_make(const char *path, struct sockaddr_un *out, socklen_t *out_length)
{
    size_t length = path ? strlen(path) : 0;
    if (length < 2 || length > sizeof out->sun_path || (*path != '/' && *path != '@'))
        return false;
    if (*path == '/' && length == sizeof out->sun_path)
        return false; /* no room for the end of the text */
    *out = (struct sockaddr_un){ .sun_family = AF_UNIX };
    memcpy(out->sun_path, path, length);
    if (*path == '@')
        out->sun_path[0] = '\0'; /* an abstract name: its length counts */
    *out_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (*path == '/'));
    return true;
}

static uint64_t watchdog_read(void)
{
    uint64_t us, pid;
    const char *time = env_get("WATCHDOG_USEC");
    const char *owner = env_get("WATCHDOG_PID");
    if (!time || !text_to_u64(time, &us) || us > UINT64_MAX / US_NS)
        return 0;
    if (owner && (!text_to_u64(owner, &pid) || pid != (uint64_t)getpid()))
        return 0;
    return us * US_NS;
}

void notify_open(struct notify *out)
{
    struct sockaddr_un address;
    socklen_t length;
    *out = (struct notify){ .fd = -1 };
    if (!address_make(env_get("NOTIFY_SOCKET"), &address, &length))
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, length) < 0) {
        close(fd);
        fd = -1;
    }
    out->fd = fd;
    out->watchdog_ns = fd >= 0 ? watchdog_read() : 0;
}

void notify_send(const struct notify *notify, const char *text)
{
    if (notify->fd >= 0) /* a manager that does not listen is no failure of ours */
        (void)!send(notify->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void notify_close(struct notify *notify)
{
    if (notify->fd >= 0)
        close(notify->fd);
    notify->fd = -1;
}
