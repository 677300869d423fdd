/* Which Chromium a release of Qt WebEngine is made of, and how versions compare. The table serves
 * engines that are not installed, and library files that do not tell. */
#include "engine/engine_private.h"

#include <stdint.h>
#include <string.h>

#include "base/macros.h"

/* Each row holds from its release up to the next row of the same minor version.
 * Source: https://wiki.qt.io/QtWebEngine/ChromiumVersions; CHROMIUM_VERSION in the branches of
 * https://github.com/qt/qtwebengine. */
static const struct {
    const char *qt;
    const char *chromium;
} releases[] = {
    { "5.12.0", "69.0.3497.128" },  { "5.13.0", "73.0.3683.105" }, { "5.14.0", "77.0.3865.129" },
    { "5.15.0", "80.0.3987.163" },  { "5.15.2", "83.0.4103.122" }, { "5.15.3", "87.0.4280.144" },
    { "6.2.0", "90.0.4430.228" },   { "6.3.0", "94.0.4606.126" },  { "6.4.0", "102.0.5005.177" },
    { "6.5.0", "108.0.5359.220" },  { "6.6.0", "112.0.5615.213" }, { "6.7.0", "118.0.5993.220" },
    { "6.8.0", "122.0.6261.171" },  { "6.9.0", "130.0.6723.192" }, { "6.10.0", "134.0.6998.208" },
    { "6.11.0", "140.0.7339.225" },
};

static const char *segment(const char *version, uint64_t *out)
{
    *out = 0;
    while (*version >= '0' && *version <= '9') {
        unsigned digit = (unsigned)(*version++ - '0');
        *out = *out > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *out * 10 + digit;
    }
    return version[0] == '.' && version[1] >= '0' && version[1] <= '9' ? version + 1 : "";
}

#define VULKAN_SINCE_QT "6.7"

bool engine_can_draw_by_vulkan(const struct engine *engine)
{
    return !engine->qt || version_compare(engine->qt, VULKAN_SINCE_QT) >= 0;
}

int version_compare(const char *a, const char *b)
{
    while (*a || *b) {
        uint64_t left, right;
        a = segment(a, &left);
        b = segment(b, &right);
        if (left != right)
            return left < right ? -1 : 1;
    }
    return 0;
}

/* Number of segments when the whole text is a version, else 0. */
static size_t version_segments(const char *text)
{
    size_t count = 0;
    do {
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 4)
            return 0;
        text += digits;
        count++;
    } while (*text == '.' && *++text);
    return *text || text[-1] == '.' ? 0 : count;
}

static bool same_minor(const char *a, const char *b)
{
    size_t length = strcspn(a, ".") + 1;
    length += strcspn(a + length, ".");
    return strncmp(a, b, length) == 0 && (b[length] == '.' || b[length] == '\0');
}

const char *engine_release_chromium(const char *qt)
{
    const char *chromium = NULL;
    bool is_minor = version_segments(qt) == 2; /* "5.15" stands for its newest release */
    for (size_t i = 0; i < ROWS(releases); i++) {
        if (same_minor(releases[i].qt, qt)
            && (is_minor || version_compare(releases[i].qt, qt) <= 0))
            chromium = releases[i].chromium;
    }
    return chromium;
}

int engine_by_version(struct arena *arena, const char *version, struct engine *out, struct err *err)
{
    size_t count = version_segments(version);
    if (count != 2 && count != 3)
        return err_set(err, ERR_DATA, "'%s' is no version of Qt (examples: 6.8.2, 5.15)", version);
    const char *chromium = engine_release_chromium(version);
    if (!chromium)
        return err_set(err, ERR_DATA, "no release %s of Qt WebEngine is known (%s to %s are)",
                       version, releases[0].qt, releases[ROWS(releases) - 1].qt);
    *out = (struct engine){ .qt = arena_strdup(arena, version), .chromium = chromium };
    return 0;
}
