/* The facts that a profile may ask for: every one has a value that tells unknown from absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "platform/file.h"
#include "profile/condition_private.h"
#include "profile_rows.h"
#include "rows.h"

#define DOCUMENT QWGUARD_SRC_DIR "/docs/profiles.md"
#define DOCUMENT_BYTES_MAX (256 * 1024)
#define FIELDS_MAX 100

static struct arena arena;

static const char full[] =
    "os: {name: linux, version: 6.1.0-18-amd64, distribution: debian, distribution-version: '12'}\n"
    "session: {type: wayland, desktop: KDE, remote: none, nv-control: '550.78'}\n"
    "machine: {virtual: kvm, container: docker, libpci: true}\n"
    "gpus:\n"
    "  - {vendor: 0x8086, device: 0x5917, revision: 7, class: 0x300, active: false, boot: true,\n"
    "     driver: i915}\n"
    "  - {vendor: 0x10de, device: 0x2684, revision: 0xa1, class: 0x302, active: true, boot: "
    "false,\n"
    "     driver: nvidia, driver-version: '550.78', library-version: '550.90'}\n"
    "gl: {vendor: V, renderer: R, version: 4.6, extensions: GL_A GL_B, direct-rendering: '2.3',\n"
    "     disabled: false, probe: ok}\n"
    "vulkan: {devices: [NVIDIA GeForce RTX 4090], probe: cached}\n"
    "engine: {qt: 6.8.2, chromium: 122.0.6261.171, library: /usr/lib/libQt6WebEngineCore.so.6}\n"
    "app: {name: anki, packaging: deb, arguments: [--a, b], flags: --x --y=1}\n"
    "environment: {QT_QUICK_BACKEND: software, EMPTY: ''}\n"
    "files: {/sys/module/amdgpu/version: 6.8.5}\n";

static const struct {
    const char *field, *full, *empty;
} rows[] = {
    { "os.name", "linux", "unknown" },
    { "os.version", "6.1.0-18-amd64", "unknown" },
    { "os.distribution", "debian", "unknown" },
    { "os.distribution-version", "12", "unknown" },
    { "session.type", "wayland", "unknown" },
    { "session.desktop", "KDE", "unknown" },
    { "session.remote", "none", "unknown" },
    { "session.nv-control", "550.78", "unknown" },
    { "machine.virtual", "kvm", "unknown" },
    { "machine.container", "docker", "unknown" },
    { "machine.libpci", "true", "unknown" },
    { "gpu.count", "2", "unknown" },
    { "gpu.vendor", "0x10de nvidia", "unknown" },
    { "gpu.device", "0x2684", "unknown" },
    { "gpu.revision", "0x00a1", "unknown" },
    { "gpu.class", "0x0302", "unknown" },
    { "gpu.active", "true", "unknown" },
    { "gpu.boot", "false", "unknown" },
    { "gpu.driver", "nvidia", "unknown" },
    { "gpu.driver-version", "550.78", "unknown" },
    { "gpu.library-version", "550.90", "unknown" },
    { "gpu.version-mismatch", "true", "unknown" },
    { "gl.vendor", "V", "unknown" },
    { "gl.renderer", "R", "unknown" },
    { "gl.version", "4.6", "unknown" },
    { "gl.extensions", "GL_A GL_B", "unknown" },
    { "gl.direct-rendering", "2.3", "unknown" },
    { "gl.disabled", "false", "unknown" },
    { "gl.probe", "ok", "unknown" },
    { "vulkan.devices", "NVIDIA GeForce RTX 4090", "unknown" },
    { "vulkan.probe", "cached", "unknown" },
    { "engine.qt", "6.8.2", "unknown" },
    { "engine.chromium", "122.0.6261.171", "unknown" },
    { "engine.library", "/usr/lib/libQt6WebEngineCore.so.6", "unknown" },
    { "app.name", "anki", "unknown" },
    { "app.packaging", "deb", "unknown" },
    { "app.arguments", "--a b", "nothing" },
    { "app.flags", "--x --y=1", "nothing" },
    { "environment.QT_QUICK_BACKEND", "software", "none" },
    { "environment.EMPTY", "an empty text", "none" },
    { "files./sys/module/amdgpu/version", "6.8.5", "none" },
    { "verdict.outcome", "blocklisted", "unknown" },
    { "verdict.webgl", "enabled", "unknown" },
    { "verdict.webgl2", "disabled", "unknown" },
    { "verdict.workarounds", "a b", "unknown" },
    { "history.crashes", "2", "unknown" },
    { "history.updated", "true", "unknown" },
    { "attribution", "script-heap", "unknown" },
    { "log.seen", "3", "unknown" },
    { "log.never-seen", "0", "unknown" },
};

static void field_shown(const char *name, const struct profile_facts *facts, const char *want)
{
    struct view view = { .arena = &arena, .facts = facts };
    struct field_ref ref;
    struct value value;
    view.gpu = identity_active_gpu(facts->identity);
    if (!rows_that(field_find(&arena, name, &ref, NULL) == 0, name, "not found"))
        return;
    field_read(&view, &ref, &value);
    rows_text(name, value.shown, want);
    rows_number(name, value.state == VALUE_UNKNOWN, text_equal(want, "unknown"));
    rows_number(name, value.state == VALUE_ABSENT,
                text_equal(want, "none") && !text_starts(name, "session."));
}

static void test_field_read_rows(void **state)
{
    struct identity identity, nothing = { 0 };
    const char *workarounds[] = { "a", "b" };
    struct variable seen[] = { { "seen", "3" } };
    const struct variables signatures = { .items = seen, .count = 1 };
    const struct verdict verdict = { .outcome = OUTCOME_BLOCKLISTED,
                                     .webgl = WEBGL_ENABLED,
                                     .webgl2 = WEBGL_DISABLED,
                                     .source = SOURCE_SHIPPED_RULES,
                                     .workarounds = { .items = workarounds, .count = 2 } };
    const struct profile_facts all = { .identity = &identity,
                                       .verdict = &verdict,
                                       .attribution = "script-heap",
                                       .crashes = { true, 2 },
                                       .updated = TRUTH_YES,
                                       .signatures = &signatures };
    const struct profile_facts none = { .identity = &nothing };
    (void)state;
    identity_of(&arena, full, &identity);
    for (size_t i = 0; i < ROWS(rows); i++) {
        field_shown(rows[i].field, &all, rows[i].full);
        field_shown(rows[i].field, &none, rows[i].empty);
    }
    rows_done();
}

/* Nobody can add a field without a row above and a line in the document. */
static void test_field_names_when_asked_are_tested_and_documented(void **state)
{
    const char *names[FIELDS_MAX], *document;
    size_t count = field_names(names, FIELDS_MAX), length;
    struct err err;
    (void)state;
    assert_int_equal(file_read(&arena, DOCUMENT, DOCUMENT_BYTES_MAX, &document, &length, &err), 0);
    for (size_t i = 0; i < count; i++) {
        size_t row = 0;
        while (row < ROWS(rows) && !text_starts(rows[row].field, names[i]))
            row++;
        (void)rows_that(row < ROWS(rows), names[i], "no row in this test");
        (void)rows_that(strstr(document, arena_printf(&arena, "`%s", names[i])) != NULL, names[i],
                        "not in docs/profiles.md");
    }
    rows_done();
}

static void test_field_read_when_no_gpu_is_there_is_absent(void **state)
{
    struct identity identity;
    struct field_ref ref;
    struct value value;
    (void)state;
    identity_of(&arena, "gpus: []\n", &identity);
    const struct profile_facts facts = { .identity = &identity };
    const struct view view = { .arena = &arena, .facts = &facts, .gpu_state = VALUE_ABSENT };
    assert_int_equal(field_find(&arena, "gpu.vendor", &ref, NULL), 0);
    field_read(&view, &ref, &value);
    assert_int_equal(value.state, VALUE_ABSENT);
    assert_int_equal(field_find(&arena, "gpu.count", &ref, NULL), 0);
    field_read(&view, &ref, &value);
    assert_int_equal(value.state, VALUE_KNOWN);
    assert_int_equal(value.number, 0);
}

/* A driver may write anything; a trace stays one short line of plain text. */
static void test_field_read_when_text_is_hostile_shows_it_clean(void **state)
{
    struct identity identity = { 0 };
    const struct profile_facts facts = { .identity = &identity };
    const struct view view = { .arena = &arena, .facts = &facts };
    struct field_ref ref;
    struct value value;
    (void)state;
    identity.gl.renderer = "a\033[2Jb\nc\xff";
    assert_int_equal(field_find(&arena, "gl.renderer", &ref, NULL), 0);
    field_read(&view, &ref, &value);
    rows_text("controls", value.shown, "a?[2Jb c\xef\xbf\xbd");
    char text[200];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    identity.gl.renderer = text;
    field_read(&view, &ref, &value);
    (void)rows_that(strlen(value.shown) < 90, "length", "shows %zu bytes", strlen(value.shown));
    rows_done();
}

static int arena_end(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_field_read_rows),
        cmocka_unit_test(test_field_names_when_asked_are_tested_and_documented),
        cmocka_unit_test(test_field_read_when_no_gpu_is_there_is_absent),
        cmocka_unit_test(test_field_read_when_text_is_hostile_shows_it_clean),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
