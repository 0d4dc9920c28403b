# type: A numpy.ndarray float64 2
# type: f numpy.ndarray float64 1
import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla

n = 3000
A = (2.0 * sp.eye_array(n) - sp.eye_array(n, k=1) - sp.eye_array(n, k=-1)).tocsr()
f = np.ones(n)
u = spla.spsolve(A.tocsc(), f)  # hot: 0.9  seen: numpy.linalg.solve dense 3000x3000 0.001
print(u.max())
