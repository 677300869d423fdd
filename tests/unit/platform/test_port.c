/* A free port is one that can be listened on. */
#include "platform/port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void test_port_find_free_when_asked_it_can_be_bound(void **state)
{
    (void)state;
    struct err err;
    unsigned port = 0;
    assert_int_equal(port_find_free(&port, &err), 0);
    assert_in_range(port, 1, UINT16_MAX);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                   .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    unsigned other = port;
    assert_int_equal(port_find_free(&other, &err), 0);
    assert_int_not_equal(other, port); /* that one is taken now */
    assert_int_equal(close(fd), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_port_find_free_when_asked_it_can_be_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
