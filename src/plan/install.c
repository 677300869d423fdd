/* Files for other programs. The record is written before the file, with the checksums of the old
 * and of the new text: whenever an end comes in between, what stands there is known to be ours.
 * The folder is held open from the look to the writing. */
#include "plan/install.h"

#include <string.h>

#include "plan/install_private.h"

#define FILE_MAX_BYTES ((size_t)1024 * 1024)
#define EARLIER_MAX 16 /* values; sessions live no longer than a few changes of the plan */
#define EARLIER_MAX_BYTES ((size_t)512 * 1024) /* of them together: a record must be readable */

static uint64_t checksum_of(const char *bytes, size_t length)
{
    return text_hash(TEXT_HASH_START, bytes, length);
}

/* What was found at a path. */
struct found {
    enum install_state state;
    const char *bytes; /* NULL = absent or unreadable */
    size_t length;
};

static struct found look(struct arena *arena, const struct shared_folder *folder,
                         const struct install_item *record, const char *path)
{
    struct found found = { .state = INSTALL_FOREIGN };
    struct err problem;
    if (shared_read(arena, folder, path, FILE_MAX_BYTES, &found.bytes, &found.length, &problem)
        < 0) {
        found.bytes = NULL;
        if (problem.kind == ERR_NO_INPUT)
            found.state = INSTALL_ABSENT;
    } else if (record) {
        uint64_t checksum = checksum_of(found.bytes, found.length);
        found.state = checksum == record->checksum || checksum == record->old_checksum
                          ? INSTALL_OURS
                          : INSTALL_EDITED;
    }
    return found;
}

int install_look(struct arena *arena, const struct install_place *place,
                 const struct install_items *items, const char *path, enum install_state *out_state,
                 const char **out_current, struct err *err)
{
    CLEANUP(shared_close) struct shared_folder folder = { .fd = -1 };
    struct found found = { .state = INSTALL_ABSENT };
    if (shared_open(arena, place->root, path, NULL, &folder, err) == 0)
        found = look(arena, &folder, install_find(items, path), path);
    else if (err->kind != ERR_NO_INPUT)
        return -1;
    *out_state = found.state;
    *out_current = found.bytes;
    return 0;
}

int install_allowed(enum install_state state, const char *path, bool force, struct err *err)
{
    if (state == INSTALL_FOREIGN)
        return err_set(err, ERR_CREATE, "'%s' was not written by qwguard and is left alone", path);
    if (state == INSTALL_EDITED && !force)
        return err_set(err, ERR_CREATE, "'%s' was changed since; --force replaces it", path);
    return 0;
}

int install_removable(enum install_state state, const char *path, struct err *err)
{
    if (state != INSTALL_EDITED && state != INSTALL_FOREIGN)
        return 0;
    return err_set(err, ERR_CREATE, "'%s' was changed since and is left alone; --force removes it",
                   path);
}

/* Does the folder lie on the way to the path? */
static bool is_above(const char *folder, const char *path)
{
    return text_starts(path, folder) && path[strlen(folder)] == '/';
}

/* Folders that an earlier item made are this one's too: the last one that goes takes them along. */
static struct strings folders_known(struct arena *arena, const struct install_items *items,
                                    const char *path)
{
    struct strings known = { 0 };
    for (size_t i = 0; i < items->count; i++) {
        const struct strings *folders = &items->items[i].folders;
        for (size_t j = 0; j < folders->count; j++) {
            if (is_above(folders->items[j], path) && !strings_has(&known, folders->items[j]))
                ARENA_PUSH(arena, &known, folders->items[j]);
        }
    }
    return known;
}

static bool has_pair(const struct variables *variables, const struct variable *pair)
{
    for (size_t i = 0; i < variables->count; i++) {
        if (text_equal(variables->items[i].name, pair->name)
            && text_equal(variables->items[i].value, pair->value))
            return true;
    }
    return false;
}

/* What the file set up to now, and before that: the newest of it, without what it sets again. */
static struct variables earlier_known(struct arena *arena, const struct install_item *old,
                                      const struct install_item *item)
{
    struct variables all = { 0 }, known = { 0 };
    const struct variables *parts[] = { &old->earlier, &old->set };
    for (size_t i = 0; i < ROWS(parts); i++) {
        for (size_t j = 0; j < parts[i]->count; j++) {
            if (!has_pair(&item->set, &parts[i]->items[j]) && !has_pair(&all, &parts[i]->items[j]))
                ARENA_PUSH(arena, &all, parts[i]->items[j]);
        }
    }
    size_t first = all.count, bytes = 0;
    while (first && all.count - first < EARLIER_MAX
           && (bytes += strlen(all.items[first - 1].value)) <= EARLIER_MAX_BYTES)
        first--;
    for (size_t i = first; i < all.count; i++)
        ARENA_PUSH(arena, &known, all.items[i]);
    return known;
}

/* After a failure: the record as it was before, the new folders gone. */
static int roll_back(struct arena *arena, const struct install_place *place,
                     const struct install_item *old, const struct install_item *item,
                     const struct strings *made)
{
    struct err ignored; /* the first problem is the one to report */
    if (old)
        (void)install_record_write(arena, place, old, &ignored);
    else
        (void)install_record_remove(arena, place, item->path, &ignored);
    shared_folders_remove(arena, place->root, made);
    return -1;
}

/* Record, file, and the record once more when the old text need not be known any longer: with a
 * full disk it stays known, which does no harm. */
static int write_both(struct arena *arena, const struct install_place *place,
                      const struct shared_folder *folder, const struct install_item *item,
                      bool replace, struct err *err)
{
    struct install_item record = *item;
    struct err ignored;
    if (install_record_write(arena, place, &record, err) < 0
        || shared_write(folder, item->path, item->bytes, strlen(item->bytes), item->mode, replace,
                        err)
               < 0)
        return -1;
    if (record.old_checksum) {
        record.old_checksum = 0;
        (void)install_record_write(arena, place, &record, &ignored);
    }
    return 0;
}

int install_write(struct arena *arena, const struct install_place *place,
                  const struct install_items *items, const struct install_item *item, bool force,
                  struct err *err)
{
    CLEANUP(shared_close) struct shared_folder folder = { .fd = -1 };
    const struct install_item *old = install_find(items, item->path);
    struct install_item record = *item;
    struct strings made = { 0 };
    if (!text_is_utf8(item->path, strlen(item->path)))
        return err_set(err, ERR_DATA, "the name of the file is not UTF-8");
    if (shared_open(arena, place->root, item->path, &made, &folder, err) < 0)
        return roll_back(arena, place, old, item, &made);
    struct found found = look(arena, &folder, old, item->path);
    if (install_allowed(found.state, item->path, force, err) < 0) {
        shared_folders_remove(arena, place->root, &made);
        return -1;
    }
    record.checksum = checksum_of(item->bytes, strlen(item->bytes));
    record.old_checksum = found.bytes ? checksum_of(found.bytes, found.length) : 0;
    if (old)
        record.earlier = earlier_known(arena, old, item);
    record.folders = folders_known(arena, items, item->path);
    for (size_t i = 0; i < made.count; i++)
        ARENA_PUSH(arena, &record.folders, made.items[i]);
    if (write_both(arena, place, &folder, &record, found.bytes != NULL, err) < 0)
        return roll_back(arena, place, old, item, &made);
    return 0;
}

int install_undo(struct arena *arena, const struct install_place *place,
                 const struct install_items *items, const struct install_item *item, bool force,
                 struct err *err)
{
    CLEANUP(shared_close) struct shared_folder folder = { .fd = -1 };
    const struct install_item *record = install_find(items, item->path);
    struct found found = { .state = INSTALL_ABSENT };
    if (shared_open(arena, place->root, item->path, NULL, &folder, err) == 0)
        found = look(arena, &folder, record, item->path);
    else if (err->kind != ERR_NO_INPUT)
        return -1;
    if (!force && install_removable(found.state, item->path, err) < 0)
        return -1;
    if (found.state != INSTALL_ABSENT && shared_remove(&folder, item->path, err) < 0)
        return -1;
    if (record)
        shared_folders_remove(arena, place->root, &record->folders);
    return install_record_remove(arena, place, item->path, err);
}
