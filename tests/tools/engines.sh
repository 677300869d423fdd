#!/bin/sh
# engines.sh FOLDER NAME...: unpacks the engine libraries of other Debian releases, to read their
# lists: NAME is RELEASE-ARCHITECTURE (bullseye-amd64, trixie-arm64). Each lands in FOLDER/NAME/ and
# is kept there. The packages come from where this machine's apt has its own from, checked by the
# same keys; apt's folders are private, so that nothing of the machine changes. Ends with 1 and a
# reason when a library cannot be had, with 2 when there is no apt or no network at all.
set -eu

packages='libqt5webenginecore5 libqt6webenginecore6'

say() { printf 'engines: %s\n' "$*" >&2; }

[ $# -ge 2 ] || { say 'usage: engines.sh FOLDER NAME...'; exit 64; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-deb >/dev/null 2>&1; then
    say 'no apt here'
    exit 2
fi

# The first address under which apt has Debian's own archive.
address=$(apt-get indextargets --format '$(SITE) $(CREATED_BY) $(ORIGIN)' 2>/dev/null |
    sed -n 's/ Packages Debian$//p' | grep -v security | head -n 1)
[ -n "$address" ] || { say "apt knows no archive of Debian's (apt-get update)"; exit 2; }
key=
keys=/usr/share/keyrings
for file in $keys/debian-archive-keyring.gpg $keys/debian-archive-*.gpg; do
    [ -f "$file" ] && { key=$file; break; }
done
[ -n "$key" ] || { say "no keys of Debian's archive (package debian-archive-keyring)"; exit 1; }

# private APT-FOLDER RELEASE ARCHITECTURE: an apt of its own below that folder
private() {
    for part in state/lists/partial cache/archives/partial etc/apt.conf.d etc/preferences.d; do
        mkdir -p "$1/$part"
    done
    : >"$1/status"
    printf 'deb [signed-by=%s] %s %s main\n' "$key" "$address" "$2" >"$1/etc/sources.list"
    cat >"$1/apt.conf" <<END
Dir::State "$1/state";
Dir::State::status "$1/status";
Dir::Cache "$1/cache";
Dir::Etc::sourcelist "$1/etc/sources.list";
Dir::Etc::sourceparts "-";
APT::Architecture "$3";
APT::Architectures { "$3"; };
Acquire::Languages "none";
APT::Sandbox::User "root";
END
}

# unpack NAME: both libraries of a release, those that it has
unpack() {
    release=${1%%-*}
    architecture=${1#*-}
    apt=$folder/.apt-$1
    private "$apt" "$release" "$architecture"
    if ! APT_CONFIG=$apt/apt.conf apt-get -q update >"$apt/log" 2>&1 ||
        grep -q '^\(E\|Err\)' "$apt/log"; then
        say "$1: apt cannot get the index of $release:"
        tail -n 3 "$apt/log" >&2
        return 1
    fi
    rm -rf "$folder/$1.part"
    mkdir -p "$folder/$1.part"
    for package in $packages; do
        APT_CONFIG=$apt/apt.conf apt-cache show "$package" >/dev/null 2>&1 || continue
        (cd "$apt/cache" && APT_CONFIG=$apt/apt.conf apt-get -q download "$package") \
            >>"$apt/log" 2>&1 || { tail -n 3 "$apt/log" >&2; return 1; }
        for deb in "$apt/cache/$package"_*.deb; do
            dpkg-deb --fsys-tarfile "$deb" |
                tar -x -C "$folder/$1.part" --wildcards --no-anchored '*WebEngineCore.so*'
        done
    done
    find "$folder/$1.part" -name '*WebEngineCore.so.*' -type f | grep -q . ||
        { say "$1: $release has no engine library for $architecture"; return 1; }
    mv "$folder/$1.part" "$folder/$1"
    rm -rf "$apt"
}

for name in "$@"; do
    [ -d "$folder/$name" ] || unpack "$name" || exit 1
done
