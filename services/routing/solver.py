"""The assignment of least total cost, by SciPy's implementation of Jonker and Volgenant."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]


def least_cost(matrix: Sequence[Sequence[float]]) -> list[int]:
    """For a matrix with no more rows than columns: the column of each row."""
    if len(matrix) == 1:
        line = matrix[0]
        return [min(range(len(line)), key=line.__getitem__)]
    _, columns = linear_sum_assignment(np.asarray(matrix, dtype=np.float64))
    return [int(column) for column in columns]
