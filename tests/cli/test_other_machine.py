"""A baseline that was made elsewhere: numbers are compared, times never, and what differed is told."""

import json

import pytest

from pdeperf.trial.keeping import OWN_DIGEST, own_digest

HEAT = """
import numpy as np
r = float(open("r.txt").read())
u = np.zeros(40)
u[10:20] = 1.0
for step in range(60):
    u[1:-1] = u[1:-1] + r * (u[2:] - 2 * u[1:-1] + u[:-2])
print(u.sum())
"""


@pytest.fixture
def kept(pdeperf, folder):
    """A script that reads a file, and its baseline."""
    (folder / "heat.py").write_text(HEAT)
    (folder / "r.txt").write_text("0.2")
    assert pdeperf("baseline", "heat.py", "-q").code == 0
    return folder / ".pdeperf" / "baselines" / "default"


def test_other_versions_are_told_and_do_not_fail(pdeperf, kept):
    path = kept / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["machine"].update(numpy="1.20.0", processor="Abacus 3000")
    path.write_text(json.dumps({**manifest, OWN_DIGEST: own_digest(manifest)}))
    said = pdeperf("validate", "heat.py", "-q", "--no-timing")
    assert said.code == 0
    words = " ".join(said.out.split())
    assert "from another machine: numpy 1.20.0 became" in words
    assert "processor Abacus 3000 became" in words
    assert words.endswith("PASS: The results are the same; nothing was timed.")


def test_numbers_that_are_not_the_stored_ones_any_more_are_told(pdeperf, kept, folder):
    (folder / "r.txt").write_text("0.21")
    said = pdeperf("validate", "heat.py", "-q", "--no-timing")
    assert said.code == 0
    assert "no longer gives its stored numbers here" in " ".join(said.out.split())


def test_no_time_is_kept_in_a_baseline(kept):
    text = (kept / "manifest.json").read_text()
    manifest = json.loads(text)
    assert manifest["timeout_s"] == 600.0
    others = text.replace('"timeout_s"', "")
    assert '_s"' not in others
    assert "elapsed" not in others


def test_an_update_renews_what_the_machine_is(pdeperf, kept):
    path = kept / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["machine"]["numpy"] = "1.20.0"
    path.write_text(json.dumps({**manifest, OWN_DIGEST: own_digest(manifest)}))
    assert pdeperf("baseline", "heat.py", "-q").code == 2
    assert pdeperf("baseline", "heat.py", "-q", "--update").code == 0
    assert "another machine" not in pdeperf("validate", "heat.py", "-q", "--no-timing").out
