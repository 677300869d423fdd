/* Specifiers in the words of units. Only those are replaced whose value can be told without asking
 * the running system. Source: systemd.unit(5), "Specifiers". */
#include <string.h>

#include "plan/source_private.h"

static const char *unit_stem(struct arena *arena, const char *unit)
{
    const char *dot = strrchr(unit, '.');
    return dot ? arena_strndup(arena, unit, (size_t)(dot - unit)) : unit;
}

/* What a letter stands for; NULL when that is not known. */
static const char *value_of(const struct source_reader *reader, char letter)
{
    const struct unit_search *search = reader->search;
    if (letter == '%')
        return "%";
    if (!reader->unit)
        return NULL;
    const char *stem = unit_stem(reader->arena, reader->unit), *at = strchr(stem, '@');
    switch (letter) {
    case 'n':
        return reader->unit;
    case 'N':
        return stem;
    case 'p':
        return at ? arena_strndup(reader->arena, stem, (size_t)(at - stem)) : stem;
    case 'i':
        return at ? at + 1 : "";
    case 'h':
        return search->home;
    case 'E':
        return search->system ? "/etc" : search->config_home;
    case 't':
        return search->system ? "/run" : NULL;
    case 'S':
        return search->system ? "/var/lib" : NULL;
    case 'C':
        return search->system ? "/var/cache" : NULL;
    default:
        return NULL;
    }
}

const char *unit_expand(struct source_reader *reader, const char *word, bool *out_known)
{
    struct text text = { .arena = reader->arena };
    bool known = true;
    for (; *word; word++) {
        const char *value = *word == '%' && word[1] ? value_of(reader, word[1]) : NULL;
        if (*word != '%' || !word[1]) {
            text_add(&text, word, 1);
        } else if (value) {
            text_add(&text, value, strlen(value));
            word++;
        } else {
            known = false;
            if (reader->notes)
                ARENA_PUSH(reader->arena, reader->notes,
                           arena_printf(reader->arena, "%s:%u: %%%c is not known here and stays",
                                        reader->name, reader->line, word[1]));
            text_add(&text, word++, 2);
        }
    }
    if (out_known)
        *out_known = known;
    return text_get(&text);
}
