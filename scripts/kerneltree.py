# SPDX-License-Identifier: GPL-2.0-only
"""A kernel tree as scripts/integrate sees it: what is in it, what was, and changing it all or not at all."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

# What an in-tree build leaves beside the sources.
BUILT = re.compile(r"^(\..*\.(cmd|d|tmp)|.*\.(o|a|ko|mod|mod\.c|i|s|lst|symtypes)|modules\.order|\.tmp_.*)$")
# Raise when the same hooks would give another result.
STATE_VERSION = 1


class Refusal(Exception):
    """The tree stays as it is; one line for each reason."""

    def __init__(self, *reasons):
        super().__init__(*reasons)
        self.reasons = reasons


class Link(str):
    """The target of a symlink, where another file has its bytes."""


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def fingerprint(data):
    return f"-> {data}" if isinstance(data, Link) else sha256(data)


def content(file):
    """What a file of pguest/ is: a Link or bytes, None if it is not there."""
    if file.is_symlink():
        return Link(os.readlink(file))
    return file.read_bytes() if file.is_file() else None


def decode(data):
    return data.decode("utf-8", "surrogateescape")


def encode(text):
    return text.encode("utf-8", "surrogateescape")


class Tree:
    """A kernel tree and what .pguest/ remembers about it."""

    def __init__(self, path):
        self.root = Path(path).resolve()
        self.version, self.release = self.read_version(path)
        self.store = self.root / ".pguest"
        self.link = self.root / "pguest"
        self.state = self.read_state()

    def read_version(self, path):
        if not self.root.is_dir():
            raise Refusal(f"{path}: no such directory")
        try:
            makefile = decode((self.root / "Makefile").read_bytes())
        except OSError:
            makefile = ""
        found = {name: value for name, value in
                 re.findall(r"^(VERSION|PATCHLEVEL|SUBLEVEL)[ \t]*=[ \t]*(\d+)[ \t]*$", makefile, re.MULTILINE)}
        files = [self.root / name for name in ("Kbuild", "Kconfig", "arch/arm64/Makefile", "scripts/Kbuild.include")]
        if not {"VERSION", "PATCHLEVEL"} <= found.keys() or not all(file.is_file() for file in files):
            raise Refusal(f"{path}: not a Linux source tree with arm64")
        version = f"{found['VERSION']}.{found['PATCHLEVEL']}"
        return version, f"{version}.{found.get('SUBLEVEL', '0')}"

    def read_state(self):
        try:
            state = json.loads((self.store / "state.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            if self.link.is_symlink() or self.link.exists():
                raise Refusal(f"{self.link}: exists and was not made by scripts/integrate") from None
            # A .pguest/ without state.json is of a run that ended before it changed anything.
            if self.store.is_symlink() or self.store.exists() and not self.store.is_dir():
                raise Refusal(f"{self.store}: was not made by scripts/integrate") from None
            return None
        except (OSError, ValueError) as error:
            raise Refusal(f"{self.store}/state.json: cannot be read: {error}") from None
        if state.get("version") != STATE_VERSION:
            raise Refusal(f"{self.store}: written by another version of scripts/integrate, revert with that one")
        return state

    # What the tree holds now and held before

    def read(self, path):
        file = self.root / path
        if file.is_symlink() or not file.is_file():
            raise Refusal(f"{path}: no such file in Linux {self.release}")
        try:
            return file.read_bytes()
        except OSError as error:
            raise Refusal(f"{path}: {error.strerror}") from None

    def has(self, path):
        return (self.root / path).is_file()

    def original(self, path):
        """The bytes of @path without us."""
        entry = self.entry(path)
        now = self.read(path)
        if not entry or (sha256(now) not in self.known(path) and self.git_says_clean(path)):
            return now
        return self.stored(path)

    def original_mtime(self, path):
        entry = self.entry(path)
        return entry["mtime"] if entry else (self.root / path).stat().st_mtime_ns

    def entry(self, path):
        return (self.state or {"files": {}})["files"].get(path)

    def known(self, path):
        """Hashes that @path may have: the original's and what we wrote, two of them after an interruption."""
        entry = self.entry(path)
        return [entry["original"], *entry["written"]]

    def stored(self, path):
        digest = self.entry(path)["original"]
        try:
            data = (self.store / digest).read_bytes()
        except OSError as error:
            raise Refusal(f".pguest/{digest}: the original of {path}: {error.strerror}") from None
        if sha256(data) != digest:
            raise Refusal(f".pguest/{digest}: the original of {path} is damaged")
        return data

    def changed_by_others(self):
        """Files of ours that somebody changed since, without help of git."""
        if not self.state:
            return []
        changed = []
        for path in self.state["files"]:
            file = self.root / path
            if not file.is_file() or sha256(file.read_bytes()) not in self.known(path):
                changed.append(path)
        return changed + self.directory_changes()

    def directory_changes(self):
        """What in pguest/ is not ours; that it is missing is no change."""
        if self.link.is_symlink():
            # From before there was a link for each file. Unfinished: to be replaced.
            ours = "unfinished" in self.state or os.readlink(self.link) == self.state["link"]
            return [] if ours else ["pguest"]
        if not self.link.exists():
            return []
        if not self.state["copy"]:
            return ["pguest"]
        changed = [path for path, digests in self.state["copy"].items()
                   if (data := content(self.link / path)) is not None and fingerprint(data) not in digests]
        return [f"pguest/{path}" for path in changed + self.foreign_in_copy()]

    def foreign_in_copy(self):
        """Files in the copy that neither we nor a build put there."""
        return [str(file.relative_to(self.link)) for file in sorted(self.link.rglob("*"))
                if not file.is_dir() and not BUILT.match(file.name)
                and str(file.relative_to(self.link)) not in self.state["copy"]]

    # git, where there is one

    def git(self, *arguments):
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return subprocess.run(["git", "--no-optional-locks", "-C", str(self.root), *arguments],
                              env=env, capture_output=True, text=True, errors="surrogateescape", check=False)

    def git_changes(self, paths):
        """Those of @paths that differ from HEAD; nothing where git does not track them."""
        if not shutil.which("git"):
            return []
        ran = self.git("diff", "--no-ext-diff", "--name-only", "--relative", "-z", "HEAD", "--", *paths)
        if ran.returncode == 0:
            return [path for path in ran.stdout.split("\0") if path]
        if (self.root / ".git").exists():
            told = ran.stderr.strip().splitlines() or ["no reason given"]
            raise Refusal(f"git cannot compare the tree with HEAD: {told[0]}")
        return []

    def git_says_clean(self, path):
        if not shutil.which("git"):
            return False
        tracked = self.git("cat-file", "-e", f"HEAD:./{path}").returncode == 0
        return tracked and not self.git_changes([path])


def write_all(tree, files, state, copy, times=None):
    """Make @files and pguest/ so, or leave everything as it was.

    The state is on disk before the first file changes and knows both contents, so an
    interrupted run can be finished or reverted. copy is what pguest/ consists of; times
    are modification times other than now.
    """
    undo = []
    owner = tree.root.stat()
    signals = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        if not tree.store.exists():
            tree.store.mkdir()
            undo.append(lambda: shutil.rmtree(tree.store))
            give(tree.store, owner)
        for path, entry in state["files"].items() if state else ():
            if not (tree.store / entry["original"]).exists():
                put(tree, tree.store / entry["original"], tree.original(path), owner)
        staged = [(stage(tree, path, data, (times or {}).get(path)), tree.root / path)
                  for path, data in files.items()]
        if tree.state:
            undo.append(lambda: put_state(tree, tree.state, owner))
        put_state(tree, mixed(tree.state, state), owner)
        put_directory(tree, state, copy, owner, undo)
        for new, file in staged:
            # A second name for the old file: taking a step back needs no space and cannot fail half-way.
            old = f"{new}-old"
            os.link(file, old)
            undo.append(lambda file=file, old=old: os.replace(old, file))
            os.replace(new, file)
        if state:
            put_state(tree, state, owner)
    except (OSError, Refusal) as error:
        for step in reversed(undo):
            step()
        clean_store(tree, tree.state)
        if isinstance(error, Refusal):
            raise
        raise Refusal(f"{error.filename or tree.root}: {error.strerror}") from None
    else:
        clean_store(tree, state)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)


def clean_store(tree, state):
    """Leave in .pguest/ what belongs to @state."""
    if not tree.store.exists():
        return
    keep = {"state.json", *(entry["original"] for entry in state["files"].values())} if state else {"state.json"}
    for file in tree.store.iterdir():
        if file.name not in keep:
            file.unlink()
    if not state:
        # Until here another --revert can finish what this one began.
        shutil.rmtree(tree.store)


def mixed(old, new):
    """A state that is true before, during and after the change from @old to @new."""
    if not new:
        return {**old, "unfinished": True}
    old = old or {"files": {}, "copy": {}}
    files = {path: {**entry, "written": list(entry["written"])} for path, entry in new["files"].items()}
    for path, entry in old["files"].items():
        files.setdefault(path, {**entry, "written": []})["written"] += [*entry["written"], entry["original"]]
    copy = {path: [*new["copy"].get(path, []), *old["copy"].get(path, [])] for path in new["copy"] | old["copy"]}
    return {**new, "files": files, "copy": copy, "unfinished": True}


def stage(tree, path, data, mtime=None):
    """New content for @path, with its mode and owner, ready to be renamed over it."""
    now = (tree.root / path).stat()
    handle, name = tempfile.mkstemp(prefix="new-", dir=tree.store)
    with os.fdopen(handle, "wb") as new:
        new.write(data)
    os.chmod(name, now.st_mode & 0o7777)
    give(name, now)
    if mtime:
        os.utime(name, ns=(mtime, mtime))
    return name


def put(tree, file, data, owner):
    """A file of ours, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = tree.store / "new"
    new.unlink(missing_ok=True)
    if isinstance(data, Link):
        os.symlink(data, new)
    else:
        new.write_bytes(data)
    give(new, owner)
    os.replace(new, file)


def put_state(tree, state, owner):
    put(tree, tree.store / "state.json", encode(json.dumps(state, indent=1)), owner)


def give(path, owner):
    """As root (sudo make run), leave what we make to whom the tree belongs."""
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def put_directory(tree, state, copy, owner, undo):
    """Make pguest/ what @copy says, nothing if there is no @state any more.

    It is a directory of this tree in either case, with a link for each file or with
    copies: what is built in place lands in it, and in no other tree.
    """
    link = tree.link
    had = tree.state or {"copy": {}}
    if link.is_symlink():
        target = os.readlink(link)
        link.unlink()
        undo.append(lambda: link.symlink_to(target))
    copy = copy if state else {}
    remove_copy(tree, had["copy"], copy, owner, undo)
    for path, data in copy.items():
        file = link / path
        before = content(file)
        if before == data:
            continue
        if before is None:
            undo.append(lambda file=file: remove_file(file, link))
        else:
            undo.append(lambda file=file, before=before: put(tree, file, before, owner))
        put(tree, file, data, owner)
        for parent in file.relative_to(link.parent).parents[:-1]:
            give(link.parent / parent, owner)


def remove_copy(tree, had, keep, owner, undo):
    link = tree.link
    if link.is_symlink() or not link.is_dir():
        return
    for path in had:
        file = link / path
        before = content(file)
        if path not in keep and before is not None:
            undo.append(lambda file=file, before=before: put(tree, file, before, owner))
            remove_file(file, link)
    if not keep:
        # Only what a build left is still there: changed_by_others() has looked.
        shutil.rmtree(link, ignore_errors=True)


def remove_file(file, top):
    """Remove @file and the directories up to @top that it leaves empty."""
    file.unlink(missing_ok=True)
    for parent in file.parents:
        try:
            parent.rmdir()
        except OSError:
            return
        if parent == top:
            return


def check_writable(tree, paths):
    for directory in sorted({tree.root, *((tree.root / path).parent for path in paths)}):
        if directory.is_dir() and not os.access(directory, os.W_OK | os.X_OK):
            raise Refusal(f"{directory}: no permission to write")
