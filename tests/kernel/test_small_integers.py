"""Arrays of int8, uint8 and the like: flags and masks are compiled, what may wrap is not."""

import pytest

HEAD = """
import numpy as np

n = 6
flag = np.arange(36).reshape(n, n).astype(np.uint8)
kind = np.zeros((n, n), dtype=np.int8)
u = np.linspace(0.0, 1.0, 36).reshape(n, n)
table = np.array([1.0, 2.5])
"""


def test_flags_choose_what_is_computed(same_output):
    done = same_output(
        HEAD
        + """
for i in range(1, n - 1):  # hot
    for j in range(1, n - 1):
        if flag[i, j] == 8 or not kind[i, j]:
            u[i, j] = 0.5 * (u[i - 1, j] + u[i, j]) * flag[i, j] + table[flag[i, j] & 1]
        if u[i, j] > 3.0:
            kind[i, j] = -1
            flag[i, j] = flag[i - 1, j]
        s = 0
        for k in (-1, 1):
            s += int(flag[i + k, j])
        u[i, j] += s
print(u.tolist(), kind.tolist(), flag.tolist())
"""
    )
    assert "are_arrays" not in done.text


@pytest.mark.parametrize(
    "statement",
    [
        "u[i, i] = flag[i, i] + flag[i - 1, i] * 9",
        "u[i, i] = -flag[i, i]",
        "u[i, i] = abs(kind[i, i])",
        "u[i, i] = max(flag[i, i], 3) + 250",
        "kind[i, i] = i",
        "flag[i, i] += 1",
        "flag[i, i], v = i, 2.0",
        "k = flag[i, i]; u[i, i] = k + k",
        "u[i, i] = (flag[i, i] if u[i, 0] > 0.3 else 200) * 2",
        "u[i, i] = (flag[i] * 9)[2]",
    ],
)
def test_what_may_wrap_stays_python(rewrite, statement):
    done = rewrite(f"{HEAD}\nfor i in range(1, n):  # hot\n    {statement}\nprint(u.tolist())\n")
    assert not done.candidates
    assert any("int" in refusal.advice for refusal in done.refusals), done.reasons


def test_a_function_is_given_a_flag(rewrite):
    done = rewrite(
        HEAD
        + """
def f(a, b):
    return a + b

for i in range(1, n):  # hot
    u[i, i] = f(flag[i, i], 250)
print(u.tolist())
"""
    )
    assert not done.candidates
