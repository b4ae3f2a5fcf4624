"""What the arrays hold that the stages hand to one another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Sessions = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
