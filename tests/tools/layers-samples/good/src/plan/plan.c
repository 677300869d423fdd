#include "plan/plan.h"

#include <elf.h>
#include <jansson.h>
#include <stdio.h>
#include <yaml.h>

#include "base/err.h"
#include "engine/engine.h"
#include "plan/plan_private.h"
/* #include "cli/command.h", #include <unistd.h>, getenv("HOME"), #ifdef _WIN32 */
static const char *text = "getenv(1)";
int plan(struct os *os)
{
    return os->getenv(text);
}
