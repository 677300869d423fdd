/* Folders written, written again, named apart, refused, and given up when there are too many. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "incident/incident_private.h"
#include "platform/file.h"
#include "sample.h"

static unsigned mode_of(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 ? info.st_mode & 07777 : 0;
}

static const char *content(struct arena *arena, const char *folder, const char *name)
{
    struct err err;
    const char *bytes;
    if (file_read(arena, path_join(arena, folder, name), 1 << 20, &bytes, NULL, &err) < 0)
        return "";
    return bytes;
}

static size_t entries(struct arena *arena, const char *folder)
{
    struct strings names = { 0 };
    struct err err;
    return folder_list(arena, folder, &names, &err) == 0 ? names.count : 0;
}

static void test_write_when_new_then_three_private_files(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    struct incident back, incident = sample_incident(&arena, 3, 10);
    const char *path, *found, *state_dir = path_join(&arena, sample_folder(&arena), "deep/state");
    const char *incidents = path_join(&arena, state_dir, "incidents");
    (void)state;
    incident_name(&arena, state_dir, &incident, &path);
    assert_string_equal(incident.id, "20261123T101502Z-4711");
    assert_int_equal(incident_write(state_dir, &incident, "one\ntwo\xff\n", 9, &err), 0);
    assert_int_equal(entries(&arena, path), 3);
    assert_int_equal(mode_of(path), 0700);
    assert_int_equal(mode_of(incidents), 0700);
    assert_int_equal(mode_of(path_join(&arena, path, "incident.json")), 0600);
    assert_int_equal(mode_of(path_join(&arena, path, "report.html")), 0600);
    assert_int_equal(mode_of(path_join(&arena, path, "app.log")), 0600);
    assert_string_equal(content(&arena, path, "app.log"), "one\ntwo\xff\n");
    assert_non_null(strstr(content(&arena, path, "report.html"), "one\ntwo\xef\xbf\xbd"));
    assert_int_equal(entries(&arena, path_join(&arena, incidents, ".new")), 0);
    assert_int_equal(incident_load(&arena, state_dir, "last", &back, &found, &err), 0);
    assert_string_equal(found, path);
    assert_int_equal(back.process_count, 3);
    arena_clear(&arena);
}

static void test_write_when_again_then_record_new_and_log_kept(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    struct incident back, incident = sample_incident(&arena, 3, 10);
    const char *path, *state_dir = sample_folder(&arena);
    (void)state;
    incident.restarted_ns.known = false;
    incident_name(&arena, state_dir, &incident, &path);
    assert_int_equal(incident_write(state_dir, &incident, "the log\n", 8, &err), 0);
    incident.restarted_ns = (struct maybe_u64){ true, 1234567 };
    assert_int_equal(incident_write(state_dir, &incident, NULL, 0, &err), 0);
    assert_int_equal(entries(&arena, path), 3);
    assert_string_equal(content(&arena, path, "app.log"), "the log\n");
    assert_non_null(strstr(content(&arena, path, "report.html"), "the log"));
    assert_int_equal(incident_load(&arena, state_dir, incident.id, &back, NULL, &err), 0);
    assert_int_equal(back.restarted_ns.value, 1234567);
    arena_clear(&arena);
}

static void test_name_when_taken_then_numbered(void **state)
{
    static const char *const want[] = { "20261123T101502Z-4711", "20261123T101502Z-4711-2",
                                        "20261123T101502Z-4711-3" };
    struct arena arena = { 0 };
    struct err err;
    const char *path, *state_dir = sample_folder(&arena);
    (void)state;
    for (size_t i = 0; i < ROWS(want); i++) {
        struct incident incident = sample_incident(&arena, 1, 2);
        incident_name(&arena, state_dir, &incident, &path);
        assert_string_equal(incident.id, want[i]);
        assert_string_equal(path_name(path), want[i]);
        assert_int_equal(incident_write(state_dir, &incident, NULL, 0, &err), 0);
    }
    arena_clear(&arena);
}

static void test_write_when_folders_are_links_then_refused(void **state)
{
    struct arena arena = { 0 };
    struct err err = { 0 };
    struct incident incident = sample_incident(&arena, 1, 2);
    const char *state_dir = sample_folder(&arena), *elsewhere = sample_folder(&arena);
    const char *incidents = path_join(&arena, state_dir, "incidents");
    (void)state;
    assert_int_equal(symlink(elsewhere, incidents), 0);
    assert_int_equal(incident_write(state_dir, &incident, NULL, 0, &err), -1);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_int_equal(entries(&arena, elsewhere), 0);
    assert_int_equal(unlink(incidents), 0);
    assert_int_equal(folder_make_private(incidents, &err), 0);
    assert_int_equal(symlink(elsewhere, path_join(&arena, incidents, incident.id)), 0);
    assert_int_equal(incident_write(state_dir, &incident, NULL, 0, &err), -1);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_int_equal(entries(&arena, elsewhere), 0);
    arena_clear(&arena);
}

/* A limit on the size of files stands for the full disk: the write of the page fails half-way. */
static void test_write_when_disk_is_full_then_nothing_is_left(void **state)
{
    struct arena arena = { 0 };
    struct err err = { 0 };
    struct rlimit old, small;
    struct incident incident = sample_incident(&arena, 50, 1024);
    const char *path, *state_dir = sample_folder(&arena);
    const char *incidents = path_join(&arena, state_dir, "incidents");
    (void)state;
    incident_name(&arena, state_dir, &incident, &path);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){ 2048, old.rlim_max };
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int status = incident_write(state_dir, &incident, "log\n", 4, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(status, -1);
    assert_non_null(strstr(err.text, "cannot write"));
    assert_int_equal(entries(&arena, incidents), 1); /* .new */
    assert_int_equal(entries(&arena, path_join(&arena, incidents, ".new")), 0);
    assert_int_equal(incident_write(state_dir, &incident, "log\n", 4, &err), 0);
    arena_clear(&arena);
}

static void write_many(struct arena *arena, const char *state_dir, unsigned count)
{
    struct err err;
    const char *path;
    for (unsigned i = 0; i < count; i++) {
        struct incident incident = sample_incident(arena, 1, 2);
        incident.time_s += i;
        incident_name(arena, state_dir, &incident, &path);
        assert_int_equal(incident_write(state_dir, &incident, "0123456789", 10, &err), 0);
    }
}

static void test_prune_when_too_many_then_the_oldest_go(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    struct strings ids = { 0 };
    const char *state_dir = sample_folder(&arena);
    (void)state;
    write_many(&arena, state_dir, 5);
    assert_int_equal(folder_make_private(path_join(&arena, state_dir, "incidents/mine"), &err), 0);
    incident_prune(state_dir, &(struct incident_keep){ .count = 0 });
    assert_int_equal(ids_list(&arena, state_dir, &ids, NULL, &err), 0);
    assert_int_equal(ids.count, 5);
    incident_prune(state_dir, &(struct incident_keep){ .count = 3 });
    assert_int_equal(ids_list(&arena, state_dir, &ids, NULL, &err), 0);
    assert_int_equal(ids.count, 3);
    assert_string_equal(ids.items[0], "20261123T101504Z-4711");
    assert_int_equal(mode_of(path_join(&arena, state_dir, "incidents/mine")), 0700);
    arena_clear(&arena);
}

static void test_prune_when_too_large_then_the_oldest_go_but_one_stays(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    struct strings ids = { 0 };
    const char *state_dir = sample_folder(&arena);
    uint64_t one = 0;
    struct file_info info;
    static const char *const names[] = { "incident.json", "report.html", "app.log" };
    (void)state;
    write_many(&arena, state_dir, 4);
    for (size_t i = 0; i < ROWS(names); i++) {
        assert_true(file_stat(
            arena_printf(&arena, "%s/incidents/20261123T101502Z-4711/%s", state_dir, names[i]),
            false, &info));
        one += info.size_bytes;
    }
    incident_prune(state_dir, &(struct incident_keep){ .max_bytes = one * 2 + one / 2 });
    assert_int_equal(ids_list(&arena, state_dir, &ids, NULL, &err), 0);
    assert_int_equal(ids.count, 2);
    incident_prune(state_dir, &(struct incident_keep){ .max_bytes = 1 });
    assert_int_equal(ids_list(&arena, state_dir, &ids, NULL, &err), 0);
    assert_int_equal(ids.count, 1);
    assert_string_equal(ids.items[0], "20261123T101505Z-4711");
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_when_new_then_three_private_files),
        cmocka_unit_test(test_write_when_again_then_record_new_and_log_kept),
        cmocka_unit_test(test_name_when_taken_then_numbered),
        cmocka_unit_test(test_write_when_folders_are_links_then_refused),
        cmocka_unit_test(test_write_when_disk_is_full_then_nothing_is_left),
        cmocka_unit_test(test_prune_when_too_many_then_the_oldest_go),
        cmocka_unit_test(test_prune_when_too_large_then_the_oldest_go_but_one_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
