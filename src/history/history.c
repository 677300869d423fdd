/* One small JSON file for each application on this machine with this engine, below history/. The
 * name of the file is made from the key; the key stands in the file as well, so that a copied or
 * renamed one is not believed. `--history FILE` has the same members, all of them optional. */
#include "history/history.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/yaml.h"
#include "platform/file.h"
#include "platform/state.h"

#define HISTORY_SCHEMA "qwguard.history/1"
#define HISTORY_FOLDER "history"
#define FILE_MAX_BYTES ((size_t)1024 * 1024)
#define FILE_MODE 0600U
#define NAME_MAX_BYTES 64 /* of the app in the name of a file */

enum member_kind {
    MEMBER_TEXT,
    MEMBER_ATTRIBUTION,
    MEMBER_NUMBER,
    MEMBER_MAYBE,
    MEMBER_COUNTS,
    MEMBER_TRUTH,
    MEMBER_KEY, /* of the file itself: compared, not read into the history */
};

struct member {
    const char *name;
    enum member_kind kind;
    size_t offset;
};

static const struct member members[] = {
    { "schema", MEMBER_KEY, 0 },
    { "app", MEMBER_KEY, 0 },
    { "fingerprint", MEMBER_KEY, 0 },
    { "engine", MEMBER_KEY, 0 },
    { "program", MEMBER_KEY, 0 },
    { "rung", MEMBER_TEXT, offsetof(struct history, rung) },
    { "attribution", MEMBER_ATTRIBUTION, offsetof(struct history, attribution) },
    { "incident", MEMBER_TEXT, offsetof(struct history, incident) },
    { "rung_since_s", MEMBER_NUMBER, offsetof(struct history, rung_since_s) },
    { "starts", MEMBER_NUMBER, offsetof(struct history, start_count) },
    { "restarts", MEMBER_NUMBER, offsetof(struct history, restart_count) },
    { "startup_crashes", MEMBER_MAYBE, offsetof(struct history, startup_crash_count) },
    { "signatures", MEMBER_COUNTS, offsetof(struct history, signatures) },
    { "updated", MEMBER_TRUTH, offsetof(struct history, updated) },
};

/* Contract §7, attribution of an incident. */
static const char *const attributions[] = { "gpu-in-app", "gpu-driver", "script-heap", "app",
                                            "unknown" };

static int unknown_word(struct err *err, struct place at, const char *what, const char *word,
                        const char *const *known, size_t count)
{
    const char *near = text_nearest(word, known, count);
    return err_set_at(err, at, "unknown %s '%s'%s%s%s", what, word, near ? " (did you mean '" : "",
                      near ? near : "", near ? "'?)" : "");
}

static int counts_read(struct arena *arena, const struct yaml_node *node, const char *name,
                       struct variables *out, struct err *err)
{
    if (node->kind != YAML_MAPPING)
        return err_set_at(err, node->at, "'%s' must be a mapping of names to counts, not %s", name,
                          yaml_kind_text(node));
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        uint64_t count;
        if (!yaml_to_u64(pair->value, &count) || count > INT64_MAX)
            return err_set_at(err, pair->value->at, "'%s.%s' must be a count, not %s", name,
                              pair->key, yaml_kind_text(pair->value));
        variables_set(arena, out, pair->key,
                      arena_printf(arena, "%llu", (unsigned long long)count));
    }
    return 0;
}

static int text_read(const struct member *member, const struct yaml_node *node, const char **out,
                     struct err *err)
{
    if (node->kind == YAML_SCALAR && !*node->text)
        return err_set_at(err, node->at, "'%s' is empty", member->name);
    if (node->kind != YAML_SCALAR)
        return err_set_at(err, node->at, "'%s' must be a word, not %s", member->name,
                          yaml_kind_text(node));
    if (member->kind == MEMBER_ATTRIBUTION) {
        bool known = false;
        for (size_t i = 0; i < ROWS(attributions); i++)
            known = known || text_equal(attributions[i], node->text);
        if (!known)
            return unknown_word(err, node->at, "attribution", node->text, attributions,
                                ROWS(attributions));
    }
    *out = node->text;
    return 0;
}

static int member_read(struct arena *arena, const struct member *member,
                       const struct yaml_node *node, struct history *out, struct err *err)
{
    void *to = (char *)out + member->offset;
    uint64_t number = 0;
    bool flag;
    if (member->kind == MEMBER_KEY || yaml_is_null(node))
        return 0;
    if (member->kind == MEMBER_TRUTH) {
        if (!yaml_to_bool(node, &flag))
            return err_set_at(err, node->at, "'%s' must be true or false, not %s", member->name,
                              yaml_kind_text(node));
        *(enum truth *)to = flag ? TRUTH_YES : TRUTH_NO;
        return 0;
    }
    if (member->kind == MEMBER_COUNTS)
        return counts_read(arena, node, member->name, to, err);
    if (member->kind == MEMBER_TEXT || member->kind == MEMBER_ATTRIBUTION)
        return text_read(member, node, to, err);
    if (!yaml_to_u64(node, &number) || number > INT64_MAX)
        return err_set_at(err, node->at, "'%s' must be a count, not %s", member->name,
                          yaml_kind_text(node));
    if (member->kind == MEMBER_MAYBE)
        *(struct maybe_u64 *)to = (struct maybe_u64){ true, number };
    else
        *(uint64_t *)to = number;
    return 0;
}

static int history_read(struct arena *arena, const struct yaml_node *root, struct history *out,
                        struct err *err)
{
    struct history history = { 0 };
    const char *names[ROWS(members)];
    for (size_t i = 0; i < ROWS(members); i++)
        names[i] = members[i].name;
    if (root->kind != YAML_MAPPING)
        return err_set_at(err, root->at, "a history must be a mapping, not %s",
                          yaml_kind_text(root));
    for (size_t i = 0; i < root->count; i++) {
        const struct yaml_pair *pair = &root->pairs[i];
        size_t row = 0;
        while (row < ROWS(members) && !text_equal(members[row].name, pair->key))
            row++;
        if (row == ROWS(members))
            return unknown_word(err, pair->key_at, "key", pair->key, names, ROWS(names));
        if (member_read(arena, &members[row], pair->value, &history, err) < 0)
            return -1;
    }
    *out = history;
    return 0;
}

int history_parse(struct arena *arena, const char *name, const char *bytes, size_t length,
                  struct history *out, struct err *err)
{
    struct yaml_node *root;
    if (yaml_parse(arena, name, bytes, length, &root, err) < 0)
        return -1;
    return history_read(arena, root, out, err);
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    /* With the terminator, so that "ab","c" and "a","bc" differ. */
    return text ? text_hash(hash, text, strlen(text) + 1) : text_hash(hash, "\xff", 1);
}

/* "whatsie-0123456789abcdef.json": for people, and different for every key. */
static const char *history_path(struct arena *arena, const char *state_dir,
                                const struct history_key *key)
{
    struct text name = { .arena = arena };
    const char *app = key->app ? key->app : "";
    uint64_t hash = hash_text(TEXT_HASH_START, app);
    hash = hash_text(hash, key->fingerprint);
    hash = hash_text(hash, key->engine);
    for (size_t i = 0; app[i] && i < NAME_MAX_BYTES; i++) {
        bool safe = (app[i] >= 'a' && app[i] <= 'z') || (app[i] >= 'A' && app[i] <= 'Z')
                    || (app[i] >= '0' && app[i] <= '9') || strchr("._+", app[i]);
        text_add(&name, safe && (i || app[i] != '.') ? app + i : "_", 1);
    }
    text_printf(&name, "-%016llx.json", (unsigned long long)hash);
    return path_join(arena, path_join(arena, state_dir, HISTORY_FOLDER), text_get(&name));
}

static bool key_is(const struct yaml_node *root, const char *name, const char *wanted)
{
    const struct yaml_node *node = yaml_get(root, name);
    const char *text = node && node->kind == YAML_SCALAR && !yaml_is_null(node) ? node->text : NULL;
    return text_equal(text, wanted);
}

const char *history_program(struct arena *arena, const char *path)
{
    struct file_info info;
    if (!path || !file_stat(path, true, &info))
        return NULL;
    return arena_printf(arena, "%llu bytes of %llu", (unsigned long long)info.size_bytes,
                        (unsigned long long)(info.modified_ns / SECOND_NS));
}

/* Chosen too long ago, or in a future that a wrong clock made up. */
static bool is_old(const struct history *history, uint64_t now_s)
{
    uint64_t since_s = history->rung_since_s;
    uint64_t age_s = now_s > since_s ? now_s - since_s : since_s - now_s;
    return history->rung && age_s > HISTORY_EXPIRY_SECONDS;
}

static bool is_of_another_version(const struct yaml_node *root, const struct history_key *key)
{
    return key->program && yaml_get(root, "program") && !key_is(root, "program", key->program);
}

/* The rung is given up, and all that led to it. */
static void history_expire(struct history *history)
{
    *history = (struct history){
        .start_count = history->start_count,
        .restart_count = history->restart_count,
    };
}

int history_load(struct arena *arena, const char *state_dir, const struct history_key *key,
                 uint64_t now_s, struct history *out, struct err *err)
{
    struct yaml_node *root;
    const char *bytes;
    size_t length;
    const char *path = history_path(arena, state_dir, key);
    struct err problem;
    *out = (struct history){ 0 };
    if (state_folder_check(path_join(arena, state_dir, HISTORY_FOLDER), &problem) < 0
        || state_read(arena, path, FILE_MAX_BYTES, &bytes, &length, &problem) < 0) {
        if (problem.kind == ERR_NO_INPUT)
            return 0; /* the first time */
        *err = problem;
        return -1;
    }
    struct history history;
    if (yaml_parse(arena, path, bytes, length, &root, err) < 0)
        return -1;
    if (!key_is(root, "schema", HISTORY_SCHEMA))
        return err_set_at(err, root->at, "this is no file of schema '%s'", HISTORY_SCHEMA);
    if (history_read(arena, root, &history, err) < 0)
        return -1;
    if (!key_is(root, "app", key->app ? key->app : "")
        || !key_is(root, "fingerprint", key->fingerprint) || !key_is(root, "engine", key->engine))
        return 0; /* of another application, machine or engine */
    if (is_old(&history, now_s) || is_of_another_version(root, key))
        history_expire(&history);
    *out = history;
    return 0;
}

/* One that did not end as a crash at once. */
static bool start_lasted(const struct history *history)
{
    return history->start_count > history->startup_crash_count.value;
}

/* Is the file one of ours, and of this app? NULL = of any. */
static bool is_of(struct arena *arena, const char *path, const char *app,
                  struct yaml_node **out_root)
{
    const char *bytes;
    size_t length;
    struct err ignored; /* what cannot be read is not known to be ours */
    return state_read(arena, path, FILE_MAX_BYTES, &bytes, &length, &ignored) == 0
           && yaml_parse(arena, path, bytes, length, out_root, &ignored) == 0
           && key_is(*out_root, "schema", HISTORY_SCHEMA)
           && (!app || key_is(*out_root, "app", app));
}

/* Has the application of this file started well? */
static bool file_lasted(struct arena *arena, const char *path, const char *app)
{
    struct yaml_node *root;
    struct history history;
    struct err ignored; /* what cannot be read tells of no start */
    return is_of(arena, path, app, &root) && history_read(arena, root, &history, &ignored) == 0
           && start_lasted(&history);
}

enum truth history_updated(struct arena *arena, const char *state_dir,
                           const struct history_key *key, const struct history *history)
{
    struct strings names = { 0 };
    struct err problem;
    const char *folder = path_join(arena, state_dir, HISTORY_FOLDER);
    const char *own = path_name(history_path(arena, state_dir, key));
    size_t same = strlen(own) - strlen("0123456789abcdef.json"); /* "whatsie-" */
    if (start_lasted(history))
        return TRUTH_NO;
    if (state_folder_check(folder, &problem) < 0)
        return problem.kind == ERR_NO_INPUT ? TRUTH_NO : TRUTH_UNKNOWN;
    if (folder_list(arena, folder, &names, &problem) < 0)
        return TRUTH_UNKNOWN;
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.items[i];
        if (strncmp(name, own, same) == 0 && strlen(name) == strlen(own) && !text_equal(name, own)
            && file_lasted(arena, path_join(arena, folder, name), key->app ? key->app : ""))
            return TRUTH_YES;
    }
    return TRUTH_NO;
}

static json_t *history_to_json(const struct history_key *key, const struct history *history)
{
    json_t *root = json_object();
    json_t *signatures = json_object();
    json_set_text(root, "schema", HISTORY_SCHEMA);
    json_set_text(root, "app", key->app ? key->app : "");
    json_set_text(root, "fingerprint", key->fingerprint);
    json_set_text(root, "engine", key->engine);
    if (key->program)
        json_set_text(root, "program", key->program);
    json_set_text(root, "rung", history->rung);
    json_set_text(root, "attribution", history->attribution);
    json_set_text(root, "incident", history->incident);
    json_set_u64(root, "rung_since_s", history->rung_since_s);
    json_set_u64(root, "starts", history->start_count);
    json_set_u64(root, "restarts", history->restart_count);
    if (history->startup_crash_count.known)
        json_set_u64(root, "startup_crashes", history->startup_crash_count.value);
    for (size_t i = 0; i < history->signatures.count; i++) {
        const struct variable *one = &history->signatures.items[i];
        uint64_t count;
        if (text_to_u64(one->value, &count))
            json_set_u64(signatures, one->name, count);
    }
    json_set(root, "signatures", signatures);
    return root;
}

int history_save(const char *state_dir, const struct history_key *key,
                 const struct history *history, struct err *err)
{
    struct arena arena = { 0 };
    CLEANUP(json_freep) json_t *root = history_to_json(key, history);
    const char *text = json_format(&arena, root);
    int status = folder_make_private(path_join(&arena, state_dir, HISTORY_FOLDER), err);
    if (status == 0)
        status = file_write(history_path(&arena, state_dir, key), text, strlen(text), FILE_MODE,
                            true, err);
    arena_clear(&arena);
    return status;
}

static int forget(struct arena *arena, const char *folder, const char *app, size_t *out_count,
                  struct err *err)
{
    struct strings names = { 0 };
    struct err problem;
    if (state_folder_check(folder, &problem) < 0) {
        if (problem.kind == ERR_NO_INPUT)
            return 0; /* nothing was ever seen */
        *err = problem;
        return -1;
    }
    if (folder_list(arena, folder, &names, err) < 0)
        return -1;
    for (size_t i = 0; i < names.count; i++) {
        struct yaml_node *root;
        const char *path = path_join(arena, folder, names.items[i]);
        if (!is_of(arena, path, app, &root))
            continue;
        if (file_remove(path, err) < 0)
            return -1;
        (*out_count)++;
    }
    return 0;
}

int history_forget(const char *state_dir, const char *app, size_t *out_count, struct err *err)
{
    struct arena arena = { 0 };
    size_t count = 0;
    int status = forget(&arena, path_join(&arena, state_dir, HISTORY_FOLDER), app, &count, err);
    arena_clear(&arena);
    if (status == 0)
        *out_count = count;
    return status;
}
