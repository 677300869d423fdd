#!/bin/sh
# setup.sh [--tell] build|check|demo: sees to the packages that the build, the tests or the demo
# need. Says what is missing and installs it with apt. SETUP=0 in the environment: names what is
# missing and ends with 1 instead. --tell: the same, but only for what the compiler cannot find
# either (libraries from elsewhere are fine), and names `make setup`. Says nothing when all is
# there. Without apt it names what is needed and goes on when the tools are found.
set -eu

# need TOOL PACKAGE: a command, from whatever package
# lib  MODULE HEADER PACKAGE: a library with its headers, from wherever
# deb  PACKAGE...: wanted as these packages
tools_build='cc:gcc make:make pkg-config:pkg-config'
libs_build='yaml-0.1:yaml.h:libyaml-dev jansson:jansson.h:libjansson-dev
    zlib:zlib.h:zlib1g-dev'
# Wanted, but the build goes on without: then `qwguard verify` cannot ask an engine.
libs_verify='libwebsockets:libwebsockets.h:libwebsockets-dev'

# The demo and the tests on a real engine: Qt WebEngine 6 and 5, a display without a screen, and
# Mesa's software GL behind EGL and GLX. Qt's xcb plugin and fonts come as their dependencies.
debs_demo='libc6-dev g++ qt6-base-dev qt6-webengine-dev qtbase5-dev qtwebengine5-dev
    xvfb xauth libegl1 libgles2 libgl1 libgl1-mesa-dri procps'
# axe.sh gets what checks pages with npm, from wherever that is.
tools_check='npm:npm'
# gcc brings the sanitizer run-times with it.
debs_check="$debs_demo mesa-vulkan-drivers libvulkan1 gcc libcmocka-dev clang-format-14 git \
            python3 python3-jsonschema python3-yaml strace fish systemd desktop-file-utils \
            libglib2.0-bin chromium"

say() { printf '%s\n' "$*" >&2; }

tell=0
if [ "${1-}" = --tell ]; then
    tell=1
    shift
fi
what=${1-}
case $what in
build) debs='' ;;
demo) debs=$debs_demo ;;
check) debs=$debs_check ;;
*)
    say 'usage: setup.sh [--tell] build|check|demo'
    exit 64
    ;;
esac

compiler=${CC:-$(command -v cc || echo gcc)}
missing=
tools=$tools_build
[ "$what" = check ] && tools="$tools $tools_check"
for row in $tools; do
    tool=${row%%:*}
    [ "$tool" = cc ] && tool=${compiler%% *}
    command -v "$tool" >/dev/null 2>&1 || missing="$missing ${row#*:}"
done
# lib ROW: is the library there, by pkg-config or for the compiler?
lib() {
    header=${1#*:}
    pkg-config --exists "${1%%:*}" 2>/dev/null ||
        printf '#include <%s>\n' "${header%%:*}" | $compiler -E -x c - >/dev/null 2>&1
}
for row in $libs_build; do
    lib "$row" || missing="$missing ${row##*:}"
done
for row in $libs_verify; do
    if lib "$row"; then
        continue
    elif [ $tell = 1 ]; then
        say "without ${row##*:} 'qwguard verify' is left out ('make setup' installs it)"
    else
        missing="$missing ${row##*:}"
    fi
done

apt=0
command -v apt-get >/dev/null 2>&1 && command -v dpkg-query >/dev/null 2>&1 && apt=1
if [ $apt = 1 ] && [ -n "$debs" ]; then
    # shellcheck disable=SC2086 # a list of words
    present=$(dpkg-query -W -f '${db:Status-Status}:${Package} ' $debs 2>/dev/null || :)
    for package in $debs; do
        case " $present" in
        *" installed:$package "*) ;;
        *) missing="$missing $package" ;;
        esac
    done
fi
missing=${missing# }

if [ $apt = 0 ]; then
    [ -z "$debs" ] || say "setup: no apt here; wanted (names of Debian):" $debs
    [ -z "$missing" ] && exit 0
    say "setup: not found: $missing (names of Debian); please install them"
    exit 1
fi
[ -z "$missing" ] && exit 0

if [ $tell = 1 ]; then
    say "missing packages: $missing"
    say "'make setup' installs them; by hand: apt-get install $missing"
    exit 1
fi
say "missing packages: $missing"
if [ "${SETUP:-1}" = 0 ]; then
    say "SETUP=0: nothing is installed; by hand: apt-get install $missing"
    exit 1
fi

as_root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        say "neither root nor sudo; as root: apt-get install $missing"
        exit 1
    fi
    as_root=sudo
fi
say 'installing them with apt-get (SETUP=0 forbids it)'
apt() {
    # Standard output is for results; what apt has to say goes where messages go.
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >&2
}
# shellcheck disable=SC2086 # a list of words
if ! apt update || ! apt install --no-install-recommends $missing; then
    say "setup: apt-get could not install: $missing"
    exit 1
fi
