# SPDX-License-Identifier: GPL-2.0-only
"""An integrated tree as a series for git am: pguest/, a patch for each hook, and the lines that build it."""

import json
import re
import subprocess
import tempfile
import textwrap
from pathlib import Path

from hookfile import diff
from kerneltree import Refusal, decode, encode

PREFIX = "arm64: pguest: "
WIDTH = 75
FIRST = ("The directory holds the layer that a guest needs in order to run protected, under pKVM or as a realm. Nothing "
         "builds it yet. The patches that follow call it: without CONFIG_PGUEST its headers make these calls empty, so "
         "that each step builds.")
LAST = "All places that call the layer are there, so it can be configured."
COVER = ("pguest lets this kernel run in a protected VM, as a guest of pKVM or as a realm of Arm CCA. The first patch adds the "
         "layer as one directory. Each patch after it calls the layer at one place, or replaces a part of the tree by it; its "
         "message ends with the file of hooks/ that it was made of. The last patch makes the layer selectable. "
         "Each step compiles.")
# Words that a sentence does not change.
NAMES = ("configfs", "earlycon", "pguest", "swiotlb", "virtio")


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
    if old is None and ("\0" in new or "\r" in new):
        return added_bytes(path, encode(new))
    text = diff(old or "", new, "-u", "-p", "--label", f"a/{path}" if old is not None else "/dev/null",
                "--label", f"b/{path}")
    head = f"diff --git a/{path} b/{path}\n" + ("new file mode 100644\n" if old is None else "")
    return head + text if text else ""


def added_bytes(path, data):
    """A new file that git am would not take as lines: it ends at a NUL, and drops a CR before a line's end."""
    with tempfile.TemporaryDirectory(prefix="pguest-diff-") as scratch:
        file = Path(scratch, path)
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
        # By itself git takes a file without a NUL for lines.
        attributes = Path(scratch, "attributes")
        attributes.write_text("* -text -diff\n", encoding="utf-8")
        git = ["git", "-C", scratch, "-c", f"core.attributesFile={attributes}"]
        subprocess.run([*git, "init", "-q"], check=True)
        subprocess.run([*git, "add", "--force", path], check=True)
        return decode(subprocess.run([*git, "diff", "--cached", "--binary", "--full-index"], capture_output=True, check=True).stdout)


def sentence(text):
    """@text with a capital, unless its first word is a name or code."""
    first = re.match(r"[a-z]+(?=[ ,;.])", text)
    return text[:1].upper() + text[1:] if first and first[0] not in NAMES else text


def subject(hook):
    summary = (hook.summary or hook.name).rstrip(".")
    return f"{summary[:1].lower()}{summary[1:]}"


def message(hook, hooks=()):
    """A commit message of a hook's header. What the header calls by its file is a patch of the series here."""
    subjects = {re.sub(r"(-\d+\.\d+)?\.\w+$", "", other.name): subject(other) for other in hooks}

    def prose(text):
        text = re.sub(r"\b\d\d-[a-z][a-z0-9-]*", lambda name: f'the patch "{subjects[name[0]]}"' if name[0] in subjects else name[0], text)
        return textwrap.fill(text, WIDTH, break_on_hyphens=False)
    why, outside = (" ".join(hook.tags.get(tag, [])) for tag in ("Why", "Outside"))
    effect = f"Effect on a machine that is not protected: {re.sub(r'^nothing', 'none', outside)}"
    if hook.off:
        effect += f" Without CONFIG_PGUEST: {hook.off}"
    return "\n\n".join([sentence(prose(why)), prose(effect), f"Hook: hooks/{hook.name}"])


def patches(plan, copy, lines):
    """(subject, message, changes) in the order in which they apply; each is of the texts that the one before made."""
    yield PREFIX + "add the layer", textwrap.fill(FIRST, WIDTH), "".join(changed(f"pguest/{path}", None, decode(data))
                                                                         for path, data in copy.items())
    for hook in plan.hooks:
        text = "".join(changed(path, old, new) for path in hook.paths()
                       for name, old, new in plan.steps[path] if name == hook.name)
        if text:
            yield PREFIX + subject(hook), message(hook, plan.hooks), text
    yield PREFIX + "build the layer", LAST, "".join(changed(path, decode(plan.before[path]), decode(plan.after[path]))
                                                    for path in lines)


def diffstat(text, *options):
    """What git says of a patch: the files, and how many lines."""
    # Not in a repository: in one of its directories git leaves out what is elsewhere.
    ran = subprocess.run(["git", "apply", "--stat", *options, "-"], input=encode(text), capture_output=True, cwd="/", check=False)
    if ran.returncode:
        raise Refusal(f"--series: git cannot read a patch of its own: {decode(ran.stderr).strip()}")
    return decode(ran.stdout)


def tested(plan, repo, commit):
    """What Documentation/trees.rst has of this very tree."""
    kept = Path(repo, "Documentation", "results", "trees.json")
    rows = json.loads(kept.read_text(encoding="utf-8"))["trees"] if kept.exists() else []
    mine = [row for row in rows if row["release"] == plan.tree.release and row["commit"] and commit.startswith(row["commit"])]
    ran = {mode: day for row in mine for mode, day in row.get("ran", {}).items()}
    if not ran:
        return "This tree has not been booted with the series (make boot-trees does that)."
    kunit = ran.pop("kunit", None)
    booted = "; ".join(f"{mode} ({day})" for mode, day in sorted(ran.items()))
    return "\n".join(textwrap.wrap(f"Built and booted at commit {commit[:12]}, all checks true: {booted or 'not yet'}. "
                                   f"KUnit: {f'all cases passed ({kunit})' if kunit else 'not run'}.", WIDTH))


def cover(plan, series, repo, commit):
    """The text of a letter to send with the series."""
    return "\n".join([f"Subject: [PATCH 00/{len(series):02}] pguest on Linux {plan.tree.release}", "",
                      textwrap.fill(COVER, WIDTH), "", tested(plan, repo, commit), "",
                      *(f"  {number:02} {name}" for number, (name, _, _) in enumerate(series, 1)), "",
                      "The directory pguest/, of the first patch:", diffstat(series[0][2]).splitlines()[-1], "",
                      "All others:", diffstat(plan.patch())])


def write(plan, copy, lines, directory, repo):
    """The series into @directory, which must be empty or not there; returns how many patches it has."""
    directory = Path(directory)
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise Refusal(f"{directory}: is there and not an empty directory")
    who, date = author(repo)
    head = plan.tree.git("rev-parse", "HEAD") if (plan.tree.root / ".git").exists() else None
    series = list(patches(plan, copy, lines))
    letter = cover(plan, series, repo, head.stdout.strip() if head and head.returncode == 0 else "")
    directory.mkdir(parents=True, exist_ok=True)
    for number, (name, body, text) in enumerate(series, 1):
        file = "".join(c if c.isalnum() else "-" for c in name.removeprefix(PREFIX))[:52].strip("-")
        mail = (f"From {'0' * 40} Mon Sep 17 00:00:00 2001\nFrom: {who}\n" + (f"Date: {date}\n" if date else "") +
                f"Subject: [PATCH {number:02}/{len(series):02}] {name}\nMIME-Version: 1.0\n"
                f"Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n"
                f"{body}\n\nSigned-off-by: {who}\n---\n{diffstat(text, '--summary')}\n{text}-- \n")
        (directory / f"{number:04}-{file}.patch").write_bytes(encode(mail))
    (directory / "cover-letter.txt").write_text(letter, encoding="utf-8")
    return len(series)
