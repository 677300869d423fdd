#!/usr/bin/python3
"""Figures of incidents: what is added between freeze and kill at 50 processes, how large a record
is without its log. Prints, judges nothing. How long 10,000 take to list: bench-start.py."""

import os
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lib"))
os.environ.setdefault("QWGUARD_SRC_DIR", str(ROOT))

from qwg import Sandbox, build_path          # noqa: E402

ROUNDS = 5


def freeze_to_kill():
    """Milliseconds from the first stop to the first kill, and the bytes of the record."""
    times, sizes = [], []
    for _ in range(ROUNDS):
        with Sandbox() as box:
            result = box.run("run", "--no-preflight", "--process-limit", "60M",
                             "--tree-limit", "off", "--grace", "0s", "--max-restarts", "0",
                             "--", build_path("tests/leak"),
                             "children=49", "rate=200000000", timeout=60)
            if result.rc != 124:
                raise AssertionError(result)
            incident = box.incidents()[-1]
            first = {}
            for row in incident["actions"]:
                first.setdefault(row["action"], row["t_ns"])
            stops = [row["t_ns"] for row in incident["actions"] if row["action"] == "stop"]
            times.append((first["kill"] - max(stops)) / 1e6)
            folder = next(path for path in (box.state_dir / "incidents").iterdir()
                          if not path.name.startswith("."))
            sizes.append([(folder / name).stat().st_size for name in
                          ("incident.json", "report.html")] + [len(incident["processes"])])
    return times, sizes


def main():
    times, sizes = freeze_to_kill()
    print(f"last stop to first kill: {statistics.median(times):.1f} ms median, {max(times):.1f} ms "
          f"most of {ROUNDS} (budget 10 ms), {sizes[0][2]} processes")
    print(f"record {sizes[0][0]} bytes (bound 65536), page {sizes[0][1]} bytes (bound 153600)")


if __name__ == "__main__":
    main()
