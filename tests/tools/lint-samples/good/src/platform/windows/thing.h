/* thing.h: of another system, so it is not compiled here. */
#include <windows.h>
