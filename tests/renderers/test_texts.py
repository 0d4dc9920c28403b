import importlib
import json
import pkgutil
import re
from dataclasses import replace

import pytest

from pdeperf import plugins, renderers
from pdeperf.model import Patch
from pdeperf.renderers import _chart, _flame, html, markdown
from pdeperf.renderers import json as json_text

EVIL = "</td><script>alert(1)</script><b onclick='x' \"y\" & \x1b[31m"


def evil(report):
    """The report with hostile text in every place that a user's files or names reach."""
    patch = Patch(file=EVIL, before=EVIL, after=EVIL + "\nmore")
    candidate = replace(
        report.suggestions[0],
        title=EVIL,
        assumes=(EVIL,),
        patches=(patch,),
        diagnosis=replace(report.diagnoses[0], message=EVIL, rule=EVIL),
    )
    step = replace(
        report.steps[1],
        candidate=candidate,
        verdict=replace(report.steps[1].verdict, reason=EVIL),
    )
    trial = replace(
        report.overall.trial,
        differences=(replace(report.overall.trial.differences[0], observable=EVIL, note=EVIL),),
        unstable=(EVIL,),
    )
    return replace(
        report,
        session=EVIL,
        workload=replace(report.workload, script=EVIL, argv=(EVIL,)),
        evidence=replace(
            report.evidence,
            notes=(EVIL,),
            environment=replace(report.evidence.environment, cpu_model=EVIL, gpu=EVIL),
            hotspots=(replace(report.evidence.hotspots[0], scope=EVIL),),
        ),
        sources=(replace(report.sources[0], file=EVIL, text=EVIL),),
        diagnoses=(candidate.diagnosis,),
        suggestions=(candidate,),
        refusals=(replace(report.refusals[0], reason=EVIL, advice=EVIL, backend=EVIL),),
        steps=(step,),
        overall=replace(report.overall, trial=trial),
    )


SPEEDSCOPE = json.dumps(
    {
        "shared": {
            "frames": [
                {"name": "<module>", "file": "heat.py", "line": 1},
                {"name": "sweep<b>", "file": "/somewhere/heat.py", "line": 8},
                {"name": "sum", "file": "numpy/core.py", "line": 2},
            ]
        },
        "profiles": [{"type": "sampled", "samples": [[0, 1], [0, 2], [0]], "weights": [80, 15, 5]}],
    }
)


@pytest.mark.parametrize("renderer", plugins.renderers(), ids=lambda renderer: renderer.name)
def test_every_renderer_says_its_name_and_shows_the_report(renderer, report):
    module = importlib.import_module(type(renderer).__module__)
    assert module.__name__.endswith(f".{renderer.name}")
    assert renderer.suffix.startswith(".")
    assert "heat.py" in renderer.render(report)
    bare = replace(report, steps=(), overall=None, suggestions=(), refusals=(), diagnoses=(), sources=())
    assert renderer.render(bare)


@pytest.mark.parametrize("renderer", plugins.renderers(), ids=lambda renderer: renderer.name)
def test_no_renderer_obeys_what_the_user_wrote(renderer, report):
    text = renderer.render(evil(report))
    assert "\x1b" not in text
    if renderer.suffix in (".html", ".md"):
        outside_code = text.split("```")[::2] if renderer.suffix == ".md" else [text]
        assert all("<script" not in part and "<b onclick" not in part for part in outside_code)


def test_no_plugin_imports_another():
    names = {info.name for info in pkgutil.iter_modules(renderers.__path__) if not info.name.startswith("_")}
    assert names == {renderer.name for renderer in plugins.renderers()}
    for name in names:
        module = importlib.import_module(f"pdeperf.renderers.{name}")
        used = {getattr(value, "__name__", "") for value in vars(module).values()}
        assert not used & {f"pdeperf.renderers.{other}" for other in names - {name}}


def test_json_holds_every_field_and_standard_numbers_only(report):
    text = json_text.RENDERER.render(report)
    tree = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert tree["steps"][0]["trial"]["differences"][0]["l2"] is None
    assert tree["steps"][1]["verdict"]["outcome"] == "accepted"
    assert tree["diagnoses"][0]["predicted_speedup"] == pytest.approx(13.5, rel=0.01)


def test_markdown_fences_hold_what_they_hold(report):
    patch = Patch(file="a.py", before="x = '''\n'''", after="x = '''\n````\n'''")
    candidate = replace(report.suggestions[0], patches=(patch,))
    text = markdown.RENDERER.render(replace(report, steps=(), suggestions=(candidate,)))
    assert text.count("`````") == 2
    assert text.count("`````diff") == 1


def test_markdown_tables_keep_their_columns(report):
    diagnosis = replace(report.diagnoses[0], message="a | b\n| c")
    text = markdown.RENDERER.render(replace(report, diagnoses=(diagnosis,)))
    assert "a \\| b \\| c" in text


def test_the_page_needs_nothing_from_outside(report):
    page = html.page(report, SPEEDSCOPE)
    for sign in ("http://", "https://", "<script", "<link", "@import", "url(", " src="):
        assert sign not in page
    assert "default-src 'none'" in page


def test_the_page_has_every_part(report):
    page = html.page(report, SPEEDSCOPE)
    for words in (
        "12.4x faster",
        "whole script (11.9x to 12.8x): 1.25 s became 100 ms",
        "768,800",
        'class="chart"',
        'class="flame"',
        'class="text cut"',
        'class="text add"',
        "Results compared",
        "u may share memory with un",
        "Test CPU",
    ):
        assert words in page


def test_many_results_are_folded_and_none_is_lost(report):
    one = report.overall.trial.differences[0]
    many = tuple(replace(one, observable=f"result{at}") for at in range(40))
    trial = replace(report.overall.trial, differences=many)
    page = html.page(replace(report, overall=replace(report.overall, trial=trial)))
    assert "<summary>28 more</summary>" in page
    assert all(f">result{at}<" in page for at in range(40))


def test_each_link_of_the_page_has_its_target(report):
    import re

    page = html.page(report, SPEEDSCOPE)
    targets = set(re.findall(r'id="([^"]+)"', page))
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links
    assert links <= targets


def test_the_flame_graph_shows_shares_and_whose_file_it_is():
    drawn = _flame.svg(SPEEDSCOPE, frozenset({"heat.py"}))
    assert "sweep&lt;b&gt; (heat.py:8) 80.0 %" in drawn
    assert drawn.count('class="user"') == 2
    assert drawn.count('class="other"') == 1


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"shared": {"frames": []}, "profiles": []}', SPEEDSCOPE.replace("[0, 1]", "[7]")],
)
def test_a_file_without_stacks_is_said_to_be_one(text, report):
    with pytest.raises(_flame.FlameError):
        _flame.svg(text, frozenset())
    if text:
        assert "could not be drawn" in html.page(report, text)


def test_a_very_deep_stack_is_cut():
    frames = [{"name": f"f{at}"} for at in range(500)]
    text = json.dumps(
        {
            "shared": {"frames": frames},
            "profiles": [{"type": "sampled", "samples": [list(range(500))], "weights": [1]}],
        }
    )
    assert "f47" in _flame.svg(text, frozenset())
    assert "f48" not in _flame.svg(text, frozenset())


@pytest.mark.parametrize("layout", [_chart.WIDE, _chart.NARROW])
def test_nothing_of_a_chart_is_cut_off(layout):
    def bar(name, speedup):
        return _chart.Bar(label=name, speedup=speedup, low=speedup / 1.2, high=speedup * 1.2, kind="kept")

    drawn = _chart.svg(
        [bar("1. numba " + "a_long_folder/solver.py:10-400", 812.0), bar("2. csr", 0.3)], layout
    )
    width = int(re.search(r'viewBox="0 0 (\d+) ', drawn)[1])
    letter = 7.3
    for x, rest, text in re.findall(r'<text(?: class="axis")? x="([\d.]+)"([^>]*)>([^<]*)<', drawn):
        ends = "end" in rest
        assert float(x) - ends * letter * len(text) >= 0, text
        assert float(x) + (not ends) * letter * len(text) <= width, text


def test_a_chart_for_a_telephone_stands_beside_the_wide_one(report):
    page = html.page(report)
    assert page.count('<svg class="chart"') == page.count('<svg class="narrow chart"') == 1
