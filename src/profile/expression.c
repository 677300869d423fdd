/* Expressions that a profile compares values with. They become a small machine whose states all
 * advance together, byte by byte (Thompson's construction), so no expression can take more than
 * length times EXPRESSION_STATES_MAX steps, whoever wrote it.
 * Source of the method: Ken Thompson, "Regular Expression Search Algorithm", CACM 11(6), 1968. */
#include "profile/expression_private.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

/* A set of bytes, one bit each. */
struct byte_set {
    uint32_t bits[8];
};

enum node_kind { NODE_EMPTY, NODE_SET, NODE_JOIN, NODE_EITHER, NODE_REPEAT };

/* The expression as a tree; only while it is compiled. */
struct node {
    enum node_kind kind;
    const struct byte_set *set; /* NODE_SET */
    const struct node *left, *right;
    unsigned min, max; /* NODE_REPEAT; max REPEAT_ANY = no bound */
};
#define REPEAT_ANY 0xffffU

enum state_kind { STATE_SET, STATE_FORK, STATE_JUMP, STATE_MATCH };

struct state {
    enum state_kind kind;
    const struct byte_set *set;
    uint16_t next, other; /* STATE_FORK goes on at both */
};

struct expression {
    size_t count;
    struct byte_set idle; /* of what begins with ".*": bytes that change nothing at its start */
    uint16_t rest;        /* of what ends with ".*": the state that takes all bytes; else 0 */
    struct state states[EXPRESSION_STATES_MAX];
};

struct compiler {
    struct arena *arena;
    struct arena *scratch; /* what only compiling needs */
    const char *at;        /* next byte */
    bool any_case;
    unsigned depth;
    unsigned steps; /* nodes written out so far: also bounds repetitions of nothing */
    struct expression *expression;
    struct err *err;
};

static void set_add(struct byte_set *set, unsigned byte)
{
    set->bits[byte / 32] |= 1U << (byte % 32);
}

static bool set_has(const struct byte_set *set, unsigned char byte)
{
    return (set->bits[byte / 32] >> (byte % 32)) & 1U;
}

static void set_add_cased(const struct compiler *compiler, struct byte_set *set, unsigned byte)
{
    set_add(set, byte);
    if (compiler->any_case && byte < 128) {
        set_add(set, (unsigned)tolower((int)byte));
        set_add(set, (unsigned)toupper((int)byte));
    }
}

static struct node *node_new(struct compiler *compiler, enum node_kind kind)
{
    struct node *node = arena_alloc(compiler->scratch, sizeof *node);
    node->kind = kind;
    return node;
}

static int refuse(struct compiler *compiler, const char *text)
{
    return err_set(compiler->err, ERR_DATA, "%s", text);
}

/* [:alpha:] and its kind inside brackets; compiler->at stands behind "[:". */
static int class_read(struct compiler *compiler, struct byte_set *set)
{
    static const struct {
        const char *name;
        int (*has)(int);
    } rows[] = {
        { "alpha", isalpha }, { "digit", isdigit }, { "alnum", isalnum },   { "upper", isupper },
        { "lower", islower }, { "space", isspace }, { "xdigit", isxdigit }, { "punct", ispunct },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        size_t length = strlen(rows[i].name);
        if (strncmp(compiler->at, rows[i].name, length) != 0
            || strncmp(compiler->at + length, ":]", 2) != 0)
            continue;
        for (unsigned byte = 0; byte < 128; byte++) {
            if (rows[i].has((int)byte))
                set_add_cased(compiler, set, byte);
        }
        compiler->at += length + 2;
        return 0;
    }
    return refuse(compiler, "unknown class in brackets");
}

/* What stands in brackets; compiler->at stands behind "[". */
static int brackets_read(struct compiler *compiler, struct byte_set *set)
{
    bool negated = *compiler->at == '^';
    compiler->at += negated;
    for (bool first = true; first || *compiler->at != ']'; first = false) {
        unsigned char low = (unsigned char)*compiler->at;
        if (!low)
            return refuse(compiler, "'[' is not closed");
        if (low == '\\' || low >= 128)
            return refuse(compiler,
                          "a backslash or a letter outside ASCII cannot stand in brackets");
        compiler->at++;
        if (low == '[' && *compiler->at && strchr(":.=", *compiler->at)) {
            if (*compiler->at++ != ':')
                return refuse(compiler, "'[.' and '[=' are not supported");
            if (class_read(compiler, set) < 0)
                return -1;
            continue;
        }
        unsigned char high = low;
        if (compiler->at[0] == '-' && compiler->at[1] && compiler->at[1] != ']') {
            high = (unsigned char)compiler->at[1];
            compiler->at += 2;
        }
        if (high < low || high >= 128 || high == '\\')
            return refuse(compiler, "a range in brackets runs backwards or leaves ASCII");
        for (unsigned byte = low; byte <= high; byte++)
            set_add_cased(compiler, set, byte);
    }
    compiler->at++;
    for (size_t i = 0; negated && i < ROWS(set->bits); i++)
        set->bits[i] = ~set->bits[i];
    return 0;
}

static int either_read(struct compiler *compiler, const struct node **out);

static int group_read(struct compiler *compiler, const struct node **out)
{
    if (*compiler->at == '?')
        return refuse(compiler, "'(?' is not supported, only '(?i)' at the very start");
    if (++compiler->depth > EXPRESSION_DEPTH_MAX)
        return refuse(compiler, "too many parentheses in parentheses");
    if (either_read(compiler, out) < 0)
        return -1;
    compiler->depth--;
    if (*compiler->at != ')')
        return refuse(compiler, "'(' is not closed");
    compiler->at++;
    return 0;
}

static int escape_read(struct compiler *compiler, struct byte_set *set)
{
    unsigned char byte = (unsigned char)*compiler->at;
    if (isdigit(byte))
        return refuse(compiler, "back references are not supported");
    if (!byte || !ispunct(byte))
        return refuse(compiler, "a backslash may only stand before a punctuation character");
    set_add(set, byte);
    compiler->at++;
    return 0;
}

static int atom_read(struct compiler *compiler, const struct node **out)
{
    char byte = *compiler->at++;
    if (byte == '(')
        return group_read(compiler, out);
    if (strchr("*+?{", byte))
        return refuse(compiler, "a repetition has nothing to repeat");
    if (byte == '^' || byte == '$')
        return refuse(compiler, "the whole value is compared: '^' and '$' stand at the ends or not "
                                "at all");
    struct byte_set *set = arena_alloc(compiler->arena, sizeof *set);
    struct node *node = node_new(compiler, NODE_SET);
    node->set = set;
    *out = node;
    if (byte == '[')
        return brackets_read(compiler, set);
    if (byte == '\\')
        return escape_read(compiler, set);
    if (byte == '.')
        memset(set, 0xff, sizeof *set);
    else
        set_add_cased(compiler, set, (unsigned char)byte);
    return 0;
}

static bool number_read(struct compiler *compiler, unsigned *out)
{
    unsigned value = 0;
    if (!isdigit((unsigned char)*compiler->at))
        return false;
    for (; isdigit((unsigned char)*compiler->at); compiler->at++) {
        value = value * 10 + (unsigned)(*compiler->at - '0');
        if (value > EXPRESSION_REPEAT_MAX)
            return false;
    }
    *out = value;
    return true;
}

/* {m}, {m,} and {m,n}; compiler->at stands behind "{". */
static int bounds_read(struct compiler *compiler, unsigned *out_min, unsigned *out_max)
{
    bool fine = number_read(compiler, out_min);
    *out_max = *out_min;
    if (fine && *compiler->at == ',') {
        compiler->at++;
        *out_max = REPEAT_ANY;
        fine = *compiler->at == '}' || number_read(compiler, out_max);
    }
    if (!fine || *compiler->at != '}' || *out_max < *out_min)
        return refuse(compiler, "'{' wants {m}, {m,} or {m,n} with numbers up to 64");
    compiler->at++;
    return 0;
}

static int repeat_read(struct compiler *compiler, const struct node **out)
{
    if (atom_read(compiler, out) < 0)
        return -1;
    if (!*compiler->at || !strchr("*+?{", *compiler->at))
        return 0;
    char mark = *compiler->at++;
    struct node *node = node_new(compiler, NODE_REPEAT);
    node->left = *out;
    node->min = mark == '+';
    node->max = mark == '?' ? 1 : REPEAT_ANY;
    if (mark == '{' && bounds_read(compiler, &node->min, &node->max) < 0)
        return -1;
    if (*compiler->at && strchr("*+?{", *compiler->at))
        return refuse(compiler, "a repetition of a repetition needs parentheses");
    *out = node;
    return 0;
}

static int join_read(struct compiler *compiler, const struct node **out)
{
    *out = node_new(compiler, NODE_EMPTY);
    while (*compiler->at && *compiler->at != '|' && *compiler->at != ')') {
        struct node *node = node_new(compiler, NODE_JOIN);
        if (compiler->at[0] == '$' && !compiler->at[1]) {
            compiler->at++;
            return 0;
        }
        node->left = *out;
        if (repeat_read(compiler, &node->right) < 0)
            return -1;
        *out = node;
    }
    return 0;
}

static int either_read(struct compiler *compiler, const struct node **out)
{
    if (join_read(compiler, out) < 0)
        return -1;
    while (*compiler->at == '|') {
        compiler->at++;
        struct node *node = node_new(compiler, NODE_EITHER);
        node->left = *out;
        if (join_read(compiler, &node->right) < 0)
            return -1;
        *out = node;
    }
    return 0;
}

/* One more state; its number, or -1 when there are too many. */
static int state_add(struct compiler *compiler, struct state state)
{
    struct expression *expression = compiler->expression;
    if (expression->count == EXPRESSION_STATES_MAX)
        return refuse(compiler, "the expression is too large");
    expression->states[expression->count] = state;
    return (int)expression->count++;
}

static uint16_t here(const struct compiler *compiler)
{
    return (uint16_t)compiler->expression->count;
}

static int node_write(struct compiler *compiler, const struct node *node);

static int either_write(struct compiler *compiler, const struct node *node)
{
    struct state *states = compiler->expression->states;
    int fork = state_add(compiler, (struct state){ .kind = STATE_FORK });
    if (fork < 0)
        return -1;
    states[fork].next = here(compiler);
    if (node_write(compiler, node->left) < 0)
        return -1;
    int jump = state_add(compiler, (struct state){ .kind = STATE_JUMP });
    if (jump < 0)
        return -1;
    states[fork].other = here(compiler);
    if (node_write(compiler, node->right) < 0)
        return -1;
    states[jump].next = here(compiler);
    return 0;
}

/* Once or not at all; with again, any number of times. */
static int option_write(struct compiler *compiler, const struct node *node, bool again)
{
    struct state *states = compiler->expression->states;
    int fork = state_add(compiler, (struct state){ .kind = STATE_FORK });
    if (fork < 0)
        return -1;
    states[fork].next = here(compiler);
    if (node_write(compiler, node) < 0)
        return -1;
    if (again
        && state_add(compiler, (struct state){ .kind = STATE_JUMP, .next = (uint16_t)fork }) < 0)
        return -1;
    states[fork].other = here(compiler);
    return 0;
}

static int repeat_write(struct compiler *compiler, const struct node *node)
{
    for (unsigned i = 0; i < node->min; i++) {
        if (node_write(compiler, node->left) < 0)
            return -1;
    }
    if (node->max == REPEAT_ANY)
        return option_write(compiler, node->left, true);
    for (unsigned i = node->min; i < node->max; i++) {
        if (option_write(compiler, node->left, false) < 0)
            return -1;
    }
    return 0;
}

static int node_write(struct compiler *compiler, const struct node *node)
{
    if (++compiler->steps > 8 * EXPRESSION_STATES_MAX)
        return refuse(compiler, "the expression is too large");
    switch (node->kind) {
    case NODE_EMPTY:
        return 0;
    case NODE_SET:
        return state_add(compiler, (struct state){ .kind = STATE_SET, .set = node->set }) < 0 ? -1
                                                                                              : 0;
    case NODE_JOIN:
        return node_write(compiler, node->left) < 0 ? -1 : node_write(compiler, node->right);
    case NODE_EITHER:
        return either_write(compiler, node);
    case NODE_REPEAT:
        return repeat_write(compiler, node);
    }
    return 0;
}

/* States that are alive at one place of the text, each once. */
struct alive {
    uint16_t items[EXPRESSION_STATES_MAX];
    size_t count;
    bool has[EXPRESSION_STATES_MAX];
};

static void alive_clear(struct alive *alive)
{
    for (size_t i = 0; i < alive->count; i++)
        alive->has[alive->items[i]] = false;
    alive->count = 0;
}

static void alive_put(struct alive *alive, uint16_t state)
{
    if (!alive->has[state]) {
        alive->has[state] = true;
        alive->items[alive->count++] = state;
    }
}

/* Add a state and all that it leads to without a byte. A state enters the list once and order does
 * not matter, so the list itself is the queue of what is still to be followed. */
static void alive_add(const struct expression *expression, struct alive *alive, uint16_t first)
{
    size_t at = alive->count;
    alive_put(alive, first);
    for (; at < alive->count; at++) {
        const struct state *state = &expression->states[alive->items[at]];
        if (state->kind == STATE_FORK || state->kind == STATE_JUMP)
            alive_put(alive, state->next);
        if (state->kind == STATE_FORK)
            alive_put(alive, state->other);
    }
}

static void alive_begin(const struct expression *expression, struct alive *alive)
{
    alive->count = 0;
    memset(alive->has, false, expression->count * sizeof *alive->has);
}

/* Is ".*" written at these states? */
static bool is_anything(const struct expression *expression, size_t at)
{
    const struct state *states = expression->states + at;
    bool any = at + 3 < expression->count && states[0].kind == STATE_FORK
               && states[0].next == at + 1 && states[0].other == at + 3
               && states[1].kind == STATE_SET && states[2].kind == STATE_JUMP
               && states[2].next == at;
    for (unsigned byte = 1; any && byte < 256; byte++)
        any = set_has(states[1].set, (unsigned char)byte);
    return any;
}

/* Most expressions begin with ".*", most bytes begin nothing of what follows it, and most end with
 * it too. */
static void shortcuts_find(struct expression *expression)
{
    struct alive start;
    size_t count = expression->count;
    if (count > 4 && is_anything(expression, count - 4))
        expression->rest = (uint16_t)(count - 3);
    if (!is_anything(expression, 0))
        return;
    memset(&expression->idle, 0xff, sizeof expression->idle);
    alive_begin(expression, &start);
    alive_add(expression, &start, 3);
    for (size_t i = 0; i < start.count; i++) {
        const struct state *state = &expression->states[start.items[i]];
        for (size_t j = 0; state->kind == STATE_SET && j < ROWS(state->set->bits); j++)
            expression->idle.bits[j] &= ~state->set->bits[j];
    }
}

int expression_compile(struct arena *arena, const char *text, const struct expression **out,
                       struct err *err)
{
    CLEANUP(arena_clear) struct arena scratch = { 0 };
    struct compiler compiler = { .arena = arena, .scratch = &scratch, .at = text, .err = err };
    const struct node *root;
    if (strlen(text) > EXPRESSION_BYTES_MAX)
        return err_set(err, ERR_DATA, "the expression is longer than %d bytes",
                       EXPRESSION_BYTES_MAX);
    if (text_starts(text, "(?i)")) {
        compiler.any_case = true;
        compiler.at += strlen("(?i)");
    }
    if (*compiler.at == '^')
        compiler.at++;
    if (either_read(&compiler, &root) < 0)
        return -1;
    if (*compiler.at)
        return refuse(&compiler, "')' has no '('");
    struct expression *whole = arena_alloc(&scratch, sizeof *whole);
    compiler.expression = whole;
    if (node_write(&compiler, root) < 0
        || state_add(&compiler, (struct state){ .kind = STATE_MATCH }) < 0)
        return -1;
    shortcuts_find(whole);
    /* Most expressions need a few dozen states: keep only those. */
    size_t bytes = offsetof(struct expression, states) + whole->count * sizeof whole->states[0];
    struct expression *kept = arena_alloc(arena, bytes);
    memcpy(kept, whole, bytes);
    *out = kept;
    return 0;
}

bool expression_matches(const struct expression *expression, const char *text)
{
    struct alive sets[2];
    struct alive *now = &sets[0], *then = &sets[1];
    alive_begin(expression, now);
    alive_begin(expression, then);
    alive_add(expression, now, 0);
    /* Behind ".*" the states of the start stay alive, and its jump: as many are the same ones. */
    const size_t at_start = now->count + 1;
    for (; *text && now->count; text++) {
        if (now->count <= at_start && set_has(&expression->idle, (unsigned char)*text))
            continue;
        alive_clear(then);
        for (size_t i = 0; i < now->count; i++) {
            const struct state *state = &expression->states[now->items[i]];
            if (state->kind == STATE_SET && set_has(state->set, (unsigned char)*text))
                alive_add(expression, then, (uint16_t)(now->items[i] + 1));
        }
        if (expression->rest && then->has[expression->rest])
            return true;
        struct alive *spare = now;
        now = then;
        then = spare;
    }
    for (size_t i = 0; i < now->count; i++) {
        if (expression->states[now->items[i]].kind == STATE_MATCH)
            return *text == '\0';
    }
    return false;
}
