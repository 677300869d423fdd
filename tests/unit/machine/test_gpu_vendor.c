/* The table of vendors: no id and no name twice, and the names that profiles use. */
#include "machine/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

static void test_gpu_vendor_when_known_then_both_ways(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t vendor;
    } rows[] = {
        { "nvidia", 0x10de },    { "amd", 0x1002 },        { "intel", 0x8086 },
        { "vmware", 0x15ad },    { "virtualbox", 0x80ee }, { "red-hat", 0x1af4 },
        { "microsoft", 0x1414 }, { "matrox", 0x102b },     { "aspeed", 0x1a03 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint64_t vendor = 0;
        rows_text(rows[i].name, gpu_vendor_name(rows[i].vendor), rows[i].name);
        (void)rows_that(gpu_vendor_find(rows[i].name, &vendor), rows[i].name, "is not found");
        rows_number(rows[i].name, (long long)vendor, (long long)rows[i].vendor);
    }
    rows_done();
}

static void test_gpu_vendor_when_unknown_then_untouched(void **state)
{
    (void)state;
    uint64_t vendor = 7;
    rows_text("0", gpu_vendor_name(0), NULL);
    rows_text("65536 and Intel", gpu_vendor_name(0x18086), NULL);
    rows_number("capitals", gpu_vendor_find("NVIDIA", &vendor), 0);
    rows_number("empty", gpu_vendor_find("", &vendor), 0);
    rows_number("untouched", (long long)vendor, 7);
    rows_done();
}

static void test_gpu_vendor_table_has_each_name_once(void **state)
{
    (void)state;
    for (uint64_t vendor = 0; vendor <= UINT16_MAX; vendor++) {
        const char *name = gpu_vendor_name(vendor);
        uint64_t found = UINT64_MAX;
        if (name && gpu_vendor_find(name, &found))
            rows_number(name, (long long)found, (long long)vendor);
    }
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gpu_vendor_when_known_then_both_ways),
        cmocka_unit_test(test_gpu_vendor_when_unknown_then_untouched),
        cmocka_unit_test(test_gpu_vendor_table_has_each_name_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
