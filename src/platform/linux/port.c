/* The system itself chooses a free port for a socket that asks for none. */
#include "platform/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int port_find_free(unsigned *out_port, struct err *err)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_set_os(err, errno, "cannot find a free port on 127.0.0.1");
    int failed = bind(fd, (const struct sockaddr *)&address, length) < 0
                 || getsockname(fd, (struct sockaddr *)&address, &length) < 0;
    int code = errno;
    (void)close(fd); /* never connected: the port is free again at once */
    if (failed)
        return err_set_os(err, code, "cannot find a free port on 127.0.0.1");
    *out_port = ntohs(address.sin_port);
    return 0;
}
