/* Broken libraries of layout filled: see hostile.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hostile.h"

HOSTILE_PROGRAM("filled", LAYOUT_C, "-DFILLED=1")
