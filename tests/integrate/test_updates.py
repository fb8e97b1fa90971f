# SPDX-License-Identifier: GPL-2.0-only
"""Hooks after a stable update: edits as upstream makes them, near the hooks of the real tree.

A hook fits, and then changes the same lines as before, or it is refused. It never goes
to another place.
"""

import concurrent.futures
import importlib.machinery
import importlib.util
import os
import random
import re

import pytest
from trees import REPO

from hookfile import HookError, diff, function_text, load_hooks, regions, select
from kerneltree import Tree, decode

from pguest import paths

EDITS = 50
LOCAL = re.compile(r"^\t(?:(?:const |unsigned |struct )*\w+ \**)(\w+)(?: = [^;]*)?;$")
STATEMENT_ENDS = re.compile(r"(?:[;{}]|\*/)$")


class File:
    """A file of the tree, what its hooks make of it, and the lines that they change."""

    def __init__(self, path, text, hooks, workdir):
        self.path, self.text, self.hooks = path, text, hooks
        self.hooked = self.apply(text, workdir)
        self.spots = [region.old_start for region in regions(text, self.hooked)]

    def apply(self, text, workdir):
        for hook in self.hooks:
            text = hook.apply(self.path, text, workdir)
        return text


def changes(old, new):
    """Lines that went and came, without what an edit may move: blanks and line breaks."""
    marked = {"-": [], "+": []}
    for line in diff(old, new, "-U0").splitlines():
        if line[:1] in marked and not line.startswith(("---", "+++")):
            marked[line[0]].append(line[1:])
    return tuple(re.sub(r"\s", "", "".join(lines)) for lines in marked.values())


def enclosing(lines, at):
    """First and last line of the function that line @at is in, None outside of one."""
    start = next((i for i in range(at, -1, -1) if lines[i] == "{"), None)
    end = next((i for i in range(start or at, len(lines)) if lines[i].startswith("}")), None)
    return (start, end) if start is not None and end is not None and start < at <= end else None


def insert(lines, random_, new):
    """@new before a statement of the function around a spot; the function's declarations stay together."""
    first, last = random_["function"]
    blank = next((i for i in range(first + 1, last) if lines[i] == ""), first)
    places = [i for i in range(blank + 1, last) if abs(i - random_["at"]) < 12 and STATEMENT_ENDS.search(lines[i - 1])
              and re.match(r"^\t+\w", lines[i]) and not lines[i].lstrip().startswith(("else", "case"))]
    if not places:
        return None
    at = random_["choice"](places)
    indent = re.match(r"^\t*", lines[at]).group()
    return lines[:at] + [indent + line if line else line for line in new] + lines[at:]


def rename(lines, random_):
    """One local variable gets another name. Returns the names, too."""
    first, last = random_["function"]
    found = [match.group(1) for match in map(LOCAL.match, lines[first:last]) if match]
    if not found:
        return None, None
    name = random_["choice"](found)
    # Members of that name are something else.
    new = [re.sub(rf"(?<![.>\w]){name}\b", f"{name}_of_update", line) for line in lines[first:last]]
    return lines[:first] + new + lines[last:], (f"{name}_of_update", name)


def edit(file, number):
    """(text, renamed) of an edit near one of the hooks' places; the number says which."""
    dice = random.Random(number)
    lines = file.text.split("\n")
    spots = [spot for spot in file.spots if enclosing(lines, spot)]
    if not spots:
        return None, None
    at = dice.choice(spots)
    random_ = {"at": at, "function": enclosing(lines, at), "choice": dice.choice}
    kind = number % 5
    if kind == 0:
        new, names = rename(lines, random_)
        return ("\n".join(new), names) if new else (None, None)
    new = insert(lines, random_, [[""], ["/* As of this update. */"], ["update_statistics(1);"],
                                  ["if (unlikely(update_pending))", "\tupdate_now();"]][kind - 1])
    return ("\n".join(new), None) if new else (None, None)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    there = [tree for tree in (paths.pristine(paths.DEFAULT), paths.tree(paths.DEFAULT)) if tree.exists()]
    if not there:
        pytest.skip(f"no tree of Linux {paths.DEFAULT} in {paths.BUILD}")
    tree = Tree(there[0])
    hooks = [hook for hook in select(load_hooks(REPO / "hooks"), tree.version, tree.has) if not hook.is_lines]
    names = sorted({path for hook in hooks for path in hook.paths()})

    def load(path):
        return File(path, decode(tree.original(path)), [hook for hook in hooks if path in hook.paths()],
                    tmp_path_factory.mktemp("file"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(load, names))


def outcome(file, number, workdir):
    text, names = edit(file, number)
    if text is None:
        return "no place"
    try:
        hooked = file.apply(text, workdir)
    except HookError:
        return "refused"
    gone, come = changes(text, hooked)
    if names:
        gone, come = gone.replace(*names), come.replace(*names)
    assert (gone, come) == changes(file.text, file.hooked), f"{file.path}, edit {number}: another place\n{diff(text, hooked, '-U2')}"
    lines, before = hooked.split("\n"), file.hooked.split("\n")
    for name in {name for hook in file.hooks for place in hook.places if place.path == file.path for name in place.functions}:
        calls = [len(re.findall(r"\bpguest_\w+\(", function_text(of, name))) for of in (lines, before)]
        assert calls[0] == calls[1], f"{file.path}, edit {number}: {name}() calls the layer {calls[0]} times, not {calls[1]}"
    return "fits"


def test_hooks_fit_or_are_refused_after_an_update(files, tmp_path):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = []
        for number in range(EDITS):
            workdir = tmp_path / str(number)
            workdir.mkdir()
            jobs.append(pool.submit(outcome, files[number % len(files)], number, workdir))
        seen = [job.result() for job in jobs]
    # Edits that find no place say nothing. Of the others most must fit, or hooks hold for one patch level.
    tried = [what for what in seen if what != "no place"]
    assert len(tried) >= EDITS / 2
    assert tried.count("fits") >= 0.8 * len(tried), {what: seen.count(what) for what in set(seen)}


def local_lines():
    """What make series --local puts into a tree."""
    loader = importlib.machinery.SourceFileLoader("try_series", str(REPO / "scripts" / "try-series"))
    script = importlib.util.module_from_spec(importlib.util.spec_from_loader("try_series", loader))
    loader.exec_module(script)
    return script.LOCAL, script.LOCAL_LINE


def test_hooks_fit_beside_a_line_of_the_tree_s_own(files, tmp_path):
    places, line = local_lines()
    there = {file.path: file for file in files}
    for path, before in places.items():
        file = there[path]
        assert file.text.count(before) == 1
        text = file.text.replace(before, re.match(r"\t*", before)[0] + line + before)
        assert changes(text, file.apply(text, tmp_path)) == changes(file.text, file.hooked), path
