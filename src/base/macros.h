/* macros.h: the few compiler extensions that the house uses, each behind one name.
 * Room: base. Nothing here allocates or fails. */
#ifndef QWGUARD_BASE_MACROS_H
#define QWGUARD_BASE_MACROS_H

#if defined(__MINGW32__) && !defined(__clang__)
#define PRINTF_LIKE(f, a) __attribute__((format(gnu_printf, f, a)))
#else
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#endif

/* Runs function(&variable) when the variable goes out of scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* Number of rows of an array whose size the compiler knows. */
#define ROWS(array) (sizeof(array) / sizeof((array)[0]))

#define KIB_BYTES (1024ULL)
#define MIB_BYTES (1024ULL * KIB_BYTES)
#define GIB_BYTES (1024ULL * MIB_BYTES)

#define US_NS (1000ULL)
#define MS_NS (1000ULL * US_NS)
#define SECOND_NS (1000ULL * MS_NS)

#endif
