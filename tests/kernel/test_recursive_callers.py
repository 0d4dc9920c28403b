"""A hot function that a V-cycle calls is compiled itself, not only where a loop calls it."""

V_CYCLE = """
import numpy as np

def residual(u, f, h):
    r = np.zeros_like(u)
    for i in range(1, u.shape[0] - 1):  # hot
        r[i] = f[i] + (u[i - 1] - 2 * u[i] + u[i + 1]) / h**2
    return r

def cycle(u, f, h):
    if u.shape[0] > 3:
        coarse = residual(u, f, h)[::2]
        u = u.copy()
        u[::2] += 0.1 * CALL
    return u - 0.1 * h**2 * residual(u, f, h)

u, f = np.zeros(17), np.ones(17)
for k in range(4):
    u = cycle(u, f, 0.1)
    res = np.abs(residual(u, f, 0.1)).max()
    print(k, res, u.tolist())
"""


def test_where_a_function_that_calls_itself_calls_it(same_output):
    done = same_output(V_CYCLE.replace("CALL", "cycle(0 * coarse, coarse, 0.2)"))
    assert "\ndef residual(u, f, h):\n    r = update_r(u, f, h)" in done.text


def test_where_all_that_calls_it_can_be_compiled(same_output):
    done = same_output(V_CYCLE.replace("CALL", "0 * coarse"))
    assert "\ndef residual(u, f, h):\n    r = np.zeros_like(u)" in done.text
