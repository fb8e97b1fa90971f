# SPDX-License-Identifier: GPL-2.0-only
"""Run other programs, keep what they print, and say which line mattered."""

import fcntl
import os
import shutil
import subprocess
from contextlib import contextmanager

from pguest import paths, ui

GIB = 1 << 30


def need_space(bytes_needed, what, place=None, move="BUILD=/elsewhere moves the build"):
    """Refuse before anything is written, and not when the disk is full."""
    place = place or paths.BUILD
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < bytes_needed:
        raise ui.Refusal(
            f"not enough disk for {what}: {place} has {free / GIB:.1f} GiB free, "
            f"{bytes_needed / GIB:.1f} GiB are needed ({move})")


@contextmanager
def lock(what):
    """One builder at a time of each thing in a build directory: pytest may start several."""
    paths.BUILD.mkdir(parents=True, exist_ok=True)
    with open(paths.BUILD / f".lock-{what}", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            ui.say(f"waiting for another build of {what} in {paths.BUILD}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


# What a calling make leaves in the environment: its command line variables
# (BUILD=, LINUX=) and job server are no business of the makes that we start.
MAKE_WORDS = ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL")


def environment(extra=None):
    kept = {name: value for name, value in os.environ.items() if name not in MAKE_WORDS}
    return {**kept, "LC_ALL": "C", **(extra or {})}


def run(command, log, what, env=None, each_line=None, cwd=None):
    """Run `command`, its output into build/logs/<log>; refuse with its own words.

    `each_line` is called with every line, for progress.
    """
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    log = paths.LOGS / log
    kept = []
    with open(log, "w", buffering=1) as file:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", cwd=cwd,
            env=environment(env))
        for line in process.stdout:
            file.write(line)
            kept = (kept + [line.rstrip()])[-400:]
            if each_line:
                each_line(line.rstrip())
        status = process.wait()
    if status != 0:
        raise ui.Refusal(f"{what} failed: {telling_line(kept)} (all of it: {log})")
    return kept


def telling_line(lines):
    """The line that says why: the first error, else the last line that says anything."""
    if any("No space left on device" in line for line in lines):
        return "no space left on device"
    for mark in ("fatal error:", " error:", "error:", "E: ", "Error", "***"):
        for line in lines:
            if mark in line:
                return line.strip()
    spoken = [line.strip() for line in lines if line.strip()]
    return spoken[-1] if spoken else "it said nothing"


def newer(target, sources):
    """True if `target` is there and no file of `sources` is younger."""
    if not target.exists():
        return False
    made = target.stat().st_mtime_ns
    return all(source.stat().st_mtime_ns <= made for source in sources)


def write_if_changed(path, text):
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return True
