/* Interpreter for x86-64: the forms that GCC makes of a function that fills tables with constants.
 * Every other instruction ends the run. Calls out of the library (through the PLT) return 1, which
 * is what the guard of a static variable must answer for its table to be filled.
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2. */
#include "engine/compiled_lists_private.h"

#include <stdio.h>
#include <string.h>

#include "base/macros.h"

enum { RAX = 0, RSP = 4, RBP = 5, REGISTERS = 16 };
#define CODE_BYTES_MAX 15U

struct cpu {
    struct run *run;
    uint64_t registers[REGISTERS];
    uint64_t vectors[REGISTERS][2];
    uint64_t ip;
    bool zero;
    bool ended;
};

/* One instruction being decoded. */
struct instruction {
    struct cpu *cpu;
    unsigned char code[RUN_CODE_BYTES];
    size_t length, at;
    bool operand_16, repeat, rex_w;
    unsigned rex_r, rex_x, rex_b;
    unsigned opcode;
    unsigned size;     /* bytes of the operands */
    unsigned reg;      /* ModRM.reg */
    bool is_register;  /* ModRM names a register … */
    unsigned rm;       /* … this one */
    uint64_t address;  /* … or memory here */
    bool rip_relative; /* the address counts from the end of the instruction */
};

/* --- operands -------------------------------------------------------------------------- */

static bool immediate(struct instruction *in, unsigned size, uint64_t *out)
{
    uint64_t value = 0;
    if (in->length - in->at < size)
        return false;
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)in->code[in->at + i] << (8 * i);
    if (size < 8 && value >> (8 * size - 1) & 1)
        value |= UINT64_MAX << (8 * size);
    in->at += size;
    *out = value;
    return true;
}

static bool sib(struct instruction *in, unsigned mod, uint64_t *out)
{
    uint64_t base = 0, byte;
    if (!immediate(in, 1, &byte))
        return false;
    unsigned index = (unsigned)(byte >> 3 & 7) | in->rex_x << 3;
    unsigned number = (unsigned)(byte & 7) | in->rex_b << 3;
    if ((byte & 7) == RBP && mod == 0) {
        if (!immediate(in, 4, &base))
            return false;
    } else {
        base = in->cpu->registers[number];
    }
    if (index != RSP)
        base += in->cpu->registers[index] << (byte >> 6 & 3);
    *out = base;
    return true;
}

/* The ModRM byte with what belongs to it. */
static bool modrm(struct instruction *in)
{
    uint64_t byte, move = 0;
    if (!immediate(in, 1, &byte))
        return false;
    unsigned mod = (unsigned)(byte >> 6 & 3);
    in->reg = (unsigned)(byte >> 3 & 7) | in->rex_r << 3;
    in->rm = (unsigned)(byte & 7) | in->rex_b << 3;
    in->is_register = mod == 3;
    if (in->is_register)
        return true;
    if ((byte & 7) == RSP) {
        if (!sib(in, mod, &in->address))
            return false;
    } else if (mod == 0 && (byte & 7) == RBP) {
        in->rip_relative = true;
        return immediate(in, 4, &in->address);
    } else {
        in->address = in->cpu->registers[in->rm];
    }
    if (mod != 0 && !immediate(in, mod == 1 ? 1 : 4, &move))
        return false;
    in->address += move;
    return true;
}

/* Known once the whole instruction is read. */
static uint64_t place(const struct instruction *in)
{
    return in->address + (in->rip_relative ? in->cpu->ip + in->at : 0);
}

static uint64_t cut(uint64_t value, unsigned size)
{
    return size == 8 ? value : value & ((UINT64_C(1) << (8 * size)) - 1);
}

/* Writing 32 bits clears the upper half; 8 and 16 bits leave the rest. */
static bool register_set(struct instruction *in, unsigned number, uint64_t value)
{
    uint64_t *target = &in->cpu->registers[number];
    if (in->size == 1 && !in->rex_w && !in->rex_b && !in->rex_r && number >= RSP && number < 8)
        return false; /* ah, ch, dh, bh */
    *target = in->size >= 4 ? cut(value, in->size)
                            : (*target & ~cut(UINT64_MAX, in->size)) | cut(value, in->size);
    return true;
}

static bool operand_get(struct instruction *in, uint64_t *out)
{
    unsigned char bytes[8] = { 0 };
    if (in->is_register) {
        *out = cut(in->cpu->registers[in->rm], in->size);
        return true;
    }
    if (!run_load(in->cpu->run, place(in), bytes, in->size))
        return false;
    *out = image_number(bytes, 8);
    return true;
}

static bool operand_set(struct instruction *in, uint64_t value)
{
    unsigned char bytes[8];
    if (in->is_register)
        return register_set(in, in->rm, value);
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
    return run_store(in->cpu->run, place(in), bytes, in->size);
}

static bool push(struct cpu *cpu, uint64_t value)
{
    unsigned char bytes[8];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
    cpu->registers[RSP] -= sizeof bytes;
    return run_store(cpu->run, cpu->registers[RSP], bytes, sizeof bytes);
}

static bool pop(struct cpu *cpu, uint64_t *out)
{
    unsigned char bytes[8];
    if (!run_load(cpu->run, cpu->registers[RSP], bytes, sizeof bytes))
        return false;
    cpu->registers[RSP] += sizeof bytes;
    *out = image_number(bytes, 8);
    return true;
}

/* --- instructions: each is called behind its opcode ------------------------------------ */

enum arithmetic { ADD = 0, AND = 4, SUB = 5, XOR = 6, CMP = 7 };

static bool arithmetic(struct instruction *in, unsigned kind, uint64_t a, uint64_t b, uint64_t *out)
{
    switch (kind) {
    case ADD:
        *out = a + b;
        break;
    case AND:
        *out = a & b;
        break;
    case SUB:
    case CMP:
        *out = a - b;
        break;
    case XOR:
        *out = a ^ b;
        break;
    default:
        return false;
    }
    *out = cut(*out, in->size);
    in->cpu->zero = *out == 0;
    return true;
}

/* op r/m, r and op r, r/m */
static bool do_arithmetic(struct instruction *in)
{
    uint64_t operand, result;
    unsigned kind = in->opcode >> 3;
    bool to_register = in->opcode & 2;
    if (!modrm(in) || !operand_get(in, &operand))
        return false;
    uint64_t own = in->cpu->registers[in->reg];
    if (!arithmetic(in, kind, to_register ? own : operand, to_register ? operand : own, &result))
        return false;
    if (kind == CMP)
        return true;
    return to_register ? register_set(in, in->reg, result) : operand_set(in, result);
}

/* op r/m, imm */
static bool do_arithmetic_immediate(struct instruction *in)
{
    uint64_t operand, value, result;
    if (!modrm(in) || !immediate(in, in->opcode == 0x83 ? 1 : 4, &value) || in->size < 4
        || !operand_get(in, &operand) || !arithmetic(in, in->reg & 7, operand, value, &result))
        return false;
    return (in->reg & 7) == CMP || operand_set(in, result);
}

static bool do_test(struct instruction *in)
{
    uint64_t operand;
    if (in->opcode == 0x84)
        in->size = 1;
    if (!modrm(in) || (in->size == 1 && (in->reg >= RSP || in->rm >= RSP))
        || !operand_get(in, &operand))
        return false;
    in->cpu->zero = cut(operand & in->cpu->registers[in->reg], in->size) == 0;
    return true;
}

static bool do_push(struct instruction *in)
{
    return push(in->cpu, in->cpu->registers[(in->opcode & 7) | in->rex_b << 3]);
}

static bool do_push_immediate(struct instruction *in)
{
    uint64_t value;
    return immediate(in, in->opcode == 0x6a ? 1 : 4, &value) && push(in->cpu, value);
}

static bool do_pop(struct instruction *in)
{
    return pop(in->cpu, &in->cpu->registers[(in->opcode & 7) | in->rex_b << 3]);
}

/* push r/m: the only form of ff that is known */
static bool do_push_memory(struct instruction *in)
{
    uint64_t value;
    in->size = 8;
    return modrm(in) && (in->reg & 7) == 6 && operand_get(in, &value) && push(in->cpu, value);
}

static bool do_move_out(struct instruction *in)
{
    if (in->opcode == 0x88)
        in->size = 1;
    if (!modrm(in) || (in->size == 1 && in->reg >= RSP && in->reg < 8))
        return false;
    return operand_set(in, in->cpu->registers[in->reg]);
}

static bool do_move_in(struct instruction *in)
{
    uint64_t value;
    return modrm(in) && operand_get(in, &value) && register_set(in, in->reg, value);
}

static bool do_move_immediate(struct instruction *in)
{
    uint64_t value;
    if (in->opcode == 0xc6)
        in->size = 1;
    return modrm(in) && (in->reg & 7) == 0 && immediate(in, in->size < 4 ? in->size : 4, &value)
           && operand_set(in, value);
}

static bool do_move_register(struct instruction *in)
{
    uint64_t value;
    return immediate(in, in->size, &value)
           && register_set(in, (in->opcode & 7) | in->rex_b << 3, value);
}

static bool do_lea(struct instruction *in)
{
    return modrm(in) && !in->is_register && register_set(in, in->reg, place(in));
}

static bool do_move_byte(struct instruction *in)
{
    uint64_t value;
    unsigned size = in->size;
    in->size = 1;
    if (!modrm(in) || (in->is_register && in->rm >= RSP) || !operand_get(in, &value))
        return false;
    in->size = size;
    return register_set(in, in->reg, value);
}

static bool jump(struct instruction *in, bool taken, unsigned size)
{
    uint64_t distance;
    if (!immediate(in, size, &distance))
        return false;
    if (taken)
        in->cpu->ip += distance; /* and the length of the instruction, as always */
    return true;
}

static bool do_jump(struct instruction *in)
{
    return jump(in, true, in->opcode == 0xeb ? 1 : 4);
}

/* je and jne, short and near */
static bool do_jump_if(struct instruction *in)
{
    bool taken = in->cpu->zero == !(in->opcode & 1);
    return jump(in, taken, in->opcode < 0x100 ? 1 : 4);
}

/* endbr64, then jmp *[rip + …] with or without a prefix: an entry of the PLT. */
static bool is_foreign(struct cpu *cpu, uint64_t target)
{
    static const unsigned char landing[] = { 0xf3, 0x0f, 0x1e, 0xfa };
    unsigned char code[RUN_CODE_BYTES];
    size_t length = run_code(cpu->run, target, code), at = 0;
    if (length > sizeof landing && memcmp(code, landing, sizeof landing) == 0)
        at = sizeof landing;
    if (length > at + 1 && code[at] == 0xf2)
        at++;
    return length >= at + 2 && code[at] == 0xff && code[at + 1] == 0x25;
}

static bool do_call(struct instruction *in)
{
    uint64_t distance;
    struct cpu *cpu = in->cpu;
    if (!immediate(in, 4, &distance))
        return false;
    uint64_t next = cpu->ip + in->at;
    if (is_foreign(cpu, next + distance)) {
        cpu->registers[RAX] = 1;
        return true;
    }
    cpu->ip += distance;
    return push(cpu, next);
}

static bool do_return(struct instruction *in)
{
    struct cpu *cpu = in->cpu;
    uint64_t target;
    if (!pop(cpu, &target))
        return false;
    cpu->ended = target == RUN_RETURN && cpu->registers[RSP] == RUN_STACK_TOP;
    cpu->ip = target - in->at;
    return true;
}

static bool do_leave(struct instruction *in)
{
    in->cpu->registers[RSP] = in->cpu->registers[RBP];
    return pop(in->cpu, &in->cpu->registers[RBP]);
}

static bool do_nothing(struct instruction *in)
{
    return in->opcode == 0x90 || modrm(in);
}

/* --- 16 bytes at a time ---------------------------------------------------------------- */

static bool vector_get(struct instruction *in, unsigned size, uint64_t out[2])
{
    unsigned char bytes[16] = { 0 };
    if (in->is_register) {
        memmove(out, in->cpu->vectors[in->rm], 16); /* may be the same */
        return true;
    }
    if (!run_load(in->cpu->run, place(in), bytes, size))
        return false;
    out[0] = image_number(bytes, 8);
    out[1] = image_number(bytes + 8, 8);
    return true;
}

static bool do_vector_in(struct instruction *in)
{
    return modrm(in) && vector_get(in, 16, in->cpu->vectors[in->reg]);
}

static bool do_vector_out(struct instruction *in)
{
    unsigned char bytes[16];
    if (!modrm(in))
        return false;
    const uint64_t *own = in->cpu->vectors[in->reg];
    if (in->is_register) {
        memmove(in->cpu->vectors[in->rm], own, 16);
        return true;
    }
    for (unsigned i = 0; i < 16; i++)
        bytes[i] = (unsigned char)(own[i / 8] >> (8 * (i % 8)));
    return run_store(in->cpu->run, place(in), bytes, 16);
}

/* movq xmm, r/m64 (66 REX.W 0f 6e) and movq xmm, xmm/m64 (f3 0f 7e) */
static bool do_quad_in(struct instruction *in)
{
    uint64_t both[2] = { 0, 0 };
    if (!modrm(in))
        return false;
    if (in->opcode == 0x16e && (!in->rex_w || !in->operand_16))
        return false;
    if (in->opcode == 0x16e && in->is_register)
        both[0] = in->cpu->registers[in->rm];
    else if (!vector_get(in, 8, both))
        return false;
    in->cpu->vectors[in->reg][0] = both[0];
    in->cpu->vectors[in->reg][1] = 0;
    return true;
}

/* movq m64, xmm (66 0f d6) */
static bool do_quad_out(struct instruction *in)
{
    in->size = 8;
    return modrm(in) && !in->is_register && operand_set(in, in->cpu->vectors[in->reg][0]);
}

/* movhps xmm, m64 (0f 16) and punpcklqdq xmm, xmm/m128 (66 0f 6c): the upper half */
static bool do_upper_in(struct instruction *in)
{
    uint64_t both[2];
    if (!modrm(in) || (in->opcode == 0x116 && in->is_register)
        || !vector_get(in, in->opcode == 0x116 ? 8 : 16, both))
        return false;
    in->cpu->vectors[in->reg][1] = both[0];
    return true;
}

static bool do_vector_xor(struct instruction *in)
{
    uint64_t both[2];
    if (!modrm(in) || !vector_get(in, 16, both))
        return false;
    in->cpu->vectors[in->reg][0] ^= both[0];
    in->cpu->vectors[in->reg][1] ^= both[1];
    return true;
}

/* --- the table ------------------------------------------------------------------------- */

enum prefix { ANY, PLAIN, P66, PF3 };

/* Opcodes of two bytes are 0x100 and the second. */
static const struct {
    unsigned first, last;
    enum prefix prefix;
    bool (*run)(struct instruction *in);
} opcodes[] = {
    { 0x01, 0x01, PLAIN, do_arithmetic },
    { 0x03, 0x03, PLAIN, do_arithmetic },
    { 0x21, 0x21, PLAIN, do_arithmetic },
    { 0x23, 0x23, PLAIN, do_arithmetic },
    { 0x29, 0x29, PLAIN, do_arithmetic },
    { 0x2b, 0x2b, PLAIN, do_arithmetic },
    { 0x31, 0x31, PLAIN, do_arithmetic },
    { 0x33, 0x33, PLAIN, do_arithmetic },
    { 0x39, 0x39, PLAIN, do_arithmetic },
    { 0x3b, 0x3b, PLAIN, do_arithmetic },
    { 0x50, 0x57, PLAIN, do_push },
    { 0x58, 0x5f, PLAIN, do_pop },
    { 0x68, 0x68, PLAIN, do_push_immediate },
    { 0x6a, 0x6a, PLAIN, do_push_immediate },
    { 0x74, 0x75, PLAIN, do_jump_if },
    { 0x81, 0x81, PLAIN, do_arithmetic_immediate },
    { 0x83, 0x83, PLAIN, do_arithmetic_immediate },
    { 0x84, 0x85, PLAIN, do_test },
    { 0x88, 0x88, PLAIN, do_move_out },
    { 0x89, 0x89, ANY, do_move_out },
    { 0x8b, 0x8b, PLAIN, do_move_in },
    { 0x8d, 0x8d, PLAIN, do_lea },
    { 0x90, 0x90, ANY, do_nothing },
    { 0xb8, 0xbf, PLAIN, do_move_register },
    { 0xc3, 0xc3, PLAIN, do_return },
    { 0xc6, 0xc7, ANY, do_move_immediate },
    { 0xc9, 0xc9, PLAIN, do_leave },
    { 0xe8, 0xe8, PLAIN, do_call },
    { 0xe9, 0xe9, PLAIN, do_jump },
    { 0xeb, 0xeb, PLAIN, do_jump },
    { 0xff, 0xff, PLAIN, do_push_memory },
    { 0x110, 0x110, PLAIN, do_vector_in },  /* movups */
    { 0x111, 0x111, PLAIN, do_vector_out }, /* movups */
    { 0x116, 0x116, PLAIN, do_upper_in },   /* movhps */
    { 0x11e, 0x11f, ANY, do_nothing },      /* endbr64, nop */
    { 0x128, 0x128, PLAIN, do_vector_in },  /* movaps */
    { 0x129, 0x129, PLAIN, do_vector_out }, /* movaps */
    { 0x157, 0x157, PLAIN, do_vector_xor }, /* xorps */
    { 0x16c, 0x16c, P66, do_upper_in },     /* punpcklqdq */
    { 0x16e, 0x16e, P66, do_quad_in },      /* movq xmm, r/m64 */
    { 0x16f, 0x16f, P66, do_vector_in },    /* movdqa */
    { 0x16f, 0x16f, PF3, do_vector_in },    /* movdqu */
    { 0x17e, 0x17e, PF3, do_quad_in },      /* movq xmm, xmm/m64 */
    { 0x17f, 0x17f, P66, do_vector_out },   /* movdqa */
    { 0x17f, 0x17f, PF3, do_vector_out },   /* movdqu */
    { 0x184, 0x185, PLAIN, do_jump_if },
    { 0x1b6, 0x1b6, PLAIN, do_move_byte }, /* movzx */
    { 0x1d6, 0x1d6, P66, do_quad_out },    /* movq m64, xmm */
    { 0x1ef, 0x1ef, P66, do_vector_xor },  /* pxor */
};

/* Prefixes and opcode. */
static bool prefixes(struct instruction *in)
{
    uint64_t byte;
    for (;;) {
        if (!immediate(in, 1, &byte))
            return false;
        byte &= 0xff;
        if (byte == 0x66)
            in->operand_16 = true;
        else if (byte == 0xf3)
            in->repeat = true;
        else if (byte != 0x2e) /* cs, in padding */
            break;
    }
    if ((byte & 0xf0) == 0x40) {
        in->rex_w = byte & 8;
        in->rex_r = byte >> 2 & 1;
        in->rex_x = byte >> 1 & 1;
        in->rex_b = byte & 1;
        if (!immediate(in, 1, &byte))
            return false;
    }
    in->opcode = (unsigned)byte & 0xff;
    if (in->opcode == 0x0f) {
        if (!immediate(in, 1, &byte))
            return false;
        in->opcode = 0x100 | ((unsigned)byte & 0xff);
    }
    in->size = in->rex_w ? 8 : in->operand_16 ? 2 : 4;
    return true;
}

static bool prefix_fits(const struct instruction *in, enum prefix wanted)
{
    switch (wanted) {
    case ANY:
        return true;
    case PLAIN:
        return !in->operand_16 && !in->repeat;
    case P66:
        return in->operand_16 && !in->repeat;
    case PF3:
        return in->repeat;
    }
    return false;
}

static bool step(struct cpu *cpu)
{
    struct instruction in = { .cpu = cpu };
    in.length = run_code(cpu->run, cpu->ip, in.code);
    if (!in.length)
        return false;
    if (in.length > CODE_BYTES_MAX)
        in.length = CODE_BYTES_MAX;
    bool done = false;
    if (prefixes(&in)) {
        for (size_t i = 0; i < ROWS(opcodes) && !done; i++) {
            if (in.opcode < opcodes[i].first || in.opcode > opcodes[i].last
                || !prefix_fits(&in, opcodes[i].prefix))
                continue;
            if (!opcodes[i].run(&in))
                break;
            done = true;
        }
    }
    if (!done && !cpu->run->why[0])
        (void)snprintf(cpu->run->why, sizeof cpu->run->why,
                       "unknown instruction %02x %02x %02x at 0x%llx", in.code[0],
                       in.length > 1 ? in.code[1] : 0U, in.length > 2 ? in.code[2] : 0U,
                       (unsigned long long)cpu->ip);
    cpu->ip += in.at;
    return done;
}

bool run_x86_64(struct run *run, uint64_t address)
{
    struct cpu cpu = { .run = run, .ip = address };
    cpu.registers[RSP] = RUN_STACK_TOP;
    if (!push(&cpu, RUN_RETURN))
        return false;
    for (run->steps = 0; run->steps < RUN_STEPS_MAX; run->steps++) {
        if (!step(&cpu))
            return false;
        if (cpu.ended) {
            run->result = cpu.registers[RAX];
            return true;
        }
    }
    (void)snprintf(run->why, sizeof run->why, "no end after %u instructions", RUN_STEPS_MAX);
    return false;
}
