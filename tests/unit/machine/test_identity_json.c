/* An identity that is written and read again is the same: by fingerprint, and by being written
 * once more. */
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

static struct gpu gpus[] = {
    { .vendor = { true, 0x8086 },
      .device = { true, 0x46a6 },
      .revision = { true, 0x0c },
      .pci_class = { true, 0x0300 },
      .boot = TRUTH_YES,
      .driver = "i915" },
    { .vendor = { true, 0x10de },
      .device = { true, 0 },
      .active = TRUTH_NO,
      .driver = "nvidia",
      .driver_version = "550.78",
      .library_version = "550.90.07" },
    { .driver = "" },
};
static const char *arguments[] = { "--a", "", "c d" };
static struct variable variables[] = { { "QT_OPENGL", "software" }, { "B", "" } };
static struct variable files[] = { { "/sys/module/amdgpu/version", "6.8.5\n" } };

static const struct {
    const char *label;
    struct identity identity;
} rows[] = {
    { .label = "nothing known" },
    { "no gpu", { .gpus_known = true } },
    { "everything",
      { .os = { "linux", "6.1.0-18-amd64", "debian", "12" },
        .session = { "x11", "KDE", "ssh", "550.78" },
        .machine = { "none", "docker", TRUTH_NO },
        .gpus_known = true,
        .gpus = gpus,
        .gpu_count = ROWS(gpus),
        .gl = { "Intel", "Mesa Intel(R) Graphics (ADL GT2) ä", "4.6", "GL_A GL_B", "2.3", TRUTH_NO,
                GL_PROBE_CACHED },
        .engine = { "6.4.2", "102.0.5005.177", "/usr/lib/libQt6WebEngineCore.so.6" },
        .app = { "anki", "deb", { arguments, ROWS(arguments), 0 }, "--ignore-gpu-blocklist" },
        .environment = { variables, ROWS(variables), 0 },
        .files = { files, ROWS(files), 0 } } },
    { "disabled", { .gl = { .disabled = TRUTH_YES, .renderer = "" } } },
};

static const char *written(const struct identity *identity)
{
    CLEANUP(json_freep) json_t *json = identity_to_json(identity);
    return json_format(&arena, json);
}

static void test_identity_json_when_read_back_then_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct report report = { .arena = &arena };
        struct identity back;
        struct yaml_node *root;
        struct err err;
        const char *text = written(&rows[i].identity);
        int parsed = yaml_parse(&arena, "m", text, strlen(text), &root, &err);
        rows_err(rows[i].label, parsed, &err, NULL);
        if (parsed < 0)
            continue;
        identity_read(&arena, root, &report, &back);
        rows_report(rows[i].label, &report, "");
        rows_text(rows[i].label, written(&back), text);
        rows_text(rows[i].label, identity_fingerprint(&arena, &back, true),
                  identity_fingerprint(&arena, &rows[i].identity, true));
        rows_number(rows[i].label, back.gl.probe, rows[i].identity.gl.probe);
        rows_number(rows[i].label, back.gpus_known, rows[i].identity.gpus_known);
    }
    arena_clear(&arena);
    rows_done();
}

static void test_identity_json_when_unknown_then_absent(void **state)
{
    (void)state;
    struct identity identity = { .gl.probe = GL_PROBE_TIMEOUT };
    rows_text("nothing", written(&rows[0].identity), "{\n  \"version\": 1\n}\n");
    rows_text("probe", written(&identity),
              "{\n  \"version\": 1,\n  \"gl\": {\n    \"probe\": \"timeout\"\n  }\n}\n");
    arena_clear(&arena);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_json_when_read_back_then_same),
        cmocka_unit_test(test_identity_json_when_unknown_then_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
