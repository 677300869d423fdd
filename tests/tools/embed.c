/* embed FILE...: writes the C table of base/embedded.h for the named files to standard output. Runs
 * at build time; a file that is no sound YAML ends the build with its place. */
#include <stdio.h>
#include <stdlib.h>

#include "base/pack.h"
#include "base/text.h"

#define NUMBERS_A_LINE 24

static const char *file_text(struct arena *arena, const char *path, size_t *out_length)
{
    char piece[4096];
    struct text text = { .arena = arena };
    FILE *file = fopen(path, "rb");
    size_t count;
    while (file && (count = fread(piece, 1, sizeof piece, file)) > 0)
        text_add(&text, piece, count);
    if (!file || ferror(file)) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    (void)fclose(file); /* only read */
    *out_length = text.length;
    return text_get(&text);
}

static void tree_write(struct arena *arena, const char *path, int number)
{
    struct yaml_node *root;
    struct err err = { 0 };
    size_t length;
    const char *bytes = file_text(arena, path, &length);
    if (yaml_parse(arena, path, bytes, length, &root, &err) < 0) {
        char line[1024];
        err_format(&err, line, sizeof line);
        fprintf(stderr, "%s\n", line);
        exit(EXIT_FAILURE);
    }
    bytes = tree_pack(arena, root, &length);
    printf("\nstatic const unsigned char tree_%d[] = {", number);
    for (size_t i = 0; i < length; i++)
        printf("%s%d,", i % NUMBERS_A_LINE ? "" : "\n", (unsigned char)bytes[i]);
    printf("\n};\n");
}

static void path_write(const char *path)
{
    for (; *path; path++)
        printf("%s%c", *path == '"' || *path == '\\' ? "\\" : "", *path);
}

int main(int argc, char **argv)
{
    struct arena arena = { 0 };
    printf("/* Made by tests/tools/embed.c from profiles/; not to be edited. */\n"
           "#include \"base/embedded.h\"\n");
    for (int i = 1; i < argc; i++)
        tree_write(&arena, argv[i], i);
    printf("\nconst struct embedded_file embedded_files[] = {\n");
    for (int i = 1; i < argc; i++) {
        printf("    { \"");
        path_write(argv[i]);
        printf("\", (const char *)tree_%d, sizeof tree_%d },\n", i, i);
    }
    /* ISO C has no empty array; the count leaves this row out. */
    printf("    { 0, 0, 0 },\n};\nconst size_t embedded_file_count = %d;\n", argc - 1);
    arena_clear(&arena);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
