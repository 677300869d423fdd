/* compiled_lists_private.h: from the bytes of a library to Chromium's two GPU lists.
 * The way: compiled_find.c finds the tables, compiled_run.c runs the code that fills them where
 * code does, compiled_read.c reads their structures under one layout, compiled_check.c refuses what
 * no list can hold, compiled_write.c says it in the words of Chromium's JSON.
 * Room: engine, private. Source of all layouts and numbers: docs/lists.md. */
#ifndef QWGUARD_ENGINE_COMPILED_LISTS_PRIVATE_H
#define QWGUARD_ENGINE_COMPILED_LISTS_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/yaml.h"
#include "engine/compiled_image_private.h"

#define SPAN_ITEMS_MAX 200U
#define EXCEPTIONS_MAX 50U
#define ENTRY_ID_MAX 9999U
#define TABLES_MAX 16U /* that look like lists; two are expected */

/* --- layouts (compiled_layout.c) ------------------------------------------------------- */

enum intel_form { INTEL_INLINE, INTEL_POINTER, INTEL_SERIES_ONLY, INTEL_FORM_COUNT };

/* What differs between Chromium versions; everything else follows from the rules of C. */
struct layout_traits {
    bool pointer_first; /* spans are {pointer, size} */
    bool schema;        /* Version has a schema */
    enum intel_form intel;
    bool revision; /* devices are {id, revision} */
    bool d3d;      /* More has d3d11_feature_level */
};

/* Offsets in bytes. */
struct layout {
    struct layout_traits traits;
    unsigned word;
    struct {
        unsigned schema, value, value2, size;
    } version;
    struct {
        unsigned description, features, extensions, webgl_extensions, bugs, conditions, exceptions;
        unsigned size;
    } entry;
    struct {
        unsigned os_version, vendor, devices, category, style, driver, gl, machine;
        unsigned intel, generation, more, size;
    } conditions;
    struct {
        unsigned gl_version, pixel_shader, d3d, in_process, reset, direct_rendering, gpu_count;
        unsigned overlay, group, subpixel, size;
    } more;
};

#define LAYOUT_COUNT (2U * 2U * INTEL_FORM_COUNT * 2U * 2U)

/**
 * The n-th combination of the traits (n < LAYOUT_COUNT), laid out as a C compiler does.
 *
 * word      bytes of a pointer
 */
void layout_make(unsigned n, unsigned word, struct layout *out);

/**
 * "B (Chromium 87 to 122)" and the like; for a combination not seen yet, its traits.
 */
const char *layout_name(struct arena *arena, const struct layout *layout);

/* --- finding (compiled_find.c) --------------------------------------------------------- */

enum table_kind { TABLE_UNKNOWN, TABLE_NONE, TABLE_BLOCKLIST, TABLE_BUG_LIST };

/* An array that looks like one of the lists, for entries of one size and one order of spans. */
struct table {
    enum table_kind kind; /* by the features that it names; found once */
    uint64_t address;
    size_t count;
    unsigned entry_bytes;
    bool pointer_first;
    struct image_pages *pages; /* what the code that fills it wrote; NULL = it stands in the file */
    uint64_t code;             /* of the function that fills it; 0 = none was run */
};

struct tables {
    struct table items[TABLES_MAX];
    size_t count;
    uint64_t names; /* address of the table of workarounds; 0 = not found */
    size_t name_count;
};

/**
 * Walk the data of a library.
 *
 * out       everything that looks like a list or the table of workarounds
 * returns   0, or -1 and ERR_DATA: too many of them
 */
int tables_find(const struct image *image, struct tables *out, struct err *err);

/**
 * Name of a workaround by its number; NULL when the table has none.
 */
const char *table_workaround(const struct image *image, const struct tables *tables, uint32_t id);

/* --- tables that code fills (compiled_run.c, compiled_x86_64.c, compiled_arm64.c) ------ */

/**
 * Does the file hold no conditions for this table: are all of them zero?
 *
 * returns   -1 and ERR_DATA when only some are
 */
int table_is_empty(const struct image *image, const struct layout *layout,
                   const struct table *table, bool *out, struct err *err);

/**
 * Find the function that fills a table and run it in the interpreter; what it wrote is kept in
 * table->pages, where the function was found in table->code.
 *
 * near      code of another table's function, to look nearby first; 0 = none
 * returns   0, or -1 and ERR_DATA: not found, or an instruction that is not known
 */
int table_fill(struct image *image, const struct layout *layout, struct table *table, uint64_t near,
               struct err *err);

/* One run of a function of the library, in an interpreter that knows the few instructions that such
 * functions are made of. It writes to the image's pages and its own stack, and nowhere else. */
struct run {
    struct image *image;
    unsigned char *stack; /* RUN_STACK_BYTES, below RUN_STACK_TOP */
    uint64_t result;      /* of the function, once it ended well */
    unsigned steps;       /* instructions that were run */
    char why[96];         /* what stopped it: "unknown instruction 0f a2 at 0x1234" */
};

/* Both lie above every link address. */
#define RUN_STACK_TOP 0x7fff00000000ULL
#define RUN_RETURN 0x7fff10000000ULL /* address that the function returns to */
#define RUN_STACK_BYTES 65536U
#define RUN_CODE_BYTES 16U
#define RUN_STEPS_MAX 20000U /* 1,900 are the most seen */

/**
 * Run a function without arguments until it returns.
 *
 * returns   false when it does not end well; run->why says where
 */
typedef bool run_fn(struct run *run, uint64_t address);
run_fn run_x86_64, run_arm64;

/**
 * Memory as the function sees it. A failure is an end of the run; run->why is set.
 */
bool run_load(struct run *run, uint64_t address, void *out, size_t length);
bool run_store(struct run *run, uint64_t address, const void *bytes, size_t length);

/**
 * Copy the instructions at an address.
 *
 * out       RUN_CODE_BYTES: more than any instruction has
 * returns   how many bytes are there; 0 when no code lies there, and run->why is set
 */
size_t run_code(struct run *run, uint64_t address, unsigned char *out);

/* --- reading (compiled_read.c) --------------------------------------------------------- */

#define OP_BETWEEN 0
#define OP_ANY 6
#define OP_UNSET 7

struct raw_version {
    int32_t op, style, schema;
    const char *value, *value2;
};

struct raw_words {
    const char **items;
    size_t count;
};

struct raw_numbers {
    uint32_t *items;
    size_t count;
};

enum { GL_VENDOR, GL_RENDERER, GL_EXTENSIONS, GL_VERSION, GL_STRING_COUNT };

struct raw_more {
    int32_t gl_type;
    struct raw_version gl_version, pixel_shader, d3d, direct_rendering, gpu_count;
    uint8_t in_process;
    uint32_t reset, group;
    int32_t overlay, subpixel;
};

struct raw_conditions {
    int32_t os;
    struct raw_version os_version;
    uint32_t vendor;
    struct raw_numbers devices, revisions; /* revisions of all devices, or none */
    int32_t category, style;
    bool has_driver, has_gl, has_machine, has_intel, has_more;
    const char *driver_vendor;
    struct raw_version driver_version;
    const char *gl[GL_STRING_COUNT];
    struct raw_words machines;
    struct raw_version machine_version;
    struct raw_numbers series;
    struct raw_version generation;
    struct raw_more more;
};

struct raw_entry {
    uint32_t id;
    const char *description;
    struct raw_numbers features, bugs;
    struct raw_words extensions, webgl_extensions;
    struct raw_conditions main;
    struct raw_conditions *exceptions;
    size_t exception_count;
};

struct raw_list {
    struct raw_entry *entries;
    size_t count;
};

/**
 * Read a table under a layout. Strings point into the file.
 *
 * whole     false: leave out conditions and exceptions
 * out       on failure with the entries that were read
 * returns   0, or -1 and ERR_DATA: "entry 37: …"
 */
int raw_read(struct arena *arena, struct image *image, const struct layout *layout,
             const struct table *table, bool whole, struct raw_list *out, struct err *err);

/* --- checking (compiled_check.c) ------------------------------------------------------- */

/* Values that mean "unset", which differ between versions and are told by the data. */
struct raw_unset {
    int32_t os, category, gl_type;
};

struct raw_lists {
    struct raw_list blocklist, bugs;
    struct raw_unset unset;
};

/**
 * Refuse lists that hold what none can hold.
 *
 * names     number of workarounds
 * returns   0, or -1 and ERR_DATA: "gpu_driver_bug_list: entry 37: operator 9"
 */
int raw_check(struct raw_lists *lists, size_t names, struct err *err);

/* What the search for the one layout came to. */
struct decoded {
    struct tables tables;
    struct layout layout;
    struct raw_lists lists;
    const char *gap; /* the conditions are not there: why; NULL = whole */
};

/**
 * Find the lists of an image and the only layout under which all of both is sound
 * (compiled_choose.c).
 *
 * returns   0, or -1 and ERR_DATA
 */
int lists_decode(struct arena *arena, struct image *image, struct decoded *out, struct err *err);

/* --- writing (compiled_features.c, compiled_write.c, compiled_tree.c) ------------------ */

/**
 * Names of the blocklist's features as the data allow: one column is left, or none.
 *
 * chromium  breaks the tie between columns that only differ in a name; may be NULL
 * returns   names, ended by NULL; NULL when no column fits
 */
const char *const *feature_names(const struct raw_lists *lists, const char *chromium);

/**
 * How many features the blocklist knows, and whether a set of features is all of them.
 */
size_t feature_count(const struct raw_list *blocklist);
bool features_are_all(const struct raw_numbers *features, size_t count);

/**
 * One list as {entries: […]} in Chromium's words.
 *
 * features  NULL: numbers are written for the blocklist's features
 */
struct yaml_node *raw_write(struct arena *arena, const struct raw_list *list,
                            const struct raw_lists *lists, const char *const *features,
                            const struct image *image, const struct tables *tables);

/**
 * Trees in memory, as yaml_parse() would make them.
 */
struct yaml_node *tree_mapping(struct arena *arena);
struct yaml_node *tree_list(struct arena *arena);
struct yaml_node *tree_text(struct arena *arena, const char *text);
struct yaml_node *tree_number(struct arena *arena, uint64_t number);

/**
 * Add to a mapping or list. A NULL value is left out.
 */
void tree_set(struct arena *arena, struct yaml_node *mapping, const char *key,
              struct yaml_node *value);
void tree_add(struct arena *arena, struct yaml_node *list, struct yaml_node *value);

#endif
