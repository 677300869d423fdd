/* The redaction itself: at each place of a text the rules are tried in turn; the first that finds
 * something takes it out. Rules look forward only, so a text of any length costs one pass. */
#include "incident/redact.h"

#include <string.h>

#include "base/macros.h"
#include "incident/redact_private.h"

#define REDACTED "[redacted]"

/* Order matters: the surest first, and a name before the shape of its value. */
static redact_rule_fn *const rules[] = {
    redact_rule_private_key, redact_rule_url,    redact_rule_query,   redact_rule_key,
    redact_rule_attached,    redact_rule_scheme, redact_rule_known,   redact_rule_email,
    redact_rule_home,        redact_rule_name,   redact_rule_address, redact_rule_random,
};

bool redact_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

bool redact_is_upper(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

bool redact_is_lower(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

bool redact_is_hex(char byte)
{
    return redact_is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

bool redact_is_word(char byte)
{
    return redact_is_digit(byte) || redact_is_upper(byte) || redact_is_lower(byte) || byte == '_'
           || ((unsigned char)byte & 0x80);
}

bool redact_at_word(const struct redact_scan *scan)
{
    char before = scan->at == scan->start ? ' ' : scan->at[-1];
    return !redact_is_word(before) || ((unsigned char)before & 0x80);
}

size_t redact_run(const char *at, const char *more)
{
    size_t length = 0;
    while (at[length]
           && (redact_is_digit(at[length]) || redact_is_upper(at[length])
               || redact_is_lower(at[length]) || strchr(more, at[length])))
        length++;
    return length;
}

static char folded(char byte)
{
    return redact_is_upper(byte) ? (char)(byte - 'A' + 'a') : byte;
}

bool redact_same(const char *at, const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (folded(at[i]) != folded(word[i]))
            return false;
    return true;
}

bool redact_starts(const char *at, const char *word)
{
    return redact_same(at, word, strlen(word));
}

static const char *redact(struct arena *arena, const char *text, bool single,
                          const struct redact_names *names)
{
    struct text out = { .arena = arena };
    struct redact_scan scan = { .start = text, .at = text, .single = single, .names = names };
    while (*scan.at) {
        struct redact_cut cut = { 0 };
        if (scan.url_end && scan.at >= scan.url_end)
            scan.url_end = NULL;
        for (size_t i = 0; i < ROWS(rules) && cut.length == 0; i++)
            cut = rules[i](&scan);
        if (cut.length) {
            text_add(&out, scan.at, cut.keep);
            text_printf(&out, "%s", cut.instead);
            scan.at += cut.keep + cut.length;
        } else {
            text_add(&out, scan.at++, 1);
        }
    }
    return text_get(&out);
}

const char *redact_text(struct arena *arena, const char *text, const struct redact_names *names)
{
    return redact(arena, text, false, names);
}

static void string_redact(json_t *value, bool all, const struct redact_names *names)
{
    struct arena arena = { 0 };
    const char *text = json_string_value(value);
    const char *clean = all ? REDACTED : redact(&arena, text, true, names);
    (void)json_string_set(value, clean); /* UTF-8 in, UTF-8 out: fails only without memory */
    arena_clear(&arena);
}

/* An option whose value is the next word: "--password", "-u". */
static bool takes_secret(const json_t *word)
{
    const char *text = json_string_value(word);
    if (!text || *text != '-' || strchr(text, '='))
        return false;
    return text_equal(text, "-u") || text_equal(text, "--user")
           || redact_key_is_secret(text, strlen(text));
}

static void list_redact(json_t *list, const struct redact_names *names)
{
    bool secret = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i);
        bool next = takes_secret(item);
        const char *text = json_string_value(item);
        if (text && secret && *text != '-')
            string_redact(item, true, names);
        else if (text)
            string_redact(item, false, names);
        else
            redact_json(item, names);
        secret = next;
    }
}

void redact_json(json_t *value, const struct redact_names *names)
{
    const char *key;
    json_t *item;
    if (json_is_array(value)) {
        list_redact(value, names);
        return;
    }
    json_object_foreach(value, key, item)
    {
        if (json_is_string(item))
            string_redact(item, redact_key_is_secret(key, strlen(key)), names);
        else
            redact_json(item, names);
    }
}
