/* Interpreter for AArch64: the forms that GCC makes of a function that fills tables with constants.
 * Every other instruction ends the run. Calls out of the library (through the PLT) return 1, which
 * is what the guard of a static variable must answer for its table to be filled.
 * Source: Arm Architecture Reference Manual for A-profile, "A64 base instructions". */
#include "engine/compiled_lists_private.h"

#include <stdio.h>
#include <string.h>

#include "base/macros.h"

enum { LINK = 30, SP = 31, REGISTERS = 32 };

struct cpu {
    struct run *run;
    uint64_t registers[REGISTERS]; /* the last one is sp; as a zero register it is not stored */
    uint64_t vectors[REGISTERS][2];
    uint64_t pc, next;
    bool zero;
};

static uint64_t bits(uint32_t word, unsigned low, unsigned count)
{
    return word >> low & ((1U << count) - 1);
}

static uint64_t signed_bits(uint32_t word, unsigned low, unsigned count)
{
    uint64_t value = bits(word, low, count);
    return value >> (count - 1) & 1 ? value | UINT64_MAX << count : value;
}

static uint64_t cut(uint64_t value, bool wide)
{
    return wide ? value : value & 0xffffffffU;
}

static uint64_t get(const struct cpu *cpu, uint64_t number)
{
    return number == SP ? 0 : cpu->registers[number];
}

static void set(struct cpu *cpu, uint64_t number, uint64_t value)
{
    if (number != SP)
        cpu->registers[number] = value;
}

/* --- numbers --------------------------------------------------------------------------- */

static bool do_nothing(struct cpu *cpu, uint32_t word)
{
    (void)cpu;
    (void)word;
    return true;
}

static bool do_adr(struct cpu *cpu, uint32_t word)
{
    uint64_t distance = bits(word, 29, 2) | signed_bits(word, 5, 19) << 2;
    bool pages = word >> 31;
    set(cpu, bits(word, 0, 5),
        pages ? (cpu->pc & ~UINT64_C(0xfff)) + (distance << 12) : cpu->pc + distance);
    return true;
}

/* add, sub, and with flags adds, subs (cmp, cmn) of a constant */
static bool do_add_immediate(struct cpu *cpu, uint32_t word)
{
    bool wide = word >> 31, subtract = word >> 30 & 1, flags = word >> 29 & 1;
    uint64_t value = bits(word, 10, 12) << (word >> 22 & 1 ? 12 : 0);
    uint64_t from = cpu->registers[bits(word, 5, 5)]; /* here 31 is sp */
    uint64_t result = cut(subtract ? from - value : from + value, wide);
    if (flags) {
        cpu->zero = result == 0;
        set(cpu, bits(word, 0, 5), result);
    } else {
        cpu->registers[bits(word, 0, 5)] = result;
    }
    return true;
}

/* add, sub, adds, subs of a register, without a shift */
static bool do_add_register(struct cpu *cpu, uint32_t word)
{
    bool wide = word >> 31, subtract = word >> 30 & 1, flags = word >> 29 & 1;
    uint64_t from = get(cpu, bits(word, 5, 5)), value = get(cpu, bits(word, 16, 5));
    uint64_t result = cut(subtract ? from - value : from + value, wide);
    if (bits(word, 10, 6))
        return false;
    if (flags)
        cpu->zero = result == 0;
    set(cpu, bits(word, 0, 5), result);
    return true;
}

static bool do_or(struct cpu *cpu, uint32_t word)
{
    if (bits(word, 10, 6))
        return false;
    set(cpu, bits(word, 0, 5),
        cut(get(cpu, bits(word, 5, 5)) | get(cpu, bits(word, 16, 5)), word >> 31));
    return true;
}

/* movn, movz, movk */
static bool do_move(struct cpu *cpu, uint32_t word)
{
    bool wide = word >> 31;
    unsigned kind = (unsigned)bits(word, 29, 2), shift = (unsigned)bits(word, 21, 2) * 16;
    uint64_t value = bits(word, 5, 16) << shift;
    if (kind == 1 || (!wide && shift > 16))
        return false;
    if (kind == 0)
        value = ~value;
    if (kind == 3)
        value |= get(cpu, bits(word, 0, 5)) & ~(UINT64_C(0xffff) << shift);
    set(cpu, bits(word, 0, 5), cut(value, wide));
    return true;
}

/* movi with 0, in the forms that make 0 of it */
static bool do_move_vector(struct cpu *cpu, uint32_t word)
{
    unsigned form = (unsigned)bits(word, 12, 4);
    bool inverted = word >> 29 & 1;
    if (bits(word, 16, 3) || bits(word, 5, 5)
        || (inverted ? form != 14 : form == 15 || form % 2 != 0 || form == 12))
        return false;
    memset(cpu->vectors[bits(word, 0, 5)], 0, 16);
    return true;
}

/* --- memory ---------------------------------------------------------------------------- */

static bool move(struct cpu *cpu, bool load, bool vector, uint64_t number, uint64_t address,
                 unsigned size)
{
    unsigned char bytes[16] = { 0 };
    uint64_t both[2] = { get(cpu, number), 0 };
    if (load) {
        if (!run_load(cpu->run, address, bytes, size))
            return false;
        both[0] = image_number(bytes, 8);
        both[1] = image_number(bytes + 8, 8);
        if (vector)
            memcpy(cpu->vectors[number], both, sizeof both);
        else
            set(cpu, number, both[0]);
        return true;
    }
    if (vector)
        memcpy(both, cpu->vectors[number], sizeof both);
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (unsigned char)(both[i / 8] >> (8 * (i % 8)));
    return run_store(cpu->run, address, bytes, size);
}

/* Size and direction of ldr and str; false for loads with a sign and prefetching. */
static bool single_size(uint32_t word, bool *out_load, unsigned *out_size)
{
    bool vector = word >> 26 & 1;
    unsigned size = word >> 30, form = (unsigned)bits(word, 22, 2);
    if (form > 1 && (!vector || size != 0))
        return false;
    *out_load = form & 1;
    *out_size = form > 1 ? 16 : 1U << size;
    return true;
}

/* [xn, #constant] */
static bool do_single(struct cpu *cpu, uint32_t word)
{
    bool load;
    unsigned size;
    if (!single_size(word, &load, &size))
        return false;
    return move(cpu, load, word >> 26 & 1, bits(word, 0, 5),
                cpu->registers[bits(word, 5, 5)] + bits(word, 10, 12) * size, size);
}

/* [xn, #small]; [xn], #small; [xn, #small]! */
static bool do_single_indexed(struct cpu *cpu, uint32_t word)
{
    enum { UNSCALED, POST, UNPRIVILEGED, PRE };
    bool load;
    unsigned size, form = (unsigned)bits(word, 10, 2);
    uint64_t *base = &cpu->registers[bits(word, 5, 5)];
    uint64_t moved = *base + signed_bits(word, 12, 9);
    uint64_t address = form == POST ? *base : moved;
    if (form == UNPRIVILEGED || !single_size(word, &load, &size)
        || !move(cpu, load, word >> 26 & 1, bits(word, 0, 5), address, size))
        return false;
    if (form != UNSCALED)
        *base = moved;
    return true;
}

/* stp and ldp */
static bool do_pair(struct cpu *cpu, uint32_t word)
{
    enum { POST = 1, OFFSET = 2, PRE = 3 };
    bool vector = word >> 26 & 1, load = word >> 22 & 1;
    unsigned kind = word >> 30, form = (unsigned)bits(word, 23, 2);
    unsigned size = vector ? 4U << kind : kind == 2 ? 8 : 4;
    uint64_t *base = &cpu->registers[bits(word, 5, 5)];
    uint64_t moved = *base + signed_bits(word, 15, 7) * size;
    uint64_t address = form == POST ? *base : moved;
    if (form == 0 || kind == 3 || (!vector && kind == 1)
        || !move(cpu, load, vector, bits(word, 0, 5), address, size)
        || !move(cpu, load, vector, bits(word, 10, 5), address + size, size))
        return false;
    if (form != OFFSET)
        *base = moved;
    return true;
}

static bool do_load_acquire(struct cpu *cpu, uint32_t word)
{
    return move(cpu, true, false, bits(word, 0, 5), cpu->registers[bits(word, 5, 5)],
                1U << (word >> 30));
}

/* --- jumps ----------------------------------------------------------------------------- */

static bool do_test_bit(struct cpu *cpu, uint32_t word)
{
    unsigned bit = (unsigned)(bits(word, 19, 5) | (uint64_t)(word >> 31) << 5);
    bool is_set = get(cpu, bits(word, 0, 5)) >> bit & 1;
    if (is_set == (word >> 24 & 1))
        cpu->next = cpu->pc + (signed_bits(word, 5, 14) << 2);
    return true;
}

static bool do_compare_zero(struct cpu *cpu, uint32_t word)
{
    bool is_set = cut(get(cpu, bits(word, 0, 5)), word >> 31) != 0;
    if (is_set == (word >> 24 & 1))
        cpu->next = cpu->pc + (signed_bits(word, 5, 19) << 2);
    return true;
}

/* b.eq and b.ne */
static bool do_jump_if(struct cpu *cpu, uint32_t word)
{
    unsigned condition = (unsigned)bits(word, 0, 4);
    if (condition > 1)
        return false;
    if (cpu->zero == (condition == 0))
        cpu->next = cpu->pc + (signed_bits(word, 5, 19) << 2);
    return true;
}

static bool do_jump(struct cpu *cpu, uint32_t word)
{
    cpu->next = cpu->pc + (signed_bits(word, 0, 26) << 2);
    return true;
}

static bool word_at(struct cpu *cpu, uint64_t address, uint32_t *out)
{
    unsigned char code[RUN_CODE_BYTES];
    if (address % 4 || run_code(cpu->run, address, code) < 4)
        return false;
    *out = (uint32_t)image_number(code, 4);
    return true;
}

/* [bti c]; adrp x16, …; ldr x17, [x16, …]: an entry of the PLT. */
static bool is_foreign(struct cpu *cpu, uint64_t target)
{
    uint32_t word;
    if (word_at(cpu, target, &word) && word == 0xd503245f)
        target += 4;
    return word_at(cpu, target, &word) && (word & 0x9f00001f) == 0x90000010
           && word_at(cpu, target + 4, &word) && (word & 0xffc003ff) == 0xf9400211;
}

static bool do_call(struct cpu *cpu, uint32_t word)
{
    uint64_t target = cpu->pc + (signed_bits(word, 0, 26) << 2);
    if (is_foreign(cpu, target)) {
        cpu->registers[0] = 1;
        return true;
    }
    cpu->registers[LINK] = cpu->next;
    cpu->next = target;
    return true;
}

static bool do_return(struct cpu *cpu, uint32_t word)
{
    cpu->next = get(cpu, bits(word, 5, 5));
    return true;
}

static const struct {
    uint32_t mask, value;
    bool (*run)(struct cpu *cpu, uint32_t word);
} instructions[] = {
    { 0xfffff01f, 0xd503201f, do_nothing }, /* nop, bti, paciasp and other hints */
    { 0x1f000000, 0x10000000, do_adr },          { 0x1f800000, 0x11000000, do_add_immediate },
    { 0x1fe00000, 0x0b000000, do_add_register }, { 0x7fe00000, 0x2a000000, do_or },
    { 0x1f800000, 0x12800000, do_move },         { 0x9ff80c00, 0x0f000400, do_move_vector },
    { 0x3b000000, 0x39000000, do_single },       { 0x3b200000, 0x38000000, do_single_indexed },
    { 0x3a000000, 0x28000000, do_pair },         { 0x3ffffc00, 0x08dffc00, do_load_acquire },
    { 0x7e000000, 0x36000000, do_test_bit },     { 0x7e000000, 0x34000000, do_compare_zero },
    { 0xff000010, 0x54000000, do_jump_if },      { 0xfc000000, 0x14000000, do_jump },
    { 0xfc000000, 0x94000000, do_call },         { 0xfffffc1f, 0xd65f0000, do_return },
};

static bool step(struct cpu *cpu)
{
    uint32_t word;
    if (!word_at(cpu, cpu->pc, &word))
        return false;
    cpu->next = cpu->pc + 4;
    for (size_t i = 0; i < ROWS(instructions); i++) {
        if ((word & instructions[i].mask) != instructions[i].value)
            continue;
        if (instructions[i].run(cpu, word)) {
            cpu->pc = cpu->next;
            return true;
        }
        break;
    }
    if (!cpu->run->why[0])
        (void)snprintf(cpu->run->why, sizeof cpu->run->why, "unknown instruction %08x at 0x%llx",
                       (unsigned)word, (unsigned long long)cpu->pc);
    return false;
}

bool run_arm64(struct run *run, uint64_t address)
{
    struct cpu cpu = { .run = run, .pc = address };
    cpu.registers[SP] = RUN_STACK_TOP;
    cpu.registers[LINK] = RUN_RETURN;
    for (run->steps = 0; run->steps < RUN_STEPS_MAX; run->steps++) {
        if (!step(&cpu))
            return false;
        if (cpu.pc == RUN_RETURN) {
            run->result = cpu.registers[0];
            return cpu.registers[SP] == RUN_STACK_TOP;
        }
    }
    (void)snprintf(run->why, sizeof run->why, "no end after %u instructions", RUN_STEPS_MAX);
    return false;
}
