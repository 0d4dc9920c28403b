import math

# Smoothed particles: a column of water falls; objects and neighbour lists in plain Python
H = 0.12
MASS = 0.02 * 0.5
K_GAS = 20.0
REST = 1.0
MU = 0.4
DT = 0.002
G = -9.81


class Particle:
    __slots__ = ("x", "y", "vx", "vy", "rho", "p", "fx", "fy")

    def __init__(self, x, y):
        self.x, self.y = x, y
        self.vx = self.vy = 0.0
        self.rho = REST
        self.p = 0.0
        self.fx = self.fy = 0.0


def poly6(r2):
    return 4.0 / (math.pi * H**8) * (H * H - r2) ** 3 if r2 < H * H else 0.0


def density(parts):
    for a in parts:
        rho = 0.0
        for b in parts:
            rho += MASS * poly6((a.x - b.x) ** 2 + (a.y - b.y) ** 2)
        a.rho = rho
        a.p = K_GAS * (rho - REST)


def forces(parts):
    for a in parts:
        fx = fy = 0.0
        for b in parts:
            if a is b:
                continue
            dx, dy = b.x - a.x, b.y - a.y
            r = math.sqrt(dx * dx + dy * dy)
            if 1e-9 < r < H:
                w = -30.0 / (math.pi * H**5) * (H - r) ** 2 / 2
                s = MASS * (a.p + b.p) / (2 * b.rho) * w / r
                fx += s * dx
                fy += s * dy
                lap = 20.0 / (math.pi * H**5) * (H - r)
                fx += MU * MASS * (b.vx - a.vx) / b.rho * lap
                fy += MU * MASS * (b.vy - a.vy) / b.rho * lap
        a.fx, a.fy = fx, fy + G * a.rho


def move(parts):
    for a in parts:
        a.vx += DT * a.fx / a.rho
        a.vy += DT * a.fy / a.rho
        a.x += DT * a.vx
        a.y += DT * a.vy
        if a.x < 0:
            a.x, a.vx = 0.0, -0.5 * a.vx
        if a.x > 1:
            a.x, a.vx = 1.0, -0.5 * a.vx
        if a.y < 0:
            a.y, a.vy = 0.0, -0.5 * a.vy


def simulate(steps):
    parts = [Particle(0.05 + 0.07 * i, 0.05 + 0.07 * j) for i in range(5) for j in range(7)]
    for step in range(steps):
        density(parts)
        forces(parts)
        move(parts)
    return parts


if __name__ == "__main__":
    drops = simulate(60)
    front = max(p.x for p in drops)
    kinetic = sum(0.5 * MASS * (p.vx**2 + p.vy**2) for p in drops)
    print(f"front {front:.10f} kinetic {kinetic:.10e}")
