/* How Chromium's lists compare versions. It is not the usual way: a missing part is equal to
 * anything, a version of zeros matches nothing, and driver versions of Windows are rearranged
 * before they are compared. An independent comparison that is "more right" would decide otherwise
 * than the engine. */
#include "engine/version_schema_private.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"

static const char *const op_names[] = {
    [VERSION_ANY] = "any",          [VERSION_EQUAL] = "=",   [VERSION_LESS] = "<",
    [VERSION_LESS_OR_EQUAL] = "<=", [VERSION_GREATER] = ">", [VERSION_GREATER_OR_EQUAL] = ">=",
    [VERSION_BETWEEN] = "between",
};

static const char *const style_names[] = {
    [STYLE_NUMERICAL] = "numerical",
    [STYLE_LEXICAL] = "lexical",
};

static const char *const form_names[] = {
    [FORM_COMMON] = "common",
    [FORM_INTEL_DRIVER] = "intel_driver",
    [FORM_NVIDIA_DRIVER] = "nvidia_driver",
};

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Digits and nothing else, white space around them apart. */
static bool part_read(const char *text, size_t length, struct version_parts *out, size_t index)
{
    while (length && is_blank(text[0])) {
        text++;
        length--;
    }
    while (length && is_blank(text[length - 1]))
        length--;
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text[i] - '0');
        if (number > UINT32_MAX)
            return false;
    }
    if (!length)
        return false;
    if (index < VERSION_PARTS_MAX) {
        out->parts[index].digits = text;
        out->parts[index].length = length;
        out->parts[index].number = (uint32_t)number;
    }
    return true;
}

/* mm-dd-yyyy: the year in front. A date that is cut short keeps what it has. */
static bool date_split(const char *text, struct version_parts *out)
{
    const char *pieces[3];
    size_t lengths[3];
    size_t count = 0;
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, "-");
        if (count == 3)
            return false;
        pieces[count] = at;
        lengths[count++] = length;
        at += length;
        if (!*at)
            break;
    }
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        size_t from = i == 0 ? count - 1 : i - 1;
        if (!part_read(pieces[from], lengths[from], out, i))
            break;
        out->count = i + 1;
        any = any || out->parts[i].number;
    }
    return any;
}

bool version_split(const char *text, char splitter, struct version_parts *out)
{
    const char stop[] = { splitter, '\0' };
    bool any = false;
    out->count = 0;
    if (splitter == '-')
        return date_split(text, out);
    for (size_t i = 0;; i++) {
        size_t length = strcspn(text, stop);
        if (!part_read(text, length, out, i))
            break;
        if (i < VERSION_PARTS_MAX) {
            out->count = i + 1;
            any = any || out->parts[i].number;
        }
        text += length;
        if (!*text)
            break;
        text++;
    }
    return any;
}

static int compare_digits(const char *digits, size_t length, const char *reference, size_t wanted)
{
    for (size_t i = 0; i < wanted; i++) {
        char digit = i < length ? digits[i] : '0';
        if (digit != reference[i])
            return digit < reference[i] ? -1 : 1;
    }
    return 0;
}

static int compare(const struct version_parts *version, const struct version_parts *reference,
                   enum version_style style)
{
    for (size_t i = 0; i < reference->count && i < version->count; i++) {
        uint32_t a = version->parts[i].number, b = reference->parts[i].number;
        int order = a < b ? -1 : a > b;
        if (i > 0 && style == STYLE_LEXICAL)
            order = compare_digits(version->parts[i].digits, version->parts[i].length,
                                   reference->parts[i].digits, reference->parts[i].length);
        if (order)
            return order;
    }
    return 0;
}

static void drop_two(struct version_parts *version)
{
    version->count -= 2;
    memmove(version->parts, version->parts + 2, version->count * sizeof version->parts[0]);
}

/* 26.21.14.4587 -> 445.87: last digit of the third part, then the first two of four digits. */
static bool nvidia_rearrange(struct version_parts *version)
{
    if (version->count != 4)
        return false;
    drop_two(version);
    const char *last = version->parts[1].digits;
    size_t length = version->parts[1].length;
    size_t moved = length < 3 ? 0 : length < 4 ? 1 : 2; /* leading zeros may be missing */
    char *made = version->made;
    size_t used = 0;
    made[used++] = version->parts[0].digits[version->parts[0].length - 1];
    for (size_t zeros = moved; zeros < 2; zeros++)
        made[used++] = '0';
    for (size_t i = 0; i < moved; i++)
        made[used++] = last[i];
    return part_read(made, used, version, 0) && part_read(last + moved, length - moved, version, 1);
}

static bool fit_form(const struct version_range *range, struct version_parts *version,
                     struct version_parts *low, struct version_parts *high)
{
    if (range->form == FORM_NVIDIA_DRIVER)
        return nvidia_rearrange(version);
    if (range->form != FORM_INTEL_DRIVER)
        return true;
    if (version->count != 4 || low->count != 4
        || (range->op == VERSION_BETWEEN && high->count != 4))
        return false;
    drop_two(version);
    drop_two(low);
    if (range->op == VERSION_BETWEEN)
        drop_two(high);
    return true;
}

bool version_in_range(const struct version_range *range, const char *text, char splitter)
{
    struct version_parts version, low, high;
    if (range->op == VERSION_ANY)
        return true;
    if (!version_split(text, splitter, &version))
        return false;
    low = range->low;
    high = range->high;
    if (!fit_form(range, &version, &low, &high))
        return false;
    int order = compare(&version, &low, range->style);
    switch (range->op) {
    case VERSION_ANY:
        return true;
    case VERSION_EQUAL:
        return order == 0;
    case VERSION_LESS:
        return order < 0;
    case VERSION_LESS_OR_EQUAL:
        return order <= 0;
    case VERSION_GREATER:
        return order > 0;
    case VERSION_GREATER_OR_EQUAL:
        return order >= 0;
    case VERSION_BETWEEN:
        return order >= 0 && compare(&version, &high, range->style) <= 0;
    }
    return false;
}

static bool name_find(const char *const *names, size_t count, const char *name, size_t *out)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(names[i], name)) {
            *out = i;
            return true;
        }
    }
    return false;
}

bool version_op_find(const char *name, enum version_op *out)
{
    size_t found;
    if (!name_find(op_names, ROWS(op_names), name, &found))
        return false;
    *out = (enum version_op)found;
    return true;
}

bool version_style_find(const char *name, enum version_style *out)
{
    size_t found;
    if (!name_find(style_names, ROWS(style_names), name, &found))
        return false;
    *out = (enum version_style)found;
    return true;
}

bool version_form_find(const char *name, enum version_form *out)
{
    size_t found;
    if (!name_find(form_names, ROWS(form_names), name, &found))
        return false;
    *out = (enum version_form)found;
    return true;
}

static void parts_write(struct text *out, const struct version_parts *version)
{
    for (size_t i = 0; i < version->count; i++) {
        if (i)
            text_add(out, ".", 1);
        text_add(out, version->parts[i].digits, version->parts[i].length);
    }
}

const char *version_range_text(struct arena *arena, const struct version_range *range)
{
    struct text out = { .arena = arena };
    text_printf(&out, "%s ", op_names[range->op]);
    parts_write(&out, &range->low);
    if (range->op == VERSION_BETWEEN) {
        text_add(&out, " and ", 5);
        parts_write(&out, &range->high);
    }
    if (range->style == STYLE_LEXICAL)
        text_printf(&out, " (%s)", style_names[range->style]);
    if (range->form != FORM_COMMON)
        text_printf(&out, " (%s)", form_names[range->form]);
    return text_get(&out);
}
