"""Lowest tones of an L-shaped drum: inverse iteration with deflation, and the Rayleigh quotients."""
import numpy as np
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import splu


def inside(i, j, n):
    return 0 < i < 2 * n and 0 < j < 2 * n and not (i >= n and j >= n)


def assemble(n):
    number = {}
    for i in range(2 * n + 1):
        for j in range(2 * n + 1):
            if inside(i, j, n):
                number[i, j] = len(number)
    A = lil_matrix((len(number), len(number)))
    for (i, j), row in number.items():
        A[row, row] = 4.0
        for di, dj in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            other = number.get((i + di, j + dj))
            if other is not None:
                A[row, other] = -1.0
    return A.tocsc() * n**2, number


def lowest(A, count, tol=1e-9):
    lu = splu(A)
    rng = np.random.RandomState(3)
    values, vectors, history = [], [], []
    for k in range(count):
        v = rng.rand(A.shape[0])
        old = 0.0
        for it in range(400):
            for w in vectors:
                v = v - (w @ v) * w
            v = v / np.linalg.norm(v)
            y = lu.solve(v)
            value = 1.0 / (v @ y)
            v = y
            history.append(value)
            if abs(value - old) < tol * value:
                break
            old = value
        for w in vectors:
            v = v - (w @ v) * w
        vectors.append(v / np.linalg.norm(v))
        values.append(value)
    return np.array(values), history


A, number = assemble(14)
tones, history = lowest(A, 4)
for k, tone in enumerate(tones):
    print(k, f"{tone:.5f}")
with open("tones.csv", "w") as out:
    for tone in tones:
        out.write(f"{tone!r}\n" if isinstance(tone, float) else str(tone) + "\n")
