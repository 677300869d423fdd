/* Runs the compiler for list_library.h. */
#include "list_library.h"

#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/arena.h"
#include "platform/env.h"
#include "platform/spawn.h"

#define WORDS_MAX (LIST_LIBRARY_OPTIONS + 16)

/* "ccache gcc" is two words. */
static size_t compiler_add(struct arena *arena, const char *compiler, const char **argv)
{
    size_t count = 0;
    while (*(compiler += strspn(compiler, " "))) {
        size_t length = strcspn(compiler, " ");
        argv[count++] = arena_strndup(arena, compiler, length);
        compiler += length;
    }
    return count;
}

bool list_library_make(const char *path, const char *source, const char *const *options)
{
    const char *const fixed[] = {
        "-O2",
        "-fPIC",
        "-shared",
        "-w",
        "-nostdlib",
        "-Wl,-soname,libQt6WebEngineCore.so.6",
        "-Wl,--build-id",
        "-o",
        path,
    };
    const char *argv[WORDS_MAX] = { NULL };
    struct arena arena = { 0 };
    pid_t pid;
    int status;
    size_t count = compiler_add(&arena, env_get("CC") ? env_get("CC") : "cc", argv);
    for (size_t i = 0; i < ROWS(fixed); i++)
        argv[count++] = fixed[i];
    for (size_t i = 0; i < LIST_LIBRARY_OPTIONS && options[i]; i++)
        argv[count++] = options[i];
    argv[count] = arena_printf(&arena, "%s/tests/data/lists/%s", QWGUARD_SRC_DIR, source);
    assert_int_equal(posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv,
                                  (char *const *)spawn_environment()),
                     0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    arena_clear(&arena);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
