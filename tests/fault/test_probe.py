"""The GL child of `qwguard check` on libraries that crash, hang or lie (tests/fault/libs/): what
they do is a fact in the identity, never a failure of qwguard, and nothing of them is left."""

import json
import os
import shutil
import signal
import unittest
from pathlib import Path

import qwg

# library, what gl.probe says, exit status of check (11 = not enough is known)
ROWS = (
    ("crash_load", "crashed", 11),
    ("crash_initialize", "crashed", 11),
    ("crash_child", "crashed", 11),
    ("memory", "crashed", 11),
    ("hang", "timeout", 11),
    ("garbage", "garbage", 11),
    ("lie", "garbage", 11),
    ("flood", "garbage", 11),
    ("exit_silently", "garbage", 11),
    ("no_functions", "no-library", 11),
    ("no_displays", "no-context", 11),
    ("good", "ok", 0),
)
IDENTITY = {"version": 1, "os": {"name": "linux", "version": "6.1.0"}, "session": {"type": "x11"}}


def library(name):
    return qwg.build_path(f"tests/libs/{name}/libEGL.so.1").parent


def logged(path):
    """Pids that the fake library wrote, of complete lines."""
    text = path.read_text() if path.exists() else ""
    return [int(line) for line in text.split("\n")[:-1]]


class Probe(unittest.TestCase):
    def check(self, box, name, *args, **env):
        """`check --json` with a library in front of all others."""
        env = {"DISPLAY": ":77", "LD_LIBRARY_PATH": library(name), **env}
        return box.run("check", "--json", "--engine", "6.4.2", *args, **env)

    def vulkan_check(self, box, name, engine, **env):
        """The same with a good libEGL and a libvulkan."""
        folder = qwg.build_path(f"tests/vulkan/{name}/libvulkan.so.1").parent
        return box.run("check", "--json", "--engine", engine, DISPLAY=":77",
                       LD_LIBRARY_PATH=f"{library('good')}:{folder}", **env)

    def test_each_library_when_it_misbehaves_then_a_fact(self):
        for name, want, status in ROWS:
            with self.subTest(name), qwg.Sandbox() as box:
                result = self.check(box, name)
                self.assertEqual(result.rc, status, result)
                self.assertEqual(result.err, "")
                answer = result.json()
                self.assertEqual(answer["identity"]["gl"]["probe"], want)
                self.assertEqual(answer["exit"], status)
                if want != "ok":
                    self.assertEqual(answer["identity"]["gl"], {"probe": want})
                    self.assertEqual(answer["verdict"]["outcome"], "unknown")
                    self.assertIn("gl.version", answer["verdict"]["missing"])
                    self.assertEqual(answer["plan"]["flags"], [])
                self.assertEqual(box.processes(), [])

    def test_identity_of_a_failed_probe_when_given_back_then_accepted(self):
        with qwg.Sandbox() as box:
            answer = self.check(box, "crash_load").json()
            path = box.write("machine.json", json.dumps(answer["identity"]))
            again = box.run("check", "--json", "--identity", path)
            self.assertEqual(again.rc, 11, again)
            self.assertEqual(again.err, "")
            self.assertEqual(again.json()["identity"], answer["identity"])

    def test_good_library_when_it_prints_then_output_stays_clean(self):
        strings = ("NVIDIA Corporation|NVIDIA GeForce RTX 4090/PCIe/SSE2|4.6.0 NVIDIA 550.78|"
                   "GL_A GL_B")
        with qwg.Sandbox() as box:
            result = self.check(box, "good", QWG_FAKE_GL=strings)
            self.assertEqual(result.err, "")
            self.assertEqual(result.json()["identity"]["gl"], {
                "vendor": "NVIDIA Corporation", "renderer": "NVIDIA GeForce RTX 4090/PCIe/SSE2",
                "version": "4.6.0 NVIDIA 550.78", "extensions": "GL_A GL_B", "probe": "ok"})

    def test_context_when_session_differs_then_the_engines_own(self):
        rows = (
            ("X11", {}, "4.6 Fake"),
            ("X11 by EGL", {"QT_XCB_GL_INTEGRATION": "xcb_egl"}, "OpenGL ES 3.2 Fake"),
            ("Wayland", {"WAYLAND_DISPLAY": "wayland-9"}, "OpenGL ES 3.2 Fake"),
            ("X11 under Wayland", {"WAYLAND_DISPLAY": "wayland-9", "QT_QPA_PLATFORM": "xcb"},
             "4.6 Fake"),
            ("no display", {"DISPLAY": None}, "OpenGL ES 3.2 Fake"),
            ("offscreen", {"QT_QPA_PLATFORM": "offscreen"}, "4.6 Fake"),
        )
        for label, env, want in rows:
            with self.subTest(label), qwg.Sandbox() as box:
                answer = self.check(box, "good", **env).json()
                self.assertEqual(answer["identity"]["gl"]["version"], want)

    def test_result_when_nothing_changed_then_no_driver_is_loaded_again(self):
        with qwg.Sandbox() as box:
            folder = box.path / "lib"
            shutil.copytree(library("good"), folder)
            log = box.path / "log"
            env = {"LD_LIBRARY_PATH": folder, "QWG_FAKE_LOG": log}
            steps = (
                ("first", [], {}, "ok", 1),
                ("again", [], {}, "cached", 1),
                ("another display", [], {"DISPLAY": ":78"}, "ok", 2),
                ("refresh", ["--refresh"], {}, "ok", 3),
                ("other variable", [], {"MESA_GL_VERSION_OVERRIDE": "3.0"}, "ok", 4),
                ("the first one", [], {}, "cached", 4),
                ("other context", [], {"QT_XCB_GL_INTEGRATION": "xcb_egl"}, "ok", 5),
            )
            for label, args, more, want, count in steps:
                answer = self.check(box, "good", *args, **{**env, **more}).json()
                self.assertEqual(answer["identity"]["gl"]["probe"], want, label)
                self.assertEqual(len(logged(log)), count, label)
            os.utime(folder / "libEGL.so.1", (1, 1))
            answer = self.check(box, "good", **env).json()
            self.assertEqual(answer["identity"]["gl"]["probe"], "ok", "another library")
            self.assertEqual(len(logged(log)), 6)

    def test_vulkan_when_it_misbehaves_then_a_fact(self):
        many = "|".join(f"GPU {i}" for i in range(20))
        rows = (
            ("good", "NVIDIA GeForce RTX 4090|llvmpipe", "ok",
             ["NVIDIA GeForce RTX 4090", "llvmpipe"]),
            ("good", "", "ok", []),
            ("good", many, "ok", many.split("|")[:16]),
            ("good", "x" * 300, "ok", ["x" * 256]),
            ("no_driver", "never asked", "ok", []),
            ("no_memory", "never asked", "no-context", None),
            ("no_functions", "never asked", "no-library", None),
            ("crash", "never asked", "crashed", None),
            ("hang", "never asked", "timeout", None),
        )
        for name, devices, want, found in rows:
            with self.subTest(name, devices=devices), qwg.Sandbox() as box:
                result = self.vulkan_check(box, name, "6.8.2", QWG_FAKE_VULKAN=devices)
                self.assertEqual(result.err, "")
                identity = result.json()["identity"]
                self.assertEqual(identity["vulkan"]["probe"], want)
                self.assertEqual(identity["vulkan"].get("devices"), found)
                self.assertEqual(identity["gl"]["probe"], "ok")
                self.assertEqual(box.processes(), [])

    def test_context_when_a_display_runs_then_its_own(self):
        desktop, es = "4.5 (Compatibility Profile) Mesa", "OpenGL ES 3.2 Mesa"
        rows = (
            ("GLX", [], {}, desktop, "2"),
            ("GLX, far away", ["+iglx"], {"LIBGL_ALWAYS_INDIRECT": "1"}, "", "1"),
            ("no GLX", ["-extension", "GLX"], {}, es, None),
            ("EGL", [], {"QT_XCB_GL_INTEGRATION": "xcb_egl"}, es, None),
        )
        for label, args, env, version, direct in rows:
            with self.subTest(label), qwg.Xvfb("640x480x24", *args) as display, \
                    qwg.Sandbox(DISPLAY=display.display) as box:
                gl = box.run("check", "--json", "--engine", "6.4.2", **env).json()["identity"]["gl"]
                self.assertEqual(gl["probe"], "ok")
                self.assertEqual(gl["version"][:len(version) or None], version)
                self.assertEqual(gl.get("direct-rendering"), direct)

    def test_vulkan_by_mesas_own_driver(self):
        with qwg.Sandbox() as box:
            result = box.run("check", "--json", "--engine", "6.8.2")
            vulkan = result.json()["identity"]["vulkan"]
            self.assertEqual(vulkan["probe"], "ok")
            self.assertTrue(any("llvmpipe" in name for name in vulkan["devices"]), vulkan)

    def test_vulkan_when_nothing_changed_or_never_used_then_not_asked(self):
        with qwg.Sandbox() as box:
            log = box.path / "log"
            rows = (
                ("an engine without Vulkan", "6.6.3", None, 0),
                ("first", "6.8.2", {"devices": ["GPU"], "probe": "ok"}, 1),
                ("again", "6.8.2", {"devices": ["GPU"], "probe": "cached"}, 1),
                ("another engine", "6.7.2", {"devices": ["GPU"], "probe": "cached"}, 1),
            )
            for label, engine, want, count in rows:
                result = self.vulkan_check(box, "good", engine, QWG_FAKE_VULKAN="GPU",
                                           QWG_FAKE_LOG=log)
                self.assertEqual(result.json()["identity"].get("vulkan"), want, label)
                created = log.read_text().count("create") if log.exists() else 0
                self.assertEqual(created, count, label)

    def test_no_gl_then_no_driver_is_loaded(self):
        with qwg.Sandbox() as box:
            log = box.path / "log"
            result = self.check(box, "crash_load", "--no-gl", QWG_FAKE_LOG=log)
            self.assertEqual(result.rc, 11, result)
            self.assertNotIn("gl", result.json()["identity"])
            path = box.write("machine.json", json.dumps(IDENTITY))
            result = self.check(box, "good", "--identity", path, QWG_FAKE_LOG=log)
            self.assertNotIn("gl", result.json()["identity"])
            self.assertEqual(logged(log), [])

    def test_qwguard_when_killed_during_the_probe_then_child_ends(self):
        with qwg.Sandbox() as box:
            log = box.path / "log"
            with box.start("check", "--json", DISPLAY=":77", QWG_FAKE_LOG=log,
                           LD_LIBRARY_PATH=library("hang")) as running:
                qwg.wait_for(lambda: len(logged(log)) == 2, what="the library to hang")
                with qwg.ProcessTree(logged(log)[0]) as child:
                    os.kill(running.pid, signal.SIGKILL)
                    running.child.wait()
                    qwg.wait_for(lambda: logged(log)[0] not in child.alive(),
                                 what="the end of the child")

    def test_root_then_no_driver_is_loaded_and_files_are_read_below_it(self):
        with qwg.Sandbox() as box:
            box.write("root/etc/os-release", "ID=fedora\nVERSION_ID=40\n")
            box.write("root/proc/sys/kernel/osrelease", "6.8.5-301.fc40.x86_64\n")
            device = "root/sys/bus/pci/devices/0000:01:00.0/"
            for name, text in (("class", "0x030000"), ("vendor", "0x10de"), ("device", "0x2684")):
                box.write(device + name, text + "\n")
            Path(box.path / device / "driver").symlink_to("../../../../bus/pci/drivers/nvidia")
            box.write("root/proc/driver/nvidia/version",
                      "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.78  Sun Apr 14\n")
            box.write("root/usr/lib64/libGLX_nvidia.so.550.90.07", "x")
            log = box.path / "log"
            result = self.check(box, "good", "--root", box.path / "root", QWG_FAKE_LOG=log)
            identity = result.json()["identity"]
            self.assertEqual(identity["os"], {
                "name": "linux", "version": "6.8.5-301.fc40.x86_64", "distribution": "fedora",
                "distribution-version": "40"})
            self.assertEqual(identity["gpus"], [{
                "vendor": "0x10de", "device": "0x2684", "class": "0x0300", "driver": "nvidia",
                "driver-version": "550.78", "library-version": "550.90.07"}])
            self.assertNotIn("gl", identity)
            self.assertEqual(logged(log), [])


if __name__ == "__main__":
    unittest.main()
