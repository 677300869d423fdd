/* A small regular-expression matcher for the patterns of Chromium's lists: the pattern is
 * translated to a program (Thompson), the program to one bit set per position that says where one
 * may go next, and matching walks those sets byte by byte. So a pattern from a foreign file can
 * neither allocate nor take more than linear time, which POSIX regexec does not promise. */
#include "engine/pattern_private.h"

#include <stdint.h>
#include <string.h>

#define PROGRAM_MAX 1024 /* instructions while compiling */
#define PLACES_MAX 512   /* bytes that a pattern can take, the end included */
#define WORDS_MAX (PLACES_MAX / 64)
#define GROUPS_MAX 16 /* groups inside groups: bounds the recursion of the compiler */

struct byte_set {
    uint64_t bits[4];
};

struct pattern {
    const char *text;
    size_t words;           /* of one bit set of places */
    size_t places;          /* place number `places` is the end */
    struct byte_set *takes; /* [places]: bytes that the place takes */
    uint64_t *start;        /* [words] */
    uint64_t *next;         /* [places][words]: where one is after the place has taken a byte */
};

/* TAKE goes on to the next instruction; SPLIT to both targets; JUMP to the first. Targets are
 * relative, so that code can be moved. */
enum operation { OP_TAKE, OP_SPLIT, OP_JUMP };

struct instruction {
    enum operation op;
    int to, or_to;
    struct byte_set set;
};

struct compiler {
    const char *text;
    const char *at;
    bool fold; /* (?i) */
    unsigned depth;
    struct instruction *program; /* [PROGRAM_MAX] */
    size_t length;
    struct err *err;
};

static int fail(struct compiler *compiler, const char *what)
{
    return err_set(compiler->err, ERR_DATA, "bad pattern '%s': %s at byte %u", compiler->text, what,
                   (unsigned)(compiler->at - compiler->text) + 1);
}

static void set_add(struct byte_set *set, unsigned char byte)
{
    set->bits[byte / 64] |= UINT64_C(1) << (byte % 64);
}

static bool set_has(const struct byte_set *set, unsigned char byte)
{
    return set->bits[byte / 64] >> (byte % 64) & 1;
}

static void set_add_range(struct byte_set *set, unsigned first, unsigned last)
{
    for (unsigned byte = first; byte <= last; byte++)
        set_add(set, (unsigned char)byte);
}

static void set_invert(struct byte_set *set)
{
    for (size_t i = 0; i < 4; i++)
        set->bits[i] = ~set->bits[i];
}

static void set_fold(struct byte_set *set)
{
    for (unsigned char lower = 'a'; lower <= 'z'; lower++) {
        unsigned char upper = (unsigned char)(lower - 'a' + 'A');
        if (set_has(set, lower) || set_has(set, upper)) {
            set_add(set, lower);
            set_add(set, upper);
        }
    }
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* \d \w \s and their capitals. */
static bool class_letter(char letter, struct byte_set *out)
{
    struct byte_set set = { { 0 } };
    switch (letter) {
    case 'd':
    case 'D':
        set_add_range(&set, '0', '9');
        break;
    case 'w':
    case 'W':
        set_add_range(&set, '0', '9');
        set_add_range(&set, 'a', 'z');
        set_add_range(&set, 'A', 'Z');
        set_add(&set, '_');
        break;
    case 's':
    case 'S':
        set_add_range(&set, '\t', '\n');
        set_add_range(&set, '\f', '\r');
        set_add(&set, ' ');
        break;
    default:
        return false;
    }
    if (letter < 'a')
        set_invert(&set);
    for (size_t i = 0; i < 4; i++)
        out->bits[i] |= set.bits[i];
    return true;
}

/* After a backslash: one byte, or -1 with a message. */
static int escaped_byte(struct compiler *compiler)
{
    char c = *compiler->at;
    if (c == 't' || c == 'n') {
        compiler->at++;
        return c == 't' ? '\t' : '\n';
    }
    if (!c || is_word(c) || (unsigned char)c >= 0x80)
        return fail(compiler, "this escape is not supported");
    compiler->at++;
    return (unsigned char)c;
}

/* One end of a range inside [ ]. */
static int class_byte(struct compiler *compiler)
{
    if (!*compiler->at)
        return fail(compiler, "missing ']'");
    if (*compiler->at == '\\') {
        compiler->at++;
        return escaped_byte(compiler);
    }
    if (strncmp(compiler->at, "[:", 2) == 0)
        return fail(compiler, "named classes are not supported");
    if ((unsigned char)*compiler->at >= 0x80)
        return fail(compiler, "a class holds ASCII only");
    return (unsigned char)*compiler->at++;
}

/* After '['. */
static int class_read(struct compiler *compiler, struct byte_set *set)
{
    bool inverted = *compiler->at == '^';
    if (inverted)
        compiler->at++;
    bool first = true; /* ']' as the first member is itself */
    for (; first || *compiler->at != ']'; first = false) {
        if (*compiler->at == '\\' && class_letter(compiler->at[1], set)) {
            compiler->at += 2;
            continue;
        }
        int low = class_byte(compiler), high = low;
        if (low < 0)
            return -1;
        if (*compiler->at == '-' && compiler->at[1] && compiler->at[1] != ']') {
            compiler->at++;
            high = class_byte(compiler);
            if (high < 0)
                return -1;
            if (high < low)
                return fail(compiler, "the range runs backwards");
        }
        set_add_range(set, (unsigned)low, (unsigned)high);
    }
    compiler->at++;
    if (compiler->fold)
        set_fold(set); /* before turning round: (?i)[^a] takes neither a nor A */
    if (inverted)
        set_invert(set);
    return 0;
}

static int emit(struct compiler *compiler, size_t at, struct instruction instruction)
{
    if (compiler->length == PROGRAM_MAX)
        return fail(compiler, "the pattern is too long");
    memmove(compiler->program + at + 1, compiler->program + at,
            (compiler->length - at) * sizeof *compiler->program);
    compiler->program[at] = instruction;
    compiler->length++;
    return 0;
}

static int choice_read(struct compiler *compiler);

/* After '('. */
static int group_read(struct compiler *compiler)
{
    if (*compiler->at == '?') {
        if (compiler->at[1] != ':')
            return fail(compiler, "this kind of group is not supported");
        compiler->at += 2;
    }
    if (++compiler->depth > GROUPS_MAX)
        return fail(compiler, "too many groups inside each other");
    if (choice_read(compiler) < 0)
        return -1;
    if (*compiler->at != ')')
        return fail(compiler, "missing ')'");
    compiler->at++;
    compiler->depth--;
    return 0;
}

static int atom_read(struct compiler *compiler)
{
    struct instruction take = { .op = OP_TAKE };
    char c = *compiler->at++;
    if (c == '(')
        return group_read(compiler);
    if (c == '[') {
        if (class_read(compiler, &take.set) < 0)
            return -1;
        return emit(compiler, compiler->length, take);
    }
    if (c == '.') {
        set_add(&take.set, '\n');
        set_invert(&take.set);
    } else if (c == '\\' && class_letter(*compiler->at, &take.set)) {
        compiler->at++;
    } else if (c == '\\') {
        int byte = escaped_byte(compiler);
        if (byte < 0)
            return -1;
        set_add(&take.set, (unsigned char)byte);
    } else if (strchr("*+?{}^$", c)) {
        compiler->at--;
        return fail(compiler, strchr("*+?", c) ? "nothing to repeat" : "this is not supported");
    } else {
        set_add(&take.set, (unsigned char)c);
        if (compiler->fold)
            set_fold(&take.set);
    }
    return emit(compiler, compiler->length, take);
}

/* An atom with what repeats it. Code of the atom: [from, length). */
static int repeat_read(struct compiler *compiler)
{
    size_t from = compiler->length;
    if (atom_read(compiler) < 0)
        return -1;
    char c = *compiler->at;
    if (c != '*' && c != '+' && c != '?')
        return 0;
    compiler->at++;
    if (*compiler->at == '?')
        compiler->at++; /* lazy: makes no difference to whether the whole matches */
    if (*compiler->at && strchr("*+?{", *compiler->at))
        return fail(compiler, "repeated twice");
    int size = (int)(compiler->length - from);
    if (c != '+'
        && emit(compiler, from,
                (struct instruction){
                    .op = OP_SPLIT, .to = 1, .or_to = c == '*' ? size + 2 : size + 1 })
               < 0)
        return -1;
    if (c == '*')
        return emit(compiler, compiler->length,
                    (struct instruction){ .op = OP_JUMP, .to = -(size + 1) });
    if (c == '+')
        return emit(compiler, compiler->length,
                    (struct instruction){ .op = OP_SPLIT, .to = -size, .or_to = 1 });
    return 0;
}

static int choice_read(struct compiler *compiler)
{
    size_t from = compiler->length;
    for (;;) {
        while (*compiler->at && *compiler->at != '|' && *compiler->at != ')') {
            if (repeat_read(compiler) < 0)
                return -1;
        }
        if (*compiler->at != '|')
            return 0;
        compiler->at++;
        /* What was read so far becomes the first branch; the rest is read behind the jump, whose
         * target is set once the rest is there. */
        size_t size = compiler->length - from;
        if (emit(compiler, from,
                 (struct instruction){ .op = OP_SPLIT, .to = 1, .or_to = (int)size + 2 })
                < 0
            || emit(compiler, compiler->length, (struct instruction){ .op = OP_JUMP }) < 0)
            return -1;
        size_t jump = compiler->length - 1;
        size_t rest = compiler->length;
        while (*compiler->at && *compiler->at != '|' && *compiler->at != ')') {
            if (repeat_read(compiler) < 0)
                return -1;
        }
        compiler->program[jump].to = (int)(compiler->length - rest) + 1;
    }
}

/* The places that can take the next byte from an instruction on; place_of[length] is the end. */
static void reach(const struct compiler *compiler, const int *place_of, size_t from, uint64_t *out)
{
    bool seen[PROGRAM_MAX + 1] = { false };
    size_t open[PROGRAM_MAX + 1];
    size_t count = 0;
    open[count++] = from;
    seen[from] = true;
    while (count) {
        size_t at = open[--count];
        if (at == compiler->length || compiler->program[at].op == OP_TAKE) {
            out[place_of[at] / 64] |= UINT64_C(1) << (place_of[at] % 64);
            continue;
        }
        const struct instruction *instruction = &compiler->program[at];
        size_t targets[2] = { (size_t)((int)at + instruction->to),
                              (size_t)((int)at + instruction->or_to) };
        for (size_t i = 0; i < (instruction->op == OP_SPLIT ? 2u : 1u); i++) {
            if (!seen[targets[i]])
                open[count++] = targets[i];
            seen[targets[i]] = true;
        }
    }
}

static const struct pattern *assemble(struct arena *arena, struct compiler *compiler)
{
    struct pattern *pattern = arena_alloc(arena, sizeof *pattern);
    int place_of[PROGRAM_MAX + 1] = { 0 };
    int places = 0;
    for (size_t i = 0; i < compiler->length; i++) {
        if (compiler->program[i].op == OP_TAKE)
            place_of[i] = places++;
    }
    place_of[compiler->length] = places;
    if (places >= PLACES_MAX) {
        fail(compiler, "the pattern is too long");
        return NULL;
    }
    pattern->text = arena_strdup(arena, compiler->text);
    pattern->places = (size_t)places;
    pattern->words = pattern->places / 64 + 1;
    pattern->takes = arena_array(arena, pattern->places, sizeof *pattern->takes);
    pattern->start = arena_array(arena, pattern->words, sizeof *pattern->start);
    pattern->next = arena_array(arena, pattern->places * pattern->words, sizeof *pattern->next);
    reach(compiler, place_of, 0, pattern->start);
    for (size_t i = 0; i < compiler->length; i++) {
        if (compiler->program[i].op != OP_TAKE)
            continue;
        pattern->takes[place_of[i]] = compiler->program[i].set;
        reach(compiler, place_of, i + 1, pattern->next + (size_t)place_of[i] * pattern->words);
    }
    return pattern;
}

const struct pattern *pattern_compile(struct arena *arena, const char *text, struct err *err)
{
    struct instruction program[PROGRAM_MAX];
    struct compiler compiler = { .text = text, .at = text, .program = program, .err = err };
    if (strncmp(text, "(?i)", 4) == 0) {
        compiler.fold = true;
        compiler.at += 4;
    }
    if (choice_read(&compiler) < 0)
        return NULL;
    if (*compiler.at) {
        fail(&compiler, "unmatched ')'");
        return NULL;
    }
    return assemble(arena, &compiler);
}

bool pattern_matches(const struct pattern *pattern, const char *text)
{
    uint64_t now[WORDS_MAX] = { 0 };
    memcpy(now, pattern->start, pattern->words * sizeof *now);
    for (; *text; text++) {
        uint64_t then[WORDS_MAX] = { 0 };
        uint64_t any = 0;
        for (size_t word = 0; word < pattern->words; word++) {
            uint64_t rest = now[word];
            for (size_t bit = 0; rest; bit++, rest >>= 1) {
                size_t place = word * 64 + bit;
                if (!(rest & 1) || place == pattern->places
                    || !set_has(&pattern->takes[place], (unsigned char)*text))
                    continue;
                for (size_t i = 0; i < pattern->words; i++) {
                    then[i] |= pattern->next[place * pattern->words + i];
                    any |= then[i];
                }
            }
        }
        if (!any)
            return false;
        memcpy(now, then, pattern->words * sizeof *now);
    }
    return now[pattern->places / 64] >> (pattern->places % 64) & 1;
}

const char *pattern_text(const struct pattern *pattern)
{
    return pattern->text;
}
