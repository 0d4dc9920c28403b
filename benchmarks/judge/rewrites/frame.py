# Truss with bars and beams, class hierarchy
import numpy as np


class Element:
    dofs_per_node = 3

    def __init__(self, i, j, E, A):
        self.i, self.j = i, j
        self.E, self.A = E, A

    def geometry(self, nodes):
        d = nodes[self.j] - nodes[self.i]
        length = np.hypot(*d)
        return length, d[0] / length, d[1] / length

    def stiffness(self, nodes):
        raise NotImplementedError


class Bar(Element):
    def stiffness(self, nodes):
        l, c, s = self.geometry(nodes)
        k = np.zeros((6, 6))
        b = np.array([[c * c, c * s], [c * s, s * s]]) * self.E * self.A / l
        k[np.ix_([0, 1], [0, 1])] = b
        k[np.ix_([3, 4], [3, 4])] = b
        k[np.ix_([0, 1], [3, 4])] = -b
        k[np.ix_([3, 4], [0, 1])] = -b
        return k


class Beam(Element):
    def __init__(self, i, j, E, A, I):
        super().__init__(i, j, E, A)
        self.I = I

    def stiffness(self, nodes):
        l, c, s = self.geometry(nodes)
        a, b = self.E * self.A / l, self.E * self.I / l**3
        k = np.array(
            [
                [a, 0, 0, -a, 0, 0],
                [0, 12 * b, 6 * b * l, 0, -12 * b, 6 * b * l],
                [0, 6 * b * l, 4 * b * l**2, 0, -6 * b * l, 2 * b * l**2],
                [-a, 0, 0, a, 0, 0],
                [0, -12 * b, -6 * b * l, 0, 12 * b, -6 * b * l],
                [0, 6 * b * l, 2 * b * l**2, 0, -6 * b * l, 4 * b * l**2],
            ]
        )
        r = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
        t = np.kron(np.eye(2), r)
        return t.T @ k @ t


class Structure:
    def __init__(self):
        self.nodes = []
        self.elements = []
        self.fixed = []
        self.loads = {}

    def assemble(self):
        nodes = np.array(self.nodes)
        K = np.zeros((3 * len(nodes), 3 * len(nodes)))
        for e in self.elements:
            ke = e.stiffness(nodes)
            dofs = [3 * e.i, 3 * e.i + 1, 3 * e.i + 2, 3 * e.j, 3 * e.j + 1, 3 * e.j + 2]
            for a in range(6):
                for b in range(6):
                    K[dofs[a], dofs[b]] += ke[a, b]
        return K

    def solve(self):
        K = self.assemble()
        f = np.zeros(len(K))
        for node, (fx, fy) in self.loads.items():
            f[3 * node] += fx
            f[3 * node + 1] += fy
        free = [d for d in range(len(K)) if d not in self.fixed]
        self.u = np.zeros(len(K))
        self.u[free] = np.linalg.solve(K[np.ix_(free, free)], f[free])


def build(spans):
    s = Structure()
    for p in range(spans + 1):
        s.nodes.append((1.0 * p, 0.0))
        s.nodes.append((1.0 * p, 1.0))
    for p in range(spans):
        s.elements.append(Beam(2 * p, 2 * p + 2, 210e3, 0.02, 3e-4))
        s.elements.append(Beam(2 * p + 1, 2 * p + 3, 210e3, 0.02, 3e-4))
        s.elements.append(Bar(2 * p, 2 * p + 3, 210e3, 0.005))
    for p in range(spans + 1):
        s.elements.append(Beam(2 * p, 2 * p + 1, 210e3, 0.01, 1e-4))
    s.fixed = [0, 1, 6 * spans + 1]
    s.loads = {2 * p + 1: (0.0, -10.0) for p in range(spans + 1)}
    return s


if __name__ == "__main__":
    frame = build(12)
    frame.solve()
    print("sag", frame.u[1::3].min())
