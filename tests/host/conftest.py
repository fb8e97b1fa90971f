# SPDX-License-Identifier: GPL-2.0-only
"""The fixtures of tests/boot: these boots are long, so that `make test` leaves them out."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts" / "lib"), str(ROOT / "tests" / "boot")]
spec = importlib.util.spec_from_file_location("boot_fixtures", ROOT / "tests/boot/conftest.py")
fixtures = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fixtures)
built, disk, new_machine = fixtures.built, fixtures.disk, fixtures.new_machine
