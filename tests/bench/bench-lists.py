#!/usr/bin/env python3
"""bench-lists.py [LIBRARY...]: what reading the GPU lists out of the installed engines costs, first
without our own cache and then out of it, and how fast identities are decided. Medians of RUNS;
processor time of the whole command, without what starting the program takes."""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 11
IDENTITIES = 10000
ROOT = Path(os.environ.get("QWGUARD_SRC_DIR") or Path(__file__).resolve().parent.parent.parent)
QWGUARD = os.environ.get("QWGUARD") or str(ROOT / "build" / "qwguard")
MACHINE = {"version": 1, "os": {"name": "linux", "version": "6.1.0"}, "session": {"type": "x11"},
           "gpus": [{"vendor": 0x8086, "device": 0x5916, "class": 0x0300}],
           "gl": {"vendor": "Intel", "renderer": "Mesa Intel(R) HD Graphics 620 (KBL GT2)",
                  "version": "4.6 (Core Profile) Mesa 22.3.6", "extensions": "GL_ARB_sync"}}


def cpu_ms(args, env):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([QWGUARD, *args], env=env, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def median(args, env, before=lambda: None):
    times = []
    for _ in range(RUNS):
        before()
        times.append(cpu_ms(args, env))
    return statistics.median(times)


def main():
    libraries = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "XDG_CACHE_HOME": folder}
        cache = Path(folder) / "qwguard"

        def forget():
            for path in cache.glob("lists-*"):
                path.unlink()

        start = median(["--version"], env)
        print(f"start of the program {start:.1f} ms; below without it")
        if not libraries:
            sets = subprocess.run([QWGUARD, "rules", "list", "--json"], env=env, check=True,
                                  stdout=subprocess.PIPE).stdout
            libraries = [item["library"] for item in json.loads(sets)["installed"]]
        for library in libraries:
            args = ["rules", "extract", "--engine", library]
            cold = median(args, env, forget) - start
            kept = median(args, env) - start
            print(f"{library}: read {cold:.1f} ms, out of the cache {kept:.1f} ms")
        batch = Path(folder) / "batch.jsonl"
        batch.write_text((json.dumps(MACHINE) + "\n") * IDENTITIES, encoding="utf-8")
        args = ["rules", "eval", "--engine", "6.4.2", "--batch", str(batch)]
        print(f"{IDENTITIES} identities: {cpu_ms(args, env) - start:.0f} ms")


if __name__ == "__main__":
    main()
