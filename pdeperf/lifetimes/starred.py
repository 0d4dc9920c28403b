"""What star imports from SciPy's sparse packages bring along."""

SPARSE = frozenset(
    """
    SparseEfficiencyWarning SparseWarning block_array block_diag bmat bsr_array bsr_matrix coo_array
    csgraph linalg coo_matrix csc_array csc_matrix csr_array csr_matrix dia_array dia_matrix diags
    diags_array dok_array dok_matrix expand_dims eye eye_array find get_index_dtype hstack identity issparse
    isspmatrix isspmatrix_bsr isspmatrix_coo isspmatrix_csc isspmatrix_csr isspmatrix_dia
    isspmatrix_dok isspmatrix_lil kron kronsum lil_array lil_matrix load_npz permute_dims rand
    random random_array safely_cast_index_arrays save_npz sparray spdiags spmatrix swapaxes tril
    triu vstack
    """.split()
)
"""The names that ``from scipy.sparse import *`` binds."""
LINALG = frozenset(
    """
    ArpackError ArpackNoConvergence LaplacianNd LinearOperator MatrixRankWarning SuperLU
    aslinearoperator bicg bicgstab cg cgs eigs eigsh expm expm_multiply factorized
    funm_multiply_krylov gcrotmk gmres inv is_sptriangular lgmres lobpcg lsmr lsqr matrix_power
    minres norm onenormest qmr spbandwidth spilu splu spsolve spsolve_triangular svds tfqmr
    use_solver
    """.split()
)
"""The names that ``from scipy.sparse.linalg import *`` binds."""
STARRED = {"scipy.sparse": SPARSE, "scipy.sparse.linalg": LINALG}


def public(name: str) -> str:
    """The name by which users know a function that a private module defines."""
    last = name.rpartition(".")[2]
    for home, names in reversed(STARRED.items()):
        if name.startswith(f"{home}.") and last in names:
            return f"{home}.{last}"
    return name
