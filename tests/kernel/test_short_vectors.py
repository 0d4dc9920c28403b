"""Short arrays in kernels as their components."""

import numpy as np
import pytest

from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.short_vectors import with_components
from pdeperf.kernel.vector_shapes import Shapes, Value
from pdeperf.source import Module

STATE, ROWS, NUMBER = (
    Value(Kind("array", "float64", 1), (2,)),
    Value(Kind("array", "float64", 2), (-1, 2)),
    Value(Kind("float")),
)
HEAD = '@njit(cache=True, error_model="numpy")\n'


def _made(arguments: dict[str, Value], *texts: str) -> str:
    functions = {text.partition("(")[0].removeprefix("def "): HEAD + text for text in texts}
    name = texts[-1].partition("(")[0].removeprefix("def ")
    found = with_components("import numpy as np", functions, {name: arguments})
    return "\n".join(found.texts.values()) if found else ""


def test_a_state_is_a_tuple_of_its_components():
    made = _made(
        {"y": STATE, "dt": NUMBER, "n": Value(Kind("int"))},
        "def f(y):\n    return np.array([y[1], -y[0]])\n",
        "def march(y, dt, n):\n    for i in range(n):\n"
        "        y = y + dt / 2 * f(y + dt * f(y))\n    return y\n",
    )
    assert "    return y[1], -y[0]\n" in made
    assert "    y = (y[0], y[1])\n    for i" in made
    assert "        f_y = f(y)\n" in made
    assert "        f_here = f((y[0] + dt * f_y[0], y[1] + dt * f_y[1]))\n" in made
    assert "        y = (y[0] + dt / 2 * f_here[0], y[1] + dt / 2 * f_here[1])\n" in made
    assert made.endswith("    return np.array(y)\n")


def test_what_changes_in_place_is_one_variable_for_each_component():
    made = _made(
        {"pos": ROWS, "acc": ROWS, "i": Value(Kind("int")), "n": Value(Kind("int"))},
        "def pull(pos, acc, i, n):\n    total = np.zeros(2)\n"
        "    for j in range(n):\n        r = pos[j] - pos[i]\n"
        "        total += r / np.linalg.norm(r)\n    acc[i] += 2.0 * total\n    acc[i] = acc[i] * pos[i]\n",
    )
    assert "    total_0 = total_1 = 0.0\n" in made
    assert "        r = (pos[j, 0] - pos[i, 0], pos[j, 1] - pos[i, 1])\n" in made
    assert "        total_0 += r[0] / np.sqrt(r[0] ** 2 + r[1] ** 2)\n        total_1 += r[1] /" in made
    assert "    acc[i, 0] += 2.0 * total_0\n    acc[i, 1] += 2.0 * total_1\n" in made
    assert "    acc[i, 0], acc[i, 1] = acc[i, 0] * pos[i, 0], acc[i, 1] * pos[i, 1]\n" in made


@pytest.mark.parametrize(
    "body",
    [
        "    v = y * 2.0\n    old = v\n    v += y\n    return old[0]\n",
        "    v = y * 2.0\n    return v.reshape(2, 1)[0, 0]\n",
        "    v = y * 2.0\n    i = 0\n    v[i] = 1.0\n    return v[0]\n",
        "    v = np.array([1, 2])\n    w = v * 2\n    w = w * y\n    return w[0]\n",
        "    v = y * 2.0\n    return v ** 3\n",
        "    w = y\n    for i in range(3):\n        w = w * 2.0\n    y[0] = 5.0\n    return w\n",
        "    y += 1.0\n    y = y * 2.0\n    return y\n",
    ],
)
def test_what_components_cannot_do_stays(body):
    assert _made({"y": STATE}, f"def g(y):\n{body}") == ""


@pytest.mark.parametrize("places", ["..., [1, 0]", ":, [1, 0]", "..., 0", "[1, 0]", "None, 0"])
def test_several_places_are_not_one(places):
    whole = Value(Kind("array", "float64", 3), (-1, -1, 2))
    assert _made({"F": whole, "d": NUMBER}, f"def g(F, d):\n    F[{places}] = F[{places}] + d\n") == ""


def test_arrays_of_numbers_divide_by_zero_where_numbers_raise():
    text = "def g(y, a):\n    v = y / a\n    return v[0]\n"
    assert _made({"y": STATE, "a": NUMBER}, text)
    plain = {"g": f"@njit(cache=True)\n{text}"}
    assert with_components("import numpy as np", plain, {"g": {"y": STATE, "a": NUMBER}}) is None


def test_kernels_with_short_arrays_give_the_same_bits(same_for):
    done = same_for(
        """
import sys
import numpy as np

def slope(t, y, w=2.0):
    return np.array([y[1], -w * y[0] + 0.1 * t])

def rk4(f, t, y, h):
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

y = np.array([1.0, 0.0])
path = np.zeros((31, 2))
if "view" in sys.argv:
    y = path[3]
first = y
h = 0.05
for n in range(30):  # hot
    path[n] = y
    y = rk4(slope, n * h, y, h)
print(y.tolist(), first.tolist(), path.tolist(), slope(0.0, y))

pos = np.cos(np.arange(20.0)).reshape(10, 2)
vel = np.zeros((10, 2))
if "three" in sys.argv:
    pos, vel = np.cos(np.arange(30.0)).reshape(10, 3), np.zeros((10, 3))
for i in range(10):
    pull = np.zeros(pos.shape[1])
    for j in range(10):
        d = pos[j] - pos[i]
        pull += d / (1.0 + np.dot(d, d))
    vel[i] += h * pull
print(vel.tolist())
""",
        "view three",
    )
    assert "return y[1], -w * y[0] + 0.1 * t" in done.text


def test_solvers_that_are_handed_functions_and_count_their_turns(same_steps):
    made = same_steps("""
import numpy as np

def residual(y, old, h):
    return np.array([y[0] - old[0] - h * y[1], y[1] - old[1] + h * np.sin(y[0])])

def jacobian(y, h):
    return np.array([[1.0, -h], [h * np.cos(y[0]), 1.0]])

def newton(f, old, h, tol=2.0 / 10**9):
    y = old.copy()
    for it in range(9):
        r, J = f(y, old, h), jacobian(y, h)
        det = J[0, 0] * J[1, 1] - J[0, 1] * J[1, 0]
        dy = np.array([J[1, 1] * r[0] - J[0, 1] * r[1], J[0, 0] * r[1] - J[1, 0] * r[0]]) / det
        y = y - dy
        if np.max(np.abs(dy)) < tol:
            break
    return y, it

def march(f, y, h, path):
    turns = 0
    for n in range(len(path)):  # hot
        y, count = newton(f, y, h)
        path[n] = y
        turns += count
    return y, turns

path = np.zeros((7, 2))
print(march(residual, np.array([1.0, 0.0]), 0.1, path), path.tolist())
""").text
    assert "if f is residual and path.shape[1] == y.shape[0] == 2 and not np.may" in made


def test_a_number_that_may_be_an_integer_is_made_a_float():
    made = _made(
        {"y": STATE, "c": NUMBER},
        "def g(y, c):\n    s = 0.5\n    for i in range(3):\n        s = s + c\n"
        "    v = np.array([c, s]) + np.array([c * 2, y[0] * c])\n    return v[0]\n",
    )
    assert "v = (float(c) + float(c * 2), s + y[0] * c)" in made.replace("(y[0] * c)", "y[0] * c")


def test_places_in_a_list_are_not_compiled(rewrite):
    done = rewrite(
        "import numpy as np\nF = np.arange(24.0).reshape(3, 4, 2)\nfor t in range(3):  # hot\n"
        "    for i in range(4):\n        F[..., [1, 0]] = F[..., [1, 0]] + 0.5 * i\nprint(F.tolist())\n"
    )
    assert not done.candidates
    assert any("is indexed by a list" in reason for reason in done.reasons.split("; "))


@pytest.mark.parametrize(
    "length", ["np.dot(vel[i], y)", "(vel[i] @ y)", "np.linalg.norm(vel[i])", "vel[i].sum()"]
)
def test_what_all_components_make_is_computed_before_the_first_changes(length):
    made = _made(
        {"vel": ROWS, "y": STATE, "n": Value(Kind("int"))},
        f"def push(vel, y, n):\n    for i in range(n):\n        vel[i] += 0.5 * y * {length}\n",
    )
    space: dict[str, object] = {"np": np}
    exec(made.replace(HEAD, ""), space)
    vel, y = np.array([[0.3, -1.2], [2.0, 0.7]]), np.array([0.4, 1.1])
    wanted = vel.copy()
    for i in range(2):
        wanted[i] += 0.5 * y * eval(length, {"np": np, "vel": wanted, "i": i, "y": y})
    space["push"](vel, y, 2)  # type: ignore[operator]
    assert np.allclose(vel, wanted, rtol=1e-14)


def test_a_chain_of_functions_is_read_as_often_as_something_new_is_known_of_it(monkeypatch):
    depth = 7
    lines = ["import numpy as np", "def f0(v):", "    return v + np.array([1.0, 2.0])"]
    for at in range(1, depth + 1):
        lines += [f"def f{at}(v):", f"    w = f{at - 1}(v)", f"    return w + f{at - 1}(v)"]
    read = []
    bind = Shapes._bind
    monkeypatch.setattr(Shapes, "_bind", lambda self, *given: (read.append(given), bind(self, *given)))
    given = {"v": Value(Kind("array", "float64", 1), (2,))}
    shapes = Shapes(Module("a.py", "\n".join(lines)), {f"f{depth}": given})
    assert shapes.functions["f7"].result.size == 2
    assert len(read) < 400
