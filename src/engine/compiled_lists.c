/* From an engine to the lists that it decides with: the cache by build id, else the library itself.
 * What comes out is a tree in the words of Chromium's JSON, for the one reader of rule files. */
#include "engine/compiled_lists.h"

#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/pack.h"
#include "engine/compiled_lists_private.h"
#include "engine/control_list_private.h"
#include "engine/engine_private.h"
#include "platform/file.h"

#define GAP_KEY "incomplete" /* no key of a rule file: such lists cannot be used by mistake */
#define CACHE_FORM 2         /* goes up when the same library would give other lists */
#define CACHE_BYTES_MAX (1024 * 1024) /* 60 KB are usual */
#define CACHE_MODE 0600

/* --- out of the library ---------------------------------------------------------------- */

static struct yaml_node *names_write(struct arena *arena, const struct image *image,
                                     const struct tables *tables)
{
    struct yaml_node *list = tree_list(arena);
    for (uint32_t i = 0; i < tables->name_count; i++)
        tree_add(arena, list, tree_text(arena, table_workaround(image, tables, i)));
    return list;
}

static void lists_write(struct arena *arena, const struct engine *engine, const struct image *image,
                        const struct decoded *decoded, struct compiled_lists *out)
{
    struct yaml_node *root = tree_mapping(arena);
    const char *const *features = feature_names(&decoded->lists, engine->chromium);
    out->gap = decoded->gap;
    if (!out->gap && !features)
        out->gap = "the names of the blocklist's features are unknown";
    else if (!out->gap && !engine->chromium)
        out->gap = "the version of Chromium is unknown";
    else if (!out->gap && features != engine_traits_of(engine->chromium)->features)
        out->gap = "the blocklist's features are those of another version of Chromium";
    root->at.file = engine->library;
    tree_set(arena, root, "schema", tree_text(arena, LISTS_SCHEMA));
    tree_set(arena, root, "qt", tree_text(arena, engine->qt));
    tree_set(arena, root, "chromium", tree_text(arena, engine->chromium));
    tree_set(arena, root, "library", tree_text(arena, engine->library));
    tree_set(arena, root, "build_id", tree_text(arena, engine->build_id));
    tree_set(arena, root, "layout", tree_text(arena, layout_name(arena, &decoded->layout)));
    tree_set(arena, root, GAP_KEY, tree_text(arena, out->gap));
    tree_set(arena, root, "workarounds", names_write(arena, image, &decoded->tables));
    tree_set(arena, root, "software_rendering_list",
             raw_write(arena, &decoded->lists.blocklist, &decoded->lists, features, image,
                       &decoded->tables));
    tree_set(
        arena, root, "gpu_driver_bug_list",
        raw_write(arena, &decoded->lists.bugs, &decoded->lists, NULL, image, &decoded->tables));
    out->root = root;
}

static int library_read(struct arena *arena, const struct engine *engine, const char *place,
                        struct compiled_lists *out, struct err *err)
{
    CLEANUP(file_map_close) struct file_map map = { 0 };
    CLEANUP(arena_clear) struct arena scratch = { 0 }; /* strings of the result are copied */
    struct elf elf;
    struct image image;
    struct decoded decoded;
    if (file_map_open(place, &map, err) < 0)
        return -1;
    if (elf_open(map.bytes, map.length, &elf, err) < 0
        || image_open(&scratch, &map, &elf, &image, err) < 0
        || lists_decode(&scratch, &image, &decoded, err) < 0)
        return err_wrap(err, "'%s'", engine->library);
    if (decoded.gap)
        decoded.gap = arena_strdup(arena, decoded.gap);
    lists_write(arena, engine, &image, &decoded, out);
    return 0;
}

/* --- cache ----------------------------------------------------------------------------- */

struct cache {
    const char *path; /* NULL = nothing is kept */
    const char *key;  /* what the kept lists were read from */
};

/* The build id alone would let a foreign file speak for the installed one, so the place counts as
 * well: another path has another file in the cache, a changed file another key. */
static struct cache cache_of(struct arena *arena, const struct engine_search *search,
                             const struct engine *engine, const char *place)
{
    struct file_info file;
    if (!search->cache_dir || !engine->build_id || !file_stat(place, true, &file))
        return (struct cache){ NULL, NULL };
    uint64_t hash = text_hash(TEXT_HASH_START, place, strlen(place));
    return (struct cache){
        .path = arena_printf(arena, "%s/lists-%.16s-%016llx", search->cache_dir, engine->build_id,
                             (unsigned long long)hash),
        .key = arena_printf(arena, "%d %s %s %llu %llu %llu:%llu", CACHE_FORM, engine->build_id,
                            place, (unsigned long long)file.size_bytes,
                            (unsigned long long)file.modified_ns, (unsigned long long)file.device,
                            (unsigned long long)file.inode),
    };
}

static bool cache_get(struct arena *arena, const struct cache *cache, struct compiled_lists *out)
{
    const char *bytes;
    size_t length;
    struct err ignored;
    if (!cache->path
        || file_read(arena, cache->path, CACHE_BYTES_MAX, &bytes, &length, &ignored) < 0)
        return false;
    struct yaml_node *kept = tree_unpack(arena, cache->path, bytes, length, NULL);
    const struct yaml_node *key = yaml_get(kept, "key");
    if (!kept || !key || !text_equal(key->text, cache->key) || kept->count != 2)
        return false;
    struct yaml_node *lists = kept->pairs[1].value;
    const struct yaml_node *gap = yaml_get(lists, GAP_KEY);
    *out = (struct compiled_lists){ .root = lists, .gap = gap ? gap->text : NULL };
    return lists->kind == YAML_MAPPING;
}

static void cache_put(struct arena *arena, const struct engine_search *search,
                      const struct cache *cache, struct yaml_node *lists)
{
    struct err ignored; /* without a cache the next start is slower, nothing else */
    size_t length;
    if (!cache->path || folder_make_private(search->cache_dir, &ignored) < 0)
        return;
    struct yaml_node *kept = tree_mapping(arena);
    tree_set(arena, kept, "key", tree_text(arena, cache->key));
    tree_set(arena, kept, "lists", lists);
    const char *bytes = tree_pack(arena, kept, &length);
    (void)file_write(cache->path, bytes, length, CACHE_MODE, false, &ignored);
}

/* --- the face -------------------------------------------------------------------------- */

int compiled_lists_read(struct arena *arena, const struct engine_search *search,
                        const struct engine *engine, struct compiled_lists *out, struct err *err)
{
    struct engine known = *engine;
    if (!engine->library && !engine->qt)
        return err_set(err, ERR_UNAVAILABLE, "no Qt WebEngine is installed here");
    if (!engine->library)
        return err_set(err, ERR_UNAVAILABLE, "Qt WebEngine %s is not installed", engine->qt);
    if ((!known.build_id || !known.chromium)
        && engine_read(arena, search, engine->library, &known, err) < 0)
        return -1;
    const char *place = engine_path_below(arena, search, known.library);
    struct cache cache = cache_of(arena, search, &known, place);
    if (cache_get(arena, &cache, out))
        return 0;
    if (library_read(arena, &known, place, out, err) < 0)
        return -1;
    cache_put(arena, search, &cache, out->root);
    return 0;
}

int control_lists_of_engine(struct arena *arena, const struct engine_search *search,
                            const struct engine *engine, struct control_lists *out, struct err *err)
{
    struct compiled_lists compiled;
    struct control_lists lists;
    struct report report = { .arena = arena };
    if (compiled_lists_read(arena, search, engine, &compiled, err) < 0)
        return -1;
    if (compiled.gap)
        return err_set(err, ERR_DATA, "'%s': %s", engine->library, compiled.gap);
    if (control_lists_read(arena, compiled.root, &report, &lists) < 0)
        return report_to_err(&report, ERR_DATA, err);
    if (engine->chromium && !text_equal(engine->chromium, lists.chromium))
        return err_set(err, ERR_DATA, "'%s' is Chromium %s, not %s", engine->library,
                       lists.chromium, engine->chromium);
    lists.origin = engine->library;
    lists.from_library = lists.exact = true;
    *out = lists;
    return 0;
}
