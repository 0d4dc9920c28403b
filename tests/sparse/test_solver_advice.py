"""Advice on solvers says what the matrices that were seen allow."""

import pytest

from pdeperf.backends.solver_advice import BACKEND
from pdeperf.model import Diagnosis, Kind, Measurement, Span
from pdeperf.source import Project

WHERE = Span(file="script.py", first=2, last=2)


def advice(symmetry, same, library="FiPy"):
    subject = "scipy.sparse.linalg.splu"
    seen = {
        "solves_count": 22.0,
        "same_values_count": same,
        "matrix_shape": "30000x30000",
        "nnz_count": 150000.0,
    }
    seen |= {"positive_diagonal": 1.0, "symmetry": symmetry}
    facts = [
        Measurement(where=WHERE, metric=metric, value=value, collector="sparse", subject=subject)
        for metric, value in seen.items()
    ]
    share = Measurement(
        where=WHERE, metric="library_share", value=0.4, collector="py-spy", subject=f"{library} (solve)"
    )
    diagnosis = Diagnosis(
        rule="costly-solve", kind=Kind.SPARSE_FORMAT, where=WHERE, message="", facts=(*facts, share)
    )
    (found,) = BACKEND.propose(diagnosis, Project.from_texts({"script.py": "\neq.sweep(dt=dt)\n"}))
    return found.advice


@pytest.mark.parametrize("library", ["FiPy", "scikit-fem"])
def test_conjugate_gradients_are_advised_for_symmetric_matrices_alone(library):
    assert "CG" in advice("values", 0.0, library).replace("BiCGSTAB", "")
    other = advice("pattern", 0.0, library)
    assert "CG" not in other.replace("BiCGSTAB", "")
    assert "BiCGSTAB" in other


def test_a_matrix_is_said_to_stay_only_where_most_solves_had_one_that_was_there():
    assert "the same in most steps" in advice("values", 20.0)
    assert "the same" not in advice("values", 9.0)
