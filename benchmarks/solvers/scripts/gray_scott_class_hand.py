import numpy as np
from numba import njit


@njit(cache=True)
def laplacian(a, i, j, im, ip, jm, jp):
    return (a[ip, j] + a[im, j] + a[i, jp] + a[i, jm] - 4.0*a[i, j])


@njit(cache=True)
def gs_step(u, v, un, vn, Du, Dv, F, k, dt):
    n = u.shape[0]
    un[:, :] = u
    vn[:, :] = v
    for i in range(n):
        im = i - 1 if i > 0 else n - 1
        ip = i + 1 if i < n - 1 else 0
        for j in range(n):
            jm = j - 1 if j > 0 else n - 1
            jp = j + 1 if j < n - 1 else 0
            uvv = un[i, j]*vn[i, j]*vn[i, j]
            u[i, j] = un[i, j] + dt*(Du*laplacian(un, i, j, im, ip, jm, jp) - uvv + F*(1 - un[i, j]))
            v[i, j] = vn[i, j] + dt*(Dv*laplacian(vn, i, j, im, ip, jm, jp) + uvv - (F + k)*vn[i, j])




class GrayScott:
    """Gray-Scott reaction diffusion on a periodic grid."""

    def __init__(self, n=64, Du=0.16, Dv=0.08, F=0.035, k=0.065):
        self.n = n
        self.Du = Du
        self.Dv = Dv
        self.F = F
        self.k = k
        self.dt = 1.0
        self.time = 0.0
        self.u = np.ones((n, n))
        self.v = np.zeros((n, n))
        self.history = []
        self.un = np.empty((n, n))
        self.vn = np.empty((n, n))
        self.set_initial()

    def set_initial(self):
        c = self.n // 2
        r = self.n // 8
        self.u[c-r:c+r, c-r:c+r] = 0.50
        self.v[c-r:c+r, c-r:c+r] = 0.25
        rng = np.random.RandomState(42)
        self.u += 0.02*rng.rand(self.n, self.n)
        self.v += 0.02*rng.rand(self.n, self.n)

    def step(self):
        gs_step(self.u, self.v, self.un, self.vn, self.Du, self.Dv, self.F, self.k, self.dt)
        self.time += self.dt

    def run(self, steps):
        for s in range(steps):
            self.step()
            if s % 20 == 0:
                self.history.append(self.v.mean())
                print("t = {:8.1f}   <v> = {:.10f}".format(self.time, self.v.mean()))


if __name__ == "__main__":
    sim = GrayScott()
    sim.run(800)
    print("final", sim.u.mean(), sim.v.mean(), sim.u.std())
    np.save("gs_v.npy", sim.v)
