# refuse: the whole of `norms` is read here
# refuse: may be left here
# refuse: the function `last` reads `seen`
# refuse: may share memory with what the loop changes
# refuse: the type of `small`'s elements may depend on the order
# type: u numpy.ndarray float64 1
# type: norms numpy.ndarray float64 1
# type: seen numpy.ndarray float64 1
# type: small numpy.ndarray float32 1
# type: old numpy.ndarray float64 1
# type: first:found numpy.ndarray float64 1
# type: first:u numpy.ndarray float64 1
import numpy as np

u = np.sin(np.arange(32.0))
norms = np.array([1.0])
seen = np.array([])
small = np.zeros(1, dtype=np.float32)
old = u


def last():
    return seen[-1]


def first(u):
    found = np.array([])
    for step in range(1000):  # hot: 0.1
        u = 0.5 * (u + np.roll(u, 1))
        found = np.append(found, u[0])
        if u[0] < 0:
            yield found
    yield found


for step in range(1000):  # hot: 0.8
    u[0] = 0.5 * u[1]
    norms = np.append(norms, norms.mean() + u[0])
    seen = np.append(seen, u[1])
    small = np.append(small, u[1])
    old = np.append(old, u)
    last()
list(first(u))
