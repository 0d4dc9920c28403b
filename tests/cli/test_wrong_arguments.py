"""Arguments that ask for what there is not: one clear line, exit code 2, and no false "pass"."""

import pytest

from tests.cli.conftest import HEAT


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--conserve", "w.sum()"], "cannot evaluate w.sum(): NameError"),
        (["--observe", "nothere"], "nothere: the script has no such result; it has"),
        (["--refine", "N=8,16,32"], "--refine N: the script has no global constant of this name"),
        (["--rtol", "nan"], "'nan' is no finite number"),
        (["--max-slowdown", "inf"], "'inf' is no finite number"),
        (["--timeout", "nan"], "'nan' is no finite number"),
        (["--python", "/bin/true"], "/bin/true: is no Python 3"),
        (["--json", "--format", "sarif"], "one format at a time, not json and sarif"),
        (["--max-slowdown", "1.1", "--min-speedup", "2"], "--max-slowdown or --min-speedup, not both"),
        (["-o", "heat.py"], "-o heat.py: exists and was not written by pdeperf"),
        (["--report", "nowhere/a.xml"], "--report nowhere/a.xml: not a place for a file"),
    ],
)
def test_what_is_not_there_is_no_pass(pdeperf, heat_with_baseline, arguments, said):
    found = pdeperf("validate", "heat.py", "--baseline", "baselines/heat", "-q", "--no-timing", *arguments)
    assert found.code == 2
    assert said in found.err
    assert "PASS" not in found.both
    assert (heat_with_baseline / "heat.py").read_text() == HEAT


@pytest.mark.parametrize("option", [["--conserve", "w"], ["--observe", "w"]])
def test_a_baseline_without_what_was_asked_for_is_not_made(pdeperf, folder, option):
    (folder / "heat.py").write_text(HEAT)
    found = pdeperf("baseline", "heat.py", "-q", "--name", "baselines/heat", *option)
    assert found.code == 2
    assert not (folder / "baselines").exists()


def test_a_time_limit_beyond_the_clocks_is_no_bug(pdeperf, heat_with_baseline):
    found = pdeperf(
        "validate", "heat.py", "--baseline", "baselines/heat", "-q", "--no-timing", "--timeout", "1e308"
    )
    assert found.code == 0


def test_a_text_report_is_renewed(pdeperf, heat_with_baseline):
    for _ in range(2):
        call = ["validate", "heat.py", "--baseline", "baselines/heat", "-q", "--no-timing", "-o", "a.txt"]
        assert pdeperf(*call).code == 0
    assert (
        (heat_with_baseline / "a.txt")
        .read_text()
        .startswith("pdeperf: heat.py, held to baseline baselines/heat")
    )


def test_a_report_has_one_format(pdeperf, folder):
    found = pdeperf("report", "--html", "--json")
    assert found.code == 2
    assert "one format at a time, not html and json" in found.err
