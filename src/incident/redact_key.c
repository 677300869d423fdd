/* Secrets found by the name in front of them: options, assignments, headers, JSON members. */
#include <string.h>

#include "base/macros.h"
#include "incident/redact_private.h"

#define NAME_MAX_BYTES 64
#define ATTACHED_MIN_BYTES 6 /* "-pix2" is an option; "-p8080" is a port by its digits */
#define SCHEME_MIN_BYTES 8   /* shorter words behind "Basic" are prose */

/* A name that ends with one of these, its '-' and '_' taken out, is one of a secret. */
static const char *const endings[] = {
    "password",      "passwd",     "passphrase",   "passcode",      "secret",
    "token",         "apikey",     "accesskey",    "accesskeyid",   "secretkey",
    "privatekey",    "credential", "credentials",  "sessionid",     "sessionkey",
    "authkey",       "licensekey", "clientsecret", "encryptionkey", "signingkey",
    "authorization", "cookie",     "otp",          "cookies",       "connectionstring",
};

/* Short ones count as a whole part of a name only: "db_pass", not "bypass". */
static const char *const parts[] = { "pass", "pwd", "pin", "sid", "auth", "pw", "psk", "jwt" };

/* Headers: everything to the end of the line. */
static const char *const headers[] = { "authorization", "proxy-authorization", "cookie",
                                       "set-cookie",    "x-api-key",           "x-auth-token" };

/* Lower-case letters and digits of a name; returns where its last part begins in them. */
static size_t name_fold(const char *name, size_t length, char *out, size_t size)
{
    size_t last = 0, used = 0;
    for (size_t i = 0; i < length && used + 1 < size; i++) {
        bool upper = redact_is_upper(name[i]);
        if (upper && i > 0 && redact_is_lower(name[i - 1]))
            last = used;
        if (upper)
            out[used++] = (char)(name[i] - 'A' + 'a');
        else if (redact_is_lower(name[i]) || redact_is_digit(name[i]))
            out[used++] = name[i];
        else if (i + 1 < length)
            last = used;
    }
    out[used] = '\0';
    return last;
}

bool redact_key_is_secret(const char *name, size_t length)
{
    char folded[NAME_MAX_BYTES + 1];
    if (length > NAME_MAX_BYTES) {
        name += length - NAME_MAX_BYTES;
        length = NAME_MAX_BYTES;
    }
    size_t last = name_fold(name, length, folded, sizeof folded);
    size_t used = strlen(folded);
    for (size_t i = 0; i < ROWS(parts); i++) {
        if (text_equal(folded + last, parts[i]))
            return true;
    }
    for (size_t i = 0; i < ROWS(endings); i++) {
        size_t ending = strlen(endings[i]);
        if (used >= ending && text_equal(folded + used - ending, endings[i]))
            return true;
    }
    return false;
}

/* Bytes of the value that begins here. */
static size_t value_length(const struct redact_scan *scan, const char *value)
{
    size_t length = 0;
    if (scan->single && *scan->start == '-')
        return strlen(value);
    for (; value[length]; length++) {
        if (value[length] == '\\' && value[length + 1])
            length++;
        else if (strchr(" \t\n\"'<>,;&)}", value[length]))
            break;
    }
    return length;
}

static size_t quoted_length(const char *value, char quote)
{
    size_t length = 0;
    while (value[length] && value[length] != quote && value[length] != '\n')
        length += value[length] == '\\' && value[length + 1] ? 2 : 1;
    return length;
}

/* Where the value behind a name begins; NULL when what follows is no value. An option's may stand
 * behind a space, an assignment's behind '=' or ':' with spaces and the name's closing quote. */
static const char *value_find(const char *after, bool is_option)
{
    const char *at = after;
    if (*at == '\\')
        at++;
    if (*at == '"' || *at == '\'')
        at++;
    const char *spaced = at + strspn(at, " \t");
    if (*spaced == '=' || (*spaced == ':' && spaced[1] != ':')) {
        at = spaced + 1;
        at += *at == '=' || *at == '>';
        return at + strspn(at, " \t");
    }
    return is_option && spaced > after && *spaced != '-' ? spaced : NULL;
}

static bool is_header(const char *name, size_t length)
{
    for (size_t i = 0; i < ROWS(headers); i++) {
        if (strlen(headers[i]) == length && redact_same(name, headers[i], length))
            return true;
    }
    return false;
}

/* "pass: 3 draws": what is one or two digits is a number, not a secret. */
static bool is_number(const char *value, size_t length)
{
    return length < 3 && strspn(value, "0123456789") >= length;
}

struct redact_cut redact_rule_key(struct redact_scan *scan)
{
    struct redact_cut none = { 0 };
    if (!redact_at_word(scan) || !redact_is_word(*scan->at)
        || (scan->at > scan->start && scan->at[-1] == '-' && scan->at - scan->start > 1
            && redact_is_word(scan->at[-2])))
        return none;
    size_t length = redact_run(scan->at, "_-.");
    bool is_option = scan->at > scan->start && scan->at[-1] == '-';
    if (!redact_key_is_secret(scan->at, length))
        return none;
    const char *value = value_find(scan->at + length, is_option);
    if (!value || !*value)
        return none;
    if (*value == '\\' && value[1] == '"')
        value++;
    bool quoted = *value == '"' || *value == '\'';
    size_t bytes = is_header(scan->at, length) ? strcspn(value + quoted, "\n\"'")
                   : quoted                    ? quoted_length(value + 1, *value)
                                               : value_length(scan, value);
    if (!quoted && is_number(value, bytes))
        return none;
    return (struct redact_cut){ (size_t)(value + quoted - scan->at), bytes, "[redacted]" };
}

struct redact_cut redact_rule_attached(struct redact_scan *scan)
{
    size_t length = 0, digits = 0, letters = 0;
    bool begins = scan->at == scan->start || strchr(" \t\n\"'", scan->at[-1]);
    if (*scan->at != '-' || !begins || scan->at[1] != 'p')
        return (struct redact_cut){ 0 };
    const char *value = scan->at + 2;
    for (; value[length] && !strchr(" \t\n\"'", value[length]); length++) {
        digits += redact_is_digit(value[length]);
        letters += redact_is_upper(value[length]) || redact_is_lower(value[length]);
    }
    if (length < ATTACHED_MIN_BYTES || digits == 0 || letters == 0)
        return (struct redact_cut){ 0 };
    return (struct redact_cut){ 2, length, "[redacted]" };
}

struct redact_cut redact_rule_scheme(struct redact_scan *scan)
{
    static const char *const schemes[] = { "Bearer ", "Basic ", "Digest ", "Negotiate " };
    if (!redact_at_word(scan))
        return (struct redact_cut){ 0 };
    for (size_t i = 0; i < ROWS(schemes); i++) {
        size_t skip = strlen(schemes[i]);
        if (!redact_starts(scan->at, schemes[i]))
            continue;
        size_t length = redact_run(scan->at + skip, "+/=_-.~");
        bool prose = redact_run(scan->at + skip, "") == length
                     && strcspn(scan->at + skip, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") >= length;
        if (length >= SCHEME_MIN_BYTES && !prose)
            return (struct redact_cut){ skip, length, "[redacted]" };
    }
    return (struct redact_cut){ 0 };
}
