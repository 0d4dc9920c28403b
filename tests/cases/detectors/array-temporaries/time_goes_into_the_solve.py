# type: b numpy.ndarray float64 1
import numpy as np
from scipy.sparse.linalg import spsolve


def advance(A, b):
    return spsolve(A, b)  # hot: 0.9
