# SPDX-License-Identifier: GPL-2.0-only
"""Pages that a browser shows without network and scripts: a run, a bench, a matrix, a campaign, trees.

    PYTHONPATH=scripts python3 -m pguest.page run DIRECTORY         report.html, from the files that a run has left there
    PYTHONPATH=scripts python3 -m pguest.page bench DIRECTORY       bench.html, from all reports of benches there
    PYTHONPATH=scripts python3 -m pguest.page matrix DIRECTORY      matrix.html, from report.json there
    PYTHONPATH=scripts python3 -m pguest.page hostile DIRECTORY     hostile.html, from report.json there
    PYTHONPATH=scripts python3 -m pguest.page trees DIRECTORY       trees.html, from trees.json there
    PYTHONPATH=scripts python3 -m pguest.page keep DIRECTORY TO     what of a run its page needs (tests/docs/runs)

All text that is not ours goes through harmless() and the engine's escapes.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import jinja2
import markupsafe

from pguest import charts, drawing, evidence
from pguest.evidence import HOST_PAGES, HOSTS, MODES, NO_OWNER, OWNERS, PHASES, clean

TEMPLATES = Path(__file__).parent / "templates"
MIB = 1 << 20
LABELS = 8
LAST = 15


def harmless(part):
    """Every text that a template puts out, but for markup of ours, is clean()ed here and then escaped by the engine."""
    return clean(part) if isinstance(part, str) and not isinstance(part, markupsafe.Markup) else part


def environment():
    made = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True,
                              undefined=jinja2.StrictUndefined, finalize=harmless)
    made.globals.update(number=number, owner_class=drawing.owner_class)
    return made


def render(template, **words):
    style = drawing.variables() + (TEMPLATES / "style.css").read_text()
    return environment().get_template(template).render(style=markupsafe.Markup(style), **words)


def number(count):
    return "not known" if count is None or jinja2.is_undefined(count) else f"{count:,}"


def size(count):
    for unit, name in ((1 << 30, "GiB"), (MIB, "MiB"), (1 << 10, "KiB")):
        if count >= unit:
            return f"{count / unit:,.4g} {name}"
    return f"{count} bytes"


# --- a run ------------------------------------------------------------------


def owner_words(owner):
    return "shared; not in the list that the guest made later" if owner == NO_OWNER else OWNERS.get(owner, clean(owner))


def host_words(report):
    words = HOSTS.get(report["host"], clean(report["host"]))
    return f"{words}, Linux {clean(report['host_kernel'])}" if "host_kernel" in report else words


def summary(run):
    report = run.report
    if not run.protected:
        return "This machine is not protected: its host sees all of its memory."
    shared = report["shared"]["now"] * run.host.get("granule", 4096)
    return f"When its work was done, the host could see {size(shared)} of {size(report['ram_mib'] * MIB)}; nothing else of its memory was open to it."


def cards(run):
    report = run.report
    true = sum(report["checks"].values())
    blocked = report["blocked"]
    refused = sum(blocked.get(name, 0) for name in ("dma", "mmio"))
    lost = run.seen.values.get("lost", run.seen.values.get("leaked"))
    most = f"at most {number(report['shared']['peak'])}" + (f"; lost: {lost}" if lost is not None else "")
    return [("checks that are true", f"{true} of {len(report['checks'])}", "", "card-checks"),
            ("granules shared", number(report["shared"]["now"]), most, "card-shared"),
            ("bytes bounced", number(report["bytes_bounced"]), "", "card-bounced"),
            ("hypercalls", number(sum(report["hypercalls"].values())),
             "that reach the host" if report["host"] != "monitor" else "", "card-hypercalls"),
            ("DMA or device accesses stopped", number(refused), "", "card-blocked"),
            ("reads by the host refused", number(blocked.get("host_read", 0)), "made on purpose" if run.protected else "",
             "card-host-read")]


def memory_words(run):
    if not run.protected:
        return "Nothing is private in this mode."
    return ("RAM row by row from left to right, to scale: what is shared has the colour of its owner, all the rest is private. A run "
            "that would be too narrow to see is drawn wider. Owners are those of the guest's list when the work is done.")


def map_words(run, one):
    if not run.protected:
        return "the host sees all of it"
    if one["pieces"] is None:
        return f"{number(one['phase'].get('shared'))} granules shared" if "shared" in one["phase"] else ""
    words = size(sum(evidence.by_owner(one["pieces"]).values())) + " of RAM shared"
    if "touched" in one["phase"]:
        words += f", {number(one['phase']['touched'])} granules touched"
    if one["from_ledger"]:
        words += " by the guest's own list"
    return words + (f"; {size(one['left_out'])} more in runs that the report has no room for" if one["left_out"] else "")


def map_of(run, one):
    low, high = run.ram
    pieces = [(low, high, "open")] if not run.protected else one["pieces"]
    name = f"Memory at: {one['name']}"
    found = {"name": one["name"], "ms": number(one["phase"]["ms"]), "words": map_words(run, one), "svg": None, "rows": []}
    if pieces is None:
        return found
    found["svg"] = charts.memory(low, high, pieces, name, owner_words)
    found["labels"] = [f"{low + (high - low) * row // LABELS:#x}" for row in range(LABELS)]
    if run.protected:
        found["rows"] = [(owner, owner_words(owner), number(count // run.granule), f"{count / MIB:,.2f}")
                         for owner, count in sorted(evidence.by_owner(pieces).items())]
    return found


def legend(maps):
    if not any(one["rows"] for one in maps):
        return [("open", "open to the host")] if any(one["svg"] for one in maps) else []
    owners = {row[0] for one in maps for row in one["rows"]}
    known = [owner for owner in [*OWNERS, NO_OWNER] if owner in owners]
    return [("private", "private"), *((owner, owner_words(owner)) for owner in [*known, *sorted(owners - set(known))])]


def owners(run):
    found = [(owner, owner_words(owner), count) for owner, count in run.report["shared"]["by_owner"].items()]
    return found[:evidence.LISTED] if run.protected else []


def outside(run):
    rows = [(drawing.owner_class(entry["owner"]), entry["start"], size(entry["end"] - entry["start"]), owner_words(entry["owner"]))
            for entry in evidence.ledger(run) if entry["owner"] in HOST_PAGES]
    return sorted(rows + [("device", one["start"], size(one["end"] - one["start"]), one["name"]) for one in evidence.devices(run)],
                  key=lambda row: row[1])


def charts_of(run):
    """Hypercalls, shared granules and bounced bytes over the same time."""
    length = evidence.length(run)
    marks = [phase["ms"] for name, phase in evidence.phases(run) if name in (PHASES[1], PHASES[2])]
    bands = [when for when, _ in evidence.stories(run)]
    missing = {"hypercalls": "This host cannot count them: the hypervisor answers them itself.",
               "shared": "The report has no counts.", "bounced": "The guest printed no counts on the way." if run.protected else "Nothing is bounced in this mode."}
    found = []
    for key, name, points in (("hypercalls", "Hypercalls", evidence.series(run, "hypercalls")),
                              ("shared", "Shared granules", evidence.series(run, "shared")),
                              ("bounced", "Bytes bounced, as the guest counts them", evidence.bounced(run))):
        most = max((count for _, count in points), default=0)
        words = f"from 0 to {number(most)}" if points else missing[key]
        sampled = key != "bounced" and "history" in run.host
        svg = charts.curve(points, length, most, marks, bands, f"{name}, {words}", sampled) if points else None
        found.append({"name": name, "words": words, "svg": svg})
    return found


def ticks(run):
    length = evidence.length(run)
    return [(f"{25 * step:g}", f"{length * step / 4000:.3g} s", {0: "first", 4: "last"}.get(step, "")) for step in range(5)]


def trust(run):
    attested = run.report.get("attestation") or {}
    if not attested:
        return {"attested": {}, "platform": [], "components": [], "claims": [],
                "dice": [(clean(layer["name"]), clean(layer["code"]), clean(layer["key"]))
                         for layer in (run.report.get("dice") or {}).get("layers", [])]}
    platform = attested["platform"]
    return {"attested": attested, "dice": [],
            "platform": [("implementation", clean(platform["implementation"])), ("instance", clean(platform["instance"])),
                         ("lifecycle", f"{platform['lifecycle']:#x}")],
            "components": [(clean(one["type"]), clean(one["measurement"])) for one in platform["components"]],
            "claims": [(name, clean(value), what, compared) for name, value, what, compared in evidence.claims(attested)]}


def calls(run):
    refused = run.host.get("refused", {})
    return [(name, count, number(refused.get(name, 0)) if run.report["host"] != "pkvm" else "not known")
            for name, count in sorted(run.report["hypercalls"].items())]


def run_page(run):
    report = run.report
    maps = [map_of(run, one) for one in evidence.maps(run)]
    if not run.protected:
        maps = [{**maps[-1], "name": "at all times"}] if maps else []
    exits = report.get("exits") or report.get("kvm") or {}
    boot_line = next((clean(line) for line in run.console if "pguest: " in line and "(claimed by" in line), "")
    return render(
        "run.html", report=report, mode=MODES.get(report["mode"], clean(report["mode"])), host=host_words(report),
        granule=run.granule, summary=summary(run), boot_line=boot_line, cards=cards(run),
        last_lines=[clean(line) for line in run.console[-LAST:]], memory_words=memory_words(run), maps=maps, legend=legend(maps),
        owners=owners(run), passed=sum(map(bool, report["checks"].values())),
        ledger=evidence.ledger(run), outside=outside(run), charts=charts_of(run), ticks=ticks(run), phases=evidence.phases(run),
        stories=evidence.stories(run), attempts=evidence.attempts(run), attempt_lines=evidence.attempt_lines(run), calls=calls(run),
        exits=sorted(exits.items()), stolen=evidence.stolen(run), clock=evidence.clock(run), checks=evidence.checks(run), **trust(run))


def write_run(directory):
    page = Path(directory) / "report.html"
    page.write_text(run_page(evidence.load(directory)))
    return page


# --- benches ----------------------------------------------------------------


TITLES = {"to_user_space": "to user space", "instructions_to_user_space": "to user space", "first_read_64_mib": "first read of 64 MiB",
          "read_64_mib": "second read of 64 MiB", "read_4096_direct": "4096 direct reads of 4 KiB", "write_32_mib": "write of 32 MiB",
          "tcp_send_16_mib": "16 MiB sent by TCP", "tcp_receive_16_mib": "16 MiB received by TCP",
          "clock_read_1000": "1000 readings of the clock", "steal_read_1000": "1000 readings of stolen time",
          "crypt_read_64_mib": "read of 64 MiB, encrypted", "crypt_write_32_mib": "write of 32 MiB, encrypted",
          "image_bytes": "bytes of the Image"}


def group(title, bars, goal=None, digits=2):
    """Ratios [(label, number or None, reason)] as bars over one scale, with 1 (plain) and the goal marked."""
    top = 1.05 * max([1, goal or 0, *(ratio for _, ratio, _ in bars if ratio)])
    return {"title": title, "goal": goal, "one_at": f"{100 / top:.2f}", "goal_at": f"{100 * goal / top:.2f}" if goal else None,
            "bars": [{"label": label, "ratio": f"{ratio:.{digits}f}" if ratio else "", "why": why, "width": f"{100 * (ratio or 0) / top:.2f}",
                      "over": bool(goal and ratio and ratio > goal)} for label, ratio, why in bars]}


def title_of(name):
    return TITLES.get(name, name.replace("_", " "))


def bench_monitor(report):
    names = list(dict.fromkeys(name for ratios in report["ratios"].values() for name in ratios))
    goals = report.get("goals", {})
    return {"title": "Protected against plain, under the monitor",
            "words": f"Linux {clean(report['kernel'])}, {report['cpus']} CPU, {report['ram_mib']} MiB: instructions of the guest, as a ratio to "
                     "the same Image plain.",
            "groups": [group(title_of(name), [(MODES.get(mode, mode), ratios.get(name), "") for mode, ratios in report["ratios"].items()],
                             goals.get(name)) for name in names]}


def bench_pkvm(report):
    vms = [(entry, vm) for entry in report["boots"] for vm in entry["vms"] if vm["protected"]]
    names = list(dict.fromkeys(name for _, vm in vms for name in vm["ratios"]))
    goals = report.get("goals", {})

    def label(entry, vm):
        pool = ", " + vm["name"].split(", ", 1)[1] if ", " in vm["name"] else ""
        return f"{entry['kernel']} {entry['release']}, {entry['ram_mib']} MiB{pool}"

    return {"title": "Protected against plain, on a real pKVM host",
            "words": f"Linux {clean(report['host_kernel'])} as host, one CPU: instructions of guest, host and EL2, as a ratio to the same Image "
                     "plain. \"guest\" and \"guest-7.x\" are ours, the others are upstream's.",
            "groups": [group(title_of(name), [(label(entry, vm), vm["ratios"].get(name), vm["outcome"]) for entry, vm in vms],
                             goals.get(name)) for name in names]}


def bench_cost(report):
    without, with_it = report["kernels"].values()
    goals = report.get("goals", {})

    def ratio(before, after):
        return round(after / before, 4) if before else None

    found = [(title_of(key), ratio(without[key], with_it[key]), None) for key in ("image_bytes", "text", "data", "bss")]
    found += [(title_of(name), round(1 + more / 100, 4), None) for name, (more, _) in report["differences"].items()
              if name not in report["by_function"]]
    found += [(title_of(name), ratio(one["all"], one["all"] + sum(one["more"].values())), goals.get(name))
              for name, one in report["by_function"].items()]
    return {"title": "What the layer costs a guest that is not protected",
            "words": f"Linux {clean(without['release'])}, {report['ram_mib']} MiB, with the layer as a ratio to without it; behind user space by function, "
                     "of those whose code differs.",
            "groups": [group(title, [("with the layer", value, "")], goal, digits=4) for title, value, goal in found]}


def bench_dice(report):
    counts = {name: boot["instructions_to_user_space"] for name, boot in report["boots"].items()}
    base = next(iter(counts.values()))
    cost = number(report["boots"]["a handover"]["instructions_of_a_report"])
    return {"title": "What attestation by DICE costs a guest of pKVM",
            "words": f"Linux {clean(report['kernel'])}, {report['ram_mib']} MiB: instructions of the guest to user space, as a ratio to a kernel "
                     f"without it. A report takes {cost} instructions.",
            "groups": [group(title_of("to_user_space"), [(clean(name), count / base, "") for name, count in counts.items()], digits=4)]}


BENCHES = {"report.json": bench_monitor, "report-pkvm.json": bench_pkvm, "report-cost.json": bench_cost,
           "report-dice.json": bench_dice}


def write_bench(directory):
    """All benches whose report is there, so that one command does not take the other's part away."""
    directory = Path(directory)
    parts = [read(json.loads((directory / name).read_text())) for name, read in BENCHES.items() if (directory / name).exists()]
    page = directory / "bench.html"
    page.write_text(render("bench.html", parts=parts))
    return page


# --- a matrix ---------------------------------------------------------------


def cell(one, row):
    """(kind, words) of one cell; @one is None where the whole row has no boots."""
    if one is None:
        return ("none", clean(row["skipped"])) if "skipped" in row else ("bad", "failed: " + clean(row.get("failed", "no such cell")))
    if one.get("skipped"):
        return "none", "cannot be"
    if one["failures"]:
        return "bad", "failed: " + clean(one["failures"][0])
    return "good", f"passed, {one['checks']} checks, {one['seconds']:.0f}\u00a0s"


def matrix_page(rows):
    columns = list(dict.fromkeys(column for row in rows for column in row.get("cells", {})))
    table = [{"head": [clean(row.get("release", row["kernel"])), clean(row["pages"]), clean(row["compiler"])],
              "cells": [cell(row.get("cells", {}).get(column), row) for column in columns]} for row in rows]
    kinds = [kind for row in table for kind, _ in row["cells"]]
    counts = [(words, kinds.count(kind), kind) for kind, words in (("good", "passed"), ("bad", "failed"), ("none", "skipped"))]
    return render("matrix.html", columns=[MODES.get(column, clean(column)) for column in columns], table=table, counts=counts)


def write_matrix(directory):
    page = Path(directory) / "matrix.html"
    page.write_text(matrix_page(json.loads((Path(directory) / "report.json").read_text())))
    return page


# --- a campaign of altered answers ------------------------------------------


# What came of a case, best first: campaign.CLASSES without importing QEMU's part.
OUTCOME_KINDS = {"works": "good", "refuses something and works": "good", "ends with a line": "good",
                 "stands still with a line": "none", "a device cannot reach its memory": "none",
                 "takes itself for unprotected": "none", "works, and cannot power off": "none",
                 "ends, and has no console to say so": "none", "not reached": "none"}


# Option alter_as of the monitor.
ANSWERS = {"hollow": "nothing is done, and the answer is a success", "done": "it is done, and the answer is an error",
           "short": "less is done than was asked for", "zero": "it is done, and the answer counts nothing",
           "much": "it is done, and the answer counts one more", "high": "it is done, with bit 63 of X0 set",
           "high1": "it is done, with bit 63 of X1 set", "late": "it is done after 50 ms",
           "retry": "an error at first, and bit 63 of X1 set at the next try", "registers": "it is done, and X4 to X17 are changed"}


def outcome_kind(outcome):
    return OUTCOME_KINDS.get(outcome, "bad")


def outcomes_table(cases):
    """Rows of answers, columns of outcomes: how often each was seen."""
    count = Counter((case["answer"], case["outcome"]) for case in cases)
    seen = {case["outcome"] for case in cases}
    columns = [name for name in OUTCOME_KINDS if name in seen] + sorted(seen - set(OUTCOME_KINDS))
    rows = [(answer, ANSWERS.get(answer, "nothing is done, and X0 is this"),
             [(outcome_kind(column), count[answer, column]) for column in columns])
            for answer in sorted({case["answer"] for case in cases})]
    totals = [(outcome_kind(column), sum(count[answer, column] for answer, *_ in rows)) for column in columns]
    return {"columns": columns, "rows": rows, "totals": totals}


def lines_table(cases):
    """What the kernel printed in such cases, the most frequent first, without the numbers that differ."""
    said = Counter((case["outcome"], clean(case["why"])) for case in cases if case["why"])
    return [(outcome_kind(outcome), outcome, line, count) for (outcome, line), count in said.most_common()]


def hostile_page(report):
    cases = report["cases"]
    parts = []
    for mode in dict.fromkeys(case["mode"] for case in cases):
        own = [case for case in cases if case["mode"] == mode]
        parts.append({"title": MODES.get(mode, mode), "boots": len(own), "calls": len({case["call"] for case in own}),
                      "pace": f"{60 * len(own) / report['seconds'][mode]:.1f}", "table": outcomes_table(own),
                      "lines": lines_table(own)})
    broken = [case for case in cases if outcome_kind(case["outcome"]) == "bad"]
    return render("hostile.html", seed=report["seed"], boots=len(cases), broken=broken, parts=parts)


def write_hostile(directory):
    page = Path(directory) / "hostile.html"
    page.write_text(hostile_page(json.loads((Path(directory) / "report.json").read_text())))
    return page


# --- trees ------------------------------------------------------------------


def trees_page(rows):
    """One row for each tree: @rows as scripts/try-hooks keeps them, with the reasons where hooks were refused."""
    names = {**MODES, "kunit": "KUnit"}
    modes = [mode for mode in names if any(mode in row.get("ran", {}) for row in rows)]
    table = [{"release": row["release"], "tree": row["tree"], "commit": row["commit"] or "", "day": row["day"],
              "kind": "good" if row["outcome"].startswith("fits") else "bad", "outcome": row["outcome"],
              "problems": row.get("problems", []), "ran": [row.get("ran", {}).get(mode) for mode in modes]} for row in rows]
    fits = sum(row["kind"] == "good" for row in table)
    counts = [("fit", fits, "good"), ("refused", len(table) - fits, "bad" if fits < len(table) else "none")]
    return render("trees.html", table=table, modes=[names[mode] for mode in modes], counts=counts)


def write_trees(directory):
    page = Path(directory) / "trees.html"
    page.write_text(trees_page(json.loads((Path(directory) / "trees.json").read_text())["trees"]))
    return page


WRITERS = {"run": write_run, "bench": write_bench, "matrix": write_matrix, "hostile": write_hostile, "trees": write_trees}


def main():
    words = sys.argv[1:]
    if len(words) == 3 and words[0] == "keep":
        evidence.keep(*words[1:])
    elif len(words) == 2 and words[0] in WRITERS:
        print(WRITERS[words[0]](words[1]))
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
