"""Adaptive Runge-Kutta-Fehlberg for van der Pol's oscillator."""
import math


class VanDerPol:
    def __init__(self, mu):
        self.mu = mu

    def __call__(self, t, y):
        return [y[1], self.mu * (1 - y[0] ** 2) * y[1] - y[0]]


class BogackiShampine:
    def __init__(self, system, rtol, atol):
        self.system = system
        self.rtol, self.atol = rtol, atol
        self.accepted = self.rejected = 0

    def integrate(self, y, t, t_end, h):
        f = self.system
        k1 = f(t, y)
        while t < t_end:
            if t + h > t_end:
                h = t_end - t
            k2 = f(t + h / 2, [a + h / 2 * b for a, b in zip(y, k1)])
            k3 = f(t + 3 * h / 4, [a + 3 * h / 4 * b for a, b in zip(y, k2)])
            new = [a + h * (2 * b + 3 * c + 4 * d) / 9 for a, b, c, d in zip(y, k1, k2, k3)]
            k4 = f(t + h, new)
            err = 0.0
            for i in range(len(y)):
                e = h * (-5 * k1[i] / 72 + k2[i] / 12 + k3[i] / 9 - k4[i] / 8)
                scale = self.atol + self.rtol * max(abs(y[i]), abs(new[i]))
                err = max(err, abs(e) / scale)
            if err <= 1:
                t += h
                y, k1 = new, k4
                self.accepted += 1
            else:
                self.rejected += 1
            h *= min(5.0, max(0.2, 0.9 * err ** (-1 / 3)))
        return y


def main():
    solver = BogackiShampine(VanDerPol(5.0), 1e-6, 1e-9)
    y = solver.integrate([2.0, 0.0], 0.0, 15.0, 0.01)
    print("y =", y, "steps", solver.accepted, "rejected", solver.rejected)


if __name__ == "__main__":
    main()
