"""Array programs that Hypothesis draws, and makes small where a rewrite computes something else.

The same ones each time; ``PDEPERF_DRAWN=500 pytest tests/arrays/test_drawn_programs.py`` draws so many
others, and says with which ``--hypothesis-seed`` they come again.
"""

import os

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.arrays.driver import WRONG, look
from tests.arrays.given import inputs
from tests.arrays.programs import Writer

DRAWN = os.environ.get("PDEPERF_DRAWN")


@pytest.mark.usefixtures("interpreted")
@settings(
    max_examples=int(DRAWN or 20),
    deadline=None,
    derandomize=DRAWN is None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
@given(choices=st.randoms(use_true_random=False), seed=st.integers(0, 10_000))
def test_what_hypothesis_draws_computes_what_numpy_computes(choices, seed, tmp_path_factory):
    text = Writer(choices).text()
    found = look(text, inputs(seed, 4), tmp_path_factory.mktemp("drawn"))
    event(found.word)
    assert found.word not in WRONG, f"{text}\n{found.argv}: {found.details}\n{found.candidate}"
