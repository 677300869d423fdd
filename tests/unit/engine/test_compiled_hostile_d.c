/* Broken libraries of layout d: see hostile.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hostile.h"

HOSTILE_PROGRAM("d", LAYOUT_D, "-s")
