import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

T = sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(300, 300))
A = (sp.kron(sp.identity(300), T) + sp.kron(T, sp.identity(300))).tocsr()
u = spsolve(A, np.ones(90000))  # hot: 0.9  solved: 90000 scipy.sparse.linalg.spsolve 0.8  banded: 1 300
