"""What the tests of array rewrites share."""

import os

import numba
import pytest


@pytest.fixture
def interpreted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rewrites are run as Python: the same operations in the same order, without a compilation each.

    ``PDEPERF_COMPILED=1 pytest tests/arrays`` compiles them all.
    """
    if os.environ.get("PDEPERF_COMPILED") != "1":
        monkeypatch.setattr(numba.config, "DISABLE_JIT", True)
