# SPDX-License-Identifier: GPL-2.0-only
"""An integrated tree as a series for git am: pguest/, a patch for each hook, and the lines that build it."""

import subprocess
import textwrap
from pathlib import Path

from hookfile import diff
from kerneltree import Refusal, decode, encode

FIRST = """The directory holds the layer that a guest needs in order to run protected, under
pKVM or as a realm. Nothing builds it yet. The patches that follow call it: without
CONFIG_PGUEST its headers make these calls empty, so that each step builds.
"""
LAST = """All places that call the layer are there, so it can be configured.
"""


def author(repo):
    """Name and mail address of who makes the series, and the date of what it is made of."""
    def git(*arguments):
        ran = subprocess.run(["git", "-C", str(repo), *arguments], capture_output=True, text=True, check=False)
        return ran.stdout.strip() if ran.returncode == 0 else ""
    name, mail = git("config", "user.name"), git("config", "user.email")
    if not (name and mail):
        raise Refusal("--series signs patches off: git config user.name and user.email say who does")
    return f"{name} <{mail}>", git("log", "-1", "--format=%aD")


def changed(path, old, new):
    """A change of a file as git prints it; old is None for a new file."""
    text = diff(old or "", new, "-u", "-p", "--label", f"a/{path}" if old is not None else "/dev/null",
                "--label", f"b/{path}")
    head = f"diff --git a/{path} b/{path}\n" + ("new file mode 100644\n" if old is None else "")
    return head + text if text else ""


def message(hook):
    """A commit message of a hook's header."""
    def prose(tag):
        return textwrap.fill(" ".join(hook.tags.get(tag, [])), 75)
    why = prose("Why")
    parts = [why[:1].upper() + why[1:], "Outside of a protected VM: " + " ".join(hook.tags.get("Outside", []))]
    return "\n\n".join([parts[0], textwrap.fill(parts[1], 75), f"Hook: hooks/{hook.name}"]) + "\n"


def patches(plan, copy, lines):
    """(subject, message, changes) in the order in which they apply; each is of the texts that the one before made."""
    yield "arm64: pguest: add the layer", FIRST, "".join(changed(f"pguest/{path}", None, decode(data))
                                                         for path, data in copy.items())
    for hook in plan.hooks:
        text = "".join(changed(path, old, new) for path in hook.paths()
                       for name, old, new in plan.steps[path] if name == hook.name)
        if text:
            summary = (hook.summary or hook.name).rstrip(".")
            yield f"arm64: pguest: {summary[:1].lower()}{summary[1:]}", message(hook), text
    yield "arm64: pguest: build the layer", LAST, "".join(changed(path, decode(plan.before[path]), decode(plan.after[path]))
                                                         for path in lines)


def write(plan, copy, lines, directory, repo):
    """The series into @directory, which must be empty or not there; returns how many patches it has."""
    directory = Path(directory)
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise Refusal(f"{directory}: is there and not an empty directory")
    who, date = author(repo)
    series = list(patches(plan, copy, lines))
    directory.mkdir(parents=True, exist_ok=True)
    for number, (subject, body, text) in enumerate(series, 1):
        name = "".join(c if c.isalnum() else "-" for c in subject.removeprefix("arm64: pguest: "))[:52].strip("-")
        mail = (f"From {'0' * 40} Mon Sep 17 00:00:00 2001\nFrom: {who}\n" + (f"Date: {date}\n" if date else "") +
                f"Subject: [PATCH {number:02}/{len(series):02}] {subject}\nMIME-Version: 1.0\n"
                f"Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n"
                f"{body}\nSigned-off-by: {who}\n---\n{text}-- \n")
        (directory / f"{number:04}-{name}.patch").write_bytes(encode(mail))
    cover = [f"Subject: [PATCH 00/{len(series):02}] pguest on Linux {plan.tree.release}", "",
             *(f"  {number:02} {subject}" for number, (subject, _, _) in enumerate(series, 1)), ""]
    (directory / "cover-letter.txt").write_text("\n".join(cover), encoding="utf-8")
    return len(series)
