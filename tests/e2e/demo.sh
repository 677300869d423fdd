#!/bin/sh
# The main job on a real engine, to be looked at: `make demo`.
#
# An application whose page uploads video frames into WebGL textures, and never gives one back, is
# started under `qwguard run`: on the user's display, else under Xvfb. One sees what the machine is,
# what the engine will decide and why, the plan, and then the memory climbing to the limit, the end
# of the application, and its next start one rung wider, until it stays flat. Everything that is
# shown is checked at the end; what did not happen makes the demo fail.
#
# Variables: QT=6|5 (6), LIMIT (480MiB), QWGUARD and QWGUARD_BUILD_DIR as make sets them.

set -u
began=$(date +%s)

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=${QWGUARD_BUILD_DIR:-$root/build}
qwguard=${QWGUARD:-$build/qwguard}
qt=${QT:-6}
limit=${LIMIT:-480MiB}
app=$build/webapp/webapp-qt$qt
own=--ignore-gpu-blocklist   # llvmpipe is on the blocklist; the application knows better here
page_bytes=$(getconf PAGESIZE)
flat_s=8                     # memory is called flat after so many seconds without growth
end_s=80                     # the demo ends after so long in any case

[ "$qt" = 6 ] && engine_args=--webEngineArgs || engine_args=
work=$(mktemp -d "${TMPDIR:-/tmp}/qwguard-demo.XXXXXX") || exit 1
display_pid='' run_pid=''

finish() {
    for pid in $run_pid $display_pid; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

fail() { printf '\nThe demo failed: %s\n' "$1" >&2; exit 1; }
say() { printf '\n\033[1m%s\033[0m\n' "$1"; }
[ -t 1 ] && [ -z "${NO_COLOR:-}" ] || say() { printf '\n%s\n' "$1"; }
shown() { printf '$ qwguard %s\n' "$1"; }

[ -x "$qwguard" ] || fail "$qwguard is not built (make build)"
[ -x "$app" ] || fail "$app is not built (make webapp)"

# --- where it is shown: the user's display when one answers, else one without a screen ------------

display_start() {
    mkfifo "$work/display"
    Xvfb -displayfd 3 -screen 0 1280x720x24 -nolisten tcp 3>"$work/display" \
        >"$work/xvfb.log" 2>&1 &
    display_pid=$!
    read -r number <"$work/display" || fail "Xvfb did not start: $(cat "$work/xvfb.log")"
    DISPLAY=:$number
    export DISPLAY
    unset WAYLAND_DISPLAY
}

if [ -n "${DISPLAY:-}" ] && "$app" --page idle --seconds 0.1 >/dev/null 2>&1; then
    where="your display $DISPLAY"
elif [ -z "${DISPLAY:-}" ] && [ -n "${WAYLAND_DISPLAY:-}" ] \
    && "$app" --page idle --seconds 0.1 >/dev/null 2>&1; then
    where="your display $WAYLAND_DISPLAY"
else
    display_start
    where="a display without a screen (Xvfb)"
fi

XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$work}
state=${STATE:-$build/demo-state}
rm -rf "$state"
# Chromium refuses its sandbox to root; anybody else keeps it.
[ "$(id -u)" != 0 ] || { QTWEBENGINE_DISABLE_SANDBOX=1; export QTWEBENGINE_DISABLE_SANDBOX; }
export XDG_RUNTIME_DIR

# --- 1. before the start ------------------------------------------------------------------------

printf 'An application with a leaking page (Qt WebEngine, Qt %s), shown on %s.\n' "$qt" "$where"
say '1. What is this machine, and what will the engine decide?'
shown 'check --app webapp'
"$qwguard" check --app "$app" --state "$state" | tee "$work/check"
say "   The application passes $own itself, and says so:"
shown "check --app webapp --flags $own"
"$qwguard" check --app "$app" --flags "$own" --state "$state" | tee "$work/check-own"
grep -q '^Machine ' "$work/check" || fail 'no identity of the machine was shown'
grep -q '^Verdict ' "$work/check" || fail 'no verdict was shown'

# --- 2. the run ---------------------------------------------------------------------------------

say "2. The run: limit $limit for one process; on a restart the next rung"
shown "run -v --process-limit $limit -- webapp --page leak $engine_args $own"
"$qwguard" run --dry-run --app "$app" --state "$state" --process-limit "$limit" -- \
    "$app" --page leak $engine_args "$own" | sed -n '/^Plan/,/^Environment/p' \
    | sed '/^Environment/d' | tee "$work/dry"

# The application's events and its own log go to files, so that what qwguard says is seen alone: on
# a terminal one line that is redrawn, else a line a second, which is kept to be looked at below.
set -- run -v --name webapp --app "$app" --state "$state" --process-limit "$limit" --grace 0s \
    --backoff 0s -- sh -c 'exec "$@" 2>>"$0"' "$work/app.log" "$app" --page leak $engine_args "$own"
echo
if [ -t 2 ]; then
    "$qwguard" "$@" >"$work/events" &
    run_pid=$!
else
    mkfifo "$work/said.pipe"
    tee "$work/said" <"$work/said.pipe" >&2 &
    "$qwguard" "$@" >"$work/events" 2>"$work/said.pipe" &
    run_pid=$!
fi

# field NAME LINE: a number or a string of one of the application's events.
field() { printf '%s\n' "$2" | sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }
event_last() { grep "\"event\":\"$1\"" "$work/events" 2>/dev/null | tail -n 1; }
count() { grep -c "\"event\":\"$1\"" "$work/events" 2>/dev/null; }
resident_mib() {
    { read -r _ pages _ <"/proc/$1/statm"; } 2>/dev/null && echo $((pages * page_bytes / 1048576))
}

# Wait until the memory of one start has stayed within 16 MiB for flat_s seconds after its page was
# painted. Every start begins the count anew.
flat_pid='' flat_from=0 flat_base=0 flat_now=0
is_flat() {
    pid=$(field pid "$(event_last started)")
    [ -n "$pid" ] && [ "$(count started)" = "$(count painted)" ] || return 1
    now=$(date +%s)
    flat_now=$(resident_mib "$pid") || return 1
    if [ "$pid" != "$flat_pid" ] || [ -z "$flat_now" ] || [ $((flat_now - flat_base)) -gt 16 ]; then
        flat_pid=$pid flat_from=$now flat_base=${flat_now:-0}
        return 1
    fi
    [ $((now - flat_from)) -ge $flat_s ]
}
until is_flat; do
    kill -0 "$run_pid" 2>/dev/null || fail 'qwguard ended before the memory was flat'
    [ $(($(date +%s) - began)) -lt $end_s ] || fail "the memory was not flat after $end_s s"
    sleep 0.2
done
kill -TERM "$run_pid"
wait "$run_pid"
status=$?
run_pid=''

# --- 3. what was shown --------------------------------------------------------------------------

say '3. What the engine was told at each start'
starts=$(count environment)
grep '"event":"environment"' "$work/events" | while read -r line; do
    flags=$(printf '%s\n' "$line" | sed -n 's/.*"QTWEBENGINE_CHROMIUM_FLAGS":"\([^"]*\)".*/\1/p')
    printf '   rung %-22s %s\n' "$(field QWGUARD_RUNG "$line")" "${flags:-(its own switches alone)}"
done
say '4. The incidents'
shown 'incident list'
"$qwguard" incident list --state "$state"
incidents=0
for folder in "$state"/incidents/*/; do
    [ -e "${folder}incident.json" ] || continue
    incidents=$((incidents + 1))
    printf '   %s\n' "${folder%/}"
done
shown 'incident show last'
"$qwguard" incident show --state "$state" last

# --- did it all happen? -------------------------------------------------------------------------

[ "$status" = 0 ] || fail "qwguard ended with $status, not with the application's 0"
[ "$incidents" -ge 1 ] || fail 'there was no incident'
[ "$starts" = $((incidents + 1)) ] || fail "$starts starts and $incidents incidents"
first_rung=$(field QWGUARD_RUNG "$(grep '"event":"environment"' "$work/events" | head -n 1)")
last_rung=$(field QWGUARD_RUNG "$(event_last environment)")
[ "$last_rung" != "$first_rung" ] || fail "every start was on rung '$first_rung'"
event_last environment | grep -q "CHROMIUM_FLAGS\":\"[^\"]*$own" \
    || fail "the application's own $own did not survive the merge"
for folder in "$state"/incidents/*/; do
    grep -Eq '"survivors": ?0([,}]|$)' "${folder}incident.json" || fail "survivors in $folder"
    grep -Eq '"t_ns": ?-' "${folder}incident.json" \
        || fail "no memory before the crossing in $folder"
    [ -s "${folder}report.html" ] || fail "no report in $folder"
done
if [ -e "$work/said" ]; then
    grep -q 'MiB of .*, +[1-9][0-9]* MiB/s, limit in ' "$work/said" \
        || fail 'the memory was not seen climbing'
    [ "$(grep -c 'process-limit: webapp' "$work/said")" = "$incidents" ] \
        || fail 'a crossing was not told'
fi

say 'Shown'
printf '   the machine, the verdict with its reason, and the plan\n'
printf '   memory climbing to %s, %s times; each time all processes ended, none left\n' \
    "$limit" "$incidents"
printf '   started again on the next rung each time: from %s to %s\n' "$first_rung" "$last_rung"
printf '   flat at %s MiB there; its own %s was kept\n' "$flat_now" "$own"
printf '   incidents, with a report to open in a browser: %s\n' "$state/incidents"
printf '   (%s s)\n' $(($(date +%s) - began))
