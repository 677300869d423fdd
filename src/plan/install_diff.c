/* A unified diff of one hunk: the lines from the first difference to the last. */
#include <string.h>

#include "plan/install.h"

/* The line that begins at text, with its end. */
static size_t line_length(const char *text)
{
    size_t length = strcspn(text, "\n");
    return length + (text[length] == '\n');
}

static size_t line_count(const char *text, const char *end)
{
    size_t count = 0;
    for (; text < end; text += line_length(text))
        count++;
    return count;
}

static void add_lines(struct text *out, char mark, const char *text, const char *end)
{
    while (text < end) {
        size_t length = line_length(text);
        text_add(out, &mark, 1);
        text_add(out, text, length);
        if (text[length - 1] != '\n')
            text_printf(out, "\n\\ No newline at end of file\n");
        text += length;
    }
}

const char *install_diff(struct arena *arena, const char *path, const char *before,
                         const char *after)
{
    struct text text = { .arena = arena };
    const char *a = before ? before : "", *b = after ? after : "";
    const char *a_end = a + strlen(a), *b_end = b + strlen(b);
    size_t skipped = 0;
    if (text_equal(before, after))
        return "";
    while (*a && *b && line_length(a) == line_length(b) && strncmp(a, b, line_length(a)) == 0) {
        size_t length = line_length(a);
        a += length;
        b += length;
        skipped++;
    }
    while (a_end > a && b_end > b && a_end[-1] == b_end[-1]) { /* back over equal whole lines */
        const char *c = a_end - 1, *d = b_end - 1;
        while (c > a && c[-1] != '\n')
            c--;
        while (d > b && d[-1] != '\n')
            d--;
        if (a_end - c != b_end - d || strncmp(c, d, (size_t)(a_end - c)) != 0)
            break;
        a_end = c;
        b_end = d;
    }
    size_t lines_a = line_count(a, a_end), lines_b = line_count(b, b_end);
    text_printf(&text, "--- %s\n+++ %s\n@@ -%zu,%zu +%zu,%zu @@\n", before ? path : "/dev/null",
                after ? path : "/dev/null", skipped + (lines_a != 0), lines_a,
                skipped + (lines_b != 0), lines_b);
    add_lines(&text, '-', a, a_end);
    add_lines(&text, '+', b, b_end);
    return text_get(&text);
}
