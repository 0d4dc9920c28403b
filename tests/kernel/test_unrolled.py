"""Tuples that generators make are written out, where it is known how many elements there are."""

import pytest

HEAD = """
import numpy as np

def flux(r, m):
    return m, m * m / r + 0.4 * r

class Case:
    s = 1.5

"""


def script(function):
    return f"""{HEAD}{function}
n = 30
q = np.linspace(1.0, 2.0, n)
p = np.sin(q)
F = np.zeros((n + 1, 2))
case = Case()
for step in range(3):
    for i in range(1, n):  # hot
        F[i] = hll(q[i - 1], p[i - 1], q[i], p[i], case.s)
    for k in range(2):
        q[1:-1] -= 0.01 * (F[2:-1, 0] - F[1:-2, 0])
print(q.tolist(), F.tolist())
"""


def test_sides_of_tuples_that_functions_return(same_output):
    done = same_output(
        script("""
def hll(rl, ml, rr, mr, s):
    fl, fr = flux(rl, ml), flux(rr, mr)
    return tuple((s * a + s * b - s * (q - w)) / (s + s) for a, b, q, w in zip(fl, fr, (rr, mr), (rl, ml)))
""")
    )
    assert "(s * fl[0] + s * fr[0] - s * (rr - rl)) / (s + s)," in done.text


def test_counts_and_plain_tuples(same_output):
    done = same_output(
        script("""
def hll(rl, ml, rr, mr, s):
    a = (rl - s, ml)
    b = tuple(-2 * (x + 1) for x in a)
    return tuple(0.5 * (a[k] + b[k] * (k + 1)) for k in range(2))
""")
    )
    assert "return (0.5 * (a[0] + b[0] * (0 + 1)), 0.5 * (a[1] + b[1] * (1 + 1)))" in done.text


def test_sums_as_elements_keep_their_parentheses(same_output):
    done = same_output(
        script("""
def hll(rl, ml, rr, mr, s):
    return tuple(s * x - 1 for x in (rl + rr, ml - mr))
""")
    )
    assert "(s * (rl + rr) - 1, s * (ml - mr) - 1)" in done.text


@pytest.mark.parametrize(
    "made",
    [
        "tuple(s * x for x in flux(rl, ml))",
        "tuple(x for x in (rl, mr, ml) if x > -5)[:2]",
        "tuple(a + b for a, b in zip((rl, ml), other))",
    ],
)
def test_what_is_not_known_in_number_is_not_written_out(rewrite, made):
    text = script(f"""
def hll(rl, ml, rr, mr, s):
    other = [1.0] * int(s + 1)
    return {made}
""")
    assert "builtins.tuple" in rewrite(text).reasons
