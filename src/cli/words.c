/* Text for people. A string that a driver or a file brought along must not steer the terminal, and
 * a terminal without UTF-8 must not get our marks as broken bytes. */
#include "cli/words.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "platform/terminal.h"

/* Marks that our own texts use, and what stands for them in ASCII. */
static const struct {
    const char *mark, *ascii;
} mark_rows[] = {
    { "·", "-" }, { "✓", "+" }, { "…", "..." }, { "–", "-" }, { "×", "x" },
};

/* Length of the control character that begins here, 0 = none. C1 ones take two bytes in UTF-8. */
static size_t control_length(const unsigned char *at, size_t left)
{
    if ((*at < 0x20 && *at != '\n') || *at == 0x7f)
        return 1;
    return left > 1 && at[0] == 0xc2 && at[1] < 0xa0 ? 2 : 0;
}

/* Length of the mark that begins here, 0 = none. */
static size_t mark_length(const char *at, size_t left, const char **out_ascii)
{
    for (size_t i = 0; i < ROWS(mark_rows); i++) {
        size_t length = strlen(mark_rows[i].mark);
        if (length > left || memcmp(at, mark_rows[i].mark, length) != 0)
            continue;
        *out_ascii = mark_rows[i].ascii;
        return length;
    }
    return 0;
}

void words_print(const char *bytes, size_t length)
{
    bool utf8 = terminal_is_utf8();
    for (size_t at = 0; at < length;) {
        const char *ascii = "?";
        size_t taken = control_length((const unsigned char *)bytes + at, length - at);
        if (!taken && !utf8)
            taken = mark_length(bytes + at, length - at, &ascii);
        if (taken)
            fputs(ascii, stdout);
        else
            putchar(bytes[at]);
        at += taken ? taken : 1;
    }
}

void words_put(const char *text)
{
    words_print(text, strlen(text));
}

const char *words_line(struct arena *arena, const char *text)
{
    return text_line(arena, text, SIZE_MAX);
}
