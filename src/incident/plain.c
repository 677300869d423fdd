/* Strings from outside (names, arguments, evidence, log lines) on their way to a terminal: nothing
 * in them may move the cursor, change colours or break the layout. */
#include "incident/incident_private.h"

#include <string.h>

/* True for the first byte of a character of a cleaned text. */
static bool starts_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

const char *plain(struct arena *arena, const char *text, bool ascii)
{
    if (!text)
        return "";
    char *clean = text_clean(arena, text, strlen(text));
    size_t to = 0;
    for (size_t from = 0; clean[from]; from++) {
        char byte = clean[from];
        if (byte == '\n' || byte == '\t')
            byte = ' ';
        else if (ascii && (byte & 0x80))
            byte = starts_character(byte) ? '?' : '\0';
        if (byte)
            clean[to++] = byte;
    }
    clean[to] = '\0';
    return clean;
}

const char *plain_cut(struct arena *arena, const char *text, size_t columns, bool ascii)
{
    size_t at = 0, seen = 0;
    if (text_columns(text, strlen(text)) <= columns)
        return text;
    if (columns == 0)
        return "";
    while (text[at] && (seen < columns - 1 || !starts_character(text[at])))
        seen += starts_character(text[at++]);
    return arena_printf(arena, "%.*s%s", (int)at, text, ascii ? "~" : "…");
}
