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


kept_A_B = KeptWhileSame()


class Wave:
    def __init__(self, n, dt):
        self.x = np.linspace(0, 1, n)
        self.dt = dt
        self.psi = np.exp(-((self.x - 0.5) ** 2)) + 0j

    def hamiltonian(self):
        h = self.x[1] - self.x[0]
        return sp.diags([-1, 2, -1], [-1, 0, 1], shape=(len(self.x), len(self.x))) / h**2

    def step(self):  # hot: 0.9
        # the matrices of Crank and Nicolson
        def build():
            H = self.hamiltonian()
            one = sp.identity(len(self.x))
            A = (one + 0.5j * self.dt * H).tocsc()
            B = (one - 0.5j * self.dt * H).tocsr()
            return A, B

        A, B = kept_A_B(build, self.x, self.dt)
        self.psi = spsolve(A, B @ self.psi)


wave = Wave(200, 1e-4)
for k in range(50):
    wave.step()
print(abs(wave.psi).max())
