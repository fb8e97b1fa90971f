# SPDX-License-Identifier: GPL-2.0-only
"""What a reviewer would send back in a commit, as far as a program can see it.

Only what is new since a base counts: BASE= in the environment, or origin/main, or the last ten commits.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pguest import paths, ui

LAST = 10
SIGNED = re.compile(r"^Signed-off-by: .+ <.+@.+>$", re.M)
SUBJECT = re.compile(r"^((?:[\w./,-]+: )+)(\w+)")
# No verb begins with these; "a fix for ..." and "which kernels ..." say nothing that the commit does.
NO_VERBS = {"a", "an", "the", "this", "that", "these", "those", "no", "not", "each", "every", "all", "some", "any", "one", "two",
            "three", "more", "less", "which", "what", "who", "where", "when", "how", "why", "if", "in", "on", "of", "for",
            "from", "to", "under", "with", "without", "at", "by", "as", "it", "its", "our", "their", "there", "is", "are",
            "new", "only", "last", "first"}
VERBS = {"need", "feed", "seed", "embed", "exceed", "proceed", "shed", "speed", "bring", "string", "ring", "focus", "alias"}

# A file of ours or of Linux; what ends in .md is none of either.
CITATION = re.compile(r"(?<![\w/.-])((?:Documentation|LICENSES|arch|compat|drivers|hooks|include|kernel|scripts|tests)/"
                      r"[\w/.+-]*\w\.(?:c|h|S|py|rst|sh|txt|yaml|config|cocci|lines|svg)|[\w-]+\.md)\b(?![\w/*<{])")
# These name files of other trees, or none on purpose.
EXAMPLES = ("tests/check/", "tests/integrate/", "scripts/treefit.py")
# A part of a name that stands for others, as in linux-VERSION.config
PLACEHOLDER = re.compile(r"[A-Z]{4,}")
TEXT = (".c", ".h", ".S", ".py", ".rst", ".sh", ".cocci", ".lines", ".config", "Kconfig", "Makefile", "Kbuild")

NAMED = ("arch/", "compat/", "drivers/", "kernel/", "tests/lib/", "tests/monitor/", "tests/rmm/", "tests/vmm/")
FUNCTION = re.compile(r"^static\s[^=;{}\"]*?\b(\w+)\((?!\()")
ATTRIBUTE = re.compile(r"__\w+\(\(.*?\)\)")


@dataclass(frozen=True)
class Line:
    """A line that is new: in which file of the repository, and where."""
    file: str
    number: int
    text: str

    def __str__(self):
        return f"{self.file}:{self.number}"


def git(*words, root=paths.ROOT):
    done = subprocess.run(["git", "-C", root, *words], capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise ui.Refusal(f"git {words[0]}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'failed'}")
    return done.stdout


def base(root=paths.ROOT):
    """The commit since which things are new."""
    given = os.environ.get("BASE")
    if given:
        return git("rev-parse", "--verify", f"{given}^{{commit}}", root=root).strip()
    try:
        return git("merge-base", "HEAD", "origin/main", root=root).strip()
    except ui.Refusal:
        commits = git("rev-list", f"--max-count={LAST + 1}", "HEAD", root=root).split()
        return commits[-1]


def commits(since, root=paths.ROOT):
    """[(hash, subject, whole message)] of new commits; a merge has no subject of its own."""
    listed = git("log", "--no-merges", "--format=%h%x00%s%x00%B%x01", f"{since}..HEAD", root=root)
    return [tuple(entry.lstrip("\n").split("\0")) for entry in listed.split("\1") if entry.strip()]


def commit_faults(name, subject, message):
    if not SIGNED.search(message):
        yield f"commit {name}: no Signed-off-by"
    found = SUBJECT.match(subject)
    if not found:
        yield f"commit {name}: the subject has no \"subsystem: \" before it: {subject}"
    elif not is_imperative(found[2].lower()):
        yield f"commit {name}: the subject is not imperative (\"{found[2]}\"): {subject}"


def is_imperative(word):
    if word in VERBS:
        return True
    return word not in NO_VERBS and not word.endswith(("ing", "ed")) and (not word.endswith("s") or word.endswith("ss"))


def new_lines(since, root=paths.ROOT):
    """Lines that are in the working tree and were not in @since, new files included."""
    found, file, number = [], None, 0
    for line in git("diff", "--unified=0", "--no-color", "--no-ext-diff", since, root=root).split("\n"):
        if line.startswith("+++ "):
            file = line[6:] if line.startswith("+++ b/") else None
        elif line.startswith("@@ "):
            number = int(re.search(r"\+(\d+)", line)[1])
        elif line.startswith("+") and file:
            found.append(Line(file, number, line[1:]))
            number += 1
    for name in git("ls-files", "-z", "--others", "--exclude-standard", root=root).split("\0"):
        if name.endswith(TEXT):
            text = (Path(root) / name).read_text(errors="replace")
            found += [Line(name, at, line) for at, line in enumerate(text.split("\n"), 1)]
    return found


VENDORS = re.compile(r"^(//|#)\s*With:")


def citation_faults(lines, trees):
    """Files that a line names and that are neither here nor in Linux."""
    for line in lines:
        if line.file.startswith(EXAMPLES) or not line.file.endswith(TEXT):
            continue
        # A file that a vendor's tree has, and Linux has not.
        if line.file.startswith("hooks/") and VENDORS.match(line.text):
            continue
        for name in CITATION.findall(line.text):
            if PLACEHOLDER.search(Path(name).name) and "README" not in name:
                continue
            if not any((Path(tree) / name).exists() for tree in trees):
                yield f"{line}: names {name}, which is not there"


def name_faults(lines):
    """Static functions of one word: which of them is it, in kallsyms or in a backtrace?"""
    for line in lines:
        if not (line.file.startswith(NAMED) and line.file.endswith((".c", ".h"))):
            continue
        found = FUNCTION.match(ATTRIBUTE.sub("", line.text))
        if found and "_" not in found[1]:
            yield f"{line}: the static function {found[1]}() has a name of one word"
