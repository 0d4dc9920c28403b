"""What a solver leaves open itself, where chaos sets in, and what a loop shows on its way."""

import textwrap
from collections.abc import Callable

import pytest

from pdeperf.judge import verdict
from pdeperf.model import Outcome
from pdeperf.trial import Effort, try_candidate
from pdeperf.trial.immaterial import immaterial_names, input_names

POISSON = """
import numpy as np
n = 24
tol = 1e-5
u = np.zeros((n, n))
u[0, :] = 1.0
err = 1.0
sweeps = 0
while err > tol:
    un = u.copy()
    u[1:-1, 1:-1] = 0.25 * (un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2])
    err = np.abs(u - un).max()
    sweeps += 1
"""
CHAOS = """
import numpy as np
x = 8.0 + np.zeros(40)
x[3] += 0.01
dt = 0.01
for step in range(6000):
    dx = (np.roll(x, -1) - np.roll(x, 2)) * np.roll(x, 1) - x + 8.0
    x = x + dt * dx
"""
COMPILED = """
import numpy as np
x = 8.0 + np.zeros(40)
x[3] += 0.01
dt = 0.01
def advance(x, dt):
    for step in range(6000):
        dx = np.roll(x, -1) * np.roll(x, 1) - np.roll(x, 2) * np.roll(x, 1) - x + 8.0
        x = x + dt * dx
    return x, dx, step
x, dx, step = advance(x, dt)
"""


def outcome(script, after: str, forgets: tuple[str, ...] = ()) -> Outcome:
    return verdict(script.trial(after, forgets=forgets)).outcome


def agrees(trial) -> bool:
    return bool(trial.differences) and all(one.within for one in trial.differences)


@pytest.fixture(scope="module")
def poisson(bench: Callable):
    return bench(POISSON)


@pytest.fixture(scope="module")
def chaos(bench: Callable):
    return bench(CHAOS)


def test_an_iteration_less_is_wrong_though_within_the_tolerance(poisson) -> None:
    assert outcome(poisson, POISSON.replace("while err > tol", "while err > 1.01 * tol")) is Outcome.WRONG
    fewer = POISSON.replace("    sweeps += 1\n", "    sweeps += 1\n    if sweeps == 230: break\n")
    assert outcome(poisson, fewer) is Outcome.WRONG


def test_another_sweep_is_wrong_though_it_converges_to_the_same(poisson) -> None:
    in_place = POISSON.replace("un = u.copy()", "un = u.copy(); un[:12] = u[:12] * 1.0").replace(
        "0.25 * (un[2:", "0.2500001 * (un[2:"
    )
    assert outcome(poisson, in_place) is Outcome.WRONG


def test_a_summation_in_another_order_is_right(poisson) -> None:
    other = POISSON.replace(
        "un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2]",
        "(un[1:-1, :-2] + un[1:-1, 2:]) + (un[:-2, 1:-1] + un[2:, 1:-1])",
    )
    assert agrees(poisson.trial(other))


def test_what_the_solvers_own_tolerance_leaves_open_is_right(bench: Callable) -> None:
    source = """
        import numpy as np
        from scipy.sparse import diags
        from scipy.sparse.linalg import cg, spsolve
        n = 60
        A = diags([-1.0, 2.5, -1.0], [-1, 0, 1], shape=(n, n), format="csr")
        u = np.sin(np.linspace(0, 3, n))
        for k in range(3):
            u = cg(A, u, rtol=1e-7)[0]
        """
    script = bench(source)
    direct = script.trial(source.replace("cg(A, u, rtol=1e-7)[0]", "spsolve(A, u)"))
    assert agrees(direct)
    assert "solver's own tolerance" in direct.tolerance
    assert outcome(script, source.replace("rtol=1e-7", "rtol=1e-3")) is Outcome.WRONG


def test_a_chaotic_loop_at_module_level_is_judged_by_its_early_turns(chaos) -> None:
    assert agrees(chaos.trial(CHAOS.replace("- x + 8.0", "- (x - 8.0)")))
    assert outcome(chaos, CHAOS.replace("+ 8.0\n    x", "+ 8.0000001\n    x")) is Outcome.WRONG


def test_a_chaotic_loop_that_is_hidden_in_a_function_is_cut_short(chaos) -> None:
    trial = chaos.trial(COMPILED, forgets=("step",))
    assert agrees(trial)
    assert "judged over the first" in trial.tolerance
    assert "double in" in trial.tolerance
    assert outcome(chaos, COMPILED.replace("+ 8.0", "* (1 + 1e-8) + 8.0"), ("step",)) is Outcome.WRONG


MAPS = """
import numpy as np
x = 0.5 + 0.3 * np.sin(np.arange(40.0))
means = []
for step in range(600):
    f = 3.9 * x * (1 - x)
    x = 0.8 * f + 0.1 * (np.roll(f, 1) + np.roll(f, -1))
    if step % 10 == 0 and step < 50:
        means.append(x.mean())
"""


def test_a_turn_less_of_a_chaotic_loop_is_wrong_though_all_that_is_judged_was_written_before(
    bench: Callable,
) -> None:
    script = bench(MAPS)
    less = script.trial(MAPS.replace("range(600)", "range(599)"), forgets=("step",))
    assert not agrees(less)
    assert "600 turns became 599" in less.differences[0].note
    assert agrees(script.trial(MAPS.replace("- x)", "- x) * 1.0"), forgets=("step",)))


def test_a_direct_solver_without_a_loop_has_a_measured_bound(bench: Callable) -> None:
    source = """
        import numpy as np
        n = 10
        A = 1.0 / (np.arange(n)[:, None] + np.arange(n) + 1)
        b = A.sum(axis=1)
        x = np.linalg.solve(A, b)
        """
    script = bench(source)
    assert agrees(script.trial(source.replace("np.linalg.solve(A, b)", "np.linalg.inv(A) @ b")))
    assert outcome(script, source.replace("(A, b)", "(A, b * (1 + 1e-3 * np.arange(n)))")) is Outcome.WRONG


PENDULUM = """
    import math
    a, b, p, q = 2.0, 2.5, 0.0, 0.0
    dt = 0.004
    path = []
    for n in range(6000):
        d = a - b
        den = 3.0 - math.cos(2 * d)
        pull = -29.43 * math.sin(a) - 9.81 * math.sin(a - 2 * b)
        x = pull - 2 * math.sin(d) * (q * q + p * p * math.cos(d))
        y = 2 * math.sin(d) * (2 * p * p + 19.62 * math.cos(a) + q * q * math.cos(d))
        p += dt * x / den
        q += dt * y / den
        a += dt * p
        b += dt * q
        path.append(b)
    print(a, b)
    """


def test_chaos_in_plain_numbers_is_recognised(bench: Callable) -> None:
    script = bench(PENDULUM)
    assert agrees(
        script.trial(PENDULUM.replace("math.cos(2 * d)", "math.cos(d + d)").replace("x / den", "(x / den)"))
    )
    assert agrees(script.trial(PENDULUM.replace("p += dt * x / den", "p += (dt / den) * x")))
    assert outcome(script, PENDULUM.replace("q * q * math", "1.000001 * q * q * math")) is Outcome.WRONG


def test_a_counter_beside_a_returned_expression_is_nobodys_result() -> None:
    source = textwrap.dedent(
        """
        def solve(u, steps):
            n = 0
            v = u * 2
            k = 3
            while n < steps:
                v = v + k * u
                n += 1
            return abs(v) / 2
        """
    )
    found = immaterial_names({"solver.py": source}, "solver.py")
    assert {"solve():n", "solve():k"} <= found
    assert "solve():v" not in found
    assert "solve():u" not in found


def test_what_only_an_expression_returns_is_nobodys_result() -> None:
    source = "def apply(p):\n    q = 4 * p\n    return q / 2\n\ndef whole(p):\n    q = 4 * p\n    return q\n"
    found = immaterial_names({"solver.py": source}, "solver.py")
    assert "apply():q" in found
    assert "whole():q" not in found


def test_a_parameter_that_is_only_read_tells_one_call_from_another() -> None:
    source = "def solve(d, u, v):\n    m = len(d)\n    u[0] = d[m - 1]\n    step(v)\n    return m\n"
    assert input_names({"solver.py": source}, "solver.py") == {"solve": frozenset({"d"})}


PARTICLES = """
class Particle:
    __slots__ = ("x", "v", "f")
    def __init__(self, x):
        self.x, self.v, self.f = x, 0.0, 0.0
def forces(parts):
    for a in parts:
        total = 0.0
        for b in parts:
            if a is not b:
                total += 1e-3 / (a.x - b.x) - 0.3 * (a.x - b.x)
        a.f = total
def simulate(parts):
    for step in range(40):
        forces(parts)
        for a in parts:
            a.v += 0.01 * a.f
            a.x += 0.01 * a.v
    return parts
parts = simulate([Particle(0.1 * i - 0.35) for i in range(8)])
print(max(p.x for p in parts))
"""


def test_numbers_in_objects_are_moved_too(bench: Callable) -> None:
    script = bench(PARTICLES)
    noise = script.original.stirred()
    assert noise.reached
    assert any(0 < noise.spreads[f"parts[{number}].x"].relative < 1e-12 for number in range(8))
    turned = PARTICLES.replace("for b in parts:", "for b in reversed(parts):")
    assert agrees(script.trial(turned, forgets=("forces():b", "forces():total")))
    assert not agrees(script.trial(PARTICLES.replace("1e-3 /", "1.000001e-3 /")))


GRADIENT = """
import numpy as np
def grad(u, h):
    g = np.zeros_like(u)
    for i in range(1, len(u) - 1):
        g[i] = (u[i + 1] - u[i - 1]) / (2 * h)
    return 0.5 * g, g[1]
u = np.sin(np.linspace(0, 6, 40))
for k in range(8):
    g, first = grad(u, 0.1)
    u = u - 0.01 * g
"""


def lenient(script, after: str) -> Outcome:
    trial = try_candidate(
        script.workload, script.place, script.files, {"solver.py": after}, script.original,
        effort=Effort(timed=False), lenient=True,
    )  # fmt: skip
    return verdict(trial).outcome if not agrees(trial) else Outcome.ACCEPTED


def test_a_function_is_known_by_what_it_returns_and_its_locals_are_its_own(bench: Callable) -> None:
    script = bench(GRADIENT)
    seen = script.original.captures[0].observables
    assert seen["grad()[4]:return[0]"].shape == (40,)
    assert seen["grad()[4]:return[1]"].shape == ()
    other = GRADIENT.replace(" / (2 * h)", "").replace("0.5 * g, g[1]", "g * (0.25 / h), g[1] / (2 * h)")
    assert lenient(script, other) is Outcome.ACCEPTED
    wrong = GRADIENT.replace("g[1]\n", "g[2]\n").replace("g, first =", "g, _ =")
    assert lenient(script, wrong) is Outcome.WRONG


def test_what_is_plainly_wrong_costs_one_draw_of_noise(bench: Callable) -> None:
    source = """
        import numpy as np
        u = np.sin(np.linspace(0, 3, 50))
        for k in range(20):
            u[1:-1] = u[1:-1] + 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
        """
    script = bench(source)
    assert outcome(script, source.replace("0.2", "0.45")) is Outcome.WRONG
    assert script.original.draws_count == 1
    assert outcome(script, source.replace("0.2 *", "0.2 * (1 + 1e-11) *")) is Outcome.WRONG
    assert script.original.draws_count == 3
    assert script.original.noise() is script.original.noise(), "measured once"


def test_a_tolerance_excuses_nothing_where_the_iteration_is_the_same(poisson) -> None:
    rounded = POISSON.replace("u[0, :] = 1.0", "u[0, :] = 1.0 + 1e-9")
    assert outcome(poisson, rounded) is Outcome.WRONG
