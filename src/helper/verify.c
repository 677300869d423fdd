/* qwguard-verify PORT MILLISECONDS: asks the engine that listens on 127.0.0.1:PORT, or will do so
 * before the time is over, what it has decided about the GPU, and prints one JSON object:
 * {"answers": …} and, where not everything was answered, {"error": text}. Started by
 * `qwguard verify`; a program of its own so that qwguard itself loads no network library. It
 * connects to nothing but that port and follows no redirection. */
#include <stdio.h>
#include <string.h>

#include <libwebsockets.h>

#include "base/json.h"
#include "engine/devtools.h"
#include "platform/clock.h"
#include "platform/env.h"
#include "platform/self.h"

#define ADDRESS "127.0.0.1"
#define VERSION_PATH "/json/version"
#define RETRY_US (50 * LWS_US_PER_MS) /* nobody tells when a port opens or a page is there */
#define STATUS_USAGE 64

struct talk {
    struct arena arena;
    struct lws_context *lws;
    unsigned port;
    uint64_t page_ns, end_ns; /* until when a page and all answers are waited for */
    lws_sorted_usec_list_t tick;
    struct lws *wsi; /* the connection that is open or being made; NULL = none */
    struct devtools *devtools;
    const char *path;     /* of the browser target; NULL = the version is asked for */
    struct text received; /* of the message that is coming in */
    const char *to_send;  /* waits until the connection can take it */
    bool reached;         /* somebody has taken a connection */
    bool connected;       /* with the browser target */
    bool finished;
    struct err err;
};

static void finish(struct talk *talk)
{
    talk->finished = true;
    lws_cancel_service(talk->lws);
}

static void fail(struct talk *talk, const char *text)
{
    if (!talk->finished)
        (void)err_set(&talk->err, ERR_UNAVAILABLE, "%s", text);
    finish(talk);
}

/* --- connections --------------------------------------------------------------------------------
 */

static void connection_make(struct talk *talk)
{
    const char *host = arena_printf(&talk->arena, "%s:%u", ADDRESS, talk->port);
    struct lws_client_connect_info info = {
        .context = talk->lws,
        .address = ADDRESS,
        .port = (int)talk->port,
        .path = talk->path ? talk->path : VERSION_PATH,
        .host = host,
        /* No Origin: since Chromium 111 an engine refuses those that it was not told of. */
        .origin = NULL,
        .method = talk->path ? NULL : "GET",
        .local_protocol_name = "devtools",
        .ietf_version_or_minus_one = -1,
        .ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT,
        .pwsi = &talk->wsi,
        .userdata = talk,
    };
    (void)lws_client_connect_via_info(&info); /* a failure comes through the callback, too */
}

/* The next message, as soon as the connection takes it. */
static void send_next(struct talk *talk)
{
    if (!talk->to_send && talk->devtools)
        talk->to_send = devtools_next(talk->devtools);
    if (talk->to_send && talk->wsi)
        lws_callback_on_writable(talk->wsi);
}

/* Every RETRY_US: what nobody will tell us. */
static void tick(lws_sorted_usec_list_t *list)
{
    struct talk *talk = lws_container_of(list, struct talk, tick);
    uint64_t now_ns = clock_monotonic_ns();
    if (now_ns >= talk->end_ns) {
        const char *wish = talk->devtools  ? devtools_wish(talk->devtools)
                           : talk->reached ? "the engine to answer on its DevTools port"
                                           : "the engine to open its DevTools port";
        fail(talk, arena_printf(&talk->arena, "waited in vain for %s", wish));
        return;
    }
    if (talk->connected) {
        if (now_ns >= talk->page_ns)
            devtools_page_give_up(talk->devtools);
        send_next(talk);
    } else if (!talk->wsi) {
        connection_make(talk);
    }
    lws_sul_schedule(talk->lws, 0, &talk->tick, tick, RETRY_US);
}

/* --- what comes in ------------------------------------------------------------------------------
 */

static bool received_add(struct talk *talk, const void *bytes, size_t length)
{
    if (talk->received.length + length > DEVTOOLS_MESSAGE_BYTES_MAX) {
        fail(talk, "what answers on the port says more than an engine would");
        return false;
    }
    text_add(&talk->received, bytes, length);
    return true;
}

static void received_clear(struct talk *talk)
{
    talk->received = (struct text){ .arena = &talk->arena };
}

/* The whole answer to VERSION_PATH is here: the browser target is next. */
static void version_take(struct talk *talk)
{
    talk->devtools = devtools_begin(&talk->arena, talk->port, text_get(&talk->received),
                                    talk->received.length, &talk->path, &talk->err);
    received_clear(talk);
    if (!talk->devtools)
        finish(talk);
}

static void message_take(struct talk *talk)
{
    int taken = devtools_take(talk->devtools, text_get(&talk->received), talk->received.length,
                              &talk->err);
    received_clear(talk);
    if (taken < 0 || devtools_is_done(talk->devtools))
        finish(talk);
    else if (!devtools_is_idle(talk->devtools))
        send_next(talk);
}

static int message_write(struct talk *talk, struct lws *wsi)
{
    if (!talk->to_send)
        return 0;
    size_t length = strlen(talk->to_send);
    unsigned char *room = arena_alloc(&talk->arena, LWS_PRE + length);
    memcpy(room + LWS_PRE, talk->to_send, length);
    talk->to_send = NULL;
    return lws_write(wsi, room + LWS_PRE, length, LWS_WRITE_TEXT) < (int)length ? -1 : 0;
}

static int http_read(struct lws *wsi)
{
    char bytes[LWS_PRE + 4096], *at = bytes + LWS_PRE;
    int length = sizeof bytes - LWS_PRE;
    return lws_http_client_read(wsi, &at, &length) < 0 ? -1 : 0;
}

static void connection_lost(struct talk *talk, struct lws *wsi)
{
    if (wsi != talk->wsi && talk->wsi)
        return;
    talk->wsi = NULL;
    received_clear(talk);
    if (talk->connected)
        fail(talk, "the engine has closed the connection");
}

/* -1 closes the connection. */
static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length)
{
    struct talk *talk = lws_context_user(lws_get_context(wsi));
    (void)user;
    switch ((int)reason) { /* the few of several dozen that concern a client */
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        talk->reached = true;
        return 0;
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
        return http_read(wsi);
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
        return received_add(talk, in, length) ? 0 : -1;
    case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
        version_take(talk);
        return -1;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        talk->connected = true;
        send_next(talk);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return message_write(talk, wsi);
    case LWS_CALLBACK_CLIENT_RECEIVE:
        if (!received_add(talk, in, length))
            return -1;
        if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0)
            message_take(talk);
        return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
        connection_lost(talk, wsi);
        return 0;
    default:
        return 0;
    }
}

static int print_result(struct talk *talk)
{
    CLEANUP(json_freep) json_t *object = json_object();
    if (talk->devtools)
        json_set(object, "answers", devtools_to_json(talk->devtools));
    if (talk->err.kind != ERR_NONE)
        json_set_text(object, "error", talk->err.text);
    fputs(json_format(&talk->arena, object), stdout);
    return fflush(stdout) != 0 || talk->err.kind != ERR_NONE;
}

static int talk_run(struct talk *talk)
{
    static const struct lws_protocols protocols[] = {
        { .name = "devtools", .callback = on_event, .rx_buffer_size = 4096 },
        { .name = NULL },
    };
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .gid = -1,
        .uid = -1,
        .user = talk,
    };
    lws_set_log_level(0, NULL);
    talk->lws = lws_create_context(&info);
    if (!talk->lws)
        (void)err_set(&talk->err, ERR_SYSTEM, "libwebsockets cannot be set up");
    else
        lws_sul_schedule(talk->lws, 0, &talk->tick, tick, 1);
    while (talk->lws && !talk->finished && lws_service(talk->lws, 0) >= 0)
        continue;
    if (talk->lws)
        lws_context_destroy(talk->lws);
    return print_result(talk);
}

int main(int argc, char **argv)
{
    static const char *const proxies[] = { "http_proxy", "https_proxy", "all_proxy",
                                           "socks_proxy" };
    uint64_t port, limit_ms;
    self_streams_hold();
    if (argc != 3 || !text_to_u64(argv[1], &port) || port == 0 || port > UINT16_MAX
        || !text_to_u64(argv[2], &limit_ms) || limit_ms == 0 || limit_ms > INT32_MAX) {
        fputs("qwguard-verify: wants a port and a time in milliseconds\n", stderr);
        return STATUS_USAGE;
    }
    for (size_t i = 0; i < ROWS(proxies); i++)
        env_set(proxies[i], NULL); /* libwebsockets would send everything there */
    uint64_t now_ns = clock_monotonic_ns(), limit_ns = limit_ms * MS_NS;
    struct talk talk = { .port = (unsigned)port,
                         .page_ns = now_ns + limit_ns / 2,
                         .end_ns = now_ns + limit_ns };
    received_clear(&talk);
    int status = talk_run(&talk);
    devtools_end(talk.devtools);
    arena_clear(&talk.arena);
    return status;
}
