/* A report is a list of findings with their places, so that one run over a user's files names every
 * fault in them and not only the first. */
#include "base/report.h"

#include <stdarg.h>

void report_add(struct report *report, enum finding_level level, struct place at,
                const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct finding finding = { .level = level, .at = at };
    finding.at.file = arena_strdup(report->arena, at.file);
    finding.text = arena_vprintf(report->arena, format, args);
    va_end(args);
    ARENA_PUSH(report->arena, report, finding);
    if (level == FINDING_ERROR)
        report->error_count++;
}

int report_to_err(const struct report *report, enum err_kind kind, struct err *err)
{
    for (size_t i = 0; i < report->count; i++) {
        if (report->items[i].level != FINDING_ERROR)
            continue;
        err_set_at(err, report->items[i].at, "%s", report->items[i].text);
        err->kind = kind;
        return -1;
    }
    return 0;
}
