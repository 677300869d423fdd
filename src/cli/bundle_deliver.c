/* Making a bundle and writing it, for `incident export` and `doctor --report`. */
#include <stdio.h>

#include "base/json.h"
#include "cli/doctor.h"
#include "incident/bundle.h"
#include "platform/file.h"
#include "platform/person.h"

#define FILE_MODE 0600U /* what was missed in it is for its owner to see first */

int bundle_deliver(struct context *context, struct bundle *bundle, struct err *err)
{
    struct arena *arena = context->arena;
    struct doctor_lines lines = { 0 };
    struct person person = person_get(arena);
    struct redact_names names = { person.home, person.user, person.host,
                                  bundle->incident ? bundle->incident->app_name : NULL };
    const char *bytes, *output = option_value(context, "output");
    size_t length;
    doctor_look(context, &lines);
    CLEANUP(json_freep) json_t *doctor = doctor_to_json(&lines);
    bundle->doctor = doctor;
    bundle->names = option_given(context, "raw") ? NULL : &names;
    if (bundle_make(arena, bundle, &bytes, &length, err) < 0)
        return -1;
    if (text_equal(output, "-")) {
        if (fwrite(bytes, 1, length, stdout) != length || fflush(stdout) != 0)
            return err_set(err, ERR_CREATE, "standard output takes no more");
        return 0;
    }
    if (!output)
        output = arena_printf(arena, "%s.tar.gz", bundle->name);
    if (file_write(output, bytes, length, FILE_MODE, false, err) < 0)
        return -1;
    if (!context->quiet)
        printf("%s\n", output);
    return 0;
}
