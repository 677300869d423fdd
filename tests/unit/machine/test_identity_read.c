/* Reading an identity: what is good, what is refused with which words and where, what is warned of.
 */
#include "machine/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/macros.h"
#include "rows.h"

static struct arena arena;

static void read_text(const char *text, struct report *report, struct identity *out)
{
    struct yaml_node *root;
    struct err err;
    *report = (struct report){ .arena = &arena };
    if (yaml_parse(&arena, "m", text, strlen(text), &root, &err) < 0) {
        report_add(report, FINDING_ERROR, err.at, "%s", err.text);
        *out = (struct identity){ 0 };
        return;
    }
    identity_read(&arena, root, report, out);
}

/* The whole identity on one line, as JSON of our own. */
static const char *shown(const struct identity *identity)
{
    CLEANUP(json_freep) json_t *json = identity_to_json(identity);
    size_t length = json_dumpb(json, NULL, 0, JSON_COMPACT);
    char *text = arena_alloc(&arena, length + 1);
    assert_int_equal(json_dumpb(json, text, length, JSON_COMPACT), length);
    return text;
}

static void test_identity_read_when_good(void **state)
{
    (void)state;
    static const struct {
        const char *label, *text, *want;
    } rows[] = {
        { "empty", "", "{\"version\":1}" },
        { "null sections", "os: ~\ngpus: null\ngl:\nenvironment:\nfiles: ~\nversion: ~\n",
          "{\"version\":1}" },
        { "os",
          "version: 1\nos: {name: linux, version: \"6.1.0-18-amd64\", distribution: debian, "
          "distribution-version: 12}",
          "{\"version\":1,\"os\":{\"name\":\"linux\",\"version\":\"6.1.0-18-amd64\","
          "\"distribution\":\"debian\",\"distribution-version\":\"12\"}}" },
        { "a number stands for its text", "engine: {qt: 6.10, chromium: \"134.0.6998.208\"}",
          "{\"version\":1,\"engine\":{\"qt\":\"6.10\",\"chromium\":\"134.0.6998.208\"}}" },
        { "session", "session: {type: xwayland, desktop: KDE, remote: x2go, nv-control: '550.78'}",
          "{\"version\":1,\"session\":{\"type\":\"xwayland\",\"desktop\":\"KDE\","
          "\"remote\":\"x2go\",\"nv-control\":\"550.78\"}}" },
        { "machine", "machine: {virtual: none, container: flatpak, libpci: false}",
          "{\"version\":1,\"machine\":{\"virtual\":\"none\",\"container\":\"flatpak\","
          "\"libpci\":false}}" },
        { "no gpu", "gpus: []", "{\"version\":1,\"gpus\":[]}" },
        { "numbers as numbers and texts",
          "gpus: [{vendor: 0x10de, device: \"0x2684\", revision: 161, class: 768}, {vendor: 4098}]",
          "{\"version\":1,\"gpus\":[{\"vendor\":\"0x10de\",\"device\":\"0x2684\","
          "\"revision\":\"0xa1\",\"class\":\"0x0300\"},{\"vendor\":\"0x1002\"}]}" },
        { "gpu, all keys",
          "gpus: [{active: yes, boot: false, driver: nvidia, driver-version: \"550.78\", "
          "library-version: \"550.90.07\"}]",
          "{\"version\":1,\"gpus\":[{\"active\":true,\"boot\":false,\"driver\":\"nvidia\","
          "\"driver-version\":\"550.78\",\"library-version\":\"550.90.07\"}]}" },
        { "four letters", "gpus: [{vendor: 0x4d4f4351, device: 0}]",
          "{\"version\":1,\"gpus\":[{\"vendor\":\"0x4d4f4351\",\"device\":\"0x0000\"}]}" },
        { "gl",
          "gl: {vendor: NVIDIA Corporation, renderer: \"\", version: 4.6.0 NVIDIA 550.78, "
          "extensions: GL_A GL_B, direct-rendering: 2.3, disabled: false, probe: crashed}",
          "{\"version\":1,\"gl\":{\"vendor\":\"NVIDIA Corporation\",\"renderer\":\"\","
          "\"version\":\"4.6.0 NVIDIA 550.78\",\"extensions\":\"GL_A GL_B\","
          "\"direct-rendering\":\"2.3\",\"disabled\":false,\"probe\":\"crashed\"}}" },
        { "vulkan", "vulkan: {devices: [RTX 4090, 7], probe: cached}",
          "{\"version\":1,\"vulkan\":{\"devices\":[\"RTX 4090\",\"7\"],\"probe\":\"cached\"}}" },
        { "vulkan without a device", "vulkan: {devices: []}",
          "{\"version\":1,\"vulkan\":{\"devices\":[]}}" },
        { "app", "app: {name: anki, packaging: deb, arguments: [--a, \"b c\", 3], flags: \"\"}",
          "{\"version\":1,\"app\":{\"name\":\"anki\",\"packaging\":\"deb\","
          "\"arguments\":[\"--a\",\"b c\",\"3\"],\"flags\":\"\"}}" },
        { "environment", "environment: {QT_OPENGL: software, DRI_PRIME: 1, A: \"\"}",
          "{\"version\":1,\"environment\":{\"QT_OPENGL\":\"software\",\"DRI_PRIME\":\"1\","
          "\"A\":\"\"}}" },
        { "files", "files: {/sys/module/amdgpu/version: \"6.8.5\\n\"}",
          "{\"version\":1,\"files\":{\"/sys/module/amdgpu/version\":\"6.8.5\\n\"}}" },
        { "JSON", "{\"os\":{\"name\":\"windows\"},\"gpus\":[{\"vendor\":32902}]}",
          "{\"version\":1,\"os\":{\"name\":\"windows\"},\"gpus\":[{\"vendor\":\"0x8086\"}]}" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct report report;
        struct identity identity;
        read_text(rows[i].text, &report, &identity);
        rows_report(rows[i].label, &report, "");
        rows_text(rows[i].label, shown(&identity), rows[i].want);
    }
    arena_clear(&arena);
    rows_done();
}

static const struct {
    const char *label, *text, *want;
    bool is_warning;
} wrong[] = {
    { "no mapping", "- a", "m:1:1: an identity is a mapping of keys, not a list", false },
    { "a string", "hello", "m:1:1: an identity is a mapping of keys, not a string", false },
    { "version", "version: 2", "m:1:10: version 2 of identities is not known here, only 1", false },
    { "version word", "version: one", "m:1:10: 'version' wants a number, not a string", false },
    { "section", "os: linux", "m:1:5: 'os' wants a mapping, not a string", false },
    { "text list", "os: {name: [linux]}", "m:1:12: 'os.name' wants a string, not a list", false },
    { "text truth", "machine:\n  virtual: no",
      "m:2:12: 'machine.virtual' wants a string, not a truth value", false },
    { "word", "os: {name: lunix}",
      "m:1:12: os.name 'lunix' is none of linux, windows, macos (did you mean 'linux'?)", false },
    { "word far away", "session: {type: mir}",
      "m:1:17: session.type 'mir' is none of wayland, x11, xwayland, none", false },
    { "remote", "session: {remote: VNC}",
      "m:1:19: session.remote 'VNC' is none of none, ssh, rdp, vnc, x2go", false },
    { "devices", "vulkan: {devices: llvmpipe}",
      "m:1:19: 'vulkan.devices' wants a list of strings, not a string", false },
    { "probe", "gl: {probe: crash}",
      "m:1:13: gl.probe 'crash' is none of none, ok, cached, no-library, no-context, crashed, "
      "timeout, garbage (did you mean 'crashed'?)",
      false },
    { "control character", "gl: {renderer: \"a\\e[31mb\"}",
      "m:1:16: 'gl.renderer' holds a control character", false },
    { "two lines", "gl: {renderer: \"a\\nb\"}", "m:1:16: 'gl.renderer' holds a control character",
      false },
    { "number word", "gpus: [{device: GA102}]",
      "m:1:17: 'gpus[0].device' wants a number or \"0x…\", not a string", false },
    { "vendor name", "gpus:\n- {vendor: 0x8086}\n- {vendor: nvidia}",
      "m:3:12: 'gpus[1].vendor' wants a number, not a name; nvidia is 0x10de", false },
    { "number negative", "gpus: [{vendor: -1}]",
      "m:1:17: 'gpus[0].vendor' wants a number or \"0x…\", not a string", false },
    { "two GPUs draw", "gpus:\n- {active: true}\n- {active: no}\n- {active: true}",
      "m:4:12: gpus[2] is active and so is gpus[0]; only one GPU can be", false },
    { "ES with a profile", "gl: {version: 'OpenGL ES 3.2 (Core Profile) Mesa 22.3.6'}",
      "m:1:15: 'gl.version' is of OpenGL ES and names a profile of desktop GL", false },
    { "number large", "gpus: [{class: 0x030000}]", "m:1:16: 'gpus[0].class' is larger than 0xffff",
      false },
    { "number list", "gpus: [{vendor: [1]}]",
      "m:1:17: 'gpus[0].vendor' wants a number or \"0x…\", not a list", false },
    { "truth", "gpus: [{active: maybe}]",
      "m:1:17: 'gpus[0].active' wants true or false, not a string", false },
    { "truth number", "machine: {libpci: 1}",
      "m:1:19: 'machine.libpci' wants true or false, not a number", false },
    { "gpus mapping", "gpus: {vendor: 1}", "m:1:7: 'gpus' wants a list of mappings, not a mapping",
      false },
    { "gpu string", "gpus: [nvidia]", "m:1:8: 'gpus[0]' wants a mapping, not a string", false },
    { "arguments", "app: {arguments: --a}",
      "m:1:18: 'app.arguments' wants a list of strings, not a string", false },
    { "argument", "app: {arguments: [a, [b], ~]}",
      "m:1:22: 'app.arguments[1]' wants a string, not a list\n"
      "m:1:27: 'app.arguments[2]' wants a string, not nothing",
      false },
    { "environment", "environment: [A]", "m:1:14: 'environment' wants a mapping, not a list",
      false },
    { "variable", "environment: {A: {B: c}}",
      "m:1:18: 'environment.A' wants a string (\"\" when it is empty), not a mapping", false },
    { "variable empty", "environment:\n  QTWEBENGINE_CHROMIUM_FLAGS:\n",
      "m:2:30: 'environment.QTWEBENGINE_CHROMIUM_FLAGS' wants a string (\"\" when it is "
      "empty), "
      "not nothing",
      false },
    { "variable name", "environment: {A=B: c}", "m:1:15: 'A=B' is no name of a variable", false },
    { "file name", "files: {amdgpu: c}", "m:1:9: 'amdgpu' is no absolute path", false },
    { "unknown key", "gpu: []", "m:1:1: unknown key 'gpu' (did you mean 'gpus'?) is ignored",
      true },
    { "unknown key inside", "os: {nmae: linux}",
      "m:1:6: unknown key 'nmae' in 'os' (did you mean 'name'?) is ignored", true },
    { "unknown key of a gpu", "gpus: [{}, {temperature: 3}]",
      "m:1:13: unknown key 'temperature' in 'gpus[1]' is ignored", true },
    { "duplicate", "os: {}\nos: {}", "m:2:1: key 'os' stands here twice (first in line 1)", false },
};

static void test_identity_read_when_wrong_then_says_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(wrong); i++) {
        struct report report;
        struct identity identity;
        read_text(wrong[i].text, &report, &identity);
        rows_report(wrong[i].label, &report, wrong[i].want);
        rows_number(wrong[i].label, (long long)(report.error_count == 0), wrong[i].is_warning);
    }
    arena_clear(&arena);
    rows_done();
}

static void test_identity_read_when_one_field_is_wrong_then_reads_the_rest(void **state)
{
    (void)state;
    struct report report;
    struct identity identity;
    read_text("os: {name: 1, version: \"6.1\"}\nwhat: 1\n"
              "gpus: [{vendor: x, device: 2}, 3, {driver: i915}]\nsession: {type: x11}",
              &report, &identity);
    rows_report("all findings", &report,
                "m:1:12: os.name '1' is none of linux, windows, macos\n"
                "m:2:1: unknown key 'what' is ignored\n"
                "m:3:17: 'gpus[0].vendor' wants a number or \"0x…\", not a string\n"
                "m:3:32: 'gpus[1]' wants a mapping, not a number");
    rows_text("the rest", shown(&identity),
              "{\"version\":1,\"os\":{\"version\":\"6.1\"},\"session\":{\"type\":\"x11\"},"
              "\"gpus\":[{\"device\":\"0x0002\"},{},{\"driver\":\"i915\"}]}");
    arena_clear(&arena);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_read_when_good),
        cmocka_unit_test(test_identity_read_when_wrong_then_says_where),
        cmocka_unit_test(test_identity_read_when_one_field_is_wrong_then_reads_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
