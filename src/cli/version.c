/* What `qwguard --version` prints: the version, the libraries and the data that were built in. The
 * only object that depends on the revision, so that a commit does not rebuild the rest. */
#include "cli/version.h"

#include <stdio.h>

#include <jansson.h>
#include <yaml.h>

#include "base/embedded.h"
#include "base/text.h"

#ifndef QWGUARD_VERSION
#define QWGUARD_VERSION "0"
#endif

void version_print(void)
{
    size_t profiles = 0, rules = 0;
    for (size_t i = 0; i < embedded_file_count; i++) {
        if (text_starts(embedded_files[i].path, "profiles/rules/"))
            rules++;
        else
            profiles++;
    }
    printf("qwguard %s\n", QWGUARD_VERSION);
#ifdef QWGUARD_BUILD
    printf("build     %s\n", QWGUARD_BUILD);
#endif
    printf("libraries libyaml %s, jansson %s\n", yaml_get_version_string(), JANSSON_VERSION);
    printf("built in  %zu profile files, GPU lists of %zu Chromium versions\n", profiles, rules);
}
