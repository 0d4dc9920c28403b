"""Names that live on after a kernel: in an enclosing function, after a loop that may not run."""

import pytest


def test_a_nonlocal_name_that_the_loop_changes_comes_back(same_output):
    same_output("""
import numpy as np

def solve():
    t = 0.0
    u = np.ones(5)

    def run():
        nonlocal t
        for i in range(5):  # hot
            t = max(t, u[i] * i)

    run()
    return t

print(solve())
""")


def test_the_counter_of_a_loop_may_be_read_after_it_within_the_region(same_for):
    same_for(
        """
import sys
import numpy as np

def run(u):
    for i in range(1, len(u)):  # hot
        if u[i] > 2.5:
            break
    u[0] = i * 0.5
    return u

print(run(np.arange(float(sys.argv[1]) if len(sys.argv) > 1 else 6.0)).tolist())
""",
        "2.0",
        "9.0",
    )


@pytest.mark.parametrize(
    "then", ["s = u[0] if u[0] else i", "s = u[0] or i", "s = 0.5\n        if u[0] > 9:\n            s = i"]
)
def test_a_counter_that_is_read_on_a_condition_may_be_unbound(then, same_for):
    same_for(
        f"""
import sys
import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 7

def run(u):
    for step in range(3):
        for i in range(1, n):  # hot
            u[i] += 0.5 * u[i - 1]
        {then}
        u[0] += 0.1 * s
    return u

print(run(np.ones(8)).tolist())
""",
        "1",
        "4",
    )


def test_a_global_that_a_loop_may_not_assign_keeps_its_value(same_for):
    same_for(
        """
import sys
import numpy as np
s = 1.5

def run(u):
    global s
    for k in range(2):
        for i in range(1, len(u)):  # hot
            s = u[i] * 0.5
    print("done")

run(np.arange(float(sys.argv[1]) if len(sys.argv) > 1 else 6.0))
print(s)
""",
        "1.0",
        "0.0",
    )


def test_a_function_that_the_original_code_calls_too_stays_pythons(same_for):
    same_for(
        """
import sys
import numpy as np

def inner(a):
    return a / 3

def both(a, b):
    return inner(a) - b, inner(b) + a

def run(u):
    s = t = 0.5
    for i in range(len(u)):  # hot
        s, t = both(0.1, u[i])
    return s, t

print([float(x) for x in run(np.linspace(0, 1, 4).astype(sys.argv[1] if len(sys.argv) > 1 else "f8"))])
""",
        "float32",
        "int32",
    )


def test_a_comprehensions_variable_binds_nothing_outside(same_output):
    same_output("""
import numpy as np

n = 6
start = [0.5 * j for j in range(n)]
u = np.array(start)
for step in range(2):
    for i in range(1, n - 1):  # hot
        for j in range(1, n - 1):
            u[j] += 0.1 * u[j - 1]
        u[i] += 0.01 * j
print(u.tolist(), j)
""")


def test_a_counter_of_a_loop_that_does_not_run_is_missed_only_where_it_is_read(same_steps):
    done = same_steps(
        """
import numpy as np

u = np.zeros(10)

def sweep(u, m, tell):
    for i in range(1, m):  # hot
        u[i] += i
        s = 0.5 * u[i]
    if tell:
        return i, s
    return u.sum()

print(sweep(u, 1, False), sweep(u, 4, True), sweep(u, 5, False))
for k in range(4):
    last = sweep(u, k, k > 2)
print(last)
"""
    )
    assert "if m > 1:\n        i = last_i\n" in done.text
    assert "NameError" not in done.text


def test_a_counter_keeps_what_an_earlier_turn_gave_it(same_steps):
    same_steps(
        """
import numpy as np

u = np.zeros(10)
for k in (0, 4, 1):
    for i in range(1, k):  # hot
        u[i] += k
print(u.tolist(), i)
"""
    )


@pytest.mark.parametrize(
    "loop",
    [
        "s = g[i]",
        "s = whole[i]",
        "s = i * 2",
        "s, t = both(g[i], g[i])",
        "t, s = both(u[i], 0.5)\n        s, t = both(g[i], g[i])",
    ],
)
def test_a_float_that_is_an_integer_at_times_is_left(rewrite, loop):
    done = rewrite(f"""
import numpy as np

def both(a, b):
    d = a - b
    return d, a + b

def run(s, t, g, u, whole):
    for i in range(2):  # hot
        {loop}
    return s, t

print(run(0.5, 0.5, np.arange(5), np.ones(5), [0] * 5))
""")
    assert not done.candidates
    assert "as an integer or as a float" in done.reasons


def test_a_counter_that_only_later_loops_bind_is_not_asked_for_before(rewrite):
    done = rewrite(
        """
import numpy as np

n = 8
u = np.linspace(0, 1, n) ** 2
for sweep in range(4):  # hot
    first, last = (1, n - 1) if sweep % 2 else (2, n - 2)
    for i in range(first, last):
        u[i] = 0.5 * (u[i - 1] + u[i + 1])
for i in range(n):
    if u[i] > 0.9:
        break
print(i)
"""
    )
    assert not any("march_u(u, n, i)" in one.patches[0].after for one in done.candidates)


def test_a_function_that_declares_what_it_only_reads_is_compiled(same_output):
    done = same_output("""
import numpy as np

def setup():
    global u, v, tau
    u, v, tau = np.sin(np.arange(20.0)), np.zeros(20), 0.1

def step():
    global u, v  # of setup
    for i in range(1, 19):
        v[i] = u[i] + tau * (u[i - 1] - 2 * u[i] + u[i + 1])
    for i in range(1, 19):
        u[i] = v[i]

def run(algorithm):
    global tau
    for k in range(4):  # hot
        tau = 0.1 / (k + 1)
        algorithm()

setup()
run(step)
print(u.sum(), v.sum(), tau)
""")
    assert "global" not in done.candidates[0].patches[0].after.partition("def setup")[0]


def test_a_global_that_a_function_binds_flows_out(same_steps):
    same_steps("""
import numpy as np
u, t = np.ones(9), 0.0

def step():
    global t
    for i in range(1, 8):
        u[i] += t
    t += 0.5

for k in range(4):  # hot
    step()
print(u.sum(), t)
""")


def test_the_counter_of_a_loop_over_an_array_may_be_unbound_before_it(same_steps):
    same_steps(
        """
import sys
import numpy as np
n = int(sys.argv[1]) if len(sys.argv) > 1 else 4

def run(v, w):
    total = 0.0
    for l in range(3):
        for j, y in enumerate(v):  # hot
            w[j] += y
        total += w.sum()
        print(l)
        for j in range(n - 1):
            w[j] *= 0.5
        total += j
    return total

print(run(np.ones(n), np.zeros(n)))
""",
        "2",
    )


def test_it_is_asked_before_the_loop_whether_it_runs_where_the_loop_swaps_the_arrays(same_steps):
    done = same_steps(
        """
import sys
import numpy as np
n = int(sys.argv[1]) if len(sys.argv) > 1 else 4

def run(u, v):
    for l in range(3):
        if l == 2:
            u, v = np.ones(0), np.ones(0)
        for i, (x, y) in enumerate(zip(u, v)):  # hot
            v[i] = x + 0.5 * y
            u, v = v, u
        print(l + i)
    return u, v

print([part.tolist() for part in run(np.ones(n), np.zeros(n))])
"""
    )
    assert "binds_i = len(u) > 0 and len(v) > 0" in done.text


def test_a_loop_that_runs_backwards_may_not_run_and_bind_nothing(same_steps):
    same_steps(
        """
import sys
import numpy as np
m = int(sys.argv[1]) if len(sys.argv) > 1 else 4
u = np.arange(6.0)
for step in range(2):
    for i in reversed(range(m)):  # hot
        e = u[i] * 0.5
        u[i] += e
print(u.tolist())
if m:
    print(e)
""",
        "0",
    )


@pytest.mark.parametrize(
    "before",
    [
        "for i in [1, 2, 4]:\n        print(i)",
        "if m > 2:\n        i = 3",
        "for i in range(7, m):\n        u[i] += 0.5",
    ],
)
def test_a_counter_keeps_what_something_else_gave_it_where_the_loop_does_not_run(same_steps, before):
    same_steps(
        f"""
import sys
import numpy as np

m = int(sys.argv[1]) if len(sys.argv) > 1 else 8
u = np.arange(9.0)

def sweep(u, m):
    {before}
    for i in range(5, m):  # hot
        u[i] = 0.5 * u[i - 1]
    u[i - 1] *= 0.75
    return u[i]

for step in range(3):
    print(sweep(u, m), u.tolist())
""",
        "6",
        "5",
        "3",
    )
