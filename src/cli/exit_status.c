/* The one place where a kind of failure becomes an exit status (contract §2; sysexits.h, env(1)).
 */
#include "cli/command.h"

int exit_status_of(const struct err *err)
{
    static const int rows[] = {
        [ERR_NONE] = 0,         [ERR_USAGE] = 64,      [ERR_DATA] = 65,      [ERR_NO_INPUT] = 66,
        [ERR_UNAVAILABLE] = 69, [ERR_SYSTEM] = 70,     [ERR_CREATE] = 73,    [ERR_DENIED] = 77,
        [ERR_CONFIG] = 78,      [ERR_NOT_FOUND] = 127, [ERR_NOT_EXEC] = 126, [ERR_GONE] = 70,
    };
    return (size_t)err->kind < ROWS(rows) ? rows[err->kind] : 70;
}
