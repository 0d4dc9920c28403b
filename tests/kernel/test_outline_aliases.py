"""Two names of one object: what is stored through one is read through the other."""


def test_an_attribute_stored_through_another_name_of_the_object_is_seen(same_output):
    done = same_output("""
import numpy as np

class Clock:
    def __init__(self):
        self.t = 1.0

def advance(a, b, u):
    for i in range(len(u)):  # hot
        a.t += 0.5
        u[i] = b.t

u = np.zeros(4)
one, two = Clock(), Clock()
advance(one, two, u)
print(u.tolist())
advance(one, one, u)
print(u.tolist(), one.t)
""")
    assert "if a is not b:" in done.text


def test_a_dict_entry_stored_through_another_name_is_seen(same_output):
    same_output("""
import numpy as np

def advance(p, q, u):
    for i in range(len(u)):  # hot
        p["t"] += 0.5
        u[i] = q["t"]

u = np.zeros(4)
one, two = {"t": 0.0}, {"t": 1.0}
advance(one, two, u)
print(u.tolist())
advance(one, one, u)
print(u.tolist(), one)
""")
