"""Methods that change numbers and arrays of their objects, called in loops that become one kernel."""

SOLVER = """
import sys
import numpy as np

way = sys.argv[1] if len(sys.argv) > 1 else ""

class Clock:
    def __init__(self):
        self.t = 0
        self.count = 0

    def tick(self, dt):
        self.t += dt
        self.count += 1

class Solver:
    def __init__(self, n, clock):
        self.u = np.linspace(0.0, 1.0, n) ** 2
        self.old = np.zeros(n)
        self.clock = clock
        self.change = 1.0
        self.limit = 0.25
        self.capped = 0

    def swap(self):
        self.u, self.old = self.old, self.u

    def step(self, dt):
        self.swap()
        worst = 0.0
        for i in range(1, self.u.size - 1):  # hot
            self.u[i] = self.old[i] + dt * (self.old[i + 1] - 2 * self.old[i] + self.old[i - 1])
            worst = max(worst, abs(self.u[i] - self.old[i]))
        self.u[0], self.u[-1] = self.old[0], self.old[-1]
        self.clock.tick(dt)
        if self.clock.count % 2:
            return worst, 0
        self.capped += 1
        self.change = min(worst, self.limit)
        return worst, self.capped

    def run(self, t_end, dt):
        worst, capped = 0.0, 0
        while self.clock.t < t_end and self.change > 1e-6:
            worst, capped = self.step(dt)
        return worst, capped
"""


def test_a_time_loop_of_methods_is_one_kernel(same_output):
    done = same_output(
        SOLVER
        + """
solver = Solver(12, Clock())
print(solver.run(3.0, 0.25))
print(solver.u.tolist(), solver.old.tolist(), solver.change, solver.capped)
print(solver.clock.t, solver.clock.count, type(solver.capped))
"""
    )
    assert "= iterate_" in done.text
    assert "(worst, capped), u, old, " in done.text


def test_a_number_that_is_an_integer_at_first_stays_one_where_nothing_runs(same_steps):
    same_steps(
        SOLVER
        + """
solver = Solver(12, Clock())
solver.run(0.0 if way else 3.0, 0.25) if not way else None
for _ in range(0 if way else 1):
    solver.step(1 if way == "int" else 0.25)
print(solver.clock.t, solver.clock.count, solver.capped, solver.u.tolist())
""",
        "none",
        "int",
    )


def test_one_object_by_two_names_is_not_taken_for_two(same_steps):
    done = same_steps(
        """
import sys

class Body:
    def __init__(self, x):
        self.x = x
        self.hits = 0

    def pull(self, other, k):
        self.x += k * (other.x - self.x)
        other.hits += 1
        self.x += 0.125 * other.x + other.hits

one, two = Body(1.0), Body(2.0)
if len(sys.argv) > 1:
    two = one
for step in range(9):  # hot
    one.pull(two, 0.5)
    two.pull(one, 0.25)
print(one.x, two.x, one.hits, two.hits)
""",
        "same",
    )
    assert "one is not two" in done.text


def test_an_object_that_is_given_to_its_own_method_is_left_alone(rewrite):
    done = rewrite("""
class Body:
    def __init__(self, x):
        self.x = x

    def pull(self, other, k):
        self.x += k * other.x
        self.x += other.x

one = Body(1.0)
for step in range(9):  # hot
    one.pull(one, 0.5)
print(one.x)
""")
    assert not done.candidates
    assert "by two names" in done.reasons


def test_a_change_within_an_expression_is_refused_with_advice(rewrite):
    done = rewrite("""
class Counter:
    def __init__(self):
        self.total = 0.0

    def next(self, x):
        self.total += x
        return self.total

counter = Counter()
found = 0.0
for step in range(9):  # hot
    found = 2.0 * counter.next(0.5) + counter.total
print(found, counter.total)
""")
    assert not done.candidates
    assert "called within an expression" in done.reasons
    assert any("on a line of its own" in refusal.advice for refusal in done.refusals)


def test_a_property_that_keeps_what_it_computed_is_refused(rewrite):
    done = rewrite("""
class Gas:
    def __init__(self):
        self.asked = 0

    @property
    def speed(self):
        self.asked += 1
        return 2.0 * self.asked

gas = Gas()
far = 0.0
for step in range(9):  # hot
    far += gas.speed
print(far, gas.asked)
""")
    assert not done.candidates


def test_what_a_step_left_behind_is_there_when_it_raises(same_steps):
    same_steps(
        """
import sys
import numpy as np

limit = float(sys.argv[1]) if len(sys.argv) > 1 else 1e9

class Model:
    def __init__(self):
        self.t = 0.0
        self.u = np.ones(6)

    def check(self):
        if self.t > limit:
            raise RuntimeError("too late")

    def step(self):
        for i in range(6):  # hot
            self.u[i] *= 1.5
        self.t += 0.5
        self.check()

model = Model()
try:
    for step in range(8):
        model.step()
except RuntimeError:
    print("stopped")
print(model.t, model.u.tolist())
""",
        "1.2",
    )


def test_entries_of_a_dict_are_given_back(same_steps):
    done = same_steps(
        """
import sys
import numpy as np

def advance(state, dt):
    new = state["T"].copy()
    for i in range(1, len(new) - 1):  # hot
        new[i] += dt * (state["T"][i + 1] - 2 * state["T"][i] + state["T"][i - 1])
    if dt < 0.2:
        return
    state["T"] = new
    state["t"] += dt

state = {"T": np.arange(8.0) ** 2, "t": 0.0}
short = 3 if len(sys.argv) > 1 else 9
for step in range(5):
    advance(state, 0.1 if step == short else 0.25)
print(state["t"], state["T"].tolist())
""",
        "short",
    )
    assert "T, t = advance_kernel(" in done.text


def test_what_was_none_at_first_is_asked_before(same_steps):
    same_steps("""
class Model:
    def __init__(self):
        self.source = None
        self.t = 0.0

    def fill(self):
        self.source = 2.0

    def rate(self):
        return 1.0 if self.source is None else self.source

model = Model()
for step in range(9):  # hot
    model.t += model.rate()
    model.fill()
print(model.t)
""")


COUNTED = """
class Model:
    count = 0

    def __init__(self):
        self.t = 0.0

    def step(self):
        Model.count += 1
        self.t += 0.5 * self.count

model = Model()
for step in range(9):  # hot
    model.step()
print(model.t, model.count)
"""

HOOKED = """
class Odd:
    def __init__(self):
        object.__setattr__(self, "t", 0.0)

    def __setattr__(self, name, value):
        object.__setattr__(self, name, 2 * value)

    def step(self):
        self.t += 0.5

odd = Odd()
for step in range(9):  # hot
    odd.step()
    odd.t += 0.25
print(odd.t)
"""


def test_what_a_class_counts_is_not_taken_apart_from_what_its_objects_show(rewrite):
    done = rewrite(COUNTED)
    assert not done.candidates
    assert "those of its objects too" in done.reasons


def test_attributes_of_which_storing_runs_code_are_left_alone(rewrite):
    done = rewrite(HOOKED)
    assert not done.candidates
    assert "__setattr__" in done.reasons


def test_an_attribute_that_is_an_entry_of_a_dict_too_is_seen_by_either_name(rewrite):
    done = rewrite(
        """
class Model:
    pass

model = Model()
model.t, model.u = 0.0, 1.0
entries = vars(model)
for k in range(20):  # hot
    model.t += 0.1 * k
    entries["u"] = entries["u"] + entries["t"]
    model.u *= 0.5
print(model.t, model.u)
"""
    )
    assert not done.candidates
    assert "by its name as text" in done.reasons
