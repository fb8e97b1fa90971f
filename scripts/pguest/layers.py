# SPDX-License-Identifier: GPL-2.0-only
"""Which module may need which: the tables under "Layers" in README files, against what the modules do.

A module of a table needs only modules of the rows below its own, so there is no circle.
"""

import ast
import re
import subprocess

from pguest import paths

INCLUDE = re.compile(r'^#include "(?:.*/)?([^"/]+)"', re.M)
DEFINED, UNDEFINED = set("TDBRVW"), "U"


def rows_of(readme):
    """[[module, ...], ...] from the top: the literal block under the heading "Layers"."""
    text = readme.read_text()
    found = re.search(r"^Layers\n=+\n(?s:.*?)::\n\n((?: +\S.*\n|\n)+)", text, re.M)
    return [line.split() for line in found[1].splitlines() if line.strip()] if found else []


def breaches(rows, needs):
    """One line for each module that is in no row or in two, and for each need that does not go down."""
    row = {}
    found = []
    for number, names in enumerate(rows):
        for name in names:
            if name in row:
                found.append(f"{name} stands twice in the table")
            row[name] = number
    found += [f"{name} is in no row" for name in sorted(needs) if name not in row]
    found += [f"{name} is in a row, and no module" for name in sorted(row) if name not in needs]
    found += [f"{name} needs {other}, which is not below it" for name, others in sorted(needs.items())
              for other in sorted(others) if name in row and other in row and row[other] <= row[name]]
    return found


def imports(directory):
    """{module: modules of the same package that it imports}"""
    needs = {}
    for file in directory.glob("*.py"):
        if file.stem == "__init__":
            continue
        nodes = list(ast.walk(ast.parse(file.read_text())))
        from_package = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
        needs[file.stem] = {name.name for node in from_package if node.module == "pguest" for name in node.names} | \
            {node.module.removeprefix("pguest.") for node in from_package if node.module.startswith("pguest.")}
    return needs


def links(objects):
    """{object: objects in the same directory whose symbols it needs}, by nm."""
    owner, wanted = {}, {}
    for file in objects:
        wanted[file.stem] = set()
        listed = subprocess.run(["aarch64-linux-gnu-nm", file], capture_output=True, text=True, check=True).stdout
        for line in listed.splitlines():
            kind, symbol = line.split()[-2:]
            if kind in DEFINED:
                owner[symbol] = file.stem
            elif kind == UNDEFINED:
                wanted[file.stem].add(symbol)
    return {name: {owner[symbol] for symbol in symbols if symbol in owner} - {name}
            for name, symbols in wanted.items()}


def include_circles(files):
    """Each circle of files that include each other, as one line. Files of one name count as one."""
    needs = {}
    for file in files:
        needs.setdefault(file.name, set()).update(INCLUDE.findall(file.read_text()))
    done, found = set(), []

    def walk(name, way):
        if name in way:
            found.append(" -> ".join([*way[way.index(name):], name]))
        elif name not in done:
            for other in sorted(needs.get(name, ())):
                walk(other, [*way, name])
            done.add(name)

    for name in sorted(needs):
        walk(name, [])
    return found


# Freestanding and other C programs, and the directory that they take objects from.
PROGRAMS = ("monitor", "vmm", "rmm")
LIBRARY = paths.ROOT / "tests" / "lib"


def link_breaches(program, built):
    """What is wrong with the links of one of PROGRAMS, whose objects are in @built."""
    directory = paths.ROOT / "tests" / program
    sources = {file.stem for place in (directory, LIBRARY) for file in place.glob("*.[cS]")}
    objects = [file for file in built.glob("*.o") if file.stem in sources]
    rows = rows_of(directory / "README.rst") + rows_of(LIBRARY / "README.rst")
    needs = links(objects)
    # Not every program takes all of the library, and some sources are programs of their own.
    rows = [[name for name in names if name in needs or name not in sources] for names in rows]
    return [f"tests/{program}: {line}" for line in breaches(rows, needs)]
