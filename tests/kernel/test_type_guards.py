"""A kernel made for the types of one run is not used for others that a later run brings."""


def test_arrays_of_another_type_take_the_original_code(same_for):
    done = same_for(
        """
import sys
import numpy as np

def advance(u, c):
    for i in range(1, len(u)):  # hot
        u[i] = u[i] * c + u[i-1] / 3
    return u

kind = sys.argv[1] if len(sys.argv) > 1 else "float64"
print(advance(np.linspace(0, 9, 7).astype(kind), 0.1).tolist())
""",
        "float32",
        "int64",
        "uint8",
        "complex64",
    )
    assert "if are_arrays(u, dtype=np.float64, ndim=1):" in done.text


def test_arrays_that_the_script_makes_itself_are_not_checked(rewrite):
    done = rewrite("""
import sys
import numpy as np

class Wave:
    def __init__(self, n, c=0.5):
        self.c = c
        self.u = np.zeros(n)
        self.old = self.u.copy()
        self.p = {"dt": 0.1, "source": np.ones_like(self.u)}

    def step(self, t):
        f = np.sin(t) * self.p["source"]
        for i in range(1, len(self.u) - 1):  # hot
            self.u[i] += self.c * self.p["dt"] * (self.old[i-1] - self.old[i+1]) + f[i]

def main():
    wave = Wave(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
    t = 0.0
    for k in range(3):
        wave.step(t)
        t += wave.p["dt"]
    print(wave.u)

main()
""")
    assert "are_arrays" not in done.text and "type(" not in done.text


def test_single_precision_numbers_take_the_original_code(same_for):
    same_for(
        """
import sys
import numpy as np

def advance(u, c):
    s = c
    for i in range(1, len(u)):  # hot
        s = s * 0.3 + c * i / 7
        u[i] = s
    return u, s

c = float(sys.argv[1]) if len(sys.argv) > 1 else 0.3
if len(sys.argv) > 2:
    c = getattr(np, sys.argv[2])(c)
print([float(x) for x in advance(np.zeros(7), c)[0]], repr(advance(np.zeros(2), c)[1]))
""",
        "0.3 float32",
        "0.3 float64",
        "2 int32",
        "0 int64",
    )


def test_an_integer_in_place_of_a_float_keeps_its_powers(same_for):
    same_for(
        """
import json
import sys
import numpy as np

p = json.loads(sys.argv[1] if len(sys.argv) > 1 else '{"a":0.5,"n":3}')
u = np.ones(5)
for i in range(5):  # hot
    u[i] = u[i] + p["a"] ** (i - p["n"])
print(u.tolist())
""",
        '{"a":2,"n":3}',
        '{"a":2.5,"n":1.5}',
    )


def test_options_of_the_command_line_are_what_their_type_says(rewrite):
    done = rewrite("""
import argparse
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--n", type=int, default=8)
parser.add_argument("--c", type=float, default=0.5)
args = parser.parse_args()
u = np.linspace(0, 1, args.n)
for i in range(1, args.n):  # hot
    u[i] += args.c * u[i-1]
print(u)
""")
    assert "type(" not in done.text


def test_a_list_of_floats_given_integers_keeps_them(same_for):
    same_for(
        """
import sys
u = [eval(x) for x in (sys.argv[1] if len(sys.argv) > 1 else "0.5,1.5,2.5").split(",")]
for i in range(1, len(u)):  # hot
    if u[i] > 1:
        u[i] = u[i] + u[i-1]
print(u)
""",
        "1,2,3",
        "1,2.0,0",
        "1,1j,0.0",
        "True,2.5",
    )


def test_a_list_of_integers_given_floats_keeps_them(same_for):
    same_for(
        """
import sys
u = [eval(x) for x in (sys.argv[1] if len(sys.argv) > 1 else "1,2,3").split(",")]
s = 0
for i in range(1, len(u)):  # hot
    s += u[i] - u[i-1]
    u[i] = u[i] + 1
print(u, s)
""",
        "0.5,1.5,2.5",
        "True,2",
    )


def test_a_result_keeps_single_precision(same_for):
    same_for(
        """
import sys
import numpy as np
u = np.linspace(0, 1, int(sys.argv[1]) if len(sys.argv) > 1 else 9).astype(np.float32)
s = np.float32(0)
for i in range(len(u)):  # hot
    s += u[i] * u[i]
print(s * 0.1, [s], s / np.float32(3))
""",
        "1",
        "4",
    )


def test_a_count_of_numpys_integers_comes_back_as_one(same_for):
    same_for("""
import numpy as np
a = np.arange(5)
s = a[0]
for i in range(5):  # hot
    s = s + a[i]
print([s], s.dtype)
""")


def test_sizes_taken_out_of_a_pair_that_is_passed_on_are_not_checked(rewrite):
    done = rewrite("""
import numpy as np

class Flow:
    def __init__(self, resolution=(8, 8), box=None):
        self.resolution = resolution
        self.box = box or (1.0, 2.0)
        self.nx, self.ny = resolution
        self.dx = 1.0 / (self.resolution[0] - 1)
        self.u = np.ones((self.nx, self.ny))

    def step(self, dt):
        for i in range(1, self.nx - 1):  # hot
            for j in range(1, self.ny - 1):
                self.u[i, j] += dt * i * j / self.dx

flow = Flow((6, 7))
for k in range(3):
    flow.step(0.1)
print(flow.u)
""")
    assert "are_arrays" not in done.text and "type(" not in done.text


def test_numbers_taken_out_of_a_list_that_may_have_changed_are_checked(same_for):
    done = same_for(
        """
import sys
import numpy as np

def advance(u, sizes):
    c, n = sizes
    last = c
    for i in range(1, n):  # hot
        last = c * i
        u[i] = u[i-1] / 3 + last // 2
    return u, last

sizes = [2, 5]
if len(sys.argv) > 1:
    sizes[0] = float(sys.argv[1])
u, last = advance(np.zeros(7), sizes)
print(u, repr(last))
""",
        "0.3",
    )
    assert "type(c)" in done.text


def test_options_by_keyword_are_proved_where_all_are_known(same_steps):
    text = """
import json
import numpy as np

class Solver:
    def __init__(self, **options):
        self.n = options.get("n", 8)
        self.dt = options.get("dt", 0.1)
        self.u = np.linspace(0.0, 1.0, self.n)

    def step(self):
        for i in range(1, self.n):  # hot
            self.u[i] -= self.dt * (self.u[i] - self.u[i - 1])

solver = Solver({given})
solver.step()
print(solver.u.tolist())
"""
    known = same_steps(text.format(given="n=9, dt=0.2"))
    assert "type(" not in known.text and "else:" not in known.text


def test_options_out_of_a_file_are_asked(same_steps):
    text = """
import json
import numpy as np

class Solver:
    def __init__(self, **options):
        self.n = options.get("n", 8)
        self.dt = options.get("dt", 0.1)
        self.u = np.linspace(0.0, 1.0, self.n)

    def step(self):
        for i in range(1, self.n):  # hot
            self.u[i] -= self.dt * (self.u[i] - self.u[i - 1])

solver = Solver(n=9, **json.loads('{"dt": 0.2}'))
solver.step()
print(solver.u.tolist())
"""
    assert "type(self.dt)" in same_steps(text).text


def test_what_setattr_may_have_stored_is_asked(same_steps):
    same_steps(
        """
import sys
import numpy as np

class Grid:
    def __init__(self):
        self.h = 2.0
        self.k = 3.0
        self.u = np.arange(6.0)

def configure(thing, **options):
    for name, value in options.items():
        setattr(thing, name, value)

grid = Grid()
if len(sys.argv) > 1:
    configure(grid, h=int(sys.argv[1]), u=np.arange(6))
for step in range(2):  # hot
    for i in range(1, 6):
        grid.u[i] = grid.u[i] + 7 // grid.h - grid.u[i - 1] ** grid.k
print(grid.u.tolist(), grid.u.dtype)
""",
        "2",
        "3",
    )


def test_lists_of_floats_may_hold_integers_another_time(same_steps):
    same_steps(
        """
import sys

number = int if "ints" in sys.argv else float
a = [number(k) for k in range(7)]
b = [number(1)] * 7
b[2:4] = [0.5, 2] if "both" in sys.argv else b[2:4]
for step in range(2):  # hot
    for i in range(1, 6):
        b[i] = a[i] // 2 + b[i - 1] * 3
print([float(x) for x in b], sum(b))
""",
        "ints",
        "both",
    )


def test_an_integer_that_no_loop_binds_anew_stays_one(same_steps):
    done = same_steps(
        """
import sys
import numpy as np

def last(u, e):
    for i in range(len(u)):  # hot
        e = u[i] / 2
    return e

number = {"float": float, "int": int}[sys.argv[2] if len(sys.argv) > 2 else "float"]
print(last(np.arange(float(sys.argv[1]) if len(sys.argv) > 1 else 6.0), number(2.5)) * 1)
""",
        "0 int",
        "3 int",
    )
    assert "type(e) in (float, np.float64)" in done.text
