/* Broken libraries of layout b, unsorted: see hostile.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hostile.h"

HOSTILE_PROGRAM("b, unsorted", LAYOUT_B, "-Wl,-z,nocombreloc")
