"""A time that starts as the integer 0 is given to its kernel as a float: one kernel is compiled, not two."""

import pytest

STEP = """
import numpy as np

u = np.linspace(0.0, 1.0, 30)
new = np.zeros(30)
dt = 0.01
t = 0
steps = 0
while t < 0.05:
    for i in range(1, 29):  # hot
        new[i] = u[i] + dt * (u[i + 1] - 2 * u[i] + u[i - 1]) + TERM
    u, new = new, u
    t += dt
    steps += 1
    print(steps, t)
print(t, steps, u.sum())
"""


@pytest.mark.parametrize(
    "term", ["np.sin(3 * t + u[i])", "t / 2 - (1 - t) * u[i]", "(1.0 if t > 0.02 else 2.0) * u[i]"]
)
def test_a_time_goes_in_as_a_float(same_output, term):
    done = same_output(STEP.replace("TERM", term))
    assert any("float(t)" in each.patches[0].after for each in done.candidates)


@pytest.mark.parametrize("term", ["u[i] ** t", "u[i] * (t % 2)", "u[i] * (2 ** t)", "u[i] * int(t)"])
def test_what_tells_an_integer_from_a_float_keeps_it(rewrite, term):
    done = rewrite(STEP.replace("TERM", term))
    assert not any("float(" in each.patches[0].after for each in done.candidates)


def test_a_counter_stays_an_integer(rewrite):
    done = rewrite(STEP.replace("TERM", "0.1 * steps * u[i]"))
    assert done.candidates
    assert not any("float(" in each.patches[0].after for each in done.candidates)


def test_what_a_kernel_gives_back_as_it_was_keeps_its_type(same_output):
    text = """
import numpy as np

def march(u, t, dt):
    first = t
    for i in range(1, 29):  # hot
        u[i] += dt * (u[i - 1] + t)
    return first, u.sum()

u = np.linspace(0.0, 1.0, 30)
t = 0
for k in range(4):
    print(march(u, t, 0.1))
    t += 0.5
"""
    same_output(text)


def test_a_script_with_a_float_of_its_own_is_left(rewrite):
    text = STEP.replace("TERM", "t * u[i]").replace("dt = 0.01", "float = np.float32\ndt = 0.01")
    done = rewrite(text)
    assert not any("float(t)" in each.patches[0].after for each in done.candidates)


def test_an_attribute_goes_in_as_a_float(same_output):
    text = """
import numpy as np

class Wave:
    def __init__(self):
        self.t = 0
        self.u = np.linspace(0.0, 1.0, 30)

    def step(self, dt):
        for i in range(1, 29):  # hot
            self.u[i] += dt * (self.u[i - 1] * np.cos(self.t))

wave = Wave()
for k in range(4):
    wave.step(0.1)
    wave.t += 0.1
    print(k, np.max(wave.u))
print(wave.t, wave.u.sum())
"""
    assert "float(wave.t)" in same_output(text).text
