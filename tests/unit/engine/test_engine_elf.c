/* ELF files in both classes and byte orders, and broken ones. Each file is copied into memory of
 * exactly its length before it is read, so that a look behind the end is seen under ASan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <elf.h>
#include <cmocka.h>

#include "base/macros.h"
#include "engine/engine_elf_private.h"
#include "fake_elf.h"
#include "rows.h"

static struct arena arena;

static const char constants[] = "\0one\0two";

static const struct fake_elf whole = {
    .machine = EM_X86_64,
    .soname = "libQt6WebEngineCore.so.6",
    .runpath = "$ORIGIN/../lib",
    .needed = { "libQt6Core.so.6", "libc.so.6" },
    .constants = constants,
    .constants_length = sizeof constants,
    .qt = "6.4.2",
    .chromium = "102.0.5005.177",
    .build_id = "\x01\xab\xcd\xef\x10",
};

static void test_elf_of_every_class_and_byte_order(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned machine;
        bool is_32, is_big_endian;
        const char *qt; /* that is read out of the code */
    } rows[] = {
        { "x86-64", EM_X86_64, false, false, "6.4.2" },
        { "arm64", EM_AARCH64, false, false, "6.4.2" },
        { "i386: its code is not read", EM_386, true, false, NULL },
        { "armhf: its code is not read", EM_ARM, true, false, NULL },
        { "ppc64: its code is not read", EM_PPC64, false, true, NULL },
        { "powerpc: its code is not read", EM_PPC, true, true, NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct fake_elf what = whole;
        struct elf elf;
        struct elf_span span;
        struct elf_dynamic dynamic;
        struct err err;
        size_t length;
        uint64_t address = 0, index = 0;
        what.machine = rows[i].machine;
        what.is_32 = rows[i].is_32;
        what.is_big_endian = rows[i].is_big_endian;
        const unsigned char *bytes = fake_elf_build(&arena, &what, &length);
        rows_err(rows[i].label, elf_open(bytes, length, &elf, &err), &err, NULL);
        rows_number(rows[i].label, elf.machine, rows[i].machine);
        rows_number(rows[i].label, elf.is_64, !rows[i].is_32);
        (void)rows_that(elf_section(&elf, ".rodata", &span) && span.length == sizeof constants
                            && memcmp(span.bytes, constants, sizeof constants) == 0,
                        rows[i].label, "no .rodata");
        (void)rows_that(!elf_section(&elf, ".text", &span), rows[i].label, "a .text");
        (void)rows_that(elf_constants(&elf, &index, &span) && !elf_constants(&elf, &index, &span),
                        rows[i].label, "not one loaded segment");
        (void)rows_that(elf_dynamic_read(&arena, &elf, &dynamic), rows[i].label, "no dynamic");
        rows_text(rows[i].label, dynamic.soname, what.soname);
        rows_text(rows[i].label, dynamic.runpath, what.runpath);
        rows_text(rows[i].label, dynamic.rpath, NULL);
        rows_strings(rows[i].label, &dynamic.needed, "libQt6Core.so.6 libc.so.6");
        rows_text(rows[i].label, elf_build_id(&arena, &elf), "01abcdef10");
        (void)rows_that(elf_symbol(&elf, "_Z17qWebEngineVersionv", &address) && address,
                        rows[i].label, "no symbol");
        (void)rows_that(!elf_symbol(&elf, "_Z17qWebEngineVersion", &address), rows[i].label,
                        "a symbol by its beginning");
        rows_text(rows[i].label, elf_returned_text(&elf, "_Z17qWebEngineVersionv"), rows[i].qt);
    }
    rows_done();
}

static void test_elf_when_something_is_not_there(void **state)
{
    (void)state;
    struct fake_elf what = { .machine = EM_X86_64, .rpath = "/opt" };
    struct elf elf;
    struct elf_dynamic dynamic;
    struct err err;
    size_t length;
    uint64_t address;
    const unsigned char *bytes = fake_elf_build(&arena, &what, &length);
    assert_int_equal(elf_open(bytes, length, &elf, &err), 0);
    assert_true(elf_dynamic_read(&arena, &elf, &dynamic));
    assert_null(dynamic.soname);
    assert_string_equal(dynamic.rpath, "/opt");
    assert_int_equal(dynamic.needed.count, 0);
    assert_null(elf_build_id(&arena, &elf));
    assert_false(elf_symbol(&elf, "_Z17qWebEngineVersionv", &address)); /* asked for, not given */
    assert_null(elf_returned_text(&elf, "_Z17qWebEngineVersionv"));
    what.no_sections = true;
    bytes = fake_elf_build(&arena, &what, &length);
    assert_int_equal(elf_open(bytes, length, &elf, &err), 0);
    struct elf_span span;
    assert_false(elf_section(&elf, ".rodata", &span));
}

static void test_elf_open_when_it_is_none(void **state)
{
    (void)state;
    static const unsigned char class_9[64] = { 0x7f, 'E', 'L', 'F', 9, 1 };
    static const unsigned char order_9[64] = { 0x7f, 'E', 'L', 'F', 2, 9 };
    static const unsigned char cut_64[63] = { 0x7f, 'E', 'L', 'F', 2, 1 };
    static const unsigned char cut_32[51] = { 0x7f, 'E', 'L', 'F', 1, 1 };
    static const struct {
        const char *label;
        const void *bytes;
        size_t length;
        const char *want;
    } rows[] = {
        { "nothing", "", 0, "no ELF file" },
        { "a script", "#!/usr/bin/python3\nimport sys\n", 30, "no ELF file" },
        { "the magic alone",
          "\x7f"
          "ELF",
          4, "no ELF file" },
        { "another class", class_9, 64, "unknown class or byte order of an ELF file" },
        { "another order", order_9, 64, "unknown class or byte order of an ELF file" },
        { "a short header", cut_64, 63, "truncated ELF header" },
        { "a short header of 32 bits", cut_32, 51, "truncated ELF header" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct elf elf;
        struct err err;
        rows_err(rows[i].label, elf_open(rows[i].bytes, rows[i].length, &elf, &err), &err,
                 rows[i].want);
    }
    rows_done();
}

/* Everything that can be asked of a file; what comes out does not matter. */
static void ask_all(const unsigned char *bytes, size_t length)
{
    unsigned char *exact = malloc(length ? length : 1);
    struct elf elf;
    struct err err;
    struct elf_span span;
    struct elf_dynamic dynamic;
    struct arena small = { 0 };
    uint64_t index = 0, address;
    assert_non_null(exact);
    memcpy(exact, bytes, length);
    if (elf_open(exact, length, &elf, &err) == 0) {
        (void)elf_section(&elf, ".rodata", &span);
        while (elf_constants(&elf, &index, &span))
            assert_true(span.bytes >= exact && span.bytes + span.length <= exact + length);
        (void)elf_dynamic_read(&small, &elf, &dynamic);
        (void)elf_symbol(&elf, "_Z25qWebEngineChromiumVersionv", &address);
        (void)elf_build_id(&small, &elf);
        (void)elf_returned_text(&elf, "_Z17qWebEngineVersionv");
        (void)elf_returned_text(&elf, "_Z25qWebEngineChromiumVersionv");
    }
    arena_clear(&small);
    free(exact);
}

static void test_elf_when_cut_at_every_length(void **state)
{
    (void)state;
    static const unsigned machines[] = { EM_X86_64, EM_AARCH64, EM_386 };
    for (size_t i = 0; i < ROWS(machines); i++) {
        struct fake_elf what = whole;
        size_t length;
        what.machine = machines[i];
        what.is_32 = machines[i] == EM_386;
        const unsigned char *bytes = fake_elf_build(&arena, &what, &length);
        for (size_t cut = 0; cut <= length; cut++)
            ask_all(bytes, cut);
    }
}

/* Each byte in turn becomes the values at which offsets and counts run over. */
static void test_elf_when_a_byte_is_wrong(void **state)
{
    (void)state;
    static const unsigned char values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
    static const unsigned machines[] = { EM_X86_64, EM_AARCH64 };
    for (size_t i = 0; i < ROWS(machines); i++) {
        struct fake_elf what = whole;
        size_t length;
        what.machine = machines[i];
        const unsigned char *bytes = fake_elf_build(&arena, &what, &length);
        unsigned char *copy = arena_alloc(&arena, length);
        memcpy(copy, bytes, length);
        for (size_t at = 0; at < length * ROWS(values); at++) {
            unsigned char right = copy[at / ROWS(values)];
            copy[at / ROWS(values)] = values[at % ROWS(values)];
            ask_all(copy, length);
            copy[at / ROWS(values)] = right;
        }
    }
}

/* Eight bytes at once: offsets near the end of what 64 bits hold. */
static void test_elf_when_a_number_is_wrong(void **state)
{
    (void)state;
    size_t length;
    const unsigned char *bytes = fake_elf_build(&arena, &whole, &length);
    unsigned char *copy = arena_alloc(&arena, length);
    static const uint64_t values[] = { UINT64_MAX, UINT64_MAX - 7, INT64_MAX, UINT32_MAX,
                                       1ULL << 32 };
    for (size_t at = 0; at + sizeof values[0] <= length; at += 4) {
        for (size_t i = 0; i < ROWS(values); i++) {
            memcpy(copy, bytes, length);
            memcpy(copy + at, &values[i], sizeof values[i]);
            ask_all(copy, length);
        }
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
        cmocka_unit_test_teardown(test_elf_of_every_class_and_byte_order, give_back),
        cmocka_unit_test_teardown(test_elf_when_something_is_not_there, give_back),
        cmocka_unit_test_teardown(test_elf_open_when_it_is_none, give_back),
        cmocka_unit_test_teardown(test_elf_when_cut_at_every_length, give_back),
        cmocka_unit_test_teardown(test_elf_when_a_byte_is_wrong, give_back),
        cmocka_unit_test_teardown(test_elf_when_a_number_is_wrong, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
