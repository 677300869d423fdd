#!/bin/sh
# axe.sh DIR: puts axe-core (accessibility checks of pages, run in the browser by a test) into
# DIR/node_modules with npm. Says nothing when it is there; ends with 1 when it cannot be had.
set -eu
version=4.11.1
dir=${1:?usage: axe.sh DIR}
[ -f "$dir/node_modules/axe-core/axe.min.js" ] && exit 0
if ! command -v npm >/dev/null 2>&1; then
    echo 'axe.sh: npm is not installed; the checks of pages need it' >&2
    exit 1
fi
if [ "${SETUP:-1}" = 0 ]; then
    echo "axe.sh: SETUP=0; by hand: npm install --prefix $dir axe-core@$version" >&2
    exit 1
fi
mkdir -p "$dir"
npm install --no-audit --no-fund --no-save --silent --prefix "$dir" "axe-core@$version" >&2
