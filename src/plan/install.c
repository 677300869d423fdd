/* Files for other programs. The record is written before the file, with the checksums of the old
 * and of the new text: whenever an end comes in between, what stands there is known to be ours. */
#include "plan/install.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "platform/file.h"
#include "platform/state.h"

#define APPLIED_FOLDER "applied"
#define APPLIED_SCHEMA "qwguard.applied/1"
#define RECORD_MAX_BYTES ((size_t)64 * 1024)
#define FILE_MAX_BYTES ((size_t)1024 * 1024)

static uint64_t checksum_of(const char *text)
{
    return text_hash(TEXT_HASH_START, text, strlen(text));
}

static const char *record_path(struct arena *arena, const char *state_dir, const char *path)
{
    return arena_printf(arena, "%s/" APPLIED_FOLDER "/%016llx.json", state_dir,
                        (unsigned long long)checksum_of(path));
}

static bool checksum_read(struct arena *arena, const json_t *json, const char *key, uint64_t *out)
{
    const char *text = json_get_text(arena, json, key);
    return text && text_to_u64(arena_printf(arena, "0x%s", text), out);
}

static int record_read(struct arena *arena, const char *path, struct install_item *out,
                       struct err *err)
{
    const char *bytes;
    size_t length;
    if (state_read(arena, path, RECORD_MAX_BYTES, &bytes, &length, err) < 0)
        return -1;
    CLEANUP(json_freep) json_t *json = json_parse(path, bytes, length, err);
    if (!json)
        return -1;
    struct install_item item = {
        .path = json_get_text(arena, json, "path"),
        .format = json_get_text(arena, json, "format"),
        .app = json_get_text(arena, json, "app"),
        .fingerprint = json_get_text(arena, json, "fingerprint"),
        .mode = (unsigned)json_get_u64(json, "mode", 0644),
    };
    if (!text_equal(json_get_text(arena, json, "schema"), APPLIED_SCHEMA) || !item.path
        || *item.path != '/' || !item.format
        || !checksum_read(arena, json, "checksum", &item.checksum)
        || !checksum_read(arena, json, "old_checksum", &item.old_checksum))
        return err_set_at(err, (struct place){ .file = path }, "no record of a written file");
    *out = item;
    return 0;
}

static int record_write(struct arena *arena, const char *state_dir, const struct install_item *item,
                        struct err *err)
{
    CLEANUP(json_freep) json_t *json = json_object();
    unsigned long long checksum = item->checksum, old = item->old_checksum;
    json_set_text(json, "schema", APPLIED_SCHEMA);
    json_set_text(json, "path", item->path);
    json_set_text(json, "format", item->format);
    json_set_text(json, "app", item->app);
    json_set_text(json, "fingerprint", item->fingerprint);
    json_set_u64(json, "mode", item->mode);
    json_set_text(json, "checksum", arena_printf(arena, "%016llx", checksum));
    json_set_text(json, "old_checksum", arena_printf(arena, "%016llx", old));
    const char *text = json_format(arena, json);
    if (folder_make_private(path_join(arena, state_dir, APPLIED_FOLDER), err) < 0)
        return -1;
    return file_write(record_path(arena, state_dir, item->path), text, strlen(text), 0600, true,
                      err);
}

int install_list(struct arena *arena, const char *state_dir, struct install_items *out,
                 struct report *report, struct err *err)
{
    struct install_items items = { 0 };
    struct strings names;
    struct err problem;
    const char *folder = path_join(arena, state_dir, APPLIED_FOLDER);
    if (state_folder_check(folder, err) < 0 || folder_list(arena, folder, &names, err) < 0) {
        if (err->kind != ERR_NO_INPUT)
            return -1;
        names = (struct strings){ 0 };
    }
    for (size_t i = 0; i < names.count; i++) {
        const char *path = path_join(arena, folder, names.items[i]);
        struct install_item item;
        if (record_read(arena, path, &item, &problem) < 0)
            report_add(report, FINDING_WARNING, (struct place){ .file = path }, "%s", problem.text);
        else
            ARENA_PUSH(arena, &items, item);
    }
    for (size_t i = 1; i < items.count; i++) { /* few: by insertion */
        for (size_t j = i; j && strcmp(items.items[j - 1].path, items.items[j].path) > 0; j--) {
            struct install_item swap = items.items[j];
            items.items[j] = items.items[j - 1];
            items.items[j - 1] = swap;
        }
    }
    *out = items;
    return 0;
}

static const struct install_item *item_find(const struct install_items *items, const char *path)
{
    for (size_t i = 0; i < items->count; i++) {
        if (text_equal(items->items[i].path, path))
            return &items->items[i];
    }
    return NULL;
}

enum install_state install_look(struct arena *arena, const struct install_items *items,
                                const char *path, const char **out_current)
{
    const struct install_item *item = item_find(items, path);
    const char *bytes;
    struct file_info info;
    struct err ignored;
    if (out_current)
        *out_current = NULL;
    if (!file_stat(path, false, &info))
        return INSTALL_ABSENT;
    if (!info.is_regular || state_read(arena, path, FILE_MAX_BYTES, &bytes, NULL, &ignored) < 0)
        return INSTALL_FOREIGN;
    if (out_current)
        *out_current = bytes;
    if (!item)
        return INSTALL_FOREIGN;
    uint64_t checksum = checksum_of(bytes);
    return checksum == item->checksum || checksum == item->old_checksum ? INSTALL_OURS
                                                                        : INSTALL_EDITED;
}

int install_write(struct arena *arena, const char *state_dir, const struct install_items *items,
                  const struct install_item *item, bool force, struct err *err)
{
    const char *current;
    enum install_state state = install_look(arena, items, item->path, &current);
    if (state == INSTALL_FOREIGN && !force)
        return err_set(err, ERR_CREATE, "'%s' was not written by qwguard; --force replaces it",
                       item->path);
    if (state == INSTALL_EDITED && !force)
        return err_set(err, ERR_CREATE, "'%s' was changed since; --force replaces it", item->path);
    struct install_item record = *item;
    record.checksum = checksum_of(item->bytes);
    record.old_checksum = current ? checksum_of(current) : 0;
    const char *slash = strrchr(item->path, '/');
    if (folder_make_shared(arena_strndup(arena, item->path, (size_t)(slash - item->path)), err) < 0
        || record_write(arena, state_dir, &record, err) < 0)
        return -1;
    return file_write(item->path, item->bytes, strlen(item->bytes), item->mode, true, err);
}

int install_undo(struct arena *arena, const char *state_dir, const struct install_items *items,
                 const struct install_item *item, bool force, struct err *err)
{
    enum install_state state = install_look(arena, items, item->path, NULL);
    if ((state == INSTALL_EDITED || state == INSTALL_FOREIGN) && !force)
        return err_set(err, ERR_CREATE,
                       "'%s' was changed since and is left alone; --force removes it", item->path);
    if (state != INSTALL_ABSENT && file_remove(item->path, err) < 0)
        return -1;
    return file_remove(record_path(arena, state_dir, item->path), err);
}

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
    const char *a = before ? before : "", *b = after;
    const char *a_end = a + strlen(a), *b_end = b + strlen(b);
    size_t skipped = 0;
    if (before && text_equal(before, after))
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
                path, skipped + (lines_a != 0), lines_a, skipped + (lines_b != 0), lines_b);
    add_lines(&text, '-', a, a_end);
    add_lines(&text, '+', b, b_end);
    return text_get(&text);
}
