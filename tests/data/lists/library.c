/* A library that holds two GPU lists as Chromium compiles them in, for the tests of their reader.
 * Which layout is chosen by macros, so that this one file stands for every version:
 *
 *   POINTER_FIRST 0|1   spans are {pointer, size}
 *   SCHEMA        0|1   versions have a schema
 *   INTEL         0|1|2 conditions on Intel GPUs: inline, behind a pointer, series alone
 *   REVISION      0|1   devices are {id, revision}
 *   D3D           0|1   the further conditions have a feature level
 *   NEW           0|1   numbers of Chromium 140 (any system = 7 …), else of Chromium 102
 *
 * Each BAD_… puts one number wrong. The structures are those of gpu/config/gpu_control_list.h. */
#include <stdbool.h>
#include <stddef.h>

#ifndef BAD_OS
#define BAD_OS ANY
#endif
#ifndef BAD_OPERATOR
#define BAD_OPERATOR 2
#endif
#ifndef BAD_FEATURE
#define BAD_FEATURE 61
#endif
#ifndef BAD_DEVICE
#define BAD_DEVICE 0x0152
#endif
#ifndef BAD_VALUE
#define BAD_VALUE "10.1"
#endif
#ifndef BAD_TEXT
#define BAD_TEXT "Mesa"
#endif
#ifndef BAD_IDS
#define BAD_IDS 17
#endif
#ifndef BAD_SERIES
#define BAD_SERIES 16
#endif

#define ANY (NEW ? 7 : 6)
#define NO_CATEGORY (NEW ? 5 : 4)
#define NO_GL (NEW ? 4 : 3)
#define GLES (NEW ? 0 : 1)
#define ANY_GPU (NEW ? 4 : 3)
#define UNSET 7

#if POINTER_FIRST
#define SPAN(type)                                                                                 \
    struct {                                                                                       \
        const type *items;                                                                         \
        size_t count;                                                                              \
    }
#define LIST(type, ...)                                                                            \
    {                                                                                              \
        (const type[]){ __VA_ARGS__ }, sizeof((const type[]){ __VA_ARGS__ }) / sizeof(type)        \
    }
#else
#define SPAN(type)                                                                                 \
    struct {                                                                                       \
        size_t count;                                                                              \
        const type *items;                                                                         \
    }
#define LIST(type, ...)                                                                            \
    {                                                                                              \
        sizeof((const type[]){ __VA_ARGS__ }) / sizeof(type), (const type[])                       \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#endif

typedef const char *text;
typedef unsigned number;

struct version {
    int op, style;
#if SCHEMA
    int schema;
#endif
    text value, value2;
};

#if REVISION
typedef struct {
    number id, revision;
} device;
#define DEVICE(id, revision)                                                                       \
    {                                                                                              \
        id, revision                                                                               \
    }
#else
typedef number device;
#define DEVICE(id, revision) id
#endif

struct driver {
    text vendor;
    struct version version;
};

struct strings {
    text vendor, renderer, extensions, version;
};

struct machine {
    SPAN(text) names;
    struct version version;
};

struct intel {
    SPAN(int) series;
#if INTEL != 2
    struct version generation;
#endif
};

struct more {
    int gl_type;
    struct version gl_version, pixel_shader;
#if D3D
    struct version d3d;
#endif
    bool in_process;
    number reset;
    struct version direct_rendering, gpu_count;
    int overlay;
    number group;
    int subpixel;
};

struct conditions {
    int os;
    struct version os_version;
    number vendor;
    SPAN(device) devices;
    int category, style;
    const struct driver *driver;
    const struct strings *gl;
    const struct machine *machine;
#if INTEL == 1
    const struct intel *intel;
#else
    struct intel intel;
#endif
    const struct more *more;
};

struct entry {
    number id;
    text description;
    SPAN(int) features;
    SPAN(text) extensions, webgl_extensions;
    SPAN(number) bugs;
    struct conditions conditions;
    SPAN(struct conditions) exceptions;
};

#define NO_VERSION                                                                                 \
    {                                                                                              \
        .op = UNSET, .style = 2                                                                    \
    }
#define VERSION(number_op, low)                                                                    \
    {                                                                                              \
        .op = number_op, .value = low                                                              \
    }

/* What every block of conditions holds when nothing is said. Later fields of a row win. */
#if INTEL == 0
#define NO_INTEL .intel = { .generation = NO_VERSION },
#else
#define NO_INTEL
#endif
#define BLANK .os = ANY, .os_version = NO_VERSION, NO_INTEL.category = NO_CATEGORY, .style = 4

#define DRIVER(name, ...)                                                                          \
    .driver = &(const struct driver)                                                               \
    {                                                                                              \
        name, __VA_ARGS__                                                                          \
    }
#define GL(...)                                                                                    \
    .gl = &(const struct strings)                                                                  \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#if D3D
#define NO_D3D .d3d = NO_VERSION,
#else
#define NO_D3D
#endif
#define MORE(...)                                                                                  \
    .more = &(const struct more)                                                                   \
    {                                                                                              \
        .gl_type = NO_GL, .gl_version = NO_VERSION, .pixel_shader = NO_VERSION,                    \
        NO_D3D.direct_rendering = NO_VERSION, .gpu_count = NO_VERSION, .overlay = 2,               \
        .subpixel = 2, __VA_ARGS__                                                                 \
    }

#if NEW
#define ALL 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
#define ALL_BUT_WEBGL 0, 2, 3, 4, 5, 6, 8, 9, 11, 12
#define CHROMIUM "140.0.7339.225"
#define QT "6.11.2"
#else
#define ALL 11, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
#define ALL_BUT_WEBGL 0, 2, 3, 4, 5, 6, 8, 9, 10, 11
#define CHROMIUM "102.0.5005.177"
#define QT "6.4.2"
#endif

/* Rows that only fill: about a vendor that is no one's. */
#define FILL(number_id, number_feature)                                                            \
    {                                                                                              \
        .id = number_id, .description = "A row that only fills the list",                          \
        .features = LIST(int, number_feature), .conditions = {                                     \
            BLANK,                                                                                 \
            .vendor = 0x5143                                                                       \
        }                                                                                          \
    }

#pragma GCC diagnostic ignored "-Woverride-init"

#ifndef FILLED
static const struct entry blocklist[] = {
    { .id = 3,
      .description = "GL driver is software rendered. GPU acceleration is disabled",
      .features = LIST(int, ALL),
      .bugs = LIST(number, 59302, 315217),
      .conditions = { BLANK, .os = 0, GL(.renderer = "(?i).*(software|llvmpipe).*"), MORE() } },
    { .id = 4,
      .description = "The Intel Mobile 945 Express family of chipsets is not compatible with WebGL",
      .features = LIST(int, 1, 0),
      .bugs = LIST(number, 232035),
      .conditions = { BLANK, .vendor = 0x8086,
                      .devices = LIST(device, DEVICE(0x27ae, 0), DEVICE(0x27a2, 0)) } },
    { .id = 5,
      .description = "ATI/AMD cards with older drivers in Linux are crash-prone",
      .features = LIST(int, ALL),
      .conditions = { BLANK, .os = 0, .vendor = 0x1002 },
      .exceptions = LIST(struct conditions,
                         { BLANK, DRIVER(".*AMD.*", { .op = 5, .style = 1, .value = "8.98" }) },
                         { BLANK, .os = 2, .os_version = VERSION(5, "10.0"), .vendor = 0x1002,
                           .devices = LIST(device, DEVICE(0x15d8, 0xe1), DEVICE(0x15d8, 0xe2)) }) },
    { .id = 8,
      .description = "NVIDIA GeForce FX Go5200 is assumed to be buggy",
      .features = LIST(int, ALL),
      .conditions = { BLANK, .vendor = 0x10de, .devices = LIST(device, DEVICE(0x0324, 0)) } },
    FILL(BAD_IDS, 2),
    FILL(18, 2),
    FILL(27, 2),
    FILL(28, 2),
    FILL(29, 2),
    FILL(30, 2),
    { .id = 37,
      .description = "Older drivers are unreliable for Optimus on Linux",
      .features = LIST(int, 3),
      .conditions = { BLANK, .os = 0, .style = 0, .category = ANY_GPU } },
    FILL(47, 2),
    { .id = 50,
      .description = "Disable VMware software renderer on older Mesa",
      .features = LIST(int, 2, 3),
      .conditions = { BLANK, .os = 0, DRIVER(NULL, { .op = 0, .value = "9.1", .value2 = "10.4" }),
                      .machine = &(const struct machine){ LIST(text, "Chromebook.*", "Pixel"),
                                                          VERSION(1, "2") } } },
    { .id = 56,
      .description = "NVIDIA linux drivers are unstable when using multiple Open GL contexts",
      .features = LIST(int, 2),
      .conditions = { BLANK, .os = 0,
                      MORE(.gl_type = GLES, .gl_version = VERSION(2, "3.0"), .in_process = true,
                           .direct_rendering = VERSION(BAD_OPERATOR, "2.3"),
                           .gpu_count = VERSION(4, "1"), .pixel_shader = VERSION(2, "4.1"),
                           .overlay = 1, .reset = 0x8252) } },
    { .id = 95,
      .description = "AMD driver versions before this one are crash prone",
      .features = LIST(int, ALL),
      .conditions = { BLANK, .os = BAD_OS, .vendor = 0x1002,
                      DRIVER("Mesa", VERSION(2, BAD_VALUE)) } },
    { .id = 131,
      .description = "Series and generations of Intel GPUs stand here",
      .features = LIST(int, ALL),
#if INTEL == 1
      .conditions = { BLANK, .os = 0,
                      .intel = &(const struct intel){ LIST(int, BAD_SERIES, 17),
                                                      VERSION(2, "6") } } },
#elif INTEL == 0
      .conditions = { BLANK, .os = 0, .intel = { LIST(int, BAD_SERIES, 17), VERSION(2, "6") } } },
#else
      .conditions = { BLANK, .os = 0, .intel = { LIST(int, BAD_SERIES, 17) } } },
#endif
    { .id = 152,
      .description = "Test entry where all features except WebGL blocklisted",
      .features = LIST(int, ALL_BUT_WEBGL),
      .conditions = { BLANK, MORE(.group = 1) } },
    { .id = 153,
      .description = "Test entry where WebGL is blocklisted",
      .features = LIST(int, 1),
      .conditions = { BLANK, MORE(.group = 2) } },
};

static const struct entry bugs[] = {
    { .id = 19,
      .description = "Disable depth textures on older Adreno GPUs",
      .features = LIST(int, 25),
      .extensions = LIST(text, "GL_OES_depth_texture", "GL_OES_other"),
      .conditions = { BLANK, GL(.renderer = "Adreno \\(TM\\) 2.*") } },
    { .id = 37,
      .description = "Program link fails in NVIDIA Linux if gl_Position is not set",
      .features = LIST(int, BAD_FEATURE),
      .conditions = { BLANK, .os = 0, .vendor = 0x10de,
                      GL(.vendor = "NVIDIA.*", .extensions = ".*GL_NV.*", .version = "4.*") } },
    { .id = 59,
      .description = "Multisampling is buggy in Intel IvyBridge",
      .features = LIST(int, 30),
      .conditions = { BLANK, .os = 0, .vendor = 0x8086,
                      .devices = LIST(device, DEVICE(BAD_DEVICE, 0), DEVICE(0x0156, 0)) } },
    FILL(64, 31),
    FILL(65, 32),
    FILL(68, 33),
    FILL(90, 34),
    FILL(108, 35),
    FILL(109, 36),
    FILL(111, 37),
    FILL(123, 38),
    FILL(128, 39),
    FILL(130, 40),
    { .id = 131,
      .description = "Linux Mesa drivers crash on glTexSubImage2D()",
      .features = LIST(int, 1),
      .conditions = { BLANK, .os = 0, DRIVER(BAD_TEXT, VERSION(2, "10.6")) } },
    FILL(132, 41),
    FILL(139, 42),
    FILL(142, 43),
    { .id = 257,
      .description = "Fake entry for testing disabling of WebGL extensions",
      .webgl_extensions = LIST(text, "WEBGL_lose_context"),
      .bugs = LIST(number, 808744),
      .conditions = { BLANK, MORE(.group = 2) } },
};

const void *const tables[] = { blocklist, bugs };
#endif

/* FILLED=1: as GCC builds Chromium 134 and later. The conditions are zero in the file; a function
 * that returns the table fills them at its first call, guarded as a static variable of C++ is.
 * FILLED=2: no lists at all. FOREIGN puts an instruction there that no interpreter need know. */
#if FILLED == 1
int __cxa_guard_acquire(char *guard);
void __cxa_guard_release(char *guard);

#define ROW(number_id, words, ...)                                                                 \
    {                                                                                              \
        .id = number_id, .description = words, .features = LIST(int, __VA_ARGS__)                  \
    }
#define FILLER(number_id, feature) ROW(number_id, "A row that only fills the list", feature)

static struct conditions amd[2];
static struct entry blocklist[] = {
    ROW(3, "GL driver is software rendered. GPU acceleration is disabled", ALL),
    ROW(4, "The Intel Mobile 945 Express family of chipsets is not compatible with WebGL", 1, 0),
    { .id = 5,
      .description = "ATI/AMD cards with older drivers in Linux are crash-prone",
      .features = LIST(int, ALL),
      .exceptions = { amd, 2 } },
    FILLER(8, 2),
    FILLER(17, 2),
    FILLER(18, 2),
    FILLER(27, 2),
    FILLER(28, 2),
    FILLER(29, 2),
    FILLER(30, 2),
    FILLER(47, 2),
    FILLER(50, 2),
    FILLER(56, 2),
    ROW(95, "Mesa drivers older than this one are crash prone", ALL),
    FILLER(107, 2),
    ROW(131, "Series and generations of Intel GPUs stand here", ALL),
    ROW(152, "Test entry where all features except WebGL blocklisted", ALL_BUT_WEBGL),
    ROW(153, "Test entry where WebGL is blocklisted", 1),
};
static struct entry bugs[] = {
    FILLER(19, 25),  FILLER(37, 61),  FILLER(59, 25),  FILLER(64, 25),  FILLER(65, 25),
    FILLER(68, 25),  FILLER(90, 25),  FILLER(108, 25), FILLER(109, 25), FILLER(111, 25),
    FILLER(123, 25), FILLER(128, 25), FILLER(130, 25), FILLER(131, 25), FILLER(132, 25),
    FILLER(139, 25), FILLER(142, 25), FILLER(257, 25),
};
static char guard_amd, guard_blocklist, guard_bugs;

typedef SPAN(device) device_span;
static const device_span no_devices, intel_945 = LIST(device, DEVICE(0x27ae, 0), DEVICE(0x27a2, 0));
static const struct version no_version = NO_VERSION, version_10 = VERSION(5, "10.13");
static const struct strings software = { .renderer = "(?i).*(software|llvmpipe).*" };
static const struct driver old_mesa = { "Mesa", VERSION(2, "10.4.3") };
static const struct driver new_amd = { ".*AMD.*", { .op = 5, .style = 1, .value = "8.98" } };
static const struct intel old_intel = { LIST(int, 16, 17), VERSION(2, "6") };
static const struct conditions group_1 = { MORE(.group = 1) }, group_2 = { MORE(.group = 2) };

/* Chromium's constructor: never inlined, seven arguments and more on the stack. */
__attribute__((noinline)) static void fill(struct conditions *out, int os, number vendor,
                                           device_span devices, int category,
                                           struct version os_version, int style,
                                           const struct driver *driver, const struct strings *gl,
                                           const struct machine *machine, const struct intel *intel,
                                           const struct more *more)
{
    out->os = os;
    out->os_version = os_version;
    out->vendor = vendor;
    __builtin_memcpy(&out->devices, &devices, sizeof devices);
    out->category = category;
    out->style = style;
    out->driver = driver;
    out->gl = gl;
    out->machine = machine;
    out->intel = intel;
    out->more = more;
}

#define PLAIN(row, os, vendor)                                                                     \
    fill(&(row).conditions, os, vendor, no_devices, NO_CATEGORY, no_version, 4, 0, 0, 0, 0, 0)
#define CLOSED(guard) (!*(volatile char *)&(guard) && __cxa_guard_acquire(&(guard)))

#ifdef FOREIGN
#define SAY_SOMETHING __asm__ volatile("cpuid" ::: "eax", "ebx", "ecx", "edx")
#else
#define SAY_SOMETHING (void)0
#endif

static const void *blocklist_get(void)
{
    if (CLOSED(guard_amd)) {
        fill(&amd[0], ANY, 0, no_devices, NO_CATEGORY, no_version, 4, &new_amd, 0, 0, 0, 0);
        fill(&amd[1], 1, 0x1002, no_devices, NO_CATEGORY, version_10, 4, 0, 0, 0, 0, 0);
        __cxa_guard_release(&guard_amd);
    }
    if (CLOSED(guard_blocklist)) {
        SAY_SOMETHING;
        fill(&blocklist[0].conditions, 0, 0, no_devices, NO_CATEGORY, no_version, 4, 0, &software,
             0, 0, 0);
        fill(&blocklist[1].conditions, ANY, 0x8086, intel_945, NO_CATEGORY, no_version, 4, 0, 0, 0,
             0, 0);
        PLAIN(blocklist[2], 0, 0x1002);
        PLAIN(blocklist[3], 0, 0x5143);
        PLAIN(blocklist[4], 0, 0x5143);
        PLAIN(blocklist[5], 0, 0x5143);
        PLAIN(blocklist[6], 0, 0x5143);
        PLAIN(blocklist[7], 0, 0x5143);
        PLAIN(blocklist[8], 0, 0x5143);
        PLAIN(blocklist[9], 0, 0x5143);
        PLAIN(blocklist[10], 0, 0x5143);
        PLAIN(blocklist[11], 0, 0x5143);
        PLAIN(blocklist[12], 0, 0x5143);
        fill(&blocklist[13].conditions, 0, 0x8086, no_devices, NO_CATEGORY, no_version, 0,
             &old_mesa, 0, 0, 0, 0);
        PLAIN(blocklist[14], 0, 0x5143);
        fill(&blocklist[15].conditions, 0, 0, no_devices, ANY_GPU, no_version, 4, 0, 0, 0,
             &old_intel, 0);
        fill(&blocklist[16].conditions, ANY, 0, no_devices, NO_CATEGORY, no_version, 4, 0, 0, 0, 0,
             group_1.more);
        fill(&blocklist[17].conditions, ANY, 0, no_devices, NO_CATEGORY, no_version, 4, 0, 0, 0, 0,
             group_2.more);
        __cxa_guard_release(&guard_blocklist);
    }
    return blocklist;
}

#define TWO(at) PLAIN(bugs[at], 0, 0x5143), PLAIN(bugs[at + 1], 0, 0x5143)

static const void *bugs_get(void)
{
    if (CLOSED(guard_bugs)) {
        SAY_SOMETHING;
        TWO(0), TWO(2), TWO(4), TWO(6), TWO(8), TWO(10), TWO(12), TWO(14), TWO(16);
        __cxa_guard_release(&guard_bugs);
    }
    return bugs;
}

/* Something that points to code near the tables, as virtual functions do in an engine. */
const void *(*getters[])(void) = { blocklist_get, bugs_get };
#endif

/* The table of workarounds; another such table before it leads astray. */
#define N1(i, c)                                                                                   \
    {                                                                                              \
        i, "other_" c                                                                              \
    }
#define W(i, c)                                                                                    \
    {                                                                                              \
        i, "workaround_" c                                                                         \
    }
#define TEN(m, i, c)                                                                               \
    m(i, c "0"), m(i + 1, c "1"), m(i + 2, c "2"), m(i + 3, c "3"), m(i + 4, c "4"),               \
        m(i + 5, c "5"), m(i + 6, c "6"), m(i + 7, c "7"), m(i + 8, c "8"), m(i + 9, c "9")
const struct {
    int index;
    text name;
} others[] = { TEN(N1, 0, "a"),  TEN(N1, 10, "b"), TEN(N1, 20, "c"), TEN(N1, 30, "d"),
               TEN(N1, 40, "e"), TEN(N1, 50, "f"), TEN(N1, 60, "g"), { -1, "the_end" } },
  workarounds[] = { { 0, "exit_on_context_lost" },
                    { 1, "disable_texture_storage" },
                    { 2, "workaround_02" },
                    { 3, "workaround_03" },
                    { 4, "workaround_04" },
                    { 5, "workaround_05" },
                    { 6, "workaround_06" },
                    { 7, "workaround_07" },
                    { 8, "workaround_08" },
                    { 9, "workaround_09" },
                    TEN(W, 10, "1"),
                    TEN(W, 20, "2"),
                    TEN(W, 30, "3"),
                    TEN(W, 40, "4"),
                    TEN(W, 50, "5"),
                    { 60, "workaround_60" },
                    { 61, "init_gl_position_in_vertex_shader" },
                    { -1, "the_end" } };

/* Exported by Qt 6.2 and later: the names are C++'s for qWebEngineVersion() and so on. */
text _Z17qWebEngineVersionv(void);
text _Z25qWebEngineChromiumVersionv(void);

text _Z17qWebEngineVersionv(void)
{
    return QT;
}

text _Z25qWebEngineChromiumVersionv(void)
{
    return CHROMIUM;
}
