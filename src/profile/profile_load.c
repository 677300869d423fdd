/* Finds the files of profiles: those built into the program, then every folder, in order. A file or
 * a profile that is broken is reported and left out; nothing else suffers. */
#include <string.h>

#include "base/embedded.h"
#include "base/pack.h"
#include "platform/file.h"
#include "profile/read_private.h"

static void profiles_remove(struct profiles *profiles, const char *id)
{
    size_t kept = 0;
    for (size_t i = 0; i < profiles->count; i++) {
        if (!text_equal(profiles->items[i]->id, id))
            profiles->items[kept++] = profiles->items[i];
    }
    profiles->count = kept;
}

/* Later files win: the same id replaces in its place, a mask removes. */
static void profiles_put(struct arena *arena, struct profiles *profiles,
                         const struct profile *profile)
{
    if (!profile->match) {
        profiles_remove(profiles, profile->id);
        return;
    }
    for (size_t i = 0; i < profiles->count; i++) {
        if (text_equal(profiles->items[i]->id, profile->id)) {
            profiles->items[i] = profile;
            return;
        }
    }
    ARENA_PUSH(arena, profiles, profile);
}

static void root_load(struct arena *arena, const struct yaml_node *root, struct report *report,
                      struct profiles *inout)
{
    struct profiles read = { 0 };
    profile_file_read(arena, root, report, &read);
    for (size_t i = 0; i < read.count; i++)
        profiles_put(arena, inout, read.items[i]);
}

int profiles_add_file(struct arena *arena, const char *path, struct report *report,
                      struct profiles *inout, struct err *err)
{
    const char *bytes;
    size_t length;
    struct yaml_node *root;
    struct err fault;
    if (file_read(arena, path, YAML_SIZE_MAX_BYTES, &bytes, &length, err) < 0)
        return -1;
    if (yaml_parse(arena, arena_strdup(arena, path), bytes, length, &root, &fault) < 0)
        report_add(report, FINDING_ERROR, fault.at, "%s; the file is skipped", fault.text);
    else
        root_load(arena, root, report, inout);
    return 0;
}

/* A fault of the file as a whole; its path stands in the place, not in the text. */
static void file_refuse(struct report *report, const char *path, const char *text)
{
    report_add(report, FINDING_ERROR, (struct place){ .file = path }, "%s; the file is skipped",
               text);
}

static void folder_load(struct arena *arena, const char *folder, struct report *report,
                        struct profiles *inout)
{
    struct strings names = { 0 };
    struct file_info info;
    struct err err;
    if (!file_stat(folder, true, &info))
        return;
    if (folder_list(arena, folder, &names, &err) < 0) {
        report_add(report, FINDING_ERROR, (struct place){ .file = folder },
                   "%s; the folder is skipped", err.text);
        return;
    }
    for (size_t i = 0; i < names.count; i++) {
        const char *path = path_join(arena, folder, names.items[i]);
        if (names.items[i][0] == '.' || !text_ends(names.items[i], ".yaml"))
            continue;
        if (!file_stat(path, true, &info))
            file_refuse(report, path, "nothing is there");
        else if (!info.is_regular) /* a pipe would be waited for */
            file_refuse(report, path, "this is no file");
        else if (info.size_bytes > YAML_SIZE_MAX_BYTES)
            report_add(report, FINDING_ERROR,
                       (struct place){ .file = path, .line = 1, .column = 1 },
                       "larger than %u MiB; the file is skipped",
                       (unsigned)(YAML_SIZE_MAX_BYTES / MIB_BYTES));
        else if (profiles_add_file(arena, path, report, inout, &err) < 0)
            file_refuse(report, path, err.text);
    }
}

static void embedded_load(struct arena *arena, const char *skip, struct report *report,
                          struct profiles *inout)
{
    for (size_t i = 0; i < embedded_file_count; i++) {
        const struct embedded_file *file = &embedded_files[i];
        if (!text_starts(file->path, "profiles/") || text_starts(file->path, "profiles/rules/"))
            continue;
        const char *name = arena_printf(arena, "built in: %s", file->path);
        const struct yaml_node *root = tree_unpack(arena, name, file->tree, file->length_bytes,
                                                   skip);
        if (root)
            root_load(arena, root, report, inout);
        else
            file_refuse(report, name, "it is damaged");
    }
}

void profiles_load(struct arena *arena, const struct strings *folders, enum profile_tests tests,
                   struct report *report, struct profiles *out)
{
    *out = (struct profiles){ 0 };
    embedded_load(arena, tests == PROFILE_TESTS_LEFT_OUT ? "tests" : NULL, report, out);
    for (size_t i = 0; i < folders->count; i++) {
        folder_load(arena, folders->items[i], report, out);
        folder_load(arena, path_join(arena, folders->items[i], "apps"), report, out);
    }
}

const struct profile *profile_find(const struct profiles *profiles, const char *id)
{
    for (size_t i = 0; i < profiles->count; i++) {
        if (text_equal(profiles->items[i]->id, id))
            return profiles->items[i];
    }
    return NULL;
}
