# refuse: `kept` must be new in every turn: `rows` may still hold
# refuse: `swapped` must be new in every turn: `u`
# refuse: `seen` must be new in every turn: `view`
# refuse: `growing` must be new in every turn: `n` may change
# refuse: `late` must be new in every turn: `late` is bound elsewhere
# refuse: `plotted` must be new in every turn: something that may keep it
# refuse: `shown` must be new in every turn: the function `show`
# refuse: `like` must be new in every turn: `v` may change
# type: u numpy.ndarray float64 1
# type: v numpy.ndarray float64 1
# type: kept numpy.ndarray float64 1
# type: swapped numpy.ndarray float64 1
# type: seen numpy.ndarray float64 1
# type: view numpy.ndarray float64 1
# type: growing numpy.ndarray float64 1
# type: late numpy.ndarray float64 1
# type: plotted numpy.ndarray float64 1
# type: shown numpy.ndarray float64 1
# type: like numpy.ndarray float64 1
# type: n int
import matplotlib.pyplot as plt
import numpy as np

u = np.sin(np.arange(32.0))
v = u.copy()
late = u.copy()
rows = []
n = 4


def show():
    return shown


for step in range(20):  # hot: 0.9
    kept = np.zeros(32)
    kept[1:] = u[:-1]
    rows.append(kept)
    swapped = np.empty(32)
    swapped[:] = np.roll(u, 1)
    u = swapped
    seen = np.zeros(32)
    view = seen[3:]
    n += 1
    growing = np.zeros(n)
    u[0] = late[0]
    late = np.zeros(32)
    plotted = np.ones(32)
    plt.plot(plotted)
    shown = np.ones(32)
    show()
    like = np.zeros_like(v)
    v = v[1:]
