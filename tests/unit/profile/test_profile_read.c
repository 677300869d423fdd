/* Files of profiles as people write them wrong: every fault with its place and its words, and what
 * is right in the same file goes on working. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "profile_rows.h"
#include "rows.h"

#define FILE_HEAD "version: 1\nprofiles:\n"
#define ID "  - id: a\n"
#define TITLE "    title: T\n"
#define EVIDENCE "    evidence: [https://example.org/1]\n"
#define SURE "    confidence: low\n"
#define HEAD FILE_HEAD ID TITLE EVIDENCE SURE /* six lines */
#define MATCH "    match: {all: [gpu.vendor: nvidia]}\n"
#define LADDER "    ladder: [gpu-off]\n"
#define SKIPPED "; profile 'a' is skipped"

static struct arena arena;

static const struct {
    const char *label, *yaml, *want;
    size_t kept;
} rows[] = {
    { "good", HEAD MATCH LADDER, "", 1 },
    { "no list at all", "version: 1\n", "f.yaml:1:1: 'profiles' wants a list; the file is skipped",
      0 },
    { "empty", "", "f.yaml:1:1: 'version: 1' is missing; the file is skipped", 0 },
    { "a list", "- a\n",
      "f.yaml:1:1: a file of profiles is a mapping, not a list; the file is skipped", 0 },
    { "version 2", "version: 2\nprofiles: []\n",
      "f.yaml:1:10: only version 1 is known; the file is skipped", 0 },
    { "unknown key of the file", "version: 1\nprofile: []\nprofiles: []\n",
      "f.yaml:2:1: unknown key 'profile' (did you mean 'profiles'?)", 0 },
    { "a profile that is a word", FILE_HEAD "  - a\n",
      "f.yaml:3:5: a profile is a mapping, not a string; it is skipped", 0 },
    { "no id", FILE_HEAD "  - title: T\n    evidence: [https://example.org/1]\n" SURE MATCH LADDER,
      "f.yaml:3:5: 'id' is missing; this profile is skipped", 0 },
    { "bad id", FILE_HEAD "  - id: A_b\n" TITLE EVIDENCE SURE MATCH LADDER,
      "f.yaml:3:9: id 'A_b' wants small letters, digits and single dashes, at most 64; this "
      "profile is skipped",
      0 },
    { "no title", FILE_HEAD ID EVIDENCE SURE MATCH LADDER, "f.yaml:3:5: 'title' is missing" SKIPPED,
      0 },
    { "empty title", FILE_HEAD ID "    title: ''\n" EVIDENCE SURE MATCH LADDER,
      "f.yaml:4:12: 'title' wants a string, not nothing" SKIPPED, 0 },
    { "title of two lines", FILE_HEAD ID "    title: \"a\\nb\"\n" EVIDENCE SURE MATCH LADDER,
      "f.yaml:4:12: 'title' wants one line of at most 200 bytes without control "
      "characters" SKIPPED,
      0 },
    { "no evidence", FILE_HEAD ID TITLE SURE MATCH LADDER,
      "f.yaml:3:5: 'evidence' is missing" SKIPPED, 0 },
    { "empty evidence", FILE_HEAD ID TITLE "    evidence: []\n" SURE MATCH LADDER,
      "f.yaml:5:15: 'evidence' wants a list of 1 to 32 addresses of public pages" SKIPPED, 0 },
    { "evidence that is no address",
      FILE_HEAD ID TITLE "    evidence: [I saw it]\n" SURE MATCH LADDER,
      "f.yaml:5:16: 'I saw it' is no address of a public page (https://…)" SKIPPED, 0 },
    { "evidence that is a file",
      FILE_HEAD ID TITLE "    evidence: ['file:///etc/passwd']\n" SURE MATCH LADDER,
      "f.yaml:5:16: 'file:///etc/passwd' is no address of a public page (https://…)" SKIPPED, 0 },
    { "no confidence", FILE_HEAD ID TITLE EVIDENCE MATCH LADDER,
      "f.yaml:3:5: 'confidence' is missing" SKIPPED, 0 },
    { "wrong confidence", FILE_HEAD ID TITLE EVIDENCE "    confidence: hihg\n" MATCH LADDER,
      "f.yaml:6:17: confidence 'hihg' is none of high, medium, low (did you mean "
      "'high'?)" SKIPPED,
      0 },
    { "no match", HEAD LADDER, "f.yaml:3:5: 'match' is missing" SKIPPED, 0 },
    { "no help", HEAD MATCH, "f.yaml:3:5: neither 'ladder' nor 'advice' nor 'app' is there" SKIPPED,
      0 },
    { "incident without a ladder", HEAD MATCH "    when: incident\n    advice: reboot\n",
      "f.yaml:3:5: 'when: incident' wants a ladder" SKIPPED, 0 },
    { "wrong when", HEAD MATCH LADDER "    when: later\n",
      "f.yaml:9:11: when 'later' is none of start, incident" SKIPPED, 0 },
    { "unknown key", HEAD MATCH LADDER "    evidense: 1\n",
      "f.yaml:9:5: unknown key 'evidense' (did you mean 'evidence'?)" SKIPPED, 0 },
    { "unknown key like none", HEAD MATCH LADDER "    command: rm\n",
      "f.yaml:9:5: unknown key 'command'" SKIPPED, 0 },
    { "disabled that is a word", HEAD MATCH LADDER "    disabled: maybe\n",
      "f.yaml:9:15: 'disabled' wants true or false, not a string" SKIPPED, 0 },
    { "disabled needs only its id", FILE_HEAD "  - {id: a, disabled: true}\n", "", 1 },
    { "disabled: false is a profile", FILE_HEAD "  - {id: a, disabled: false, title: T}\n",
      "f.yaml:3:5: 'evidence' is missing" SKIPPED "\nf.yaml:3:5: 'confidence' is missing" SKIPPED
      "\nf.yaml:3:5: 'match' is missing" SKIPPED
      "\nf.yaml:3:5: neither 'ladder' nor 'advice' nor 'app' is there" SKIPPED,
      0 },
    { "the same id twice", HEAD MATCH LADDER "  - {id: a, disabled: true}\n",
      "f.yaml:9:5: id 'a' stands here twice (first in line 3)" SKIPPED, 1 },
    { "every fault is said",
      FILE_HEAD ID "    title: []\n    evidence: x\n    confidence: 1\n    match: 1\n"
                   "    ladder: 1\n",
      "f.yaml:4:12: 'title' wants a string, not a list" SKIPPED
      "\nf.yaml:5:15: 'evidence' wants a list of 1 to 32 addresses of public pages" SKIPPED
      "\nf.yaml:6:17: confidence '1' is none of high, medium, low" SKIPPED
      "\nf.yaml:7:12: 'match' wants all, any or none, not a number" SKIPPED
      "\nf.yaml:8:13: 'ladder' wants a list of 1 to 16 rungs" SKIPPED,
      0 },
    { "a broken one between good ones",
      HEAD MATCH LADDER
      "  - {id: b}\n"
      "  - id: c\n    title: T\n    evidence: [https://example.org/1]\n    confidence: low\n" MATCH
          LADDER,
      "f.yaml:9:5: 'title' is missing; profile 'b' is skipped\n"
      "f.yaml:9:5: 'evidence' is missing; profile 'b' is skipped\n"
      "f.yaml:9:5: 'confidence' is missing; profile 'b' is skipped\n"
      "f.yaml:9:5: 'match' is missing; profile 'b' is skipped\n"
      "f.yaml:9:5: neither 'ladder' nor 'advice' nor 'app' is there; profile 'b' is skipped",
      2 },
};

static void test_profile_file_read_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct report report = { .arena = &arena };
        struct profiles profiles;
        profiles_of(&arena, rows[i].yaml, &report, &profiles);
        rows_report(rows[i].label, &report, rows[i].want);
        rows_number(rows[i].label, (long long)profiles.count, (long long)rows[i].kept);
    }
    rows_done();
}

static void test_profile_file_read_when_good_keeps_all_parts(void **state)
{
    struct profiles profiles;
    (void)state;
    profiles_of(&arena,
                FILE_HEAD "  - id: a-b2\n    title: A title\n"
                          "    evidence: [https://example.org/1, http://example.org/2]\n"
                          "    confidence: medium\n"
                          "    match: {all: [gpu.vendor: nvidia, os.name: linux]}\n"
                          "    when: incident\n"
                          "    ladder: [webgl-off, gpu-off]\n"
                          "    advice: [reboot, 'install:mesa-utils']\n",
                NULL, &profiles);
    const struct profile *profile = profiles.items[0];
    assert_string_equal(profile->id, "a-b2");
    assert_string_equal(profile->title, "A title");
    assert_string_equal(profile->confidence, "medium");
    assert_string_equal(profile->file, "f.yaml");
    assert_int_equal(profile->at.line, 3);
    assert_int_equal(profile->specificity, 2);
    assert_false(profile->applies_at_start);
    assert_int_equal(profile->ladder_count, 2);
    rows_strings("evidence", &profile->evidence, "https://example.org/1 http://example.org/2");
    rows_strings("advice", &profile->advice, "reboot install:mesa-utils");
    rows_done();
}

static int arena_end(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profile_file_read_rows),
        cmocka_unit_test(test_profile_file_read_when_good_keeps_all_parts),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
