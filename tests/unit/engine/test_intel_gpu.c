/* Series and generation of Intel GPUs. Source of the rows: gpu/config/gpu_util.cc,
 * GetIntelGpuSeriesType and GetIntelGpuGeneration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/macros.h"
#include "engine/control_list_private.h"
#include "rows.h"

static void test_intel_series_of_devices(void **state)
{
    (void)state;
    static const struct {
        uint32_t device;
        const char *series, *generation;
    } rows[] = {
        { 0x0046, "ironlake", "5" },    { 0x0102, "sandybridge", "6" },
        { 0x0116, "sandybridge", "6" }, { 0x0152, "ivybridge", "7" },
        { 0x0166, "ivybridge", "7" },   { 0x0155, "baytrail", "7" },
        { 0x0f31, "baytrail", "7" },    { 0x0412, "haswell", "7" },
        { 0x0a16, "haswell", "7" },     { 0x0d22, "haswell", "7" },
        { 0x1616, "broadwell", "8" },   { 0x22b0, "cherrytrail", "8" },
        { 0x1916, "skylake", "9" },     { 0x5a85, "apollolake", "9" },
        { 0x1a84, "apollolake", "9" },  { 0x3185, "geminilake", "9" },
        { 0x5916, "kabylake", "9" },    { 0x591c, "amberlake", "9" },
        { 0x87c0, "kabylake", "9" },    { 0x87ca, "coffeelake", "9" },
        { 0x3e92, "coffeelake", "9" },  { 0x3ea0, "whiskeylake", "9" },
        { 0x9b41, "cometlake", "9" },   { 0x5a52, "cannonlake", "10" },
        { 0x8a56, "icelake", "11" },    { 0x4571, "elkhartlake", "11" },
        { 0x4e61, "jasperlake", "11" }, { 0x9a49, "tigerlake", "12" },
        { 0x46a6, "alderlake", "12" },  { 0x4905, "dg1", "12" },
        { 0x4c8a, "rocketlake", "12" }, { 0x56a0, "alchemist", "12" },
        { 0xa7a0, "raptorlake", "12" }, { 0x7d55, "meteorlake", "12" },
        { 0x7d51, "arrowlake", "12" },  { 0x64a0, "lunarlake", "13" },
        { 0xe20b, "battlemage", "13" }, { 0x2a42, "eaglelake", "4" },
        { 0x2e32, "eaglelake", "4" },   { 0x29a2, "broadwater", "4" },
        { 0x27ae, NULL, NULL },         { 0xa001, NULL, NULL },
        { 0x7121, NULL, NULL },         { 0xffff, NULL, NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char label[16];
        unsigned series = intel_series_of(rows[i].device);
        (void)snprintf(label, sizeof label, "0x%04x", rows[i].device);
        rows_number(label, series, rows[i].series ? intel_series_find(rows[i].series) : 0);
        (void)rows_that(!rows[i].series || series, label, "no series '%s'", rows[i].series);
        rows_text(label, intel_generation_of(rows[i].device), rows[i].generation);
    }
    rows_done();
}

static void test_intel_series_find_when_unknown_is_0(void **state)
{
    (void)state;
    assert_int_equal(intel_series_find("Skylake"), 0);
    assert_int_equal(intel_series_find(""), 0);
    assert_int_equal(intel_series_find("unknown"), 0);
    assert_int_not_equal(intel_series_find("sandybridge"), intel_series_find("skylake"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intel_series_of_devices),
        cmocka_unit_test(test_intel_series_find_when_unknown_is_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
