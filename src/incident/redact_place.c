/* Addresses, home folders, and the names of the user and of the machine. */
#include <string.h>

#include "base/macros.h"
#include "incident/redact_private.h"

#define NAME_MIN_BYTES 3U /* shorter ones stand in too many other words' places */

/* Folders below which every user has one, and what stands behind the user's name. */
static const struct {
    const char *folder, *separator;
} homes[] = {
    { "/home/", "/" },         { "/Users/", "/" },      { "\\Users\\", "\\" },
    { "\\\\Users\\\\", "\\" }, { "%2Fhome%2F", "%2F" }, { "%2FUsers%2F", "%2F" },
};
#define NAME_WORDS_MAX 3

/* Names that say nothing about a person or a machine. */
static const char *const common[] = { "root", "user", "localhost", "debian", "nobody", "home" };

#define URL_ENDS " \t\n\"'<>\\`"

/* Called at the first letter of "scheme://": the part before '@' goes at once; from there on the
 * scan is inside the address until url_end. */
struct redact_cut redact_rule_url(struct redact_scan *scan)
{
    struct redact_cut none = { 0 };
    if (scan->url_end) {
        if (*scan->at != '?' && *scan->at != '#')
            return none;
        return (struct redact_cut){ 1, (size_t)(scan->url_end - scan->at) - 1,
                                    *scan->at == '?' ? "[query]" : "[fragment]" };
    }
    if (!redact_at_word(scan))
        return none;
    size_t scheme = redact_run(scan->at, "+.-");
    if (scheme == 4 && redact_starts(scan->at, "data:") && strchr("aitvf", scan->at[5])
        && memchr(scan->at, ',', strcspn(scan->at, URL_ENDS)))
        return (struct redact_cut){ 5, strcspn(scan->at, URL_ENDS) - 5, "[data]" };
    if (scheme == 0 || strncmp(scan->at + scheme, "://", 3) != 0)
        return none;
    const char *host = scan->at + scheme + 3;
    scan->url_end = host + strcspn(host, URL_ENDS);
    size_t authority = strcspn(host, "/?#" URL_ENDS);
    for (size_t i = authority; i-- > 0;) {
        if (host[i] == '@')
            return (struct redact_cut){ scheme + 3, i, "[login]" };
    }
    return none;
}

/* "GET /find?q=…": a query without the address before it. */
struct redact_cut redact_rule_query(struct redact_scan *scan)
{
    if (*scan->at != '?')
        return (struct redact_cut){ 0 };
    size_t name = redact_run(scan->at + 1, "_.-%[]");
    if (name == 0 || scan->at[1 + name] != '=')
        return (struct redact_cut){ 0 };
    return (struct redact_cut){ 1, strcspn(scan->at + 1, URL_ENDS), "[query]" };
}

static bool is_name_end(char byte)
{
    return !redact_is_word(byte) && byte != '-';
}

/* Bytes of the user's name. Spaces belong to it when the path goes on behind the next word. */
static size_t user_length(const char *name, const char *separator)
{
    size_t length = strcspn(name, "/\\:;,&?#)]}" URL_ENDS), more = length;
    for (size_t i = 0; *separator == '%' && i < length; i++) {
        if (redact_starts(name + i, separator))
            return i;
    }
    for (size_t words = 1; words < NAME_WORDS_MAX && name[more] == ' '; words++) {
        size_t word = 1;
        while (redact_is_word(name[more + word]))
            word++;
        more += word;
        if (word > 1 && text_starts(name + more, separator))
            return more;
    }
    return length;
}

struct redact_cut redact_rule_home(struct redact_scan *scan)
{
    const char *home = scan->names->home;
    if (!strchr("/\\%", *scan->at))
        return (struct redact_cut){ 0 };
    size_t length = home ? strlen(home) : 0;
    if (length > 1 && !text_equal(home, "/root") && strncmp(scan->at, home, length) == 0
        && is_name_end(scan->at[length]))
        return (struct redact_cut){ 0, length, "~" };
    for (size_t i = 0; i < ROWS(homes); i++) {
        bool encoded = *homes[i].folder == '%';
        size_t skip = strlen(homes[i].folder);
        if (encoded ? !redact_starts(scan->at, homes[i].folder)
                    : !text_starts(scan->at, homes[i].folder))
            continue;
        size_t name = user_length(scan->at + skip, homes[i].separator);
        if (name)
            return (struct redact_cut){ skip, name, "[user]" };
    }
    return (struct redact_cut){ 0 };
}

static bool is_common(const struct redact_names *names, const char *name, size_t length)
{
    for (size_t i = 0; i < ROWS(common); i++) {
        if (strlen(common[i]) == length && redact_same(name, common[i], length))
            return true;
    }
    return names->app && strlen(names->app) == length && redact_same(name, names->app, length);
}

/* Bytes of the name when it stands here as a word. */
static size_t name_here(const struct redact_scan *scan, const char *name, size_t length)
{
    if (length < NAME_MIN_BYTES || is_common(scan->names, name, length))
        return 0;
    return redact_same(scan->at, name, length) && !redact_is_word(scan->at[length]) ? length : 0;
}

struct redact_cut redact_rule_name(struct redact_scan *scan)
{
    const struct redact_names *names = scan->names;
    size_t length = 0;
    if (!redact_at_word(scan))
        return (struct redact_cut){ 0 };
    if (names->user && (length = name_here(scan, names->user, strlen(names->user))))
        return (struct redact_cut){ 0, length, "[user]" };
    if (names->host
        && ((length = name_here(scan, names->host, strlen(names->host)))
            || (length = name_here(scan, names->host, strcspn(names->host, ".")))))
        return (struct redact_cut){ 0, length, "[host]" };
    return (struct redact_cut){ 0 };
}
