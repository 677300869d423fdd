#!/bin/sh
# embed.sh FILE...: writes the C table of base/embedded.h for the named files to standard output.
# Needs only od and sed, so that the program builds on a machine without xxd or Python.
set -eu
LC_ALL=C
export LC_ALL

printf '/* Made by tests/tools/embed.sh from profiles/; not to be edited. */\n'
printf '#include "base/embedded.h"\n'
n=0
for file in "$@"; do
    printf '\nstatic const unsigned char data_%d[] = {\n' "$n"
    od -An -v -tu1 "$file" | sed 's/  *\([0-9][0-9]*\)/\1,/g'
    printf '0 };\n'
    n=$((n + 1))
done

printf '\nconst struct embedded_file embedded_files[] = {\n'
n=0
for file in "$@"; do
    name=$(printf '%s' "$file" | sed 's/["\\]/\\&/g')
    printf '    { "%s", (const char *)data_%d, sizeof data_%d - 1 },\n' "$name" "$n" "$n"
    n=$((n + 1))
done
# ISO C has no empty array; the count leaves this row out.
printf '    { 0, 0, 0 },\n};\n'
printf 'const size_t embedded_file_count = %d;\n' "$n"
