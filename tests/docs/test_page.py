# SPDX-License-Identifier: GPL-2.0-only
"""The pages of runs, benches, matrices, campaigns and trees say what the reports say, and nothing in a report gets out of its place.

tests/docs/runs has what runs of each mode and host have left (page.py, "keep").
"""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pguest import bench_cost, bench_pkvm, campaign, drawing, evidence, page, paths

RUNS = Path(__file__).parent / "runs"
NAMES = sorted(run.name for run in RUNS.iterdir())
MOST = 1 << 20
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """An HTML page as elements that name each other; a tag that does not close is an error."""

    def __init__(self, text):
        super().__init__()
        self.root = self.at = {"tag": "", "attributes": {}, "inside": [], "above": None}
        self.elements = []
        self.feed(text)
        self.close()
        assert self.at is self.root, f"<{self.at['tag']}> is not closed"

    def handle_starttag(self, tag, attributes):
        element = {"tag": tag, "attributes": dict(attributes), "inside": [], "above": self.at}
        self.at["inside"].append(element)
        self.elements.append(element)
        if tag not in VOID:
            self.at = element

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert tag == self.at["tag"], f"</{tag}> closes <{self.at['tag']}>"
        self.at = self.at["above"]

    def handle_data(self, data):
        self.at["inside"].append(data)

    def all(self, tag=None, **attributes):
        return [one for one in self.elements if (not tag or one["tag"] == tag) and
                all(one["attributes"].get(name.replace("_", "-")) == value for name, value in attributes.items())]

    def words(self, ident):
        return text_of(*self.all(id=ident))

    def rows(self, ident):
        """[[cell, ...], ...] of a table's body."""
        table, = self.all("table", id=ident)
        found = [[text_of(cell) for cell in row["inside"] if isinstance(cell, dict)] for row in self.elements
                 if row["tag"] == "tr" and is_in(row, table) and row["above"]["tag"] == "tbody"]
        return found


def text_of(element):
    return "".join(part if isinstance(part, str) else text_of(part) for part in element["inside"]).strip()


def is_in(element, other):
    while element is not None:
        if element is other:
            return True
        element = element["above"]
    return False


def count(words):
    return int(re.match(r"[\d,]+", words)[0].replace(",", ""))


@pytest.fixture(params=NAMES, scope="module")
def run(request):
    return evidence.load(RUNS / request.param)


@pytest.fixture(scope="module")
def html(run):
    return page.run_page(run)


@pytest.fixture(scope="module")
def shown(html):
    return Page(html)


def test_there_is_a_run_of_each_mode_and_host():
    kept = {(run.report["host"], run.mode) for run in map(evidence.load, (RUNS / name for name in NAMES))}
    assert kept >= {("monitor", mode) for mode in evidence.MODES} | {("pkvm", "pkvm"), ("rmm", "cca")}


def test_counts_are_those_of_the_report(run, shown):
    report = run.report
    true = sum(report["checks"].values())
    assert shown.words("card-checks") == f"{true} of {len(report['checks'])}"
    assert count(shown.words("card-shared")) == report["shared"]["now"]
    assert count(re.search(r"at most ([\d,]+)", shown.words("card-shared"))[1]) == report["shared"]["peak"]
    assert count(shown.words("card-bounced")) == report["bytes_bounced"]
    assert count(shown.words("card-hypercalls")) == sum(report["hypercalls"].values())
    assert count(shown.words("card-host-read")) == report["blocked"]["host_read"]
    assert count(shown.words("card-blocked")) == report["blocked"].get("dma", 0) + report["blocked"]["mmio"]


def test_calls_and_owners_are_those_of_the_report(run, shown):
    assert {row[0]: count(row[1]) for row in shown.rows("hypercalls")} == run.report["hypercalls"]
    owners = {row["attributes"]["data-owner"]: count(text_of(row["inside"][1])) for row in shown.all("tr") if "data-owner" in row["attributes"]}
    assert owners == (run.report["shared"]["by_owner"] if run.protected else {})


def test_each_check_is_there_with_its_outcome_and_what_is_behind_it(run, shown):
    checks = {one["attributes"]["data-check"]: one for one in shown.all("details") if "data-check" in one["attributes"]}
    assert {name: "FALSE" not in text_of(one) for name, one in checks.items()} == run.report["checks"]
    assert (count(shown.words("checks-true")), count(shown.words("checks-all"))) == \
        (sum(run.report["checks"].values()), len(run.report["checks"]))
    unknown = set(run.report["checks"]) - set(evidence.CHECKS)
    assert not unknown, f"evidence.CHECKS has no words for {unknown}"
    for name in ("disk_sha256", "net_up_sha256"):
        assert f'"value": "{name}", "is": "{run.seen.values[name]}"' in text_of(checks[name])


def test_maps_have_what_the_host_counted(run):
    maps = evidence.maps(run)
    assert [one["name"] for one in maps][-3:] == ["user space", "work done", "power-off"]
    if not run.protected:
        return
    outside = sum(count for name, count in run.report["shared"]["by_owner"].items() if name in evidence.HOST_PAGES)
    unit = 4096 if run.report["host"] != "monitor" else run.host["granule"]
    for one in maps:
        counted = one["phase"]["shared"] * unit
        if one["name"] == "work done":
            assert evidence.by_owner(one["pieces"]).get(evidence.NO_OWNER, 0) == 0
            # The host's own pages are not in RAM, and not in the counts of a realm and of a host that looks at RAM.
            assert counted - sum(evidence.by_owner(one["pieces"]).values()) in (0, outside * unit)
            for owner, size in evidence.by_owner(one["pieces"]).items():
                assert size == run.report["shared"]["by_owner"][owner] * run.granule
        elif one["pieces"] is not None:
            assert 0 <= counted - sum(evidence.by_owner(one["pieces"]).values()) <= outside * unit


def test_the_time_line_has_every_phase(run, shown):
    rows = shown.rows("phases")
    assert [row[0] for row in rows] == [name for name, _ in evidence.phases(run)]
    assert [count(row[1]) for row in rows] == [phase["ms"] for _, phase in evidence.phases(run)]
    assert all(len(evidence.series(run, "shared")) >= len(rows) and run.host.get("ms", 0) >= when for when, _ in evidence.bounced(run))
    assert evidence.bounced(run)[-1][1] == run.report["bytes_bounced"] if run.protected else not evidence.bounced(run)


def test_stolen_time_is_that_of_the_console(run, shown):
    wanted = [[name.removeprefix("stolen_ms_cpu"), *both.split()] for name, both in sorted(run.seen.values.items())
              if name.startswith("stolen_ms_cpu")]
    assert bool(wanted) == bool(shown.all("table", id="stolen"))
    assert not wanted or [[cell.replace(",", "") for cell in row] for row in shown.rows("stolen")] == wanted


def test_a_realm_shows_what_was_compared(run, shown):
    claims = {one["attributes"]["data-claim"]: text_of(one) for one in shown.all("tr") if "data-claim" in one["attributes"]}
    if run.mode != "cca":
        assert not claims
        return
    attested = run.report["attestation"]
    assert {name for name, words in claims.items() if "as expected" in words} == set(attested["compared"])
    assert attested["realm"]["rim"] in claims["RIM"]
    attested["compared"].remove("RIM")
    assert [row for row in evidence.claims(attested) if row[0] == "RIM"][0][3] is False
    attested["compared"].append("RIM")


def test_it_needs_neither_network_nor_scripts(html, shown):
    assert {one["tag"] for one in shown.elements} & {"script", "link", "img", "iframe", "object", "embed", "form"} == set()
    assert not [name for one in shown.elements for name in one["attributes"] if name.startswith("on")]
    assert {one["attributes"]["href"][0] for one in shown.all("a")} == {"#"}
    assert not re.search(r"url\(|@import|https?://", "".join(text_of(one) for one in shown.all("style")))
    assert all(shown.all(id=one["attributes"]["href"][1:]) for one in shown.all("a"))
    assert "prefers-color-scheme: dark" in html


def test_each_drawing_has_a_name(shown):
    drawings = shown.all("svg")
    assert drawings and all(one["attributes"]["role"] == "img" and one["attributes"]["aria-label"] for one in drawings)


def test_it_is_small(tmp_path):
    for name in NAMES:
        shutil.copytree(RUNS / name, tmp_path / name)
        made = page.write_run(tmp_path / name)
        assert made.name == "report.html" and made.stat().st_size < MOST


def test_a_browser_has_the_same(run, shown, html, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(html)
    dumped = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
                             "--dump-dom", f"file://{file}"], capture_output=True, text=True, timeout=300, check=True).stdout
    dom = Page(dumped)
    for one in shown.all("dd"):
        assert dom.words(one["attributes"]["id"]) == text_of(one)
    assert dom.rows("hypercalls") == shown.rows("hypercalls")
    assert len(dom.all("rect")) == len(shown.all("rect")) and len(dom.elements) == len(shown.elements)


EVIL = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>&amp;\u202e\x1b[31m'


def poisoned(tmp_path, name):
    """A run in which every text of the guest's and of the host's is EVIL."""
    directory = tmp_path / name
    shutil.copytree(RUNS / name, directory)
    report = json.loads((directory / "report.json").read_text())
    report["kernel"] = report["image_sha256"] = EVIL
    report["failures"] = [EVIL]
    report["checks"] |= {EVIL: False}
    report["hypercalls"] |= {EVIL: 1}
    report["shared"]["by_owner"] |= {EVIL: 1}
    if "attestation" in report:
        report["attestation"]["platform"] |= {"implementation": EVIL, "profile": EVIL}
        report["attestation"]["platform"]["components"][0] |= {"type": EVIL, "measurement": EVIL}
        report["attestation"]["realm"] |= {"rim": EVIL, "key": EVIL, "profile": EVIL}
    (directory / "report.json").write_text(json.dumps(report))
    whole = json.loads((directory / "monitor.json").read_text())
    host = whole.get("report", whole)
    host["failures"] = [EVIL]
    host["dma_faults"] = [{"stream": EVIL, "address": EVIL}]
    host["peeks"] = [{"ipa": EVIL, "result": EVIL}]
    host["private_addresses"] = [{"device": EVIL, "queue": 0, "what": EVIL, "ipa": EVIL, "times": 1}]
    (directory / "monitor.json").write_text(json.dumps(whole))
    with open(directory / "console.log", "a") as console:
        for item in ({"story": EVIL}, {"device": f"10-20 : {EVIL}"}, {"value": EVIL, "is": EVIL}, {"value": "clock_status", "is": EVIL},
                     {"value": "lost", "is": EVIL}, {"value": "stolen_ms_cpu" + EVIL, "is": "1 2"}, {"bounced": EVIL},
                     {"value": "disk_sha256", "is": EVIL}, {"ledger": f"0x50000000-0x50001000 1 <script>x 1 {EVIL.replace(' ', '')}"}):
            console.write(f"[   99.000000] @pguest {json.dumps(item)}\n")
        console.write(f"[   99.000000] pguest: {EVIL} (claimed by\n")
        console.write(EVIL * 1000 + "\n@pguest 5\n@pguest {torn\n")
    return directory


@pytest.mark.parametrize("name", NAMES)
def test_hostile_text_stays_text(name, tmp_path):
    clean, evil = ({one["tag"] for one in Page(page.run_page(evidence.load(directory))).elements}
                   for directory in (RUNS / name, poisoned(tmp_path, name)))
    assert evil - clean <= {"ul", "li", "details", "pre", "p"}
    made = page.run_page(evidence.load(tmp_path / name))
    assert "<script" not in made and "\u202e" not in made and "\x1b" not in made and len(made) < MOST
    assert not [one for one in Page(made).elements if any(key.startswith("on") for key in one["attributes"])]
    assert "&lt;script&gt;" in made


def test_a_guest_that_says_too_much(tmp_path):
    """The page stays below its size, and shows what failed."""
    directory = tmp_path / "run"
    shutil.copytree(RUNS / "monitor-pkvm", directory)
    report = json.loads((directory / "report.json").read_text())
    report["checks"] |= {f"more_{number}": True for number in range(5000)} | {"last": False}
    report["shared"]["by_owner"] |= {f"x{number}": 1 for number in range(5000)}
    report["failures"] += [EVIL] * 5000
    (directory / "report.json").write_text(json.dumps(report))
    items = [{"story": EVIL}, {"device": f"10-20 : {EVIL}"}, {"bounced": 1}, {"ledger": "0x50000000-0x60000000 1 x 1 y"}, {"ledger": 5},
             {"check": "disk_mounts", "ok": True}, {"value": "status_granule", "is": 5}]
    with open(directory / "console.log", "a") as console:
        for item in items * 5000:
            console.write(f"[   99.000000] @pguest {json.dumps(item)}\n")
    made = page.write_run(directory)
    assert made.stat().st_size < MOST
    shown = Page(made.read_text())
    assert "FALSE" in text_of(*shown.all("details", data_check="last"))
    assert count(shown.words("checks-all")) == len(report["checks"])


def test_a_run_without_a_host_s_report_still_has_a_page(tmp_path):
    shutil.copytree(RUNS / "monitor-pkvm", tmp_path / "run")
    report = json.loads((tmp_path / "run/report.json").read_text())
    report |= {"checks": {}, "failures": ["NoReport: the monitor wrote no report"], "hypercalls": {}, "boot_ms": None, "result": "FAIL"}
    report["shared"] = {"now": 0, "peak": 0, "by_owner": {}}
    (tmp_path / "run/report.json").write_text(json.dumps(report))
    (tmp_path / "run/monitor.json").unlink()
    (tmp_path / "run/console.log").write_text("")
    shown = Page(page.write_run(tmp_path / "run").read_text())
    assert "NoReport" in shown.words("failures")


# --- colours ----------------------------------------------------------------


def luminance(colour):
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= .04045 else ((part + .055) / 1.055) ** 2.4 for part in parts)
    return .2126 * red + .7152 * green + .0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + .05) / (dark + .05)


@pytest.mark.parametrize("palette", [drawing.LIGHT, drawing.DARK_PAGE], ids=["light", "dark"])
def test_contrast(palette):
    """WCAG 2.1: 1.4.3 for text, 1.4.11 for shapes."""
    low = [(name, behind) for name in ("text", "soft", "link", "good", "bad") for behind in ("ground", "panel")
           if contrast(palette[name], palette[behind]) < 4.5]
    low += [(name, behind) for name in palette if name.startswith("o-") for behind in ("private", "ground")
            if contrast(palette[name], palette[behind]) < 3]
    low += [("line", behind) for behind in ("ground", "panel") if contrast(palette["line"], palette[behind]) < 3]
    assert not low
    assert drawing.LIGHT.keys() == drawing.DARK_PAGE.keys()


def test_each_owner_has_a_colour():
    assert all(drawing.owner_class(owner) in drawing.LIGHT for owner in [*evidence.OWNERS, evidence.NO_OWNER, "open", "private", "x"])
    assert drawing.owner_class("lost") != drawing.owner_class("other")


# --- benches and matrices ---------------------------------------------------

PIECES = {"read_64_mib": 1.25, "tcp_send_16_mib": 1.41}
REPORTS = {
    "report.json": {"kernel": "6.12.1", "cpus": 1, "ram_mib": 512, "goals": {"read_64_mib": 1.3, "tcp_send_16_mib": 1.3},
                    "ratios": {"pkvm": PIECES, "cca": {**PIECES, "read_64_mib": None}}},
    "report-pkvm.json": {"host_kernel": "7.2", "goals": bench_pkvm.GOALS, "boots": [
        {"kernel": "guest", "release": EVIL, "ram_mib": 512, "vms": [
            {"name": "plain", "protected": False, "ratios": {}, "outcome": "works"},
            {"name": "protected, swiotlb=16384", "protected": True, "outcome": "works", "ratios": {"to_user_space": 1.06}}]},
        {"kernel": "newest", "release": "7.3", "ram_mib": 512, "vms": [
            {"name": "protected", "protected": True, "outcome": "stands still", "ratios": {"to_user_space": None}}]}]},
    "report-cost.json": {"boots": 3, "ram_mib": 512, "goals": dict.fromkeys(bench_cost.PER_OPERATION, 1.005),
                         "differences": {"to_user_space": [1.8, 0.02], "read_4096_direct": [0.2, 0.7]},
                         "by_function": {"read_4096_direct": {"all": 1000, "more": {"map": 12, "unmap": -2}}}, "kernels": {
        name: {"release": "6.12.1", "image_bytes": size, "text": size, "data": size, "bss": 0,
               "instructions": {"read_4096_direct": [size, size, size]}} for name, size in (("upstream", 1000), ("guest", 1010))}},
    "report-dice.json": {"kernel": "6.12.1", "ram_mib": 512, "boots": {
        "without the option": {"instructions_to_user_space": 1000}, "nothing handed over": {"instructions_to_user_space": 1001},
        "a handover": {"instructions_to_user_space": 1020, "instructions_of_a_report": 12345}}},
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_bench_shows_its_ratios_and_goals(name, tmp_path):
    (tmp_path / name).write_text(json.dumps(REPORTS[name]))
    made = page.write_bench(tmp_path).read_text()
    shown = Page(made)
    assert "<script" not in made
    groups = {one["attributes"]["data-group"]: text_of(one) for one in shown.all("div") if "data-group" in one["attributes"]}
    if name == "report.json":
        read = groups["second read of 64 MiB"]
        assert "1.25" in read and "no figure" in read and "above" not in read
        assert "1.41, above the goal" in groups["16 MiB sent by TCP"]
    elif name == "report-dice.json":
        assert "1.0010" in groups["to user space"] and "1.0200" in groups["to user space"] and "12,345" in made
    elif name == "report-pkvm.json":
        assert "1.06" in groups["to user space"] and "no figure: stands still" in groups["to user space"]
    else:
        assert "1.0100, above the goal" in groups["4096 direct reads of 4 KiB"] and "no figure" in groups["bss"]
        assert "1.0180" in groups["to user space"]


def test_a_page_of_benches_has_all_that_are_there(tmp_path):
    for name, report in REPORTS.items():
        (tmp_path / name).write_text(json.dumps(report))
    assert len(Page(page.write_bench(tmp_path).read_text()).all("section")) == len(REPORTS)


def test_a_matrix_counts_its_cells(tmp_path):
    rows = [{"kernel": "6.12", "release": "6.12.1", "pages": "4k", "compiler": "gcc", "cells": {
                "pkvm": {"failures": [], "checks": 27, "seconds": 16.2}, "cca": {"failures": [EVIL], "checks": 27, "seconds": 9},
                "pkvm-android": {"skipped": True}}},
            {"kernel": "7.x", "pages": "4k", "compiler": "clang", "skipped": EVIL}]
    (tmp_path / "report.json").write_text(json.dumps(rows))
    made = page.write_matrix(tmp_path).read_text()
    shown = Page(made)
    assert [shown.words(f"count-{name}") for name in ("passed", "failed", "skipped")] == ["1 passed", "1 failed", "4 skipped"]
    assert "<script" not in made and "passed, 27 checks, 16\u00a0s" in made


def case(outcome, mode="pkvm", answer="-1", why=""):
    return {"mode": mode, "call": 7, "answer": answer, "name": "MEMSHARE", "outcome": outcome, "why": why, "seconds": 2.0}


def test_a_campaign_counts_its_cases(tmp_path):
    cases = [case("works"), case("works", answer="late"), case("ends with a line", why=EVIL), case("hang", mode="cca", why=EVIL)]
    (tmp_path / "report.json").write_text(json.dumps({"seed": 7, "cases": cases, "seconds": {"pkvm": 6.0, "cca": 2.0}}))
    made = page.write_hostile(tmp_path).read_text()
    shown = Page(made)
    assert [shown.words(f"count-{name}") for name in ("boots", "broken")] == ["4 boots", "1 broken"]
    assert "<script" not in made and "30.0 boots a minute" in made and "Broken cases" in made
    assert re.search(r'<th scope="row">all</th><td></td><td class="n good">2</td><td class="n good">1</td>', made)


def test_each_outcome_of_a_campaign_has_its_kind():
    """An outcome that the page does not know would be drawn as broken."""
    assert {name for name in campaign.CLASSES if page.outcome_kind(name) == "bad"} == set(campaign.BROKEN)
    assert set(page.OUTCOME_KINDS) | set(campaign.BROKEN) == set(campaign.CLASSES)
    assert set(page.ANSWERS) == {answer for answer in campaign.ANSWERS if not answer.lstrip("-").isdigit()}


def test_trees_are_counted_and_say_why_they_are_refused(tmp_path):
    rows = [{"release": "6.12.8", "tree": EVIL, "commit": "0123456789ab", "day": "2026-11-28", "outcome": "fits, 50 hooks",
             "ran": {"cca": "2026-11-27", "kunit": "2026-11-26"}, "problems": []},
            {"release": "6.18.1", "tree": "other", "commit": "", "day": "2026-11-28", "outcome": "refused: 1 reasons", "problems": [EVIL]}]
    (tmp_path / "trees.json").write_text(json.dumps({"trees": rows}))
    made = page.write_trees(tmp_path).read_text()
    shown = Page(made)
    assert [shown.words(f"count-{name}") for name in ("fit", "refused")] == ["1 fit", "1 refused"]
    assert "<script" not in made and made.count("<details>") == 1 and "2026-11-27" in made and "2026-11-26" in made and ">KUnit<" in made


def test_the_program_says_how_it_is_called():
    ran = subprocess.run(["/usr/bin/python3", "-m", "pguest.page"], cwd=paths.ROOT / "scripts", capture_output=True, text=True, check=False)
    assert ran.returncode and "report.html" in ran.stderr
