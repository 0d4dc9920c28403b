import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve


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
        H = self.hamiltonian()
        one = sp.identity(len(self.x))
        A = (one + 0.5j * self.dt * H).tocsc()
        B = (one - 0.5j * self.dt * H).tocsr()
        self.psi = spsolve(A, B @ self.psi)


wave = Wave(200, 1e-4)
for k in range(50):
    wave.step()
print(abs(wave.psi).max())
