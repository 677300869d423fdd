/* The tests that every profile carries: machines that it must match, must not match, and about
 * which too little is known. They are read with the profile and run by `qwguard profile validate`
 * and by the unit tests, so that nobody can change a condition without seeing whom it hits. */
#include <string.h>

#include "profile/condition_private.h"
#include "profile/read_private.h"

#define TESTS_MAX 200
#define WORD_BYTES_MAX 200

struct test_reader {
    struct arena *arena;
    struct report *report;
    struct profile_test *test;
    struct verdict *verdict;      /* NULL until a test speaks of it */
    struct variables *signatures; /* the same */
};

typedef int test_key_fn(struct test_reader *reader, const struct yaml_node *node);

struct test_key {
    const char *key;
    test_key_fn *read;
};

static int keys_read(struct test_reader *reader, const struct yaml_node *node, const char *what,
                     const struct test_key *rows, size_t count)
{
    int result = 0;
    if (node->kind != YAML_MAPPING)
        return read_refuse(reader->report, node->at, "'%s' wants a mapping, not %s", what,
                           yaml_kind_text(node));
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        const char **keys = arena_array(reader->arena, count, sizeof *keys);
        size_t row = 0;
        for (; row < count && !text_equal(rows[row].key, pair->key); row++)
            keys[row] = rows[row].key;
        if (row == count)
            result = read_refuse(reader->report, pair->key_at, "unknown key '%s'%s", pair->key,
                                 did_you_mean(reader->arena, text_nearest(pair->key, keys, count)));
        else if (rows[row].read(reader, pair->value) < 0)
            result = -1;
    }
    return result;
}

static int none_of(struct test_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_refuse(reader->report, node->at, "%s is never %s", key,
                       node->kind == YAML_SCALAR ? arena_printf(reader->arena, "'%s'", node->text)
                                                 : yaml_kind_text(node));
}

/* Only kept: what it says is checked when the tests are run, not at every start of an app. */
static int read_identity(struct test_reader *reader, const struct yaml_node *node)
{
    reader->test->identity = node;
    return 0;
}

static int read_outcome(struct test_reader *reader, const struct yaml_node *node)
{
    for (int i = 0; node->kind == YAML_SCALAR && i < OUTCOME_COUNT; i++) {
        if (text_equal(node->text, outcome_text((enum outcome)i))) {
            reader->verdict->outcome = (enum outcome)i;
            return 0;
        }
    }
    return none_of(reader, node, "verdict.outcome");
}

static int webgl_state_read(struct test_reader *reader, const struct yaml_node *node,
                            enum webgl_state *out)
{
    static const enum webgl_state states[] = { WEBGL_ENABLED, WEBGL_DISABLED, WEBGL_UNKNOWN };
    for (size_t i = 0; node->kind == YAML_SCALAR && i < ROWS(states); i++) {
        if (text_equal(node->text, webgl_state_text(states[i]))) {
            *out = states[i];
            return 0;
        }
    }
    return none_of(reader, node, "the state of WebGL");
}

static int read_webgl(struct test_reader *reader, const struct yaml_node *node)
{
    return webgl_state_read(reader, node, &reader->verdict->webgl);
}

static int read_webgl2(struct test_reader *reader, const struct yaml_node *node)
{
    return webgl_state_read(reader, node, &reader->verdict->webgl2);
}

static int read_verdict(struct test_reader *reader, const struct yaml_node *node)
{
    static const struct test_key rows[] = { { "outcome", read_outcome },
                                            { "webgl", read_webgl },
                                            { "webgl2", read_webgl2 } };
    reader->verdict = arena_alloc(reader->arena, sizeof *reader->verdict);
    *reader->verdict = (struct verdict){ .outcome = OUTCOME_UNKNOWN };
    reader->test->verdict = reader->verdict;
    return keys_read(reader, node, "verdict", rows, ROWS(rows));
}

static int read_crashes(struct test_reader *reader, const struct yaml_node *node)
{
    if (!yaml_to_u64(node, &reader->test->crashes.value))
        return none_of(reader, node, "history.crashes");
    reader->test->crashes.known = true;
    return 0;
}

static int read_updated(struct test_reader *reader, const struct yaml_node *node)
{
    bool flag;
    if (!yaml_to_bool(node, &flag))
        return none_of(reader, node, "history.updated");
    reader->test->updated = flag ? TRUTH_YES : TRUTH_NO;
    return 0;
}

static int read_signatures(struct test_reader *reader, const struct yaml_node *node)
{
    uint64_t count;
    if (node->kind != YAML_MAPPING)
        return none_of(reader, node, "history.signatures");
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        if (signature_check(reader->report, pair->key_at, pair->key) < 0)
            return -1;
        if (!yaml_to_u64(pair->value, &count))
            return none_of(reader, pair->value, pair->key);
        variables_set(reader->arena, reader->signatures, pair->key,
                      arena_printf(reader->arena, "%llu", (unsigned long long)count));
    }
    return 0;
}

static int read_history(struct test_reader *reader, const struct yaml_node *node)
{
    static const struct test_key rows[] = { { "crashes", read_crashes },
                                            { "updated", read_updated },
                                            { "signatures", read_signatures } };
    reader->signatures = arena_alloc(reader->arena, sizeof *reader->signatures);
    reader->test->signatures = reader->signatures;
    return keys_read(reader, node, "history", rows, ROWS(rows));
}

static int read_attribution(struct test_reader *reader, const struct yaml_node *node)
{
    reader->test->attribution = read_line(reader->report, "attribution", node, WORD_BYTES_MAX);
    return reader->test->attribution ? 0 : -1;
}

/* The word of a test and of `profile match` for a result, and back. */
static const char *const expect_words[] = {
    [TRUTH_UNKNOWN] = "unknown", [TRUTH_NO] = "no", [TRUTH_YES] = "match"
};

static int read_expect(struct test_reader *reader, const struct yaml_node *node)
{
    for (size_t i = 0; node->kind == YAML_SCALAR && i < ROWS(expect_words); i++) {
        if (text_equal(node->text, expect_words[i])) {
            reader->test->expect = (enum truth)i;
            return 0;
        }
    }
    return read_refuse(reader->report, node->at, "'expect' wants match, no or unknown");
}

int tests_read(struct arena *arena, const struct yaml_node *node, struct report *report,
               struct profile *out)
{
    static const struct test_key rows[] = {
        { "identity", read_identity }, { "verdict", read_verdict },
        { "history", read_history },   { "attribution", read_attribution },
        { "expect", read_expect },
    };
    int result = 0;
    if (node->kind != YAML_SEQUENCE || node->count > TESTS_MAX)
        return read_refuse(report, node->at, "'tests' wants a list of at most %d tests", TESTS_MAX);
    out->tests = arena_array(arena, node->count, sizeof *out->tests);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *item = node->items[i];
        struct profile_test *test = &out->tests[out->test_count++];
        struct test_reader reader = { .arena = arena, .report = report, .test = test };
        test->at = item->at;
        if (keys_read(&reader, item, "test", rows, ROWS(rows)) < 0)
            result = -1;
        else if (!yaml_get(item, "expect"))
            result = read_refuse(report, item->at, "a test wants 'expect'");
    }
    return result;
}

/* The condition that decided, for the message of a failed test. */
static const char *reason(struct arena *arena, const struct trace *trace, enum truth result,
                          const char *needs)
{
    if (result == TRUTH_UNKNOWN)
        return arena_printf(arena, " (unknown: %s)", needs);
    for (size_t i = 0; result == TRUTH_NO && i < trace->count; i++) {
        if (trace->items[i].depth == 0 && trace->items[i].result == TRUTH_NO)
            return arena_printf(arena, " (%s)", trace->items[i].text);
    }
    return "";
}

int test_facts(struct arena *arena, const struct profile_test *test, struct report *report,
               struct identity *identity, struct profile_facts *out_facts)
{
    size_t errors = report->error_count;
    *identity = (struct identity){ 0 };
    if (test->identity)
        identity_read(arena, test->identity, report, identity);
    *out_facts = (struct profile_facts){
        .identity = identity,
        .verdict = test->verdict,
        .attribution = test->attribution,
        .crashes = test->crashes,
        .updated = test->updated,
        .signatures = test->signatures,
    };
    return report->error_count > errors ? -1 : 0;
}

static void test_run(struct arena *arena, const struct profile *profile,
                     const struct profile_test *test, struct report *report)
{
    struct identity identity;
    struct profile_facts facts;
    struct trace trace;
    const char *needs;
    if (test_facts(arena, test, report, &identity, &facts) < 0)
        return;
    enum truth result = conditions_evaluate(arena, profile->match, &facts, &trace, &needs);
    if (result != test->expect)
        report_add(report, FINDING_ERROR, test->at,
                   "the test expects '%s', profile '%s' gives '%s'%s", expect_words[test->expect],
                   profile->id, expect_words[result], reason(arena, &trace, result, needs));
}

void profiles_test(struct arena *arena, const struct profiles *profiles, struct report *report)
{
    for (size_t i = 0; i < profiles->count; i++) {
        const struct profile *profile = profiles->items[i];
        bool has[ROWS(expect_words)] = { false };
        for (size_t j = 0; j < profile->test_count; j++) {
            has[profile->tests[j].expect] = true;
            test_run(arena, profile, &profile->tests[j], report);
        }
        for (enum truth truth = TRUTH_NO; truth <= TRUTH_YES; truth++) {
            if (!has[truth])
                report_add(report, FINDING_WARNING, profile->at,
                           "profile '%s' has no test that expects '%s'", profile->id,
                           expect_words[truth]);
        }
        bounds_check(arena, profile, report);
    }
}
