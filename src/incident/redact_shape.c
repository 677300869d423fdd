/* Secrets found by what they look like. */
#include <string.h>

#include "base/macros.h"
#include "incident/redact_private.h"

#define RANDOM_MIN_BYTES 28U
#define HEX_MIN_BYTES 32U
#define HEX_BUILD_ID_BYTES 40U /* SHA-1: build ids and commits, wanted in a report */
#define RANDOM_SHARE 0.4
#define AMAZON_BYTES 40U /* a secret access key has exactly so many; so a weaker sign is enough */
#define AMAZON_SHARE 0.33
#define UUID_BYTES 36U
#define MAC_BYTES 17U

/* Keys that say what they are. more: bytes beside letters and digits; min: bytes behind the
 * beginning. Sources: the issuers' documentation of their formats. */
static const struct {
    const char *beginning, *more;
    size_t min;
} known[] = {
    { "AKIA", "", 16 },
    { "ASIA", "", 16 },
    { "AROA", "", 16 },
    { "ghp_", "", 30 },
    { "gho_", "", 30 },
    { "ghu_", "", 30 },
    { "ghs_", "", 30 },
    { "ghr_", "", 30 },
    { "github_pat_", "_", 20 },
    { "glpat-", "_-", 16 },
    { "xoxb-", "-", 10 },
    { "xoxp-", "-", 10 },
    { "xoxa-", "-", 10 },
    { "xoxr-", "-", 10 },
    { "xoxs-", "-", 10 },
    { "xapp-", "-", 10 },
    { "hooks.slack.com/services/", "/", 20 },
    { "sk_live_", "", 10 },
    { "sk_test_", "", 10 },
    { "rk_live_", "", 10 },
    { "pk_live_", "", 10 },
    { "sk-", "_-", 20 },
    { "AIza", "_-", 30 },
    { "ya29.", "_-.", 20 },
    { "GOCSPX-", "_-", 20 },
    { "npm_", "", 30 },
    { "pypi-", "_-", 30 },
    { "hf_", "", 20 },
    { "SG.", "_-.", 30 },
    { "dop_v1_", "", 30 },
    { "shpat_", "", 20 },
    { "eyJ", "_-.=", 20 },
    { "AAAAB3NzaC1", "+/=", 30 },
    { "AAAAC3NzaC1", "+/=", 30 },
};

struct redact_cut redact_rule_private_key(struct redact_scan *scan)
{
    static const char begin[] = "-----BEGIN ", end[] = "-----END ", dashes[] = "-----";
    if (*scan->at != '-' || !text_starts(scan->at, begin))
        return (struct redact_cut){ 0 };
    const char *name_end = strstr(scan->at + strlen(begin), dashes);
    const char *key = strstr(scan->at, "PRIVATE KEY");
    if (!name_end || !key || key > name_end)
        return (struct redact_cut){ 0 };
    const char *last = strstr(name_end, end);
    const char *closed = last ? strstr(last + strlen(end), dashes) : NULL;
    size_t length = closed ? (size_t)(closed - scan->at) + strlen(dashes) : strlen(scan->at);
    return (struct redact_cut){ 0, length, "[private key]" };
}

struct redact_cut redact_rule_known(struct redact_scan *scan)
{
    if (!redact_at_word(scan))
        return (struct redact_cut){ 0 };
    for (size_t i = 0; i < ROWS(known); i++) {
        size_t skip = strlen(known[i].beginning);
        if (strncmp(scan->at, known[i].beginning, skip) != 0)
            continue;
        size_t length = redact_run(scan->at + skip, known[i].more);
        if (length >= known[i].min)
            return (struct redact_cut){ 0, skip + length, "[token]" };
    }
    return (struct redact_cut){ 0 };
}

static bool is_uuid(const char *at)
{
    for (size_t i = 0; i < UUID_BYTES; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? at[i] != '-' : !redact_is_hex(at[i]))
            return false;
    }
    return !redact_is_word(at[UUID_BYTES]);
}

/* Drawn letters change between small, large and digit at two of three places; names that people
 * made, and what compilers make of them, at one of three at most. */
static bool is_random(const char *at, size_t length, size_t digits_min, double share)
{
    size_t changes = 0, digits = 0, upper = 0, lower = 0;
    int before = -1;
    for (size_t i = 0; i < length; i++) {
        int kind = redact_is_digit(at[i]) ? 0 : redact_is_upper(at[i]) ? 1 : 2;
        digits += kind == 0;
        upper += kind == 1;
        lower += kind == 2;
        changes += before >= 0 && kind != before;
        before = kind;
    }
    return digits >= digits_min && upper >= 3 && lower >= 3
           && (double)changes >= (double)length * share;
}

struct redact_cut redact_rule_random(struct redact_scan *scan)
{
    size_t hex = 0;
    if (!redact_at_word(scan))
        return (struct redact_cut){ 0 };
    if (is_uuid(scan->at))
        return (struct redact_cut){ 0, UUID_BYTES, "[uuid]" };
    while (redact_is_hex(scan->at[hex]))
        hex++;
    if (hex >= HEX_MIN_BYTES && hex != HEX_BUILD_ID_BYTES && !redact_is_word(scan->at[hex]))
        return (struct redact_cut){ 0, hex, "[token]" };
    size_t length = redact_run(scan->at, "+_=-");
    size_t whole = redact_run(scan->at, "+/_=-"); /* base64 has a slash in 64 letters */
    if (text_starts(scan->at, "_Z"))              /* a name in C++, mangled */
        return (struct redact_cut){ 0 };
    if (redact_run(scan->at, "+/") == AMAZON_BYTES && whole == AMAZON_BYTES
        && (scan->at == scan->start || scan->at[-1] != '/')
        && is_random(scan->at, whole, 1, AMAZON_SHARE))
        return (struct redact_cut){ 0, whole, "[token]" };
    if (whole >= RANDOM_MIN_BYTES && is_random(scan->at, whole, 2, RANDOM_SHARE))
        return (struct redact_cut){ 0, whole, "[token]" };
    if (length >= RANDOM_MIN_BYTES && is_random(scan->at, length, 2, RANDOM_SHARE))
        return (struct redact_cut){ 0, length, "[token]" };
    return (struct redact_cut){ 0 };
}

/* "bob:hunter2@proxy.example" without a scheme: bytes before the '@'; 0 = none is here. */
static size_t login_length(const char *at)
{
    size_t user = redact_run(at, "._%+-");
    if (user == 0 || at[user] != ':' || redact_starts(at, "mailto:"))
        return 0;
    size_t length = user + 1 + strcspn(at + user + 1, " \t\n\"'<>()[]{},;/@:");
    size_t host = at[length] == '@' ? redact_run(at + length + 1, ".-") : 0;
    bool named = host && !redact_is_digit(at[length + 1]) && memchr(at + length + 1, '.', host);
    return named && length > user + 1 ? length : 0;
}

struct redact_cut redact_rule_email(struct redact_scan *scan)
{
    if (!redact_at_word(scan))
        return (struct redact_cut){ 0 };
    size_t login = login_length(scan->at);
    if (login)
        return (struct redact_cut){ 0, login, "[login]" };
    size_t local = redact_run(scan->at, "._%+-"), sign = 1;
    for (size_t i = 0; i < local; i++) {
        if (text_starts(scan->at + i, "%40")) { /* the same in an address */
            local = i;
            sign = strlen("%40");
        }
    }
    if (local == 0 || (sign == 1 && scan->at[local] != '@'))
        return (struct redact_cut){ 0 };
    const char *domain = scan->at + local + sign;
    size_t length = redact_run(domain, ".-");
    while (length && !redact_is_word(domain[length - 1]))
        length--;
    const char *dot = memchr(domain, '.', length);
    if (!dot || dot == domain || redact_is_digit(domain[length - 1]))
        return (struct redact_cut){ 0 };
    return (struct redact_cut){ 0, local + sign + length, "[email]" };
}

static bool is_mac(const char *at)
{
    for (size_t i = 0; i < MAC_BYTES; i++) {
        if (i % 3 == 2 ? at[i] != ':' && at[i] != '-' : !redact_is_hex(at[i]))
            return false;
    }
    return !redact_is_word(at[MAC_BYTES]) && at[MAC_BYTES] != ':';
}

/* Four numbers up to 255 with dots between: how many bytes; 0 = none. */
static size_t ipv4_read(const char *at, unsigned *out)
{
    const char *from = at;
    for (size_t i = 0; i < 4; i++) {
        size_t digits = 0;
        out[i] = 0;
        for (; redact_is_digit(*at) && digits < 4; at++, digits++)
            out[i] = out[i] * 10 + (unsigned)(*at - '0');
        if (digits == 0 || digits > 3 || out[i] > 255 || (i < 3 && *at++ != '.'))
            return 0;
    }
    return redact_is_word(*at) || (*at == '.' && redact_is_digit(at[1])) ? 0 : (size_t)(at - from);
}

/* Addresses that only mean something on their own link (fe80::/10 as it is used) or in their own
 * network (fc00::/7; RFC 4193), one that begins here: how many bytes; 0 = none. */
static size_t ipv6_own_length(const char *at)
{
    size_t colons = 0, length = 0;
    bool link = redact_starts(at, "fe80:");
    bool own = (*at == 'f' || *at == 'F') && at[1] && strchr("cdCD", at[1]) && redact_is_hex(at[2])
               && redact_is_hex(at[3]) && at[4] == ':';
    for (; redact_is_hex(at[length]) || at[length] == ':'; length++)
        colons += at[length] == ':';
    return (link || own) && colons >= 2 && !redact_is_word(at[length]) ? length : 0;
}

struct redact_cut redact_rule_address(struct redact_scan *scan)
{
    unsigned part[4];
    if (!redact_at_word(scan))
        return (struct redact_cut){ 0 };
    if (is_mac(scan->at))
        return (struct redact_cut){ 0, MAC_BYTES, "[mac]" };
    size_t length = ipv6_own_length(scan->at);
    if (length)
        return (struct redact_cut){ 0, length, "[address]" };
    length = ipv4_read(scan->at, part);
    bool own = length
               && (part[0] == 10 || (part[0] == 192 && part[1] == 168)
                   || (part[0] == 172 && part[1] >= 16 && part[1] < 32));
    return own ? (struct redact_cut){ 0, length, "[address]" } : (struct redact_cut){ 0 };
}
