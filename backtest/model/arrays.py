"""Types of the arrays that the stages exchange."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Sessions = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Scalar = TypeVar("Scalar", bound=np.generic)


def sealed(values: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return a copy that can never become writeable: it is stored in bytes, which Python cannot change."""
    return np.frombuffer(values.tobytes(), dtype=values.dtype)
