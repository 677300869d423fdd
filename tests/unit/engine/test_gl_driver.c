/* Driver vendor and version out of the GL strings, as the engines of each time find them. The rows
 * were told by real engines on faked strings, or follow ui/gl/gl_version_info.cc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "engine/control_list_private.h"
#include "rows.h"

static struct arena arena;

static void test_gl_driver_parse_rows(void **state)
{
    (void)state;
    static const struct {
        const char *chromium, *version, *renderer, *vendor, *number;
    } rows[] = {
        { "102", "4.6 (Compatibility Profile) Mesa 22.3.6", "Mesa Intel(R) UHD", "Mesa", "22.3.6" },
        { "102", "3.0 Mesa 10.1-rc1", "", "Mesa", "10.1" },
        { "102", "OpenGL ES 3.2 Mesa 22.3.6", "", "Mesa", "22.3.6" },
        { "102", "4.6.0 NVIDIA 535.104.05", "", "NVIDIA", "535.104.05" },
        { "102", "2.1 NVIDIA-8.24.11 310.90.9b01", "", "NVIDIA", "8.24.11" },
        { "102", "4.1 INTEL-10.25.13", "", "INTEL", "10.25.13" },
        { "102", "2.1 ATI-1.6.18", "", "ATI", "1.6.18" },
        { "102", "4.5.13399 Compatibility Profile Context 15.201.1151", "", "", "15.201.1151" },
        { "102", "4.1 AMD-4.8.101", "", "AMD", "4.8.101" },
        { "87", "4.1 AMD-4.8.101", "", "", "4.8.101" },
        { "102", "4.1 Metal - 76.3", "", "Apple", "76.3" },
        { "87", "4.1 Metal - 76.3", "", "", "76.3" },
        { "102", "4.5", "", "", "" },
        { "102", "", "", "", "" },
        { "102", "Mesa 22.3.6", "", "", "22.3.6" },
        { "102", "OpenGL ES 3.0 V@66.0 AU@ (CL@)", "", "", "66.0" },
        { "102", "OpenGL ES 2.0 V@6.0", "", "", "6.0" },
        { "102", "OpenGL ES 3.2 v1.r12p0-04rel0.44f2946824bb8739781564bffe2110c9", "", "ARM",
          "12.0.04rel0" },
        { "102", "OpenGL ES 3.2 v1.r12p0-04rel0", "", "", "" },
        { "102", "4.6 Mesa", "", "Mesa", "" },
        { "102", "OpenGL ES 2.0.0 (ANGLE 2.1.0 git hash: unknown)",
          "ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6 (Core Profile) Mesa "
          "22.3.6)",
          "Mesa", "22.3.6" },
        { "102", "OpenGL ES 2.0.0 (ANGLE 2.1.0)", "ANGLE (Intel, X, Y)", "Intel", "2.1.0" },
        { "87", "OpenGL ES 2.0 (ANGLE 2.1.0)", "ANGLE (NVIDIA GeForce GT 120 Direct3D9Ex)",
          "ANGLE (NVIDIA)", "2.1.0" },
        { "87", "OpenGL ES 2.0 (ANGLE 2.1.0)", "ANGLE (Radeon HD 5450)", "ANGLE (AMD)", "2.1.0" },
        { "87", "OpenGL ES 2.0 (ANGLE 2.1.0)", "ANGLE (Intel, Intel(R) HD Graphics 520, D3D11)",
          "ANGLE (Intel)", "2.1.0" },
        { "87", "OpenGL ES 2.0 (ANGLE 2.1.0)", "ANGLE (Intel(R) HD Graphics 520)", "ANGLE (Intel)",
          "2.1.0" },
        { "87", "OpenGL ES 2.0 (ANGLE 2.1.0)", "ANGLE (Software Adapter)", "ANGLE", "2.1.0" },
        { "87", "OpenGL ES 2.0 (ANGLE 2.1.0)", "ANGLE (", "ANGLE", "2.1.0" },
        { "102", "OpenGL ES 2.0 (ANGLE 2.1.0)", "", "ANGLE", "2.1.0" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *label = arena_printf(&arena, "%s on %s", rows[i].version, rows[i].chromium);
        const char *vendor = NULL, *number = NULL;
        gl_driver_parse(&arena, engine_traits_of(rows[i].chromium), rows[i].version,
                        rows[i].renderer, &vendor, &number);
        rows_text(label, vendor, rows[i].vendor);
        rows_text(label, number, rows[i].number);
    }
    rows_done();
}

static void test_angle_unwrap_rows(void **state)
{
    (void)state;
    static const struct {
        const char *renderer;
        bool want;
        const char *vendor, *inner, *version;
    } rows[] = {
        { "ANGLE (Intel, Mesa Intel(R) UHD, OpenGL 4.6)", true, "Intel", "Mesa Intel(R) UHD",
          "OpenGL 4.6" },
        { "ANGLE (Samsung Co. Ltd., ANGLE (Samsung Xclipse 920) on Vulkan 1.1.179, OpenGL ES 3.2 "
          "ANGLE git hash: 4)",
          true, "Samsung Co. Ltd.", "ANGLE (Samsung Xclipse 920) on Vulkan 1.1.179",
          "OpenGL ES 3.2 ANGLE git hash: 4" },
        { "ANGLE (a, b, c, d)", true, "a, b", "c", "d" },
        { "ANGLE (, , )", true, "", "", "" },
        { "ANGLE (Samsung Xclipse 920) on Vulkan 1.1.179", false, NULL, NULL, NULL },
        { "ANGLE (a, b)", false, NULL, NULL, NULL },
        { "ANGLE (a,b,c)", false, NULL, NULL, NULL },
        { "ANGLE (a, b, c", false, NULL, NULL, NULL },
        { "ANGLE ()", false, NULL, NULL, NULL },
        { "ANGLE (", false, NULL, NULL, NULL },
        { "angle (a, b, c)", false, NULL, NULL, NULL },
        { "ANGLE (a, b\n, c)", false, NULL, NULL, NULL },
        { "", false, NULL, NULL, NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *vendor = NULL, *inner = NULL, *version = NULL;
        rows_number(rows[i].renderer,
                    angle_unwrap(&arena, rows[i].renderer, &vendor, &inner, &version),
                    rows[i].want);
        rows_text(rows[i].renderer, vendor, rows[i].vendor);
        rows_text(rows[i].renderer, inner, rows[i].inner);
        rows_text(rows[i].renderer, version, rows[i].version);
    }
    rows_done();
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
        cmocka_unit_test_teardown(test_gl_driver_parse_rows, give_back),
        cmocka_unit_test_teardown(test_angle_unwrap_rows, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
