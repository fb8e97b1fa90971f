# SPDX-License-Identifier: GPL-2.0-only
"""Hook files: read their headers, apply them to one file's text, count what they changed.

hooks/README.rst describes the two formats, .cocci and .lines, for those who write them.
"""

import hashlib
import os
import re
import shlex
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

COMMENT = re.compile(r"^(?://+|#)(?P<text>.*)$")
TAG = re.compile(r"^ ?(?P<name>Why|Where|Trees|Outside|Options|File|Matches):\s*(?P<value>.*)$")
PLACE = re.compile(r"^(?P<path>[\w./+-]+)(?:,\s*(?P<what>.*?))?:\s*(?P<count>\d+)\s+match(?:es)?\b"
                   r"(?:\s*\(\+(?P<plus>\d+) -(?P<minus>\d+)\))?")
FUNCTION = re.compile(r"(\w+)\(\)")
VERSIONS = re.compile(r"^\d+\.\d+(?:\s*,\s*\d+\.\d+)*")
INCLUDES = re.compile(r"^(\s*#\s*include\b.*)?$")
SECTION = re.compile(r"^(?:#|//)\s*File:\s*(\S+)\s*$")

SPATCH_SECONDS = 120


class HookError(Exception):
    """A hook file that cannot be read, or that does not fit the text it was given."""


@dataclass
class Place:
    """One file of the tree that a hook changes."""
    path: str
    count: int | None  # None: a .lines file without a number, as many as it has blocks
    functions: list[str]  # empty: anywhere in the file
    lines: tuple[int, int] | None = None  # added and removed, where the header tells


@dataclass
class Block:
    """Lines of a .lines hook that are replaced together."""
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)


class Hook:
    """One file of hooks/."""

    def __init__(self, file):
        self.file = Path(file)
        self.name = self.file.name
        try:
            self.text = self.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise HookError(f"hooks/{self.name}: cannot be read: {error}") from error
        self.sha256 = hashlib.sha256(self.text.encode()).hexdigest()
        self.tags, self.summary = read_header(self.text)
        found = VERSIONS.match(" ".join(self.tags.get("Trees", [])))
        if not found:
            raise HookError(f"hooks/{self.name}: 'Trees:' must begin with versions such as 6.12")
        self.trees = [version.strip() for version in found.group().split(",")]
        self.places = self.read_places()
        self.options = shlex.split(" ".join(self.tags.get("Options", [])))
        if self.is_lines:
            self.check_blocks()

    @property
    def is_lines(self):
        return self.file.suffix == ".lines"

    def read_places(self):
        """Where: (one file a line) or the pair File: and Matches:."""
        places = []
        if self.is_lines and "Where" not in self.tags:
            paths = [found.group(1) for found in map(SECTION.match, self.text.splitlines()) if found]
            places = [Place(path, None, []) for path in dict.fromkeys(paths)]
        elif "File" in self.tags and "Where" not in self.tags:
            paths = " ".join(self.tags["File"]).replace(",", " ").split()
            counts = [int(n) for n in re.findall(r"\d+", " ".join(self.tags.get("Matches", [])))]
            if len(counts) == 1:
                counts *= len(paths)
            if len(counts) != len(paths):
                raise HookError(f"hooks/{self.name}: 'Matches:' needs one number for each 'File:'")
            places = [Place(path, count, []) for path, count in zip(paths, counts)]
        else:
            for line in self.joined("Where"):
                found = PLACE.match(line)
                if not found and "match" not in line and places:
                    continue  # a remark on the place above
                if not found:
                    raise HookError(f"hooks/{self.name}: 'Where:' is not 'path, function(): N matches': {line}")
                lines = (int(found["plus"]), int(found["minus"])) if found["plus"] else None
                places.append(Place(found["path"], int(found["count"]), FUNCTION.findall(found["what"] or ""), lines))
        if not places:
            raise HookError(f"hooks/{self.name}: no 'Where:' line says which file it changes")
        for place in places:
            if place.count == 0 or place.path.startswith("/") or ".." in place.path.split("/"):
                raise HookError(f"hooks/{self.name}: '{place.path}: {place.count} matches' makes no sense")
        if len({place.path for place in places}) != len(places):
            raise HookError(f"hooks/{self.name}: names the same file twice")
        return places

    def joined(self, tag):
        """A tag's lines, those that end in a comma joined with what follows."""
        lines = []
        for line in self.tags.get(tag, []):
            if lines and lines[-1].endswith(","):
                lines[-1] += " " + line.strip()
            else:
                lines.append(line)
        return lines

    def check_blocks(self):
        blocks = self.read_blocks()
        named = {place.path for place in self.places}
        for path in named ^ set(blocks):
            raise HookError(f"hooks/{self.name}: {path} is in 'Where:' or in the blocks, not in both")
        for place in self.places:
            if place.count is None:
                place.count = len(blocks[place.path])
            if place.count != len(blocks[place.path]):
                raise HookError(f"hooks/{self.name}: says {matches(place.count)} in {place.path}, "
                                f"has {len(blocks[place.path])} blocks")

    def read_blocks(self):
        """The blocks of a .lines hook by file; an empty line ends one."""
        blocks = {}
        path = self.places[0].path if len(self.places) == 1 else None
        block = None
        for number, line in enumerate(self.text.splitlines(), 1):
            section = SECTION.match(line)
            if section:
                path = section.group(1)
            if line == "" or COMMENT.match(line):
                block = None
                continue
            mark, rest = line[0], line[2:]
            if mark not in "-+ " or line[1:2] not in ("", " "):
                raise HookError(f"hooks/{self.name}:{number}: a line begins with '- ', '+ ', two blanks or #")
            if path is None:
                raise HookError(f"hooks/{self.name}:{number}: no '# File: path' before the first block")
            if block is None:
                block = Block()
                blocks.setdefault(path, []).append(block)
            if mark in "- ":
                block.old.append(rest)
            if mark in "+ ":
                block.new.append(rest)
        for path, group in blocks.items():
            for block in group:
                if not block.old or block.old == block.new:
                    raise HookError(f"hooks/{self.name}: a block for {path} changes nothing or has no line to find")
        return blocks

    def place(self, path):
        return next(place for place in self.places if place.path == path)

    def apply(self, path, text, workdir):
        """The text of @path with this hook in it; HookError if it does not fit as it says.

        @workdir is a scratch directory of the caller's, for spatch.
        """
        place = self.place(path)
        if self.is_lines:
            result = self.apply_lines(path, text)
        else:
            result = self.apply_cocci(path, text, workdir)
            found = regions(text, result)
            if len(found) != place.count:
                at = ", ".join(str(region.new_start + 1) for region in found)
                raise HookError(f"hooks/{self.name}: {matches(len(found))} in {path}, not {place.count}"
                                + (f" (at line {at})" if at else ""))
        self.check_lines(place, text, result)
        self.check_functions(place, text, result)
        return result

    def apply_lines(self, path, text):
        lines = text.split("\n")
        for block in self.read_blocks()[path]:
            size = len(block.old)
            hits = [i for i in range(len(lines) - size + 1) if lines[i:i + size] == block.old]
            if len(hits) != 1:
                raise HookError(f"hooks/{self.name}: {matches(len(hits))} in {path}, not 1, of '{block.old[0].strip()}'")
            lines[hits[0]:hits[0] + size] = block.new
        return "\n".join(lines)

    def apply_cocci(self, path, text, workdir):
        # The file keeps its path below workdir: 'depends on file in' looks at it.
        copy = Path(workdir, path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(text.encode("utf-8", "surrogateescape"))
        options = self.options
        if not any("include" in option for option in options):
            # Nothing but the file itself decides what matches.
            options = options + ["--no-includes"]
        command = ["spatch", "--very-quiet", "--in-place", "--sp-file", str(self.file.resolve()), *options, path]
        try:
            ran = subprocess.run(command, cwd=workdir, env={**os.environ, "TMPDIR": str(workdir)},
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                                 timeout=SPATCH_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise HookError(f"hooks/{self.name}: spatch did not end within {SPATCH_SECONDS} s on {path}") from None
        if ran.returncode:
            told = [line.strip() for line in ran.stderr.splitlines()
                    if line.strip() and not line.startswith(("init_defs", "Warning"))]
            if any("parse error" in line for line in told[:1]):
                where = re.search(r"line (\d+), column (\d+)", " ".join(told))
                at = f":{where[1]}:{where[2]}" if where else ""
                raise HookError(f"hooks/{self.name}{at}: spatch cannot parse this semantic patch")
            raise HookError(f"hooks/{self.name}: spatch failed on {path}: {' '.join(told[:3]) or ran.returncode}")
        return copy.read_bytes().decode("utf-8", "surrogateescape")

    def check_lines(self, place, old, new):
        found = regions(old, new)
        lines = sum(region.new_count for region in found), sum(region.old_count for region in found)
        if place.lines and lines != place.lines:
            raise HookError("hooks/{}: changes {} by +{} -{} lines, not +{} -{}".format(
                self.name, place.path, *lines, *place.lines))

    def check_functions(self, place, old, new):
        if not place.functions:
            return
        old_lines, new_lines = old.split("\n"), new.split("\n")
        for region in regions(old, new):
            near = (headers(old_lines, region.old_start, region.old_count) +
                    headers(new_lines, region.new_start, region.new_count))
            if not any(re.search(rf"\b{name}\b", near) for name in place.functions):
                raise HookError(f"hooks/{self.name}: matches in {place.path} outside of "
                                f"{', '.join(name + '()' for name in place.functions)} (at line {region.new_start + 1})")


@dataclass
class Region:
    """Neighbouring changed lines, counted from 0; a count of 0 is a place between lines."""
    old_start: int
    old_count: int
    new_start: int
    new_count: int


def matches(count):
    return f"{count} match" if count == 1 else f"{count} matches"


def read_header(text):
    """The tags of the leading comment, each a list of its lines, and the /// summary."""
    tags, summary, name = {}, [], None
    for line in text.splitlines():
        if line.startswith(("///", "##")):
            summary.append(line.lstrip("/#").strip())
            name = None
            continue
        comment = COMMENT.match(line)
        if not comment:
            break
        body = comment["text"]
        tag = TAG.match(body)
        if tag:
            name = tag["name"]
            tags.setdefault(name, [])
            if tag["value"].strip():
                tags[name].append(tag["value"].strip())
        elif name and body.startswith("  ") and body.strip():
            tags[name].append(body.strip())
        else:
            name = None
    return tags, " ".join(summary).strip()


def diff(old, new, *options):
    """diff(1) over two texts: what a reader of the patch sees is what is counted."""
    if old == new:
        return ""
    with tempfile.TemporaryDirectory(prefix="pguest-diff-") as scratch:
        files = Path(scratch, "old"), Path(scratch, "new")
        for file, text in zip(files, (old, new)):
            file.write_bytes(text.encode("utf-8", "surrogateescape"))
        ran = subprocess.run(["diff", "-a", *options, *map(str, files)], capture_output=True, check=False)
    if ran.returncode > 1:
        raise HookError(f"diff failed: {ran.stderr.decode(errors='replace').strip()}")
    return ran.stdout.decode("utf-8", "surrogateescape")


def regions(old, new):
    """The regions that count as matches: runs of added #include lines do not."""
    found = []
    added, kept = [], []
    for line in diff(old, new, "-U0").split("\n"):
        head = re.match(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", line)
        if head:
            old_start, old_count, new_start, new_count = (int(n) if n else 1 for n in head.groups())
            # diff names the line before an empty side.
            region = Region(old_start - (old_count > 0), old_count, new_start - (new_count > 0), new_count)
            found.append((region, []))
        elif found and line[:1] in "-+" and line:
            found[-1][1].append(line)
    for region, lines in found:
        only_includes = all(line[0] == "+" and INCLUDES.match(line[1:]) for line in lines)
        (added if only_includes else kept).append(region)
    return kept or added


def headers(lines, start, count):
    """The heads of the functions that lines [start, start + count) lie in, as one text."""
    is_head = re.compile(r"^[A-Za-z_](?!\w*:\s*(?:$|/\*))")
    starts = [i for i in range(start, min(start + count, len(lines))) if is_head.match(lines[i])]
    for i in range(start - 1, -1, -1):
        if lines[i].startswith("}"):
            break
        if is_head.match(lines[i]):
            starts.append(i)
            break
    text = []
    for i in starts:
        for line in lines[i:i + 12]:
            text.append(line)
            if "{" in line or ";" in line:
                break
    return "\n".join(text)


def load_hooks(directory):
    """All hooks in the order in which they are applied: by name."""
    files = sorted(file for file in Path(directory).glob("*") if file.suffix in (".cocci", ".lines"))
    hooks, errors = [], []
    for file in files:
        try:
            hooks.append(Hook(file))
        except HookError as error:
            errors += error.args
    if errors:
        raise HookError(*errors)
    return hooks
