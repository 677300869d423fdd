/* incident_private.h: what the files of this room share: words, the record's names, small texts.
 * Room: incident. */
#ifndef QWGUARD_INCIDENT_INCIDENT_PRIVATE_H
#define QWGUARD_INCIDENT_INCIDENT_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incident/incident.h"
#include "platform/state.h"

#define INCIDENT_SCHEMA "qwguard.incident/1"
#define INCIDENTS_FOLDER "incidents"
#define NEW_FOLDER ".new"    /* below the former: folders being written */
#define ASIDE_FOLDER ".torn" /* folders whose record is torn: for whoever wants to look */
#define RESERVE_FILE ".reserve"
/* A record, a page and a log tail with their blocks. */
#define RESERVE_BYTES ((uint64_t)512 * 1024)
#define ASIDE_KEPT 5
#define RECORD_FILE "incident.json"
#define REPORT_FILE "report.html"
#define LOG_FILE "app.log"
/* A record without its timeline has some 10 KiB at 50 processes; the rest is the timeline. */
#define RECORD_MAX_BYTES ((size_t)64 * 1024)
/* What is read at most: a record with very long arguments is still one of ours. */
#define RECORD_READ_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define LOG_READ_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define REPORT_MAX_BYTES ((size_t)150 * 1024)
#define TIME_BYTES 24

/* words.c */

/* Place of a word in a table, or count when it is none of them. */
size_t word_find(const char *const *words, size_t count, const char *word);
/* The word's role; ROLE_COUNT when it is none. */
enum process_role process_role_of(const char *word);
/* The word's attribution; ATTRIBUTION_COUNT when it is none. */
enum attribution attribution_of(const char *word);
/* Why it was acted, as a clause: "one process over 4.00 GiB (process-limit)". */
const char *reason_clause(struct arena *arena, const struct incident *incident);
/* What leaked, as a clause: "GPU memory held in the app's own process"; or that nothing did. */
const char *cause_clause(const struct incident *incident);
/* What a developer looks at next; NULL = nothing better than the report itself. */
const char *attribution_advice(enum attribution attribution);
/* "kiosk, Qt WebEngine 6.8.2 (Chromium 122.0…), NVIDIA 550.78": what is known of it. */
const char *subject_clause(struct arena *arena, const struct incident *incident);
/* What was done, one entry a kind of action, in order: "stop 6 processes after 1.1 ms". */
void done_clauses(struct arena *arena, const struct incident *incident, struct strings *out);
/* What comes next, one sentence an entry. */
void next_clauses(struct arena *arena, const struct incident *incident, struct strings *out);
/* How a process came to its end: "first", "with the tree", or "" (not by us). */
const char *ended_text(const struct incident *incident, int64_t pid);
/* Signed time from the crossing: "-30 min", "+1.1 ms", "0 s". */
const char *offset_text(char *out, size_t size, int64_t t_ns);
/* The processes by resident memory, largest first: pointers into the incident. */
const struct incident_process **processes_sorted(struct arena *arena,
                                                 const struct incident *incident);

/* plain.c */

/* One line that is safe to show: cleaned, line breaks and tabs as spaces; ascii: anything beyond
 * ASCII as '?'. NULL gives "". */
const char *plain(struct arena *arena, const char *text, bool ascii);
/* At most so many columns, the end marked when something was cut. */
const char *plain_cut(struct arena *arena, const char *text, size_t columns, bool ascii);

/* record.c */

/* The record as the text of its file: one member a line, one row of a list a line. */
const char *record_text(struct arena *arena, const json_t *record);
/* The same, with the timeline thinned out until the text has at most RECORD_MAX_BYTES. */
const char *record_bounded(struct arena *arena, const struct incident *incident);
/* The first members of a record's file without reading the rest. Returns false when it must be read
 * as JSON: not in the form of record_text(), or escapes in it. */
bool record_head(struct arena *arena, const char *head, struct incident_row *out);

/* list.c */

/* Can the record be listed? */
bool record_is_whole(struct arena *arena, const struct state_folder *held, const char *incidents,
                     const char *id);

/* ids.c */

/* An id is time, pid and number: "20261123T101502Z-4711-2". */
struct id_parts {
    char time[16 + 1];
    uint64_t pid;
    uint64_t number; /* 1 when there is none */
};

/* Take an id apart. Returns false when it is none. */
bool id_parse(const char *id, struct id_parts *out);
/* Names of folders that are ids, oldest first. Returns 0 (also when there is no folder), or -1. */
int ids_list(struct arena *arena, const char *state_dir, struct strings *out,
             struct strings *foreign, struct err *err);
/* Seconds since 1970 of "2026-11-23T10:15:02Z". Returns false when it is no such time. */
bool time_parse(const char *text, uint64_t *out_s);

/* graph.c */

/* The graph of one screen, several lines, indented by nothing. */
void graph_text(struct text *out, const struct incident *incident, unsigned width, bool color,
                bool ascii);

/* What a graph spans. */
struct graph_range {
    int64_t from_ns, to_ns; /* to > from */
    uint64_t top_bytes;     /* of the vertical axis, > 0 */
};

/* Range of the timeline and of the actions, up to the limit or the largest value. */
struct graph_range graph_range_of(const struct incident *incident);
/* Where in the range a time lies, 0 to 1. */
double graph_share(const struct graph_range *range, int64_t t_ns);
/* Largest values in a stretch of time; without a sample in it (not known) those before it. */
struct graph_column {
    uint64_t tree_bytes, largest_bytes;
    bool known;
};
/* Fill count > 0 columns from the timeline; nothing after the last sample. */
void graph_columns(const struct incident *incident, const struct graph_range *range,
                   struct graph_column *columns, size_t count);

/* moments.c */

/* Something that a graph marks: what was done, a known message in the log. */
struct moment {
    int64_t t_ns;
    const char *word; /* of the action, or the signature's name */
    bool is_log;
};

#define MOMENTS_MAX 32
struct moments {
    struct moment items[MOMENTS_MAX]; /* by time */
    size_t count;
};

/* The first of every kind of action, the first line of every known message. */
void moments_of(const struct incident *incident, struct moments *out);

/* facts.c */

/* What was known before the start, of which the caller disposes; NULL when there is none, or it
 * cannot be read. */
json_t *facts_parse(const struct incident *incident);
/* What was known before the start, as lines for people ("machine" -> "NVIDIA"), then the
 * variables that the plan set. */
void fact_lines(struct arena *arena, const struct incident *incident, struct variables *out);
/* All that was known before the start, as JSON for people; NULL when there is none. */
const char *facts_json(struct arena *arena, const struct incident *incident);

/* svg.c */

/* The graph of a range as an SVG element that takes its colours from the page's style. */
void graph_svg(struct text *out, const struct incident *incident, const struct graph_range *range);
/* The moments around the crossing. Returns false when the whole graph shows them well enough. */
bool graph_range_close(const struct incident *incident, const struct graph_range *whole,
                       struct graph_range *out);

/* page.c */

/* Append text with everything escaped that means something in HTML; cleaned. */
void html_text(struct text *out, const char *text);

#endif
