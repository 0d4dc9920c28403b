"""Scripts made to trap a rewrite: every backend keeps what they compute, or leaves them alone."""

import ast
import importlib

import numba
import pytest

from pdeperf import plugins
from pdeperf.collectors import Job
from pdeperf.model import Candidate, Diagnosis, Hotspot, Kind
from pdeperf.source import Project
from tests.arrays.in_process import difference, rewritten, run
from tests.kernel.in_process import execute

GPU = ("cupy", "compute-on-device", "fuse-kernels", "hoist-transfer", "stay-on-device")
PLAIN = {
    "scalar-loop": Kind.LOOP,
    "array-temporaries": Kind.ALLOCATION,
    "loop-invariant": Kind.ALLOCATION,
    "array-rebound": Kind.ALLOCATION,
    "allocation-in-loop": Kind.ALLOCATION,
}
"""Rules that are tried at each place, whatever was measured there."""


def observed(text, folder):
    """The script with what was seen of its types and of its matrices."""
    rows = {}
    for name in ("arguments", "sparse"):
        job = Job(
            collector=name, script=str(folder / "script.py"), argv=(), root=str(folder), folder=str(folder)
        )
        collector = importlib.import_module(f"pdeperf.collectors.{name}").COLLECTOR
        recording = collector.record(job)
        recording.start()
        execute(text, (), folder, recording.transform)
        recording.stop()
        rows[name] = tuple(collector.read(folder, Project.from_texts({"script.py": text})))
    project = Project.from_texts({"script.py": text}, rows["arguments"])
    return project, rows["arguments"] + rows["sparse"]


def candidates(text, folder):
    """All that is proposed for any statement, as if each were hot."""
    project, rows = observed(text, folder)
    module = project["script.py"]
    seen = set()
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.For | ast.While | ast.Assign | ast.AugAssign | ast.Expr):
            continue
        where = module.span(node)
        facts = tuple(row for row in rows if where.contains(row.where))
        hotspot = Hotspot(where=where, share=0.9, headroom=20, facts=facts)
        found = [each for one in plugins.detectors() for each in one.detect(hotspot, project)]
        found += [Diagnosis(rule=r, kind=kind, where=where, message="") for r, kind in PLAIN.items()]
        for diagnosis in found:
            for backend in plugins.backends():
                if diagnosis.rule not in backend.answers or backend.name in GPU:
                    continue
                for one in backend.propose(diagnosis, project):
                    if isinstance(one, Candidate) and one.patches[0].after not in seen:
                        seen.add(one.patches[0].after)
                        yield one


TRAPS = {
    "what a mask picks is changed in place, and it is no view": """\
import numpy as np
n = 300
u = np.linspace(-1, 1, n)
w = u[::2]
for s in range(20):
    m = u > 0
    u[m] *= 0.999
    u[~m] += 0.0005
    w[1:] = w[:-1] * 0.5 + w[1:] * 0.5
print(u.sum(), m.sum())
""",
    "a caller asks whether a computation blew up": """\
import numpy as np
x = [1.5, 2.5, 3.5]
def square(x, m):
    for t in range(m):
        for i in range(3):
            x[i] = x[i] ** 2 + 1.0
ended = 0
for m in (2, 3, 12):
    try:
        square(x, m)
    except OverflowError:
        ended += m
""",
    "a function changes a matrix by another name of its entries": """\
import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as sla
n = 10
x = np.ones(n)
A = sp.diags([-1, 2.5, -1], [-1, 0, 1], shape=(n, n), format="csc")
entries = A.data
def bump():
    entries[3] += 1
for t in range(20):
    x = sla.spsolve(A, x + 1)
    if t == 13:
        bump()
""",
    "a text made of values is looked at where an error is caught": """\
import numpy as np
n = 10
u = np.arange(n) * 1.0
def advance(u, m):
    for i in range(m):
        u[i] = u[i] * 2 + 1
        if u[i] > 9:
            raise ValueError(i)
try:
    advance(u, n)
except ValueError as error:
    where = int(str(error))
""",
    "floating-point warnings are errors": """\
import numpy as np
import warnings
u = np.array([1.0, 0.0, 2.0, -1.0])
v = np.ones(4)
with np.errstate(divide="raise"):
    try:
        for t in range(3):
            v = v * 2
            w = v / u
    except FloatingPointError:
        ended = t
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        for t in range(3):
            v = v * 2
            v = np.sqrt(u) + v
    except RuntimeWarning:
        warned = t
""",
    "methods of arrays and functions with arrays as defaults are called by other names": """\
import numpy as np
x, y, z = (np.linspace(0.0, k, 10) for k in (1.0, 2.0, 3.0))
u = np.zeros(10)
put = x.__setitem__
def bump(changed=y):
    changed += 0.1
acts = [bump, lambda: z.sort(), lambda: z.__iadd__(-0.3)]
for k in range(4):
    u = u + np.exp(x) + np.sin(y) + np.cos(z)
    put(k, 3.0)
    for act in acts:
        act()
""",
    "floating-point errors are counted": """\
import numpy as np
u = np.array([1.0, 0.0, 2.0, -1.0])
v = np.ones(4)
calls = []
np.seterrcall(lambda kind, flag: calls.append(kind))
with np.errstate(all="call"):
    for t in range(3):
        v = v * 2
        w = v / u
count = len(calls)
np.seterrcall(None)
""",
}


@pytest.mark.parametrize("title", TRAPS)
def test_no_rewrite_changes_what_a_trap_computes(title, tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)
    before = run(TRAPS[title], (), tmp_path)
    assert not before.raised
    for one in candidates(TRAPS[title], tmp_path):
        after = run(rewritten(one), (), tmp_path)
        exact = one.safety.value == "exact"
        assert not difference(before, after, one.forgets, exact=exact), one.patches[0].after
