"""Places of which each gains little are rewritten together."""

import re

from pdeperf import plugins
from pdeperf.model import Diagnosis, Environment, Evidence, Kind, Measurement, Refusal, Span
from pdeperf.pipeline import bundle
from pdeperf.pipeline.bundle import bundled, joint_steps, moved
from pdeperf.pipeline.profiling import project_of, proposals
from tests.arrays.in_process import project_of as observed
from tests.arrays.in_process import rewritten, run

SCRIPT = """
import numpy as np

u = np.sin(np.arange(72) * 0.7).reshape(9, 8)
log = []

def along_x(f):
    r = 0.5 * np.roll(f, -1, axis=0) - 0.5 * np.roll(f, 1, axis=0)  # hot
    return r

def along_y(f):
    r = 0.5 * np.roll(f, -1, axis=1) - 0.5 * np.roll(f, 1, axis=1)  # hot
    return r

def walk(n):
    s = 0.0
    for i in range(n):  # warm
        s = s * 0.5 + i
    return s

ways = {"x": along_x}
ways["y"] = along_y
for n in range(3):
    a, b = ways["x"](u), ways["y"](u)
    log.append(walk(5))
    u = u - 0.1 * np.fft.ifft2(np.fft.fft2(a * b)).real
"""


def _place(text: str, mark: str, kind: Kind, rule: str) -> list[Diagnosis]:
    lines = [at for at, row in enumerate(text.splitlines(), 1) if re.search(rf"# {mark}\b", row)]
    spans = [Span(file="script.py", first=at, last=at) for at in lines]
    return [Diagnosis(rule=rule, kind=kind, where=span, message="", share=0.3) for span in spans]


def _seen(tmp_path, text: str = SCRIPT) -> Evidence:
    project = observed(text, tmp_path)
    assert project is not None
    return Evidence(
        elapsed_s=4.0,
        environment=Environment(cpu_model="", cores_count=2, threads_count=2, python_version="", platform=""),
        rows=tuple(project.observed),
        hotspots=(),
        notes=(),
        profiling_s=0.0,
    )


def test_rewrites_of_several_functions_become_one_that_computes_the_same(tmp_path):
    evidence = _seen(tmp_path)
    texts = {"script.py": SCRIPT}
    hot = _place(SCRIPT, "hot", Kind.ALLOCATION, "array-temporaries")
    warm = _place(SCRIPT, "warm", Kind.LOOP, "scalar-loop")
    found = bundled([hot[0], hot[0], hot[1], *warm], evidence, texts)
    assert found is not None
    joint = found.candidate
    assert found.places == (hot[0], hot[1], *warm)
    assert joint.backend == "fuse-arrays, numba"
    assert joint.title == "rewrite script.py:8, script.py:12 and script.py:17 together"
    after = rewritten(joint)
    assert after.count("@njit") == 3
    before, then = run(SCRIPT, (), tmp_path), run(after, (), tmp_path)
    assert not before.raised and not then.raised
    assert (before.values["u"] == then.values["u"]).all()
    assert bundled([hot[0], hot[0]], evidence, texts) is None


def test_a_part_that_sinks_the_others_is_found_by_halves(tmp_path):
    evidence = _seen(tmp_path)
    texts = {"script.py": SCRIPT}
    hot = _place(SCRIPT, "hot", Kind.ALLOCATION, "array-temporaries")
    warm = _place(SCRIPT, "warm", Kind.LOOP, "scalar-loop")
    places = [*hot, *warm]

    def tried(sinks: int) -> list[str]:
        mark = f"script.py:{sinks}"
        found = joint_steps(
            places, evidence, texts, pays=lambda _: True, is_kept=lambda one: mark not in one.title
        )
        return [one.title for one in found]

    assert set(tried(0)) == {"rewrite script.py:8, script.py:12 and script.py:17 together"}
    assert tried(17)[-1] == "rewrite script.py:8 and script.py:12 together"
    assert tried(8)[-1] == "rewrite script.py:8 and script.py:12 together"
    nothing = joint_steps(places, evidence, texts, pays=lambda _: False, is_kept=lambda _: False)
    assert all("17" in one.title for one in nothing)


def test_a_place_that_has_been_rewritten_is_not_moved():
    where = Span(file="a.py", first=2, last=3)
    diagnosis = Diagnosis(rule="scalar-loop", kind=Kind.LOOP, where=where, message="")
    texts = {"a.py": "a\nb\nc\nd\n"}
    found = moved(diagnosis, texts, {"a.py": "new\na\nb\nc\nd\n"})
    assert found is not None and (found.where.first, found.where.last) == (3, 4)
    assert moved(diagnosis, texts, {"a.py": "a\nb\nmore\nc\nd\n"}) is None
    assert moved(diagnosis, texts, {"a.py": "a\nB\nc\nd\n"}) is None


def test_what_was_measured_moves_with_its_line():
    texts = {"a.py": "a\nb\nc\nd\n"}
    where = Span(file="a.py", first=2, last=3)
    facts = tuple(
        Measurement(where=Span(file="a.py", first=line, last=line), metric="m", value=line, collector="c")
        for line in (1, 3)
    )
    diagnosis = Diagnosis(
        rule="r", kind=Kind.LOOP, where=where, message="", share=0.5, headroom=2, facts=facts
    )
    found = moved(diagnosis, texts, {"a.py": "A\nnew\nb\nc\nd\n"})
    assert [(fact.value, fact.where.first) for fact in found.facts] == [(3, 4)]


WITHIN = """
import numpy as np

u = np.sin(np.arange(40) * 0.7)

def mean(v, i):
    s = 0.0
    for k in range(3):  # warm
        s += v[i - k] / 3
    return s

for n in range(3):
    w = u.copy()
    for i in range(2, 40):  # hot
        w[i] = mean(u, i)
    u = w
"""


def test_a_function_whose_callers_run_a_compiled_copy_is_not_asked_about(tmp_path, monkeypatch):
    evidence = _seen(tmp_path, WITHIN)
    hot, warm = (_place(WITHIN, mark, Kind.LOOP, "scalar-loop")[0] for mark in ("hot", "warm"))
    asked = []

    def spied(diagnosis, project):
        asked.append(diagnosis.rule)
        yield from proposals(diagnosis, project)

    monkeypatch.setattr(bundle, "proposals", spied)
    assert bundled([hot, warm], evidence, {"script.py": WITHIN}) is None
    assert len(asked) == 1
    copied = {"script.py": f"{WITHIN}\ndef flux_kernel(v):\n    return v\n\nflux_kernel(u)\n"}
    assert bundle._compiled({"script.py": WITHIN}, copied) == frozenset()
    before = {"script.py": f"{WITHIN}\ndef _flux(v):\n    return v\n"}
    assert bundle._compiled(before, copied) == {"_flux"}


def test_a_place_of_the_same_files_is_asked_about_once(tmp_path, monkeypatch):
    evidence, texts = _seen(tmp_path), {"script.py": SCRIPT}
    project = project_of(texts, evidence)
    assert project_of(dict(texts), evidence) is project
    assert project_of({"script.py": f"{SCRIPT}\n"}, evidence) is not project
    warm = _place(SCRIPT, "warm", Kind.LOOP, "scalar-loop")[0]
    drawn = []

    class Technique:
        name, answers = "technique", frozenset(("scalar-loop",))

        def propose(self, diagnosis, project):
            for reason in "ab":
                drawn.append(reason)
                yield Refusal(backend="technique", diagnosis=diagnosis, where=diagnosis.where, reason=reason)

    technique = Technique()
    monkeypatch.setattr(plugins, "backends", lambda: (technique,))
    assert next(proposals(warm, project)).reason == "a" and drawn == ["a"]
    assert [one.reason for one in proposals(warm, project)] == ["a", "b"] and drawn == ["a", "b"]
    assert [one.reason for one in proposals(warm, project)] == ["a", "b"] and drawn == ["a", "b"]
    later = project_of({"script.py": f"{SCRIPT}\n"}, evidence)
    assert len(list(proposals(warm, later))) == 2 and len(drawn) == 4
