import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve


class KeptWhileSame:
    """Calls a function that builds something again only if one of the values that it uses has changed.

    All values are compared to the bit. What was built of the last three sets of values is kept.
    """

    PARTS = {"dia": ("data", "offsets"), "coo": ("data", "row", "col")}
    PARTS.update(dict.fromkeys(("csr", "csc", "bsr"), ("data", "indices", "indptr")))

    def __init__(self):
        self.kept = []

    def __call__(self, build, *values):
        try:
            key = self.frozen(values)
        except TypeError:  # not only numbers, arrays, text and sparse matrices
            return build()
        for known, built in self.kept:
            if known == key:
                return built
        built = build()
        self.kept = [(key, built), *self.kept[:2]]
        return built

    def frozen(self, value):
        kind = type(value)
        if kind is np.ndarray and value.dtype.kind in "biufc":
            return kind, value.dtype, value.shape, value.tobytes()
        if kind is float:
            return kind, value.hex()
        if value is None or kind in (int, bool) or isinstance(value, (str, type)):
            return kind, value
        if isinstance(value, (tuple, list)):
            return kind, *map(self.frozen, value)
        if isinstance(value, (dict, set)):
            return kind, *map(self.frozen, value.items() if isinstance(value, dict) else value)
        if sp.issparse(value) and value.format in self.PARTS:
            parts = (getattr(value, part) for part in self.PARTS[value.format])
            return kind, value.shape, *map(self.frozen, parts)
        if isinstance(value, (complex, np.number, np.bool_)):
            return kind, np.asarray(value).tobytes()
        raise TypeError("it may change unseen")


kept_A = KeptWhileSame()


def matrix(n, dt, c):
    A = sp.lil_matrix((n, n))
    for i in range(n):
        A[i, i] = 1 + 2 * dt * c[i]
        if i > 0:
            A[i, i - 1] = -dt * c[i]
    return A.tocsr()


n = 200
c = np.linspace(1, 2, n)
u = np.ones(n)
dt = 0.1
for step in range(50):  # hot: 0.9
    A = kept_A(lambda: matrix(n, dt, c), n, dt, c)
    u = spsolve(A, u)
    if step == 25:
        dt = dt / 2
print(u.max())
