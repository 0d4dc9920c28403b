from scipy.sparse import diags
from scipy.sparse.linalg import eigsh
import scipy.sparse.linalg as spla
import numpy as np
import scipy.sparse as sp


def eigsh_near_zero(A, *arguments, return_eigenvectors=True, **options):
    """As eigsh(A, ..., which="SM"), for which the inverse's largest eigenvalues are sought.

    They are found in a few iterations, at the price of one factorisation. Singular matrices and
    operators are left to eigsh as it is.
    """
    options["return_eigenvectors"] = return_eigenvectors
    if sp.issparse(A):
        try:
            found = spla.eigsh(sp.csc_matrix(A), *arguments, sigma=0, which="LM", **options)
        except RuntimeError:  # singular
            pass
        else:
            return found if return_eigenvectors else found[np.argsort(-abs(found), kind="stable")]
    return spla.eigsh(A, *arguments, which="SM", **options)


n = 300
A = diags([-1, 2, -1], [-1, 0, 1], shape=(n, n)).tocsr()
w, v = eigsh_near_zero(A, k=4, tol=1e-10)  # hot: 0.9
print(eigsh_near_zero(A, 2, return_eigenvectors=False), w)
