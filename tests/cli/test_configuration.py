import pytest


@pytest.fixture
def script(folder):
    (folder / "a.py").write_text("x = 1\n")
    return "a.py"


def configure(folder, text):
    (folder / "pyproject.toml").write_text(f"[tool.pdeperf]\n{text}\n")


def test_the_nearest_pyproject_gives_the_defaults(pdeperf, folder, script, stages, monkeypatch):
    configure(folder, 'timeout_s = 7\nobserve = ["u"]\nthreshold = 0.2\nallow_opt_in = true')
    below = folder / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    pdeperf("optimize", "../a.py")
    _, workload, settings = stages.calls[0]
    assert workload.observables == ("u",)
    assert (settings.timeout_s, settings.threshold, settings.allow_opt_in) == (7.0, 0.2, True)


def test_an_option_wins_over_the_configuration(pdeperf, folder, script, stages):
    configure(folder, "threshold = 0.2\nallow_opt_in = true\nfirst_run = true")
    pdeperf("optimize", script, "--threshold", "0.5", "--no-opt-in", "--any-run")
    settings = stages.calls[0][2]
    assert (settings.threshold, settings.allow_opt_in, settings.first_run) == (0.5, False, False)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("timeout = 5", "unknown entry 'timeout'; known: allow_opt_in"),
        ('timeout_s = "5"', "timeout_s = '5' must be a number, above 0"),
        ("timeout_s = 0", "must be a number, above 0"),
        ("timeout_s = nan", "must be a number"),
        ("threshold = 3", "between 0 and 1"),
        ("max_passes = 1.5", "must be a whole number"),
        ("first_run = 1", "must be true or false"),
        ('observe = "u"', "must be a list of strings"),
        ("interpreter = 3", "must be a string"),
        ("x = [", "not TOML"),
    ],
)
def test_a_wrong_entry_says_which_and_what_is_wanted(pdeperf, folder, script, entry, says):
    configure(folder, entry)
    said = pdeperf("profile", script)
    assert said.code == 2
    assert "pyproject.toml" in said.err
    assert says in said.err


def test_a_pyproject_without_our_table_changes_nothing(pdeperf, folder, script, stages):
    (folder / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    pdeperf("validate", script)
    assert stages.calls[0] == ("validate", "default", 1.2, None)
