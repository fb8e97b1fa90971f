# SPDX-License-Identifier: GPL-2.0-only
"""Hook files: read their headers, apply them to one file's text, count what they changed.

hooks/README.rst describes the two formats, .cocci and .lines, for those who write them.
"""

import copy
import hashlib
import os
import re
import shlex
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

COMMENT = re.compile(r"^(?://+|#)(?P<text>.*)$")
# The kernel series whose trees the hooks have been applied to. A range in a header means those in it.
SERIES = ("6.1", "6.6", "6.12", "6.18", "7.1", "7.2", "7.3")

TAG = re.compile(r"^ ?(?P<name>Why|Where|Never|Always|Trees|With|Outside|Off|Options|File|Matches):\s*(?P<value>.*)$")
RANGE = r"\d+\.\d+(?:\s*-\s*\d+\.\d+)?"
VERSIONS = re.compile(rf"^{RANGE}(?:\s*,\s*{RANGE})*")
OFF = re.compile(rf"^(?:(?P<trees>{RANGE}(?:\s*,\s*{RANGE})*):\s+)?(?P<words>.*)$")
PLACE = re.compile(r"^(?P<path>[\w./+-]+)(?:,\s*(?P<what>.*?))?:\s*(?P<most>at\s+most\s+)?(?P<count>\d+)(?P<more>\s+or\s+more)?"
                   r"\s+match(?:es)?(?:\s+(?P<each>each))?\b(?:\s*\(\+(?P<plus>\d+) -(?P<minus>\d+)\))?"
                   rf"(?:\s+in\s+(?P<trees>{RANGE}(?:\s*,\s*{RANGE})*))?")
LEFT = re.compile(r"^(?P<path>[\w./+-]+)(?:,\s*(?P<what>.*?))?:\s*(?P<calls>\w+\(\)(?:\s*,\s*\w+\(\))*)"
                  r"(?:\s+but\s+in\s+(?P<wrapper>\w+)\(\))?$")
TEXT = re.compile(r"^(?P<path>[\w./+-]+)(?:,\s*(?P<what>.*?))?:\s*(?P<code>.+)$")
FUNCTION = re.compile(r"(\w+)\(\)")
LABEL = re.compile(r"\s+(?!default:)[a-z_]\w*:")
INCLUDES = re.compile(r"^(\s*#\s*include\b.*)?$")
SECTION = re.compile(r"^(?:#|//)\s*File:\s*(\S+)\s*$")

SPATCH_SECONDS = 120

# A copy in hooks/ is a run of so many lines, blank ones aside, that stand in a file before it. Shorter
# runs are the frame of a semantic patch. No more lines than that may be in copies.
COPY_RUN = 4
COPY_LINES = 50


class HookError(Exception):
    """A hook file that cannot be read, or that does not fit the text it was given."""


@dataclass
class Place:
    """A part of one file that a hook changes: some functions of it, or all of it."""
    path: str
    count: int | None  # None: a .lines file without a number, as many as it has blocks
    functions: list[str]  # empty: anywhere in the file
    lines: tuple[int, int] | None = None  # added and removed, where the header tells
    more: bool = False  # count is the least
    most: bool = False  # count is the most
    each: bool = False  # count is for each of the functions
    trees: list[str] | None = None  # None: all that the hook is for

    @property
    def where(self):
        return self.path + "".join(f", {name}()" for name in self.functions)

    def takes(self, near):
        """Does a region whose function heads are @near belong here?"""
        return not self.functions or any(re.search(rf"\b{name}\b", near) for name in self.functions)


@dataclass
class Rest:
    """Calls that a hook must not leave in a file, or in some functions of it."""
    path: str
    functions: list[str]
    calls: list[str]
    wrapper: str | None  # the one function whose argument they may be


@dataclass
class Block:
    """Lines of a .lines hook that are replaced together."""
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    instead: list["Block"] = field(default_factory=list)  # for trees that have other lines there


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
            raise HookError(f"hooks/{self.name}: 'Trees:' must begin with versions such as 6.12 or 6.1-7.3")
        self.trees = self.expand(found.group())
        self.off, self.off_trees = self.read_off()
        self.needs = self.read_needs()
        self.texts = self.read_texts()
        self.rests = self.read_rests()
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
                places.append(Place(found["path"], int(found["count"]), FUNCTION.findall(found["what"] or ""), lines,
                                    bool(found["more"]), bool(found["most"]), bool(found["each"]),
                                    self.expand(found["trees"]) if found["trees"] else None))
        if not places:
            raise HookError(f"hooks/{self.name}: no 'Where:' line says which file it changes")
        for place in places:
            if place.count == 0 or place.path.startswith("/") or ".." in place.path.split("/"):
                raise HookError(f"hooks/{self.name}: '{place.path}: {place.count} matches' makes no sense")
            if place.most and place.path not in self.paths_held():
                raise HookError(f"hooks/{self.name}: 'at most' in {place.path}, but no 'Always:' or 'Never:' about it")
            if place.each and not place.functions:
                raise HookError(f"hooks/{self.name}: 'each' of no function in {place.path}")
            if place.trees and not set(place.trees) <= set(self.trees):
                raise HookError(f"hooks/{self.name}: {place.where} is for a version that 'Trees:' does not name")
        for path in {rest.path for rest in self.rests} - {place.path for place in places}:
            raise HookError(f"hooks/{self.name}: 'Never:' is about {path}, which 'Where:' does not name")
        for version in self.trees:
            self.check_places([place for place in places if not place.trees or version in place.trees], version)
        return places

    def paths_held(self):
        """Files of which something is known when the hook has been applied, however often it matched."""
        return {path for path, _, _ in self.texts} | {rest.path for rest in self.rests}

    def check_places(self, places, version):
        """What is there on one version: each function, or each whole file, once."""
        names = [(place.path, name) for place in places for name in place.functions or [""]]
        whole = {path for path, name in names if not name}
        for path, name in names:
            if names.count((path, name)) > 1 or path in whole and name:
                raise HookError(f"hooks/{self.name}: names the same file twice" + (f": {path}, {name}()" if name else ""))
        if not places:
            raise HookError(f"hooks/{self.name}: 'Where:' names no file for {version}")

    def read_rests(self):
        rests = []
        for line in self.joined("Never"):
            found = LEFT.match(line)
            if not found:
                raise HookError(f"hooks/{self.name}: 'Never:' is not 'path, function(): call()': {line}")
            rests.append(Rest(found["path"], FUNCTION.findall(found["what"] or ""),
                              FUNCTION.findall(found["calls"]), found["wrapper"]))
        return rests

    def read_texts(self):
        """(path, functions, code) of 'Always:'."""
        texts = []
        for line in self.joined("Always"):
            found = TEXT.match(line)
            if not found:
                raise HookError(f"hooks/{self.name}: 'Always:' is not 'path, function(): code': {line}")
            texts.append((found["path"], FUNCTION.findall(found["what"] or ""), found["code"].strip()))
        return texts

    def read_off(self):
        """'Off: words', or 'Off: VERSIONS: words', as (words, versions)."""
        text = " ".join(self.tags.get("Off", []))
        found = OFF.match(text)
        versions = self.expand(found["trees"]) if found["trees"] else self.trees
        if not set(versions) <= set(self.trees):
            raise HookError(f"hooks/{self.name}: 'Off:' is for a version that 'Trees:' does not name")
        return found["words"], versions

    def read_needs(self):
        """Files without which a tree has no use for this hook: 'With:', one a line."""
        for path in self.tags.get("With", []):
            if not re.fullmatch(r"[\w.+-]+(/[\w.+-]+)+", path) or ".." in path.split("/"):
                raise HookError(f"hooks/{self.name}: 'With:' is not a path: {path}")
        return self.tags.get("With", [])

    def expand(self, text):
        """The versions that "6.1-6.12, 7.3" means, oldest first: the ends, and what is in SERIES between them."""
        versions = set()
        for part in text.split(","):
            ends = [end.strip() for end in part.split("-")]
            if version_key(ends[0]) > version_key(ends[-1]):
                raise HookError(f"hooks/{self.name}: the range {part.strip()} has its ends the wrong way round")
            versions |= {*ends, *(one for one in SERIES if version_key(ends[0]) <= version_key(one) <= version_key(ends[-1]))}
        return sorted(versions, key=version_key)

    def on(self, version):
        """This hook as it is for one version: with the places that it has there."""
        hook = copy.copy(self)
        hook.places = [place for place in self.places if not place.trees or version in place.trees]
        hook.off = self.off if version in self.off_trees else ""
        return hook

    def joined(self, tag):
        """A tag's lines, those that end in a comma or "or" joined with what follows."""
        lines = []
        for line in self.tags.get(tag, []):
            if lines and lines[-1].endswith((",", " or")):
                lines[-1] += " " + line.strip()
            else:
                lines.append(line)
        return lines

    def check_blocks(self):
        blocks = self.read_blocks()
        named = {place.path for place in self.places}
        if len(named) != len(self.places):
            raise HookError(f"hooks/{self.name}: names the same file twice")
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
        instead = False
        for number, line in enumerate(self.text.splitlines(), 1):
            section = SECTION.match(line)
            if section:
                path = section.group(1)
            if line == "# or":
                instead = True
                if not blocks.get(path):
                    raise HookError(f"hooks/{self.name}:{number}: '# or' has no block before it")
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
                (blocks[path][-1].instead if instead else blocks.setdefault(path, [])).append(block)
                instead = False
            if mark in "- ":
                block.old.append(rest)
            if mark in "+ ":
                block.new.append(rest)
        for path, group in blocks.items():
            for block in [one for first in group for one in (first, *first.instead)]:
                if not block.old or block.old == block.new:
                    raise HookError(f"hooks/{self.name}: a block for {path} changes nothing or has no line to find")
        return blocks

    def paths(self):
        return list(dict.fromkeys(place.path for place in self.places))

    def apply(self, path, text, workdir):
        """The text of @path with this hook in it; HookError if it does not fit as it says.

        @workdir is a scratch directory of the caller's, for spatch.
        """
        places = [place for place in self.places if place.path == path]
        result = self.apply_lines(path, text) if self.is_lines else self.apply_cocci(path, text, workdir)
        self.check_places_of(path, places, text, result)
        self.check_rests(path, result)
        self.check_texts(path, result)
        return result

    def apply_lines(self, path, text):
        lines = text.split("\n")
        for first in self.read_blocks()[path]:
            hits = [(block, i) for block in (first, *first.instead)
                    for i in range(len(lines) - len(block.old) + 1) if lines[i:i + len(block.old)] == block.old]
            if len(hits) != 1:
                raise HookError(f"hooks/{self.name}: {matches(len(hits))} in {path}, not 1, of '{first.old[0].strip()}'"
                                + (" or what may stand instead" if first.instead else ""))
            block, at = hits[0]
            lines[at:at + len(block.old)] = block.new
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
                    if line.strip() and not line.startswith(("init_defs", "Warning", "warning"))]
            if any("parse error" in line for line in told[:1]):
                where = re.search(r"line (\d+), column (\d+)", " ".join(told))
                at = f":{where[1]}:{where[2]}" if where else ""
                raise HookError(f"hooks/{self.name}{at}: spatch cannot parse this semantic patch")
            raise HookError(f"hooks/{self.name}: spatch failed on {path}: {' '.join(told[:3]) or ran.returncode}")
        return labels_in_front(text, copy.read_bytes().decode("utf-8", "surrogateescape"))

    def check_places_of(self, path, places, old, new):
        """Every change lies in a function that 'Where:' names, as often as it says, and none lies elsewhere."""
        old_lines, new_lines = old.split("\n"), new.split("\n")
        found = [(region, headers(old_lines, region.old_start, region.old_count) + "\n" +
                  headers(new_lines, region.new_start, region.new_count)) for region in regions(old, new)]
        if not self.is_lines:
            total = self.expected(places)
            if total is not None and len(found) != total:
                raise HookError(f"hooks/{self.name}: {matches(len(found))} in {path}, not {total}{at_lines(found)}")
        for region, near in found:
            if not any(place.takes(near) for place in places):
                names = dict.fromkeys(f"{name}()" for place in places for name in place.functions)
                raise HookError(f"hooks/{self.name}: matches in {path} outside of {', '.join(names)} "
                                f"(at line {region.new_start + 1})")
        for place in places:
            mine = [(region, near) for region, near in found if place.takes(near)]
            if not self.is_lines:
                self.check_count(place, mine)
            lines = sum(region.new_count for region, _ in mine), sum(region.old_count for region, _ in mine)
            if place.lines and lines != place.lines:
                raise HookError("hooks/{}: changes {} by +{} -{} lines, not +{} -{}".format(
                    self.name, path, *lines, *place.lines))

    @staticmethod
    def expected(places):
        """How many regions all places of a file have, None if that is not said."""
        if any(place.more or place.most for place in places):
            return None
        return sum(place.count * (len(place.functions) if place.each else 1) for place in places)

    def check_count(self, place, found):
        parts = [(f"{place.path}, {name}()", [one for one in found if re.search(rf"\b{name}\b", one[1])])
                 for name in place.functions] if place.each else [(place.where, found)]
        for where, mine in parts:
            if len(mine) < place.count and not place.most or len(mine) > place.count and not place.more:
                raise HookError(f"hooks/{self.name}: {matches(len(mine))} in {where}, not {place.count}"
                                f"{' or more' if place.more else ' or none' if place.most else ''}{at_lines(mine)}")

    def check_rests(self, path, text):
        """Nothing that the hook is to replace is left: of a place that it does not know, it says so."""
        rests = [rest for rest in self.rests if rest.path == path]
        if not rests:
            return
        code = without_comments(text)
        lines = code.split("\n")
        for rest in rests:
            pattern = re.compile(rf"(?P<before>\w+\s*\(\s*)?\b(?P<call>{'|'.join(rest.calls)})\s*\(")
            for hit in pattern.finditer(code):
                number = code.count("\n", 0, hit.start("call"))
                if rest.wrapper and (hit["before"] or "").startswith(rest.wrapper):
                    continue
                near = headers(lines, number, 0)
                if not rest.functions or any(re.search(rf"\b{name}\b", near) for name in rest.functions):
                    raise HookError(f"hooks/{self.name}: leaves {hit['call']}() in {path} (at line {number + 1})")


    def check_texts(self, path, text):
        """What the hook is for is there, whoever put it there."""
        lines = without_comments(text).split("\n")
        for where, functions, code in self.texts:
            if where != path:
                continue
            pattern = re.compile(r"\s*".join(re.escape(token) for token in re.findall(r"\w+|[^\w\s]", code)))
            for name in functions or [None]:
                part = function_text(lines, name) if name else "\n".join(lines)
                if not pattern.search(part):
                    raise HookError(f"hooks/{self.name}: no '{code}' in {path}" + (f", {name}()" if name else ""))


@dataclass
class Region:
    """Neighbouring changed lines, counted from 0; a count of 0 is a place between lines."""
    old_start: int
    old_count: int
    new_start: int
    new_count: int


def version_key(version):
    return [int(part) for part in version.split(".")]


def at_lines(found):
    at = ", ".join(str(region.new_start + 1) for region, _ in found)
    return f" (at line {at})" if at else ""


def without_comments(text):
    """C without what is in comments and strings; every line stays where it is."""
    def blank(found):
        return re.sub(r"[^\n]", " ", found.group())
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", blank, text, flags=re.DOTALL)


def labels_in_front(old, new):
    """spatch indents a label that it adds as the statement after it. A label stands at the start of the line."""
    had = set(old.split("\n"))
    return "\n".join(line.lstrip() if LABEL.fullmatch(line) and line not in had else line for line in new.split("\n"))


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
    kept, added = both_regions(old, new)
    return kept or added


def both_regions(old, new):
    """All regions: those of code, and those that only add #include lines."""
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
    return kept, added


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


def function_text(lines, name):
    """The lines of a function's definition, "" where there is none."""
    head = re.compile(rf"^(?:[A-Za-z_].*\b)?{name}\s*\(")
    for i in (i for i, line in enumerate(lines) if head.match(line)):
        body = next((j for j in range(i, len(lines)) if lines[j].startswith("{") or lines[j].endswith(";")), i)
        if lines[body].startswith("{"):
            end = next((j for j in range(body, len(lines)) if lines[j].startswith("}")), body)
            return "\n".join(lines[i:end + 1])
    return ""


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


def select(hooks, version, has=lambda path: False):
    """The hooks of one version, as they are there, in the order of @hooks.

    @has says of a path whether the tree has that file. Without it: those of Linux as it is released.
    """
    return [hook.on(version) for hook in hooks if version in hook.trees and all(has(path) for path in hook.needs)]


# What each semantic patch has around its change: no copy of another one.
FRAME = re.compile(r"@@|\w*\(\.\.\.\)|[{}]|<?\.\.\.>?( when any)?")


def lines_twice(files):
    """{name: [numbers of the lines that stand in a file before it, too]}, of hook files in this order."""
    seen, twice = set(), {}
    for file in files:
        lines = [(number, line.strip()) for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
                 if line.strip() and "SPDX-License-Identifier" not in line and not FRAME.fullmatch(line.strip())]
        runs = [(lines[i:i + COPY_RUN], tuple(line for _, line in lines[i:i + COPY_RUN]))
                for i in range(len(lines) - COPY_RUN + 1)]
        twice[file.name] = {number for run, text in runs if text in seen for number, _ in run}
        seen.update(text for _, text in runs)
    return {name: sorted(numbers) for name, numbers in twice.items() if numbers}


def too_many_copies(directory, most=COPY_LINES):
    """Findings in the style of scripts/check: none if at most @most lines of hooks/ stand twice."""
    files = sorted(file for file in Path(directory).glob("*") if file.suffix in (".cocci", ".lines"))
    twice = lines_twice(files)
    total = sum(len(numbers) for numbers in twice.values())
    if total <= most:
        return []
    return [f"hooks: {total} lines stand twice, not at most {most}: alternatives in one hook, or a name in compat/"] + [
        f"hooks/{name}:{numbers[0]}: {len(numbers)} lines stand elsewhere, too"
        for name, numbers in sorted(twice.items(), key=lambda item: -len(item[1]))]
