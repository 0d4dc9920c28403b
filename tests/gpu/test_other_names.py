"""Arrays on the GPU that something else than their names stands for: lists, dicts, other objects, hooks."""

import warnings

import pytest

from tests.gpu import strict_cupy
from tests.gpu.offloaded import finding

pytestmark = pytest.mark.skipif(not strict_cupy.COMPILER, reason="no C++ compiler to run kernels with")

HEAD = """
import sys
import numpy as np
n = int(sys.argv[1]) if len(sys.argv) > 1 else 12
"""

TAKEN = {
    "one_object_by_two_names": """
class F: pass
s = F()
s.u = np.linspace(0., 1., n)
s.v = np.linspace(0., 2., n)
o = s
def grow(k):
    o.u = o.u + k
for k in range(5):  # hot
    s.v[1:-1] = 0.5 * (s.u[2:] + s.u[:-2])
    grow(k)
u = s.u
v = s.v
""",
    "an_attribute_put_aside": """
class S:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
        self.v = np.linspace(0., 2., n)
    def step(self, k):
        w = self.v
        w[1:-1] = 0.5 * (self.u[2:] + self.u[:-2])
        self.v = self.u
        self.u = w
        if k % 2 == 0:
            self.bc()
    def bc(self):
        self.u[0] = 1.0
        self.u[-1] = self.u[-2]
s = S(n)
for k in range(5):  # hot
    s.step(k)
u = s.u
v = s.v
""",
    "entries_of_a_dict": """
state = {"u": np.linspace(0., 1., n), "v": np.linspace(0., 2., n)}
for k in range(6):  # hot
    state["u"][1:-1] = 0.5 * (state["v"][2:] + state["v"][:-2])
    state["v"][1:-1] += 0.1 * state["u"][1:-1]
u, v = state["u"], state["v"]
""",
    "a_dict_as_argument": """
def step(s):
    s["u"][1:-1] = 0.5 * (s["v"][2:] + s["v"][:-2])
    s["v"][1:-1] += 0.1 * s["u"][1:-1]
state = {"u": np.linspace(0., 1., n), "v": np.linspace(0., 2., n)}
for k in range(6):  # hot
    step(state)
u, v = state["u"], state["v"]
""",
    "a_method_of_a_subclass": """
class A:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
        self.v = np.zeros(n)
    def rate(self, w):
        return 0.5 * w
    def run(self):
        for k in range(6):  # hot
            self.v[1:-1] = self.rate(self.u[2:]) + self.u[:-2]
            self.u[:] = self.v
class B(A):
    def rate(self, w):
        return 0.25 * w
s = A(n) if len(sys.argv) < 2 else B(n)
s.run()
u = s.u
v = s.v
""",
    "a_hook_that_makes_anew": """
class S:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
        self.v = np.linspace(0., 1., n)
        self.hooks = [self.reset]
        self.old = self.u
    def reset(self, k):
        if k == 3:
            self.u = np.zeros(len(self.u) )
    def run(self):
        for k in range(6):  # hot
            self.u[1:-1] = 0.5 * (self.u[2:] + self.v[:-2])
            for h in self.hooks:
                h(k)
s = S(n)
s.run()
u = s.u
o = s.old
""",
    "a_hook_that_makes_another_anew": """
class S:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
        self.v = np.linspace(0., 1., n)
        self.hooks = [self.reset]
        self.old = self.u
    def reset(self, k):
        if k == 3:
            self.v = np.ones(len(self.v) + 0)
    def run(self):
        for k in range(6):  # hot
            self.u[1:-1] = 0.5 * (self.u[2:] + self.v[:-2])
            for h in self.hooks:
                h(k)
s = S(n)
s.run()
u = s.u
o = s.old
""",
    "arrays_in_a_list": """
u = np.linspace(0., 1., n)
v = np.zeros(n)
fields = [u, v]
for k in range(6):  # hot
    v[1:-1] = 0.5 * (u[2:] + u[:-2])
    fields[0][1:-1] += 0.5 * fields[1][1:-1]
""",
    "an_array_in_a_dict_too": """
u = np.linspace(0., 1., n)
v = np.zeros(n)
d = {"u": u}
for k in range(6):  # hot
    v[1:-1] = 0.5 * (u[2:] + u[:-2])
    d["u"][1:-1] += 0.5 * v[1:-1]
""",
    "a_view_in_an_object": """
class P:
    def __init__(self, u): self.view = u[1:]
    def show(self, k): print(k, self.view[0], self.view.sum())
u = np.linspace(0., 1., n)
v = np.zeros(n)
p = P(u)
for k in range(6):  # hot
    v[1:-1] = 0.5 * (u[2:] + u[:-2])
    u[1:-1] = v[1:-1]
    p.show(k)
""",
    "exchanged_by_a_method": """
class S:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
        self.v = np.linspace(0., 2., n)
    def swap(self):
        self.u, self.v = self.v, self.u
    def update(self):
        self.v[1:-1] = 0.5 * (self.u[2:] + self.u[:-2])
    def run(self):
        for k in range(5):  # hot
            self.update()
            self.swap()
s = S(n)
s.run()
u = s.u
v = s.v
""",
    "attributes_exchanged": """
class S:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
        self.v = np.linspace(0., 2., n)
    def swap(self):
        self.u, self.v = self.v, self.u
    def update(self):
        self.v[1:-1] = 0.5 * (self.u[2:] + self.u[:-2])
    def run(self):
        for k in range(5):  # hot
            self.v[1:-1] = 0.5 * (self.u[2:] + self.u[:-2])
            self.u, self.v = self.v, self.u
s = S(n)
s.run()
u = s.u
v = s.v
""",
    "an_attribute_made_anew": """
class S:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
        self.v = np.linspace(0., 2., n)
    def swap(self):
        self.u, self.v = self.v, self.u
    def update(self):
        self.v[:] = np.roll(self.u, 1)
    def run(self):
        for k in range(5):  # hot
            self.update()
            self.u = self.v * 1.0
s = S(n)
s.run()
u = s.u
v = s.v
""",
    "a_method_gives_the_next": """
class S:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
    def step(self, u):
        un = u.copy()
        un[1:-1] = 0.5 * (u[2:] + u[:-2])
        return un
    def run(self):
        for k in range(5):  # hot
            self.u = self.step(self.u)
s = S(n)
s.run()
u = s.u
""",
    "exchanged_in_a_loop_outside": """
class S:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
        self.v = np.linspace(0., 2., n)
    def swap(self):
        self.u, self.v = self.v, self.u
    def update(self):
        self.v[1:-1] = 0.5 * (self.u[2:] + self.u[:-2])
    def run(self):
        self.update()
        self.swap()
s = S(n)
for k in range(5):  # hot
    s.run()
u = s.u
v = s.v
""",
    "a_history_of_pairs": """
class S:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
        self.v = np.linspace(0., 2., n)
    def swap(self):
        self.u, self.v = self.v, self.u
    def update(self):
        self.v[1:-1] = 0.5 * (self.u[2:] + self.u[:-2])
    def run(self):
        self.update()
        self.swap()
s = S(n)
hist = []
for k in range(5):  # hot
    s.run()
    if k % 2 == 0: hist.append((k, float(s.u.max())))
    print(hist[-1])
u = s.u
v = s.v
""",
    "frames_on_one_line": """
class S:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
        self.v = np.linspace(0., 2., n)
    def swap(self):
        self.u, self.v = self.v, self.u
    def update(self):
        self.v[1:-1] = 0.5 * (self.u[2:] + self.u[:-2])
    def run(self):
        self.update()
        self.swap()
s = S(n)
frames = []
for k in range(5):  # hot
    s.run()
    if k % 2 == 0: frames.append(s.u.copy())
    print(len(frames), frames[-1][2])
u = s.u
v = s.v
""",
    "hooks_in_a_list": """
class S:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
        self.v = np.linspace(0., 2., n)
    def swap(self):
        self.u, self.v = self.v, self.u
    def update(self):
        self.v[1:-1] = 0.5 * (self.u[2:] + self.u[:-2])
    def run(self):
        self.update()
        self.swap()
s = S(n)
def show(k, s): print(k, s.u.sum())
hooks = [show]
for k in range(5):  # hot
    s.run()
    for f in hooks: f(k, s)
u = s.u
v = s.v
""",
}

NOT_MOVED = {
    "views_of_an_array_that_becomes_another": """
u = np.linspace(0., 1., n) ** 2
v = np.ones(n)
rows = [u[k:k + 1] for k in range(3)]
for k in range(4):  # hot
    rows[1][0] = k
    v[:] = u * 0.9
    u = u * 0.9 + 0.1 * np.roll(u, 1)
""",
    "an_attribute_that_is_not_there_yet": """
class O:
    pass
o = O()
o.u, o.v = np.cos(np.arange(n)), np.ones(n)
u, s = np.linspace(0., 1., n), 0.0
def put(x):
    o.ref = x
for k in range(4):  # hot
    put(u)
    s += o.ref[1]
    o.u[1:-1] = 0.5 * (o.v[2:] + o.v[:-2])
""",
    "new_arrays_that_two_names_hold_in_turn": """
u = np.linspace(0., 1., n) ** 2
v = np.sin(np.arange(n))
w = np.ones(n)
frames, s = [], 0.0
for k in range(4):  # hot
    u = u * 0.9 + 0.1 * np.roll(u, 1)
    s += sum(f.sum() for f in frames)
    u, v = v, u
    w = w * 0.5 + v
    print(len(frames))
""",
    "a_dead_name_for_an_array": """
u = np.linspace(0., 1., n)
w = np.zeros(n)
v = np.linspace(1., 2., n)
z = np.zeros(n)
for k in range(3):  # hot
    w[1:] += u[:-1] * np.minimum(z[1:], w[:-1].sum())
    a = np.clip(v, 0.2, 0.9)
    v = z
""",
    "masked_arrays": """
u = np.linspace(0., 1., n)
if len(sys.argv) > 1:
    u = np.ma.masked_array(u, mask=u > 0.5)
for k in range(3):  # hot
    u[1:-1] = 0.5 * (u[2:] + u[:-2])
""",
    "a_view_that_is_no_array_of_its_own": """
u = np.linspace(0., 1., n * n).reshape(n, n)
w = np.ones((n, n), dtype="float32")
for k in range(2):  # hot
    x = u[:, :-2]
    x[:] = np.maximum(u[:, 2:] * 2.0, np.sqrt(np.abs(x)))
    w[0] = np.maximum(-1, u[0])
    w[:, 2:] -= x / 2 + -w[:, :-2]
""",
    "objects_exchanged": """
class F:
    def __init__(self, n):
        self.data = np.linspace(0., 1., n)
class S:
    def __init__(self, n):
        self.a = F(n)
        self.b = F(n)
    def swap(self):
        self.a, self.b = self.b, self.a
    def run(self):
        for k in range(5):  # hot
            self.b.data[1:-1] = 0.5 * (self.a.data[2:] + self.a.data[:-2])
            self.swap()
s = S(n)
s.run()
u = s.a.data
v = s.b.data
""",
    "a_function_exchanges_globals": """
u = np.linspace(0., 1., n)
v = np.zeros(n)
def swap():
    global u, v
    u, v = v, u
for k in range(5):  # hot
    v[1:-1] = 0.5 * (u[2:] + u[:-2])
    swap()
""",
    "attributes_exchanged_that_a_third_holds": """
class S:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
        self.v = np.linspace(0., 2., n)
        self.first = self.u
    def swap(self):
        self.u, self.v = self.v, self.u
    def run(self):
        for k in range(5):  # hot
            self.v[1:-1] = 0.5 * (self.u[2:] + self.u[:-2])
            self.swap()
s = S(n)
s.run()
u = s.u
v = s.v
f = s.first
""",
    "an_attribute_made_anew_that_another_holds": """
class S:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
        self.keep = self.u
    def fresh(self):
        self.u = self.u * 1.5
    def run(self):
        for k in range(5):  # hot
            self.u[1:-1] = 0.5 * (self.u[2:] + self.u[:-2])
            self.fresh()
s = S(n)
s.run()
u = s.u
v = s.keep
""",
    "a_name_for_another_object": """
class F:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
    def __enter__(self): return self
    def __exit__(self, *a): pass
a = F(n)
b = F(n)
for k in range(6):  # hot
    a.u[1:-1] = 0.5 * (a.u[2:] + a.u[:-2])
    if k == 3:
        a = b
u = a.u
v = b.u
""",
    "objects_in_a_list": """
class F:
    def __init__(self, n):
        self.u = np.linspace(0., 1., n)
fields = [F(n), F(n)]
a = fields[0]
for k in range(6):  # hot
    for f in fields:
        f.u[1:-1] = 0.5 * (f.u[2:] + f.u[:-2])
    a.u[0] = 2.0 * k
    a.u[1:-1] += 1.0
u = fields[0].u
v = fields[1].u
""",
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_holds_an_array_sees_what_the_gpu_computes(name, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = finding(HEAD + TAKEN[name], (("3",), ("40",)), tmp_path)
    assert found.word == "same", f"{found.details} {found.argv}\n{found.candidate}"


@pytest.mark.parametrize("name", NOT_MOVED)
def test_an_array_whose_name_may_come_to_mean_another_stays_here(name, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = finding(HEAD + NOT_MOVED[name], (("3",), ("40",)), tmp_path)
    assert found.word in ("same", "refused"), f"{found.details} {found.argv}\n{found.candidate}"
