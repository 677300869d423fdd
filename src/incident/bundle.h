/* bundle.h: one archive for a bug report: an incident, what the doctor says, or both.
 * Room: incident. */
#ifndef QWGUARD_INCIDENT_BUNDLE_H
#define QWGUARD_INCIDENT_BUNDLE_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "incident/incident.h"
#include "incident/redact.h"

/* What goes into it. */
struct bundle {
    const char *name;                /* folder inside the archive */
    const struct incident *incident; /* NULL = none */
    const char *log;                 /* raw bytes; NULL = none */
    size_t log_bytes;
    const json_t *doctor;             /* what `qwguard doctor --json` says; NULL = left out */
    const struct redact_names *names; /* what is taken out beside secrets; NULL = nothing at all is
                                         taken out: the bundle is raw */
};

/**
 * Make the archive (tar.gz): incident.json, report.html, summary.txt, app.log, doctor.json, and a
 * README.txt that says what was taken out.
 *
 * out       in the arena
 * returns   0, or -1 and ERR_DATA / ERR_SYSTEM
 */
int bundle_make(struct arena *arena, const struct bundle *bundle, const char **out,
                size_t *out_length, struct err *err);

#endif
