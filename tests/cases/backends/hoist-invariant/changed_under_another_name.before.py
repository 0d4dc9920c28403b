# refuse: `k2` is changed later in the loop
# refuse: `table` is changed later in the loop
# refuse: `E` is read before it is bound
# type: u numpy.ndarray float64 1
# type: k numpy.ndarray float64 1
# type: m numpy.ndarray float64 1
# type: k2 numpy.ndarray float64 1
# type: E numpy.ndarray float64 1
# type: q numpy.ndarray float64 1
# type: table numpy.ndarray float64 1
# type: E numpy.ndarray float64 1
import numpy as np

k = np.fft.fftfreq(64)
m = k[1:]
q = np.linspace(0, 1, 64)
u = np.sin(q)
tables = []
for step in range(100):  # hot: 0.95
    m[0] += 1.0
    u = u * np.exp(-k)
    k2 = q**2
    view = k2[1:]
    view[0] = 3.0
    table = np.outer(q, q)
    tables.append(table)
    if step > 0:
        u = u + E
    E = np.exp(-q)
