"""Machines that are not here, on the real engines: a stand-in libpci, GL strings and a kernel laid
over this one's (tests/e2e/machine/). What the engine then decides is what `qwguard check` says of
the same identity: the active entries of both lists, the workarounds, WebGL 1 and 2."""

import json
import os
import unittest
from concurrent.futures import ThreadPoolExecutor

from qwg import build_path, data_path
from webengine import RealEngine, each_engine, event

TIME_LIMIT_S = 600     # 60 s on two free processors
AT_ONCE = 2
ROWS_FILE = {6: "conformance/qt-6.4.2.jsonl", 5: "conformance/qt-5.15.13.jsonl"}

# Rows of tests/data/conformance/, each for a kind of decision: what it is for stands in "note".
MACHINES = (
    "b107.dev0d22", "b125.hit", "b129.dual", "b129.os2.6.32-754.el6.x86_64",
    "b134.hit", "b134.x2", "b161.dv18", "b161.dv18.1.6",
    "b17.x0.devmiss", "os.hsw[3.18.9]", "real.catalyst-15", "real.gm45-18.3",
    "real.mali-g", "real.mesa-ubuntu", "real.nv-535", "real.nv-fx5200go", "real.r300",
    "real.softpipe", "real.virgl", "w118.dual", "w203.hit", "w31.hit",
)
# What chrome://gpu says besides entries of the lists.
BROWSERS_OWN = ("disabled via blocklist", "disabled, either via", "using a single thread",
                "has been disabled")


def row_identities(qt):
    found = {}
    for line in data_path(ROWS_FILE[qt]).read_text(encoding="utf-8").splitlines()[1:]:
        row = json.loads(line)
        if row["id"] in MACHINES:
            found[row["id"]] = row["identity"]
    assert len(found) == len(MACHINES), set(MACHINES) - set(found)
    return found


def laid_over(identity):
    """The variables that make an engine see this machine."""
    strings = identity["gl"]
    pci = " ".join(":".join(f"{int(str(gpu[key]), 0):04x}" for key in ("vendor", "device", "class"))
                   for gpu in identity.get("gpus", []))
    layers = [str(build_path(f"tests/machine/{name}")) for name in ("libpci.so.3", "strings.so")]
    return {"LD_PRELOAD": " ".join(layers), "FAKE_MACHINE_PCI": pci,
            "FAKE_MACHINE_KERNEL": identity["os"]["version"],
            "FAKE_MACHINE_GL_VENDOR": strings["vendor"],
            "FAKE_MACHINE_GL_RENDERER": strings["renderer"],
            "FAKE_MACHINE_GL_VERSION": strings["version"], **identity.get("environment", {})}


def entries_shown(problems):
    return sorted({text for text in problems if not any(part in text for part in BROWSERS_OWN)})


@each_engine
class Machines(RealEngine):

    def compare(self, name, identity):
        """What differs, as text; nothing when all agrees."""
        path = self.box.write(f"{self.QT}.{MACHINES.index(name)}.json", json.dumps(identity))
        checked = self.box.run("check", "--json", "--identity", path, timeout=60)
        verdict = checked.json()["verdict"]
        shown = self.bare("--page", "flags", switches=(), **laid_over(identity))
        if shown.rc != 0:
            return [f"{name}: the application failed: {shown}"]
        engine = event(shown.out, "engine")
        words = {True: "enabled", False: "disabled"}
        pairs = {
            "strings": (identity["gl"]["version"], engine["gl"]["version"]),
            "source": ("engine-library", verdict["source"]),
            "entries": (sorted({entry["description"] for entry in verdict["entries"]}),
                        entries_shown(engine["problems"])),
            "workarounds": (sorted(verdict["workarounds"]), sorted(engine["workarounds"])),
            "webgl": (verdict["webgl"], words[engine["webgl1"]]),
            "webgl2": (verdict["webgl2"], words[engine["webgl2"]]),
        }
        return [f"{name}: {key}: {ours}, the engine {real}"
                for key, (ours, real) in pairs.items() if ours != real]

    def test_the_engine_decides_what_check_says(self):
        found = self.box.run("check", "--json", "--app", self.engine.program, timeout=60).json()
        engine = {key: found["identity"]["engine"][key] for key in ("qt", "chromium", "library")}
        identities = {name: {**identity, "engine": engine}
                      for name, identity in row_identities(self.QT).items()}
        with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
            differences = list(pool.map(lambda pair: self.compare(*pair), identities.items()))
        self.assertEqual(sum(differences, []), [])


if __name__ == "__main__":
    unittest.main()
