/* The conversation with an engine: which question follows which answer, and what may be said by
 * anyone who listens on the port. */
#include "engine/devtools.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/macros.h"
#include "rows.h"

#define PORT 4711
#define OWN "ws://127.0.0.1:4711/devtools/browser/1"
#define GOOD_PAGE                                                                                  \
    "{\"result\": {\"type\": \"object\", \"value\": {\"webgl\": {\"got\": true}, \"webgl2\": "     \
    "{\"got\": false, \"why\": \"no\"}}}}"

static struct arena arena;

static void test_devtools_begin_when_the_answer_is(void **state)
{
    (void)state;
    static const struct {
        const char *label, *text, *want_path, *want_err;
    } rows[] = {
        { "of an engine", "{\"webSocketDebuggerUrl\": \"" OWN "\"}", "/devtools/browser/1", NULL },
        { "another port", "{\"webSocketDebuggerUrl\": \"ws://127.0.0.1:47110/x\"}", NULL,
          "the engine names no browser target, or one at another address" },
        { "another machine", "{\"webSocketDebuggerUrl\": \"ws://127.0.0.1.example:4711/x\"}", NULL,
          "the engine names no browser target, or one at another address" },
        { "a user name", "{\"webSocketDebuggerUrl\": \"ws://127.0.0.1:4711@example/x\"}", NULL,
          "the engine names no browser target, or one at another address" },
        { "a line end", "{\"webSocketDebuggerUrl\": \"ws://127.0.0.1:4711/x\\r\\nA: b\"}", NULL,
          "the engine names no browser target, or one at another address" },
        { "no target", "{\"Browser\": \"x\"}", NULL,
          "the engine names no browser target, or one at another address" },
        { "a number", "{\"webSocketDebuggerUrl\": 1}", NULL,
          "the engine names no browser target, or one at another address" },
        { "a list", "[]", NULL, "what answers on the port is no engine" },
        { "a page", "<html>", NULL, "what answers on the port is no engine" },
        { "nothing", "", NULL, "what answers on the port is no engine" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct err err;
        const char *path = NULL;
        struct devtools *devtools = devtools_begin(&arena, PORT, rows[i].text, strlen(rows[i].text),
                                                   &path, &err);
        rows_err(rows[i].label, devtools ? 0 : -1, &err, rows[i].want_err);
        rows_text(rows[i].label, path, rows[i].want_path);
        devtools_end(devtools);
    }
    rows_done();
}

static struct devtools *begin(void)
{
    struct err err;
    const char *path, *text = "{\"webSocketDebuggerUrl\": \"" OWN "\"}";
    struct devtools *devtools = devtools_begin(&arena, PORT, text, strlen(text), &path, &err);
    assert_non_null(devtools);
    return devtools;
}

/* The method that is asked next, with its session and the session's answer to it; NULL = none. */
static const char *ask(struct devtools *devtools, json_int_t *out_id)
{
    const char *text = devtools_next(devtools);
    struct err err;
    if (!text)
        return NULL;
    CLEANUP(json_freep) json_t *message = json_parse(NULL, text, strlen(text), &err);
    assert_non_null(message);
    *out_id = json_integer_value(json_object_get(message, "id"));
    assert_true(json_is_object(json_object_get(message, "params")));
    const char *session = json_get_text(&arena, message, "sessionId");
    return arena_printf(&arena, "%s%s%s", json_get_text(&arena, message, "method"),
                        session ? " in " : "", session ? session : "");
}

/* One row a step: what must be asked, and what is answered (result, or error with "!"). */
struct exchange {
    const char *want, *answer;
};

static void converse(const char *label, struct devtools *devtools, const struct exchange *rows,
                     const char *want_err)
{
    struct err err = { .kind = ERR_NONE };
    int taken = 0;
    for (; rows->want && taken == 0; rows++) {
        json_int_t id = 0;
        rows_text(label, ask(devtools, &id), rows->want);
        assert_null(devtools_next(devtools)); /* one question at a time */
        const char *answer = arena_printf(&arena, "{\"id\": %lld, \"%s\": %s}", (long long)id,
                                          *rows->answer == '!' ? "error" : "result",
                                          rows->answer + (*rows->answer == '!'));
        taken = devtools_take(devtools, answer, strlen(answer), &err);
    }
    rows_err(label, taken, &err, want_err);
}

#define NOT_SUPPORTED                                                                              \
    {                                                                                              \
        "Target.createTarget", "!{\"code\": -32000, \"message\": \"Not supported\"}"               \
    }
#define PAGES                                                                                      \
    {                                                                                              \
        "Target.getTargets", "{\"targetInfos\": [{\"type\": \"worker\", \"targetId\": \"w\"}, "    \
                             "{\"type\": \"page\", \"targetId\": \"p\"}]}"                         \
    }
#define TO_THE_WORLD                                                                               \
    { "Target.attachToTarget", "{\"sessionId\": \"S\"}" },                                         \
        { "Page.getFrameTree in S", "{\"frameTree\": {\"frame\": {\"id\": \"f\"}}}" },             \
    {                                                                                              \
        "Page.createIsolatedWorld in S", "{\"executionContextId\": 7}"                             \
    }
#define INFO                                                                                       \
    {                                                                                              \
        "SystemInfo.getInfo", "{\"gpu\": {\"devices\": []}, \"commandLine\": \"app\"}"             \
    }
#define PROCESSES                                                                                  \
    {                                                                                              \
        "SystemInfo.getProcessInfo", "{\"processInfo\": [{\"id\": 9}]}"                            \
    }

static void test_devtools_conversations(void **state)
{
    (void)state;
    static const struct exchange qt[] = { NOT_SUPPORTED, PAGES,
                                          TO_THE_WORLD,  { "Runtime.evaluate in S", GOOD_PAGE },
                                          INFO,          PROCESSES,
                                          { NULL, NULL } };
    static const struct exchange own_page[] = { { "Target.createTarget", "{\"targetId\": \"n\"}" },
                                                TO_THE_WORLD,
                                                { "Runtime.evaluate in S", GOOD_PAGE },
                                                INFO,
                                                PROCESSES,
                                                { NULL, NULL } };
    static const struct exchange moved[] = { NOT_SUPPORTED,
                                             PAGES,
                                             TO_THE_WORLD,
                                             { "Runtime.evaluate in S",
                                               "!{\"message\": \"Cannot find context\"}" },
                                             PAGES,
                                             TO_THE_WORLD,
                                             { "Runtime.evaluate in S", GOOD_PAGE },
                                             INFO,
                                             PROCESSES,
                                             { NULL, NULL } };
    static const struct exchange nonsense[] = {
        NOT_SUPPORTED, PAGES,
        TO_THE_WORLD,  { "Runtime.evaluate in S", "{\"result\": {\"value\": 1}}" },
        PAGES,         { NULL, NULL }
    };
    static const struct exchange no_list[] = { NOT_SUPPORTED,
                                               { "Target.getTargets", "{}" },
                                               { NULL, NULL } };
    static const struct exchange no_info[] = { NOT_SUPPORTED,
                                               PAGES,
                                               TO_THE_WORLD,
                                               { "Runtime.evaluate in S", GOOD_PAGE },
                                               { "SystemInfo.getInfo",
                                                 "!{\"message\": \"not found\"}" },
                                               { NULL, NULL } };
    static const struct exchange no_gpu[] = { NOT_SUPPORTED,
                                              PAGES,
                                              TO_THE_WORLD,
                                              { "Runtime.evaluate in S", GOOD_PAGE },
                                              { "SystemInfo.getInfo", "{\"gpu\": 1}" },
                                              { NULL, NULL } };
    static const struct {
        const char *label;
        const struct exchange *exchanges;
        bool done;
        const char *want_err;
    } rows[] = {
        { "as Qt does", qt, true, NULL },
        { "a page of our own", own_page, true, NULL },
        { "the page went elsewhere", moved, true, NULL },
        { "the page says nonsense", nonsense, false, NULL },
        { "no list of pages", no_list, false,
          "the engine refuses Target.getTargets: its answer makes no sense" },
        { "refused", no_info, false, "the engine refuses SystemInfo.getInfo: not found" },
        { "no GPU in it", no_gpu, false,
          "the engine refuses SystemInfo.getInfo: its answer makes no sense" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct devtools *devtools = begin();
        converse(rows[i].label, devtools, rows[i].exchanges, rows[i].want_err);
        rows_number(rows[i].label, devtools_is_done(devtools), rows[i].done);
        devtools_end(devtools);
    }
    rows_done();
}

static void test_devtools_answers_when_all_is_told(void **state)
{
    (void)state;
    static const struct exchange all[] = { NOT_SUPPORTED, PAGES,
                                           TO_THE_WORLD,  { "Runtime.evaluate in S", GOOD_PAGE },
                                           INFO,          PROCESSES,
                                           { NULL, NULL } };
    struct devtools *devtools = begin();
    converse("all", devtools, all, NULL);
    rows_done();
    CLEANUP(json_freep) json_t *answers = devtools_to_json(devtools);
    CLEANUP(json_freep)
    json_t *want = json_pack("{s:{s:s}, s:{s:{s:b}, s:{s:b, s:s}, s:b}, s:{s:[]}, s:s, s:[{s:i}]}",
                             "version", "webSocketDebuggerUrl", OWN, "page", "webgl", "got", 1,
                             "webgl2", "got", 0, "why", "no", "own", 0, "gpu", "devices",
                             "command_line", "app", "processes", "id", 9);
    assert_string_equal(json_format(&arena, answers), json_format(&arena, want));
    devtools_end(devtools);
    devtools_end(devtools); /* nothing is left to let go of */
}

/* No page yet: time is waited for; in the end the rest is asked without one. */
static void test_devtools_when_there_is_no_page(void **state)
{
    (void)state;
    static const struct exchange none[] = { NOT_SUPPORTED,
                                            { "Target.getTargets", "{\"targetInfos\": []}" },
                                            { NULL, NULL } };
    static const struct exchange again[] = { { "Target.getTargets", "{\"targetInfos\": []}" },
                                             { NULL, NULL } };
    static const struct exchange rest[] = { INFO, PROCESSES, { NULL, NULL } };
    struct devtools *devtools = begin();
    converse("none", devtools, none, NULL);
    assert_true(devtools_is_idle(devtools));
    assert_string_equal(devtools_wish(devtools), "a page to be shown");
    converse("again", devtools, again, NULL);
    devtools_page_give_up(devtools);
    assert_false(devtools_is_idle(devtools));
    converse("rest", devtools, rest, NULL);
    devtools_page_give_up(devtools); /* too late to matter */
    rows_done();
    assert_true(devtools_is_done(devtools));
    CLEANUP(json_freep) json_t *answers = devtools_to_json(devtools);
    assert_null(json_object_get(answers, "page"));
    assert_string_equal(json_get_text(&arena, answers, "page_problem"),
                        "waited in vain for a page to be shown");
    devtools_end(devtools);
}

/* A page that never answers: what it says in the end is to nothing. */
static void test_devtools_when_the_page_is_given_up_while_asked(void **state)
{
    (void)state;
    struct devtools *devtools = begin();
    struct err err;
    json_int_t late, id;
    static const struct exchange before[] = { NOT_SUPPORTED, PAGES, { NULL, NULL } };
    converse("before", devtools, before, NULL);
    assert_string_equal(ask(devtools, &late), "Target.attachToTarget");
    devtools_page_give_up(devtools);
    assert_string_equal(ask(devtools, &id), "SystemInfo.getInfo");
    const char *answer = arena_printf(&arena, "{\"id\": %lld, \"result\": {\"sessionId\": \"S\"}}",
                                      (long long)late);
    assert_int_equal(devtools_take(devtools, answer, strlen(answer), &err), 0);
    assert_null(devtools_next(devtools)); /* getInfo is still open */
    devtools_end(devtools);
    rows_done();
}

/* A page that always fails is left in the end. */
static void test_devtools_when_the_page_fails_on_and_on(void **state)
{
    (void)state;
    static const struct exchange failing[] = {
        PAGES, { "Target.attachToTarget", "!{\"message\": \"gone\"}" }, { NULL, NULL }
    };
    static const struct exchange first[] = { NOT_SUPPORTED, { NULL, NULL } };
    static const struct exchange rest[] = { INFO, PROCESSES, { NULL, NULL } };
    struct devtools *devtools = begin();
    converse("first", devtools, first, NULL);
    for (int i = 0; i < 20; i++)
        converse("failing", devtools, failing, NULL);
    converse("rest", devtools, rest, NULL);
    rows_done();
    assert_true(devtools_is_done(devtools));
    devtools_end(devtools);
}

static void test_devtools_take_when_the_message_is(void **state)
{
    (void)state;
    static const struct {
        const char *label, *text, *want_err;
    } rows[] = {
        { "an event", "{\"method\": \"Target.attachedToTarget\", \"params\": {}}", NULL },
        { "an answer to nothing", "{\"id\": 99, \"result\": {}}", NULL },
        { "an answer without number", "{\"result\": {}}", NULL },
        { "a negative number", "{\"id\": -1, \"result\": {}}", NULL },
        { "a list", "[1]", "what the engine says is no JSON object" },
        { "cut", "{\"id\": 1, \"res", "what the engine says is no JSON object" },
        { "empty", "", "what the engine says is no JSON object" },
        { "not UTF-8", "{\"a\": \"\xff\"}", "what the engine says is no JSON object" },
    };
    struct devtools *devtools = begin();
    json_int_t id;
    assert_string_equal(ask(devtools, &id), "Target.createTarget");
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct err err = { .kind = ERR_NONE };
        int taken = devtools_take(devtools, rows[i].text, strlen(rows[i].text), &err);
        rows_err(rows[i].label, taken, &err, rows[i].want_err);
        rows_number(rows[i].label, devtools_next(devtools) == NULL, true);
    }
    rows_done();
    devtools_end(devtools);
}

static int teardown(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_devtools_begin_when_the_answer_is),
        cmocka_unit_test(test_devtools_conversations),
        cmocka_unit_test(test_devtools_answers_when_all_is_told),
        cmocka_unit_test(test_devtools_when_there_is_no_page),
        cmocka_unit_test(test_devtools_when_the_page_is_given_up_while_asked),
        cmocka_unit_test(test_devtools_when_the_page_fails_on_and_on),
        cmocka_unit_test(test_devtools_take_when_the_message_is),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
