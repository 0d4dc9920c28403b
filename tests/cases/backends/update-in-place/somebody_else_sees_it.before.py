# refuse: `a` must not be changed in place: `frames` may hold
# refuse: `b` must not be changed in place: `before` may hold
# refuse: `c` must not be changed in place: the type of its elements
# refuse: `d` must not be changed in place: something that may keep it
# refuse: `e` must not be changed in place: the function `probe`
# refuse: `f` must not be changed in place: a function defined here
# refuse: `g` must not be changed in place: a later operand reads it
# refuse: `h` must not be changed in place: it comes from `load`
# refuse: `j` must not be changed in place: something that may keep it
# refuse: `p` must not be changed in place: whoever called
# type: a numpy.ndarray float64 1
# type: b numpy.ndarray float64 1
# type: before numpy.ndarray float64 1
# type: c numpy.ndarray float32 1
# type: d numpy.ndarray float64 1
# type: e numpy.ndarray float64 1
# type: f numpy.ndarray float64 1
# type: g numpy.ndarray float64 1
# type: h numpy.ndarray float64 1
# type: j numpy.ndarray float64 1
# type: start numpy.ndarray float64 1
# type: march:p numpy.ndarray float64 1
from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
from elsewhere import load

start = np.ones(8)


def initial():
    return start


@lru_cache
def remembered(n):
    return np.ones(n)


def probe():
    return e[3]


def march(p):
    for step in range(100):  # hot: 0.1
        p = p + 1.0
    return p


a = np.ones(8)
b = np.ones(8)
c = np.ones(8, dtype=np.float32)
d = np.ones(8)
e = np.ones(8)
f = initial()
g = np.ones(8)
h = load()
j = remembered(8)
frames = []
for step in range(100):  # hot: 0.9
    a = a + 1.0
    frames.append(a)
    before = b
    b = b + 1.0
    c = c + b
    d = d + 1.0
    plt.plot(d)
    e = e + probe()
    f = f + 1.0
    g = g + 1.0 - 0.5 * g
    h = h + 1.0
    j = j + 1.0
march(a)
