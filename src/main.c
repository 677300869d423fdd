/* qwguard: runs the hidden children first (they load drivers and must not share anything with the
 * rest), then the command that the command line names. */
#include <string.h>

#include "cli/command.h"
#include "machine/probe.h"
#include "platform/self.h"

int main(int argc, char **argv)
{
    self_streams_hold();
    if (argc == 2 && strcmp(argv[1], PROBE_CHILD_ARGUMENT) == 0)
        return probe_child_main();
    return command_main(argc, argv);
}
