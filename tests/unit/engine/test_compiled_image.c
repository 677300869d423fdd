/* Relocations in a form that is not read. Broken libraries: test_compiled_hostile_*.c. */
#include "engine/compiled_image_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <elf.h>

#include <cmocka.h>

#include "hostile.h"
#include "rows.h"

/* A dynamic entry with a tag instead of one that nobody misses. */
static void test_image_open_of_relocations_packed_for_android(void **state)
{
    static const uint64_t tags[] = { 0x6000000f, 0x60000011, 0x6fffe000 };
    static const char *const options[] = { LAYOUT_A, NULL };
    struct hostile hostile;
    (void)state;
    hostile_load(&hostile, "a", options);
    size_t length = hostile.length;
    for (size_t i = 0; i < ROWS(tags); i++) {
        unsigned char *bytes = malloc(length);
        struct decoded decoded;
        struct elf elf;
        struct elf_segment segment;
        struct err err;
        memcpy(bytes, hostile.bytes, length);
        assert_int_equal(elf_open(bytes, length, &elf, &err), 0);
        for (uint64_t j = 0; elf_segment(&elf, j, &segment); j++) {
            for (uint64_t at = 0; segment.type == PT_DYNAMIC && at < segment.file_bytes; at += 16) {
                if (image_number(bytes + segment.offset + at, 8) == DT_GNU_HASH)
                    memcpy(bytes + segment.offset + at, &tags[i], 8);
            }
        }
        rows_err("packed", hostile_decode(bytes, length, &decoded, &err), &err,
                 "relocations packed for Android are not read");
        free(bytes);
    }
    hostile_clear(&hostile);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_image_open_of_relocations_packed_for_android),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
