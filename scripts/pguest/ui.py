# SPDX-License-Identifier: GPL-2.0-only
"""What a person sees of the scripts: one-line refusals, progress, tables."""

import shutil
import sys
import time


class Refusal(Exception):
    """Something that the user has to change. Its text is the one line they get."""


def say(text):
    print(f"pguest: {text}", flush=True)


def run_main(main):
    """Run main() and turn a refusal into one line and exit status 1."""
    try:
        sys.exit(main())
    except Refusal as refusal:
        print(f"pguest: {refusal}", file=sys.stderr, flush=True)
        sys.exit(1)
    except OSError as error:
        # A full disk, a directory that is not ours: the user's to change as well.
        print(f"pguest: {error.filename or 'a file'}: {error.strerror}", file=sys.stderr, flush=True)
        sys.exit(1)
    except KeyboardInterrupt:
        print("pguest: interrupted", file=sys.stderr, flush=True)
        sys.exit(130)


class Progress:
    """One step that takes a while.

    On a terminal a single line is rewritten in place; in a log one line is
    written every ten seconds, so that a CI page shows life and stays short.
    """

    LOG_EVERY = 10.0

    def __init__(self, title, expected=0):
        self.title = title
        self.expected = expected
        self.count = 0
        self.start = time.monotonic()
        self.tty = sys.stdout.isatty()
        self.shown = 0.0

    def elapsed(self):
        return time.monotonic() - self.start

    def step(self, detail=""):
        self.count += 1
        self.show(detail)

    def show(self, detail=""):
        now = time.monotonic()
        if now - self.shown < (0.1 if self.tty else self.LOG_EVERY):
            return
        self.shown = now
        self._write(self._line(detail), end="" if self.tty else "\n")

    def done(self, outcome="done"):
        self._write(f"pguest: {self.title}: {outcome} in {self.elapsed():.1f} s", end="\n")

    def _line(self, detail):
        seconds = int(self.elapsed())
        clock = f"{seconds // 60}:{seconds % 60:02d}"
        if self.expected:
            share = min(99, 100 * self.count // self.expected)
            counted = f"{self.count} of about {self.expected} steps, {share}%"
        else:
            counted = f"{self.count} steps"
        return f"pguest: {self.title}: {counted}, {clock}  {detail}"

    def _write(self, line, end):
        if self.tty:
            columns = shutil.get_terminal_size().columns
            sys.stdout.write("\r\x1b[K" + line[: columns - 1] + end)
        elif end:
            sys.stdout.write(line + end)
        sys.stdout.flush()


def table(title, rows):
    """A two-column table; a row whose value is None is a heading."""
    width = max((len(name) for name, value in rows if value is not None), default=0)
    print(f"\n{title}\n{'-' * len(title)}")
    for name, value in rows:
        print(name if value is None else f"  {name:<{width}}  {value}")
    print(flush=True)
