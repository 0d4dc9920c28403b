import numpy as np


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
        self.set_initial()

    def set_initial(self):
        c = self.n // 2
        r = self.n // 8
        self.u[c-r:c+r, c-r:c+r] = 0.50
        self.v[c-r:c+r, c-r:c+r] = 0.25
        rng = np.random.RandomState(42)
        self.u += 0.02*rng.rand(self.n, self.n)
        self.v += 0.02*rng.rand(self.n, self.n)

    def laplacian(self, a, i, j):
        n = self.n
        return (a[(i+1) % n, j] + a[(i-1) % n, j] + a[i, (j+1) % n] + a[i, (j-1) % n] - 4.0*a[i, j])

    def step(self):
        un = self.u.copy()
        vn = self.v.copy()
        for i in range(self.n):
            for j in range(self.n):
                uvv = un[i, j]*vn[i, j]*vn[i, j]
                self.u[i, j] = un[i, j] + self.dt*(self.Du*self.laplacian(un, i, j) - uvv + self.F*(1 - un[i, j]))
                self.v[i, j] = vn[i, j] + self.dt*(self.Dv*self.laplacian(vn, i, j) + uvv - (self.F + self.k)*vn[i, j])
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
