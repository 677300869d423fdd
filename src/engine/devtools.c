/* The conversation with an engine, one question after the other. First a page is asked for WebGL:
 * by then the engine knows its GPU, and the question for it is answered at once (an engine that
 * cannot answer it within 5 s ends itself: content/browser/devtools/protocol/
 * system_info_handler.cc, kGPUInfoWatchdogTimeoutMs). Qt WebEngine makes no page on request
 * ("Not supported", 5.15.13 and 6.4.2), so one of the application's is used, in a JavaScript world
 * of its own and on canvases that are never part of the document. */
#include "engine/devtools.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

/* A page that goes somewhere else while it is asked is asked again so often. */
#define PAGE_TRIES_MAX 20

#define WORLD_NAME "qwguard"

/* Says of both versions whether a context was given and why not. Canvases are made by their
 * namespace since the document may be XML or SVG. */
#define WEBGL_SCRIPT                                                                               \
    "(function(){function ask(kind){"                                                              \
    "var c=document.createElementNS('http://www.w3.org/1999/xhtml','canvas'),why='';"              \
    "c.addEventListener('webglcontextcreationerror',"                                              \
    "function(e){why=String(e.statusMessage||'')});"                                               \
    "var g=c.getContext(kind);if(!g)return{got:false,why:why};"                                    \
    "var a={got:true,version:String(g.getParameter(g.VERSION))},"                                  \
    "l=g.getExtension('WEBGL_lose_context');if(l)l.loseContext();return a}"                        \
    "return{webgl:ask('webgl'),webgl2:ask('webgl2')}})()"

enum step {
    STEP_CREATE,
    STEP_TARGETS,
    STEP_ATTACH,
    STEP_FRAME,
    STEP_WORLD,
    STEP_WEBGL,
    STEP_INFO,
    STEP_PROCESSES,
    STEP_DONE,
    STEP_COUNT,
};

struct devtools {
    struct arena *arena;
    enum step step;
    unsigned number; /* of the question that is open */
    bool open, idle;
    unsigned page_tries;
    bool own_page;
    const char *target, *session, *frame;
    json_int_t world;
    const char *page_problem;
    json_t *version, *page, *info, *processes;
};

/* --- questions ---------------------------------------------------------------------------------
 */

static json_t *params_none(const struct devtools *devtools)
{
    (void)devtools;
    return json_object();
}

static json_t *params_create(const struct devtools *devtools)
{
    (void)devtools;
    return json_pack("{s:s}", "url", "about:blank");
}

static json_t *params_attach(const struct devtools *devtools)
{
    return json_pack("{s:s, s:b}", "targetId", devtools->target, "flatten", 1);
}

static json_t *params_world(const struct devtools *devtools)
{
    return json_pack("{s:s, s:s}", "frameId", devtools->frame, "worldName", WORLD_NAME);
}

static json_t *params_webgl(const struct devtools *devtools)
{
    return json_pack("{s:s, s:I, s:b}", "expression", WEBGL_SCRIPT, "contextId", devtools->world,
                     "returnByValue", 1);
}

/* --- answers: false when they do not hold what is needed ----------------------------------------
 */

static bool text_take(struct devtools *devtools, const json_t *object, const char *key,
                      const char **out)
{
    const char *text = json_get_text(devtools->arena, object, key);
    if (text)
        *out = text;
    return text != NULL;
}

static bool take_created(struct devtools *devtools, const json_t *result)
{
    devtools->own_page = text_take(devtools, result, "targetId", &devtools->target);
    devtools->step = devtools->own_page ? STEP_ATTACH : STEP_TARGETS;
    return true;
}

static bool take_targets(struct devtools *devtools, const json_t *result)
{
    const json_t *list = json_object_get(result, "targetInfos"), *target;
    size_t i;
    json_array_foreach(list, i, target)
    {
        const char *type = json_string_value(json_object_get(target, "type"));
        if (type && text_equal(type, "page")
            && text_take(devtools, target, "targetId", &devtools->target)) {
            devtools->step = STEP_ATTACH;
            return true;
        }
    }
    devtools->idle = json_is_array(list);
    return devtools->idle;
}

static bool take_session(struct devtools *devtools, const json_t *result)
{
    devtools->step = STEP_FRAME;
    return text_take(devtools, result, "sessionId", &devtools->session);
}

static bool take_frame(struct devtools *devtools, const json_t *result)
{
    const json_t *frame = json_object_get(json_object_get(result, "frameTree"), "frame");
    devtools->step = STEP_WORLD;
    return text_take(devtools, frame, "id", &devtools->frame);
}

static bool take_world(struct devtools *devtools, const json_t *result)
{
    const json_t *id = json_object_get(result, "executionContextId");
    devtools->world = json_integer_value(id);
    devtools->step = STEP_WEBGL;
    return json_is_integer(id);
}

static bool take_webgl(struct devtools *devtools, const json_t *result)
{
    json_t *value = json_object_get(json_object_get(result, "result"), "value");
    devtools->step = STEP_INFO;
    if (!json_is_boolean(json_object_get(json_object_get(value, "webgl"), "got"))
        || !json_is_boolean(json_object_get(json_object_get(value, "webgl2"), "got")))
        return false;
    devtools->page = json_incref(value);
    json_set(devtools->page, "own", json_boolean(devtools->own_page));
    return true;
}

static bool take_info(struct devtools *devtools, const json_t *result)
{
    devtools->step = STEP_PROCESSES;
    devtools->info = json_incref((json_t *)(uintptr_t)result);
    return json_is_object(json_object_get(result, "gpu"));
}

static bool take_processes(struct devtools *devtools, const json_t *result)
{
    devtools->step = STEP_DONE;
    devtools->processes = json_incref(json_object_get(result, "processInfo"));
    return json_is_array(devtools->processes);
}

static const struct step_row {
    const char *method;
    const char *wish; /* for a person */
    json_t *(*params)(const struct devtools *devtools);
    bool (*take)(struct devtools *devtools, const json_t *result);
    bool of_page; /* asked in the session of the page */
    bool again;   /* what fails here begins again with the pages */
} steps[STEP_COUNT] = {
    [STEP_CREATE] = { "Target.createTarget", "a page to be made", params_create, take_created },
    [STEP_TARGETS] = { "Target.getTargets", "a page to be shown", params_none, take_targets },
    [STEP_ATTACH] = { "Target.attachToTarget", "a page to answer", params_attach, take_session,
                      .again = true },
    [STEP_FRAME] = { "Page.getFrameTree", "a page to answer", params_none, take_frame,
                     .of_page = true, .again = true },
    [STEP_WORLD] = { "Page.createIsolatedWorld", "a page to answer", params_world, take_world,
                     .of_page = true, .again = true },
    [STEP_WEBGL] = { "Runtime.evaluate", "a page to answer for WebGL", params_webgl, take_webgl,
                     .of_page = true, .again = true },
    [STEP_INFO] = { "SystemInfo.getInfo", "the engine to tell its GPU", params_none, take_info },
    [STEP_PROCESSES] = { "SystemInfo.getProcessInfo", "the engine to tell its processes",
                         params_none, take_processes },
    [STEP_DONE] = { NULL, "nothing", NULL, NULL },
};

/* --- the conversation ---------------------------------------------------------------------------
 */

/* The browser target must be where the answer came from: nothing else is ever followed. */
static const char *path_of(struct arena *arena, unsigned port, const json_t *version)
{
    const char *url = json_string_value(json_object_get(version, "webSocketDebuggerUrl"));
    const char *own = arena_printf(arena, "ws://127.0.0.1:%u/", port);
    if (!url || !text_starts(url, own) || strpbrk(url, " \t\r\n"))
        return NULL;
    return arena_strdup(arena, url + strlen(own) - 1);
}

struct devtools *devtools_begin(struct arena *arena, unsigned port, const char *bytes,
                                size_t length, const char **out_path, struct err *err)
{
    struct err problem;
    json_t *version = json_parse(NULL, bytes, length, &problem);
    if (!json_is_object(version)) {
        json_decref(version);
        (void)err_set(err, ERR_DATA, "what answers on the port is no engine");
        return NULL;
    }
    const char *path = path_of(arena, port, version);
    if (!path) {
        json_decref(version);
        (void)err_set(err, ERR_DATA,
                      "the engine names no browser target, or one at another address");
        return NULL;
    }
    struct devtools *devtools = arena_alloc(arena, sizeof *devtools);
    *devtools = (struct devtools){ .arena = arena, .version = version };
    *out_path = path;
    return devtools;
}

const char *devtools_next(struct devtools *devtools)
{
    const struct step_row *row = &steps[devtools->step];
    if (devtools->open || devtools->step == STEP_DONE)
        return NULL;
    CLEANUP(json_freep) json_t *message = json_object();
    json_set(message, "id", json_integer(++devtools->number));
    json_set(message, "method", json_string(row->method));
    json_set(message, "params", row->params(devtools));
    if (row->of_page)
        json_set(message, "sessionId", json_string(devtools->session));
    devtools->open = true;
    devtools->idle = false;
    return json_format(devtools->arena, message);
}

/* The engine refuses, or its answer lacks something. */
static int refused(struct devtools *devtools, enum step step, const char *why, struct err *err)
{
    if (step == STEP_CREATE) { /* no engine of Qt makes one; the application's own will do */
        devtools->step = STEP_TARGETS;
        return 0;
    }
    if (!steps[step].again)
        return err_set(err, ERR_DATA, "the engine refuses %s: %s", steps[step].method, why);
    devtools->page_problem = why;
    devtools->own_page = false;
    devtools->step = STEP_TARGETS;
    devtools->idle = true;
    if (++devtools->page_tries == PAGE_TRIES_MAX)
        devtools_page_give_up(devtools);
    return 0;
}

static int answer_take(struct devtools *devtools, const json_t *message, struct err *err)
{
    enum step step = devtools->step;
    const json_t *result = json_object_get(message, "result");
    const char *why = json_get_text(devtools->arena, json_object_get(message, "error"), "message");
    devtools->open = false;
    if (!json_is_object(result))
        return refused(devtools, step, why ? why : "it gives no reason", err);
    if (!steps[step].take(devtools, result))
        return refused(devtools, step, "its answer makes no sense", err);
    return 0;
}

int devtools_take(struct devtools *devtools, const char *bytes, size_t length, struct err *err)
{
    struct err problem;
    CLEANUP(json_freep) json_t *message = json_parse(NULL, bytes, length, &problem);
    if (!json_is_object(message))
        return err_set(err, ERR_DATA, "what the engine says is no JSON object");
    if (!devtools->open || json_get_u64(message, "id", 0) != devtools->number)
        return 0;
    return answer_take(devtools, message, err);
}

bool devtools_is_idle(const struct devtools *devtools)
{
    return devtools->idle;
}

void devtools_page_give_up(struct devtools *devtools)
{
    if (devtools->step >= STEP_INFO)
        return;
    if (!devtools->page_problem)
        devtools->page_problem = arena_printf(devtools->arena, "waited in vain for %s",
                                              steps[devtools->step].wish);
    devtools->step = STEP_INFO;
    devtools->open = false; /* an answer that still comes is to nothing */
    devtools->idle = false;
}

bool devtools_is_done(const struct devtools *devtools)
{
    return devtools->step == STEP_DONE;
}

const char *devtools_wish(const struct devtools *devtools)
{
    return steps[devtools->step].wish;
}

json_t *devtools_to_json(const struct devtools *devtools)
{
    json_t *object = json_object();
    json_set(object, "version", json_incref(devtools->version));
    if (devtools->page)
        json_set(object, "page", json_incref(devtools->page));
    else
        json_set_text(object, "page_problem", devtools->page_problem);
    if (devtools->info) {
        json_set(object, "gpu", json_incref(json_object_get(devtools->info, "gpu")));
        json_set(object, "command_line",
                 json_incref(json_object_get(devtools->info, "commandLine")));
    }
    if (devtools->processes)
        json_set(object, "processes", json_incref(devtools->processes));
    return object;
}

void devtools_end(struct devtools *devtools)
{
    if (!devtools)
        return;
    json_t **const held[] = { &devtools->version, &devtools->page, &devtools->info,
                              &devtools->processes };
    for (size_t i = 0; i < ROWS(held); i++) {
        json_decref(*held[i]);
        *held[i] = NULL;
    }
}
