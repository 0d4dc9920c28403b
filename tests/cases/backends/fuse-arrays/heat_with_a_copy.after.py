# type: u numpy.ndarray float64 1 401
# type: un numpy.ndarray float64 1 401
# type: c float
import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy")
def update_u(u, c):
    """Updates u in place."""
    u_old = u
    u_new = np.empty_like(u)
    for step in range(2000):  # hot: 0.95
        u_new_here = u_new[1:u.shape[0] - 1]
        u_old_here = u_old[1:u.shape[0] - 1]
        u_old_right = u_old[2:u.shape[0]]
        u_old_left = u_old[0:u.shape[0] - 2]
        for i in range(max(u.shape[0] - 2, 0)):
            u_new_here[i] = (
                u_old_here[i] + c * (u_old_right[i] - 2 * u_old_here[i] + u_old_left[i])
            )
        u_new[u.shape[0] - 1] = u_old[u.shape[0] - 1]
        u_new[0] = 0.0
        u_old, u_new = u_new, u_old
    if u_old is not u:
        for i in range(u.shape[0]):
            u[i] = u_old[i]


c = 0.2
u = np.zeros(401)
u[200] = 1.0
# the time loop
if u.shape[0] >= 2:
    update_u(u, c)
else:
    for step in range(2000):  # hot: 0.95
        un = u.copy()
        u[1:-1] = un[1:-1] + c * (un[2:] - 2 * un[1:-1] + un[:-2])
        u[0] = 0.0
print(u.sum())
