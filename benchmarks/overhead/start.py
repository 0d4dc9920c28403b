"""Imports what the other scripts import and does nothing: what a pass takes before it measures."""

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla

print(np.__name__, sp.__name__, spla.__name__)
