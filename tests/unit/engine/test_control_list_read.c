/* Reading rule files: what is wrong is told with its place, all of it in one run, and one fault
 * refuses the file. Two data sets: good ones say nothing, bad ones say exactly what stands here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/embedded.h"
#include "base/macros.h"
#include "base/pack.h"
#include "base/yaml.h"
#include "engine/control_list_private.h"
#include "rows.h"

#define HEAD "chromium: \"102.0.5005.177\"\n"
#define NO_BLOCKLIST "software_rendering_list: {entries: []}\n"
#define NO_BUGS "gpu_driver_bug_list: {entries: []}\n"
/* The entry begins in line 4, column 4. */
#define BUGS(entry) HEAD NO_BLOCKLIST "gpu_driver_bug_list: {entries: [\n   " entry "]}\n"

static struct arena arena;

static int read_text(const char *text, struct report *report, struct control_lists *out)
{
    struct yaml_node *root = NULL;
    struct err err;
    *report = (struct report){ .arena = &arena };
    if (yaml_parse(&arena, "r.yaml", text, strlen(text), &root, &err) < 0)
        fail_msg("%u:%u: %s in\n%s", err.at.line, err.at.column, err.text, text);
    return control_lists_read(&arena, root, report, out);
}

static void test_control_lists_read_when_good_says_nothing(void **state)
{
    (void)state;
    static const char *const rows[] = {
        HEAD NO_BLOCKLIST NO_BUGS,
        "version: 1\n" HEAD "qt: \"6.4.2\"\n" NO_BLOCKLIST NO_BUGS,
        "{\"chromium\": \"102\", \"schema\": \"qwguard.lists/1\", \"library\": \"/l\", "
        "\"build_id\": \"0\", "
        "\"layout\": \"a\", \"source\": \"s\", \"confidence\": \"c\",\n"
        "\"software_rendering_list\": {\"entries\": []}, \"gpu_driver_bug_list\": {\"entries\": "
        "[]}}",
        BUGS("{id: 1, features: [x]}"),
        BUGS("{id: 99999, disabled_extensions: [GL_X]}"),
        BUGS("{id: 1, disabled_webgl_extensions: [X]}"),
        BUGS("{id: 1, comment: [anything, {at: all}], cr_bugs: [1], description: d, features: "
             "[x]}"),
        BUGS("{id: 1, gl_version: {op: any}, features: [x]}"),
        BUGS("{id: 1, os: {type: linux, version: {op: between, value: \"1\", value2: \"2\"}}, "
             "features: [x]}"),
        BUGS("{id: 1, vendor_id: \"0x10de\", device_id: [\"0x0640\", 1600], features: [x]}"),
        BUGS("{id: 1, vendor_id: 0x4d4f4351, device_id: [0x36333630], features: [x]}"),
        BUGS("{id: 1, vendor_id: 1, exceptions: [{device_id: [2]}], features: [x]}"),
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct report report;
        struct control_lists lists;
        rows_number(rows[i], read_text(rows[i], &report, &lists), 0);
        rows_report(rows[i], &report, "");
    }
    rows_done();
}

static const struct {
    const char *text, *want;
} bad_rows[] = {
    { "[]", "r.yaml:1:1: a list stands where a mapping is wanted" },
    { "x", "r.yaml:1:1: 'x' is not a mapping" },
    { "{}", "r.yaml:1:1: missing key 'chromium'\n"
            "r.yaml:1:1: missing list 'software_rendering_list: {entries: […]}'\n"
            "r.yaml:1:1: missing list 'gpu_driver_bug_list: {entries: […]}'" },
    { NO_BLOCKLIST NO_BUGS, "r.yaml:1:1: missing key 'chromium'" },
    { "chromium: newest\n" NO_BLOCKLIST NO_BUGS,
      "r.yaml:1:11: 'newest' is not a Chromium version" },
    { "chromium: 1x2\n" NO_BLOCKLIST NO_BUGS, "r.yaml:1:11: '1x2' is not a Chromium version" },
    { "chromium: [102]\n" NO_BLOCKLIST NO_BUGS,
      "r.yaml:1:11: a list stands where a string is wanted" },
    { "version: 2\n" HEAD NO_BLOCKLIST NO_BUGS,
      "r.yaml:1:10: '2' is not a version of this form (1)" },
    { "schema: qwguard.lists/2\n" HEAD NO_BLOCKLIST NO_BUGS,
      "r.yaml:1:9: 'qwguard.lists/2' is not a form that is known (qwguard.lists/1)" },
    { "schema: [a]\n" HEAD NO_BLOCKLIST NO_BUGS,
      "r.yaml:1:9: a list stands where a form that is known (qwguard.lists/1) is wanted" },
    { HEAD "chromuim: x\n" NO_BLOCKLIST NO_BUGS,
      "r.yaml:2:1: unknown key 'chromuim' (did you mean 'chromium'?)" },
    { HEAD "something_else: x\n" NO_BLOCKLIST NO_BUGS, "r.yaml:2:1: unknown key 'something_else'" },
    { HEAD "software_rendering_list: []\n" NO_BUGS,
      "r.yaml:2:26: missing list 'software_rendering_list: {entries: […]}'" },
    { HEAD "software_rendering_list: {entries: {}}\n" NO_BUGS,
      "r.yaml:2:36: a mapping stands where a list is wanted" },
    { HEAD "workarounds: [a, [b]]\n" NO_BLOCKLIST NO_BUGS,
      "r.yaml:2:18: a list stands where a string is wanted" },
    { HEAD "workarounds: [a]\n" NO_BLOCKLIST
           "gpu_driver_bug_list: {entries: [{id: 1, features: [a, b]}]}\n",
      "r.yaml:4:55: unknown workaround 'b': it does not stand under 'workarounds'" },
    { BUGS("x"), "r.yaml:4:4: 'x' is not a mapping" },
    { BUGS("{features: [x]}"), "r.yaml:4:4: missing key 'id'" },
    { BUGS("{id: 0, features: [x]}"), "r.yaml:4:9: '0' is not an id (1 and up)" },
    { BUGS("{id: one, features: [x]}"), "r.yaml:4:9: 'one' is not a number" },
    { BUGS("{id: -1, features: [x]}"), "r.yaml:4:9: '-1' is not a number" },
    { BUGS("{id: 100000, features: [x]}"), "r.yaml:4:9: '100000' is not a number" },
    { BUGS("{id: 7, features: [x]},\n   {id: 7, features: [y]}"),
      "r.yaml:5:4: id 7 stands here twice (first in line 4)" },
    { BUGS("{id: 1}"), "r.yaml:4:4: the entry turns nothing off" },
    { BUGS("{id: 1, features: []}"), "r.yaml:4:4: the entry turns nothing off" },
    { BUGS("{id: 1, features: x}"), "r.yaml:4:22: 'x' is not a list\n"
                                    "r.yaml:4:4: the entry turns nothing off" },
    { BUGS("{id: 1, features: [~]}"), "r.yaml:4:23: nothing stands where a string is wanted\n"
                                      "r.yaml:4:4: the entry turns nothing off" },
    { BUGS("{id: 1, features: [x], vendorid: 1}"),
      "r.yaml:4:27: unknown key 'vendorid' (did you mean 'vendor_id'?)" },
    { BUGS("{id: 1, features: [x], exceptions: [{id: 2}]}"), "r.yaml:4:41: unknown key 'id'" },
    { BUGS("{id: 1, features: [x], exceptions: {}}"),
      "r.yaml:4:39: a mapping stands where a list is wanted" },
    { BUGS("{id: 1, features: [x], exceptions: [x]}"), "r.yaml:4:40: 'x' is not a mapping" },
    { BUGS("{id: 1, features: [x], device_id: [1]}"),
      "r.yaml:4:4: 'device_id' without 'vendor_id'" },
    { BUGS("{id: 1, features: [x], exceptions: [{device_id: [1]}]}"),
      "r.yaml:4:40: 'device_id' without 'vendor_id'" },
    { BUGS("{id: 1, features: [x], vendor_id: nvidia}"), "r.yaml:4:38: 'nvidia' is not a number" },
    { BUGS("{id: 1, features: [x], vendor_id: 0x100000000}"),
      "r.yaml:4:38: '0x100000000' is not a number" },
    { BUGS("{id: 1, features: [x], vendor_id: 1, device_id: 2}"),
      "r.yaml:4:52: '2' is not a list" },
    { BUGS("{id: 1, features: [x], vendor_id: 1, device_id: [2], device_revision: [1, 2]}"),
      "r.yaml:4:4: 'device_revision' must be as long as 'device_id'" },
    { BUGS("{id: 1, features: [x], vendor_id: 1, device_id: [2], device_revision: [65536]}"),
      "r.yaml:4:75: '65536' is not a number of 16 bits" },
    { BUGS("{id: 1, features: [x], os: linux}"), "r.yaml:4:31: 'linux' is not a mapping" },
    { BUGS("{id: 1, features: [x], os: {type: lunix}}"), "r.yaml:4:38: unknown word 'lunix'" },
    { BUGS("{id: 1, features: [x], os: {version: {op: any}}}"), "r.yaml:4:31: missing key 'type'" },
    { BUGS("{id: 1, features: [x], os: {type: linux, name: x}}"),
      "r.yaml:4:45: unknown key 'name'" },
    { BUGS("{id: 1, features: [x], multi_gpu_category: all}"), "r.yaml:4:47: unknown word 'all'" },
    { BUGS("{id: 1, features: [x], multi_gpu_style: nvidia}"),
      "r.yaml:4:44: unknown word 'nvidia'" },
    { BUGS("{id: 1, features: [x], gl_type: opengl}"), "r.yaml:4:36: unknown word 'opengl'" },
    { BUGS("{id: 1, features: [x], intel_gpu_series: [skylark, kabylake]}"),
      "r.yaml:4:46: unknown Intel series 'skylark'" },
    { BUGS("{id: 1, features: [x], gl_vendor: \"(a\"}"),
      "r.yaml:4:38: bad pattern '(a': missing ')' at byte 3" },
    { BUGS("{id: 1, features: [x], gl_vendor: \"\"}"), "r.yaml:4:38: '' is not a string" },
    { BUGS("{id: 1, features: [x], driver_version: \"9\"}"), "r.yaml:4:43: '9' is not a mapping" },
    { BUGS("{id: 1, features: [x], driver_version: {value: \"9\"}}"),
      "r.yaml:4:43: missing key 'op'" },
    { BUGS("{id: 1, features: [x], driver_version: {op: \"<\"}}"),
      "r.yaml:4:43: missing key 'value'" },
    { BUGS("{id: 1, features: [x], driver_version: {op: \"==\", value: \"9\"}}"),
      "r.yaml:4:48: unknown op '=='" },
    { BUGS("{id: 1, features: [x], driver_version: {op: \"<\", value: 9.x}}"),
      "r.yaml:4:60: '9.x' is no version" },
    { BUGS("{id: 1, features: [x], driver_version: {op: \"<\", value: 9..1}}"),
      "r.yaml:4:60: '9..1' is no version" },
    { BUGS("{id: 1, features: [x], driver_version: {op: \"<\", value: \"0.0\"}}"),
      "r.yaml:4:60: '0.0' is no version" },
    { BUGS("{id: 1, features: [x], driver_version: {op: between, value: \"1\"}}"),
      "r.yaml:4:43: 'value2' goes with the op 'between' and with no other" },
    { BUGS("{id: 1, features: [x], driver_version: {op: \"<\", value: \"1\", value2: \"2\"}}"),
      "r.yaml:4:43: 'value2' goes with the op 'between' and with no other" },
    { BUGS("{id: 1, features: [x], driver_version: {op: \"<\", value: \"1\", style: x}}"),
      "r.yaml:4:72: unknown style 'x'" },
    { BUGS("{id: 1, features: [x], driver_version: {op: \"<\", value: \"1\", schema: x}}"),
      "r.yaml:4:73: unknown schema 'x'" },
    { BUGS("{id: 1, features: [x], driver_version: {op: \"<\", value: \"1\", vaule2: \"2\"}}"),
      "r.yaml:4:65: unknown key 'vaule2' (did you mean 'value2'?)" },
    { BUGS("{id: 1, features: [x], test_group: 0}"),
      "r.yaml:4:39: '0' is not a test group (1 and up)" },
    { BUGS("{id: 1, features: [x], in_process_gpu: maybe}"),
      "r.yaml:4:43: 'maybe' is not true or false" },
    { BUGS("{id: 1, features: [x], hardware_overlay: [x]}"),
      "r.yaml:4:45: a list stands where a word is wanted" },
    { BUGS("{id: 1, features: [x], machine_model_name: x}"), "r.yaml:4:47: 'x' is not a list" },
    { BUGS("{id: 1, features: [x], gl_typo: gl, oss: {}},\n   {features: [x], gl_vendor: "
           "\"*\"}"),
      "r.yaml:4:27: unknown key 'gl_typo' (did you mean 'gl_type'?)\n"
      "r.yaml:4:40: unknown key 'oss' (did you mean 'os'?)\n"
      "r.yaml:5:4: missing key 'id'\n"
      "r.yaml:5:31: bad pattern '*': nothing to repeat at byte 1" },
};

static void test_control_lists_read_when_bad_says_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(bad_rows); i++) {
        struct report report;
        struct control_lists lists;
        rows_number(bad_rows[i].text, read_text(bad_rows[i].text, &report, &lists), -1);
        rows_report(bad_rows[i].text, &report, bad_rows[i].want);
    }
    rows_done();
}

static void test_control_lists_read_what_it_makes_of_an_entry(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *want;
    } rows[] = {
        { "", "every machine" },
        { "os: {type: linux},", "os is linux" },
        { "os: {type: any},", "every machine" },
        { "os: {type: linux, version: {op: \"<\", value: \"3.19.1\"}},", "os.version < 3.19.1" },
        { "vendor_id: 0x4321,", "gpu vendor is 0x4321" },
        { "vendor_id: 0x10de, device_id: [0x0640],", "gpu is 0x10de:0x0640" },
        { "vendor_id: 0x10de, device_id: [1, 2],", "gpu is 0x10de:(one of 2 devices)" },
        { "intel_gpu_series: [skylake, kabylake], vendor_id: 0x10de,",
          "gpu is Intel skylake, kabylake" },
        { "intel_gpu_generation: {op: \"<\", value: \"9\"},", "Intel gpu generation < 9" },
        { "multi_gpu_style: optimus,", "gpus are optimus" },
        { "driver_vendor: Mesa,", "driver matches Mesa" },
        { "driver_version: {op: \">=\", value: \"8.98\", style: lexical},",
          "driver version >= 8.98 (lexical)" },
        { "driver_vendor: Mesa, driver_version: {op: \"<\", value: \"10.1\"},",
          "driver matches Mesa < 10.1" },
        { "gl_renderer: \".*llvmpipe.*\", gl_vendor: \"VM.*\",",
          "gl.vendor matches VM.* and gl.renderer matches .*llvmpipe.*" },
        { "gl_type: gles,", "gl.version is gles" },
        { "gl_type: gl, gl_version: {op: between, value: \"2.0\", value2: \"3.1\"},",
          "gl.version is gl between 2.0 and 3.1" },
        { "gpu_count: {op: \">\", value: \"1\"},", "number of gpus > 1" },
        { "direct_rendering_version: {op: \"<\", value: \"2\"},", "gl.direct-rendering < 2" },
        { "machine_model_name: [A, B],", "machine model is A or B" },
        { "pixel_shader_version: {op: \"<\", value: \"4.1\"},", "pixel shader version < 4.1" },
        { "hardware_overlay: unsupported,", "overlays or fonts are 'unsupported'" },
        { "in_process_gpu: true,", "every machine" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct report report;
        struct control_lists lists;
        const char *text = arena_printf(&arena,
                                        HEAD NO_BLOCKLIST
                                        "gpu_driver_bug_list: {entries: [{id: 1, %s features: "
                                        "[x], description: d}]}\n",
                                        rows[i].fields);
        rows_number(rows[i].fields, read_text(text, &report, &lists), 0);
        rows_report(rows[i].fields, &report, "");
        rows_done();
        const struct control_entry *entry = &lists.bug_list.entries[0];
        rows_text(rows[i].fields, entry->main.text, rows[i].want);
        rows_number(rows[i].fields, entry->line, 3);
        rows_text(rows[i].fields, entry->description, "d");
        rows_strings(rows[i].fields, &entry->features, "x");
    }
    rows_done();
}

/* A lone gl_type is no condition for the engines whose script drops it. */
static void test_control_lists_read_when_gl_type_stands_alone(void **state)
{
    (void)state;
    static const char *const rows[] = { "87", "102", "122", "134" };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct report report;
        struct control_lists lists;
        const char *text = arena_printf(&arena,
                                        "chromium: \"%s\"\n" NO_BLOCKLIST
                                        "gpu_driver_bug_list: {entries: [{id: 1, gl_type: gles, "
                                        "features: [x]}]}\n",
                                        rows[i]);
        rows_number(rows[i], read_text(text, &report, &lists), 0);
        rows_number(rows[i], (long long)lists.bug_list.entries[0].main.count, 1);
    }
    rows_done();
}

/* GpuBlocklistTest.VerifyGLStrings: every pattern of every shipped list compiles, and
 * TestBlocklistIsValid: ids are there and each only once. The reader refuses anything else. */
static void test_control_lists_read_of_every_shipped_file(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t i = 0; i < embedded_file_count; i++) {
        const struct embedded_file *file = &embedded_files[i];
        struct report report;
        struct control_lists lists;
        if (!text_starts(file->path, "profiles/rules/"))
            continue;
        const struct yaml_node *root = tree_unpack(&arena, file->path, file->tree,
                                                   file->length_bytes, NULL);
        report = (struct report){ .arena = &arena };
        assert_non_null(root);
        rows_number(file->path, control_lists_read(&arena, root, &report, &lists), 0);
        rows_report(file->path, &report, "");
        (void)rows_that(lists.workarounds.count > 50, file->path, "%u workarounds",
                        (unsigned)lists.workarounds.count);
        count++;
    }
    rows_done();
    assert_true(count >= 6);
}

/* A file cut anywhere is refused by one of the two readers, or is a shorter sound file. */
static void test_control_lists_read_when_cut_anywhere(void **state)
{
    (void)state;
    static const char text[] = BUGS("{id: 1, os: {type: linux, version: {op: \"<\", value: "
                                    "\"3\"}}, vendor_id: 0x10de, device_id: [0x0640], gl_vendor: "
                                    "\"(?i)a|b\", exceptions: [{gl_type: gl}], features: [x]}");
    for (size_t length = 0; length < sizeof text; length++) {
        struct yaml_node *root = NULL;
        struct report report = { .arena = &arena };
        struct control_lists lists;
        struct err err;
        if (yaml_parse(&arena, "cut.yaml", text, length, &root, &err) < 0)
            assert_int_not_equal(err.at.line, 0);
        else if (control_lists_read(&arena, root, &report, &lists) < 0)
            assert_true(report.error_count > 0);
        else
            assert_true(length >= sizeof text - 2);
    }
}

static int give_back(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_control_lists_read_when_good_says_nothing, give_back),
        cmocka_unit_test_teardown(test_control_lists_read_when_bad_says_where, give_back),
        cmocka_unit_test_teardown(test_control_lists_read_what_it_makes_of_an_entry, give_back),
        cmocka_unit_test_teardown(test_control_lists_read_when_gl_type_stands_alone, give_back),
        cmocka_unit_test_teardown(test_control_lists_read_of_every_shipped_file, give_back),
        cmocka_unit_test_teardown(test_control_lists_read_when_cut_anywhere, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
