#!/bin/sh
# axe.sh DIR: puts axe-core (accessibility checks of pages, run in the browser by a test) into
# DIR/node_modules with npm. Says nothing when it is there. When it cannot be had (no network, no
# npm, SETUP=0), the reason is said, kept in DIR/missing for the test, which is left out with it,
# and the end is 0 all the same: everything else can be checked without it.
set -eu
version=4.11.1
dir=${1:?usage: axe.sh DIR}
limit_s=120
[ -f "$dir/node_modules/axe-core/axe.min.js" ] && exit 0
mkdir -p "$dir"

missing() {
    printf '%s\n' "$1" >"$dir/missing"
    printf 'axe.sh: %s; the accessibility of pages is not checked\n' "$1" >&2
    exit 0
}

command -v npm >/dev/null 2>&1 || missing 'npm is not installed'
[ "${SETUP:-1}" = 0 ] && missing "SETUP=0; by hand: npm install --prefix $dir axe-core@$version"
timeout "$limit_s" npm install --no-audit --no-fund --no-save --silent --fetch-retries=1 \
    --prefix "$dir" "axe-core@$version" >"$dir/log" 2>&1 &&
    [ -f "$dir/node_modules/axe-core/axe.min.js" ] ||
    missing "npm could not get axe-core $version (see $dir/log)"
rm -f "$dir/missing"
