/* Who uses this machine on Linux. */
#include "platform/person.h"

#include <pwd.h>
#include <unistd.h>

#include "platform/env.h"

#define HOST_BYTES 256

struct person person_get(struct arena *arena)
{
    char host[HOST_BYTES] = "";
    const struct passwd *entry = getpwuid(geteuid());
    const char *home = env_get("HOME");
    struct person person = {
        .home = arena_strdup(arena, home && *home == '/' ? home
                                    : entry              ? entry->pw_dir
                                                         : NULL),
        .user = arena_strdup(arena, entry ? entry->pw_name : env_get("USER")),
    };
    if (gethostname(host, sizeof host - 1) == 0 && *host)
        person.host = arena_strdup(arena, host);
    return person;
}
