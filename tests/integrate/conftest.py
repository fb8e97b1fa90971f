# SPDX-License-Identifier: GPL-2.0-only
"""Fixtures. What tests import by name is in trees.py: there is more than one conftest.py."""

from trees import *  # noqa: F401, F403
