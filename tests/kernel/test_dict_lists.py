"""Lists of dicts: an array for each entry."""


def test_a_dict_is_picked_for_each_cell(same_steps):
    done = same_steps(
        """
import sys
import numpy as np

materials = [{"name": "steel", "k": 45.0, "n": 2}, {"name": "air", "k": 0.5, "n": 3}]
if "ints" in sys.argv:
    materials[1]["k"] = 7
if "missing" in sys.argv:
    materials.append({"name": "gold", "n": 4})
if "same" in sys.argv:
    materials[1] = materials[0]

def conductivity(m, a):
    return m["k"] * a + m["n"]

kind = np.arange(12) % 2
T = np.arange(12.0)
for step in range(3):  # hot
    for i in range(1, 11):
        m = materials[kind[i]]
        T[i] = T[i] + 0.01 * m["k"] // 2 + materials[kind[i - 1]]["n"] + conductivity(m, T[i])
print(T.tolist())
""",
        "ints",
        "missing",
        "same",
    )
    assert 'are_dicts(materials, float="k", int="n")' in done.text
    assert "materials_k[m]" in done.text


def test_entries_of_many_dicts_are_moved(same_steps):
    done = same_steps(
        """
import sys

particles = [{"x": 0.1 * k, "v": 1.0 - 0.2 * k, "hits": 0} for k in range(12)]
first = particles[0]
if "shared" in sys.argv:
    particles[3] = first
if "ints" in sys.argv:
    particles[4]["v"] = 2
for step in range(5):  # hot
    for p in particles:
        p["x"] += 0.1 * p["v"]
        if p["x"] > 0.5:
            p["v"] = -p["v"]
            p["hits"] += 1
    first = particles[0]
print(particles, first["x"])
""",
        "shared",
        "ints",
    )
    assert "for p in range(len(particles_x)):" in done.text
    assert "each['x'], each['v'], each['hits'] = values" in done.text
