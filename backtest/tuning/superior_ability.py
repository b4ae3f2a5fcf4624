r"""Second opinions on a whole search: superior predictive ability (Hansen), and the stepwise test (Romano and Wolf).

Both are of `arch`, which resamples sessions in blocks of random length. A set gains, on a session with an event, what
followed it less the mean of all sessions, and nothing on others; on a panel, what followed all events of the session
less the mean of as many asset-sessions: the mean of its gains is its excess times its events a session. Each set's
gains are divided by their own long-run standard error, because `arch` compares means as they are and the set with most
events would decide alone.

References
----------
Hansen, P. R. (2005), A test for superior predictive ability. Journal of Business & Economic Statistics 23(4).
Romano, J. P. and Wolf, M. (2005), Stepwise multiple testing as formalized data snooping. Econometrica 73(4).
Politis, D. N. and Romano, J. P. (1994), The stationary bootstrap. Journal of the American Statistical Association 89.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from backtest.errors import StudyRefused
from backtest.model import Floats, Ints
from backtest.model.significance import LEVEL
from backtest.tuning.in_pieces import Gains, InPieces
from backtest.tuning.objective import is_two_sided
from backtest.tuning.plateau import ENOUGH

DRAWS, SEED = 1000, 0
WINDOWS = 2
"""The mean block is so many windows long: windows that overlap are mostly drawn together."""
MOST = 400
"""Sets, counted in each direction that is tried: with more, the bootstrap takes minutes and gigabytes."""
INSTALL = "Run: pip install 'episode-backtest[search]'"


@dataclass(frozen=True)
class Superior:
    """What the bootstrap says of all sets with enough events at one horizon.

    Attributes
    ----------
    sets, sessions, block : int
        Distinct sets of events, sessions that are resampled, and the mean length of a block.
    two_sided : bool
        Whether losses count as gains.
    p_value, lower, upper : float or None
        Hansen's consistent p, and those that leave all worse sets out, or none.
    winners : list of int
        Sets that the stepwise test finds to gain at the 5% level, by position; the first of those with the same events.
    reason : str or None
        Why there is no answer.
    """

    sets: int
    sessions: int
    block: int
    two_sided: bool
    p_value: float | None
    lower: float | None
    upper: float | None
    winners: list[int]
    reason: str | None = None


def superior_ability(pieces: InPieces) -> Superior:
    """Test whether any set gains more than an ordinary session, and find which.

    Parameters
    ----------
    pieces : InPieces
        The sets at one horizon; by the adjusted p, losses count as gains.

    Raises
    ------
    StudyRefused
        `arch` is not installed.
    """
    arch = load_arch()
    gains, sets, longest = gains_of(pieces)
    two_sided = is_two_sided(pieces.objective)
    block = block_for(len(gains), longest)
    size, many = (len(sets), len(gains), block, two_sided), len(sets) * (1 + two_sided)
    if many == 0 or many > MOST:
        none = f"no set has {ENOUGH} events with a complete window that differ"
        reason = f"more than {MOST // (1 + two_sided)} sets: a bootstrap of them takes too long" if many else none
        return Superior(*size, None, None, None, [], reason)
    p, winners = bootstrapped(arch, np.hstack([gains, -gains]) if two_sided else gains, block)
    return Superior(*size, p[1], p[0], p[2], sorted({sets[at % len(sets)] for at in winners}))


def gains_of(pieces: InPieces) -> tuple[Floats, list[int], int]:
    """Return what each distinct set gains on each session over an ordinary one.

    Returns
    -------
    ndarray of shape (n_sessions, k)
        The deviation from the mean of the base rate on a session with an event, a fraction; else zero. Its sessions are
        those that any set could have had an event with a complete window on.
    list of int
        The k sets by position, each with at least `ENOUGH` such events that are not all alike.
    int
        Sessions in the longest window.
    """
    found: dict[int, Gains] = {}
    for at in np.unique(pieces.distinct).tolist():
        of = pieces.gains(at)
        if of.events >= ENOUGH and of.values.any():
            found[at] = of
    if not found:
        return np.zeros((0, 0)), [], 1
    sessions: Ints = np.unique(np.concatenate([of.sessions for of in found.values()]))
    gains = np.zeros((len(sessions), len(found)))
    for column, of in enumerate(found.values()):
        gains[np.searchsorted(sessions, of.sessions), column] = of.values
    return gains, list(found), pieces.longest


def block_for(sessions: int, longest: int) -> int:
    """Return the mean length of a block: two windows, at least the cube root of the history, at most a tenth of it."""
    return max(1, min(max(WINDOWS * longest, round(float(np.cbrt(sessions)))), sessions // 10))


def bootstrapped(arch: ModuleType, gains: Floats, block: int) -> tuple[list[float], list[int]]:
    """Return the lower, consistent and upper p, and the columns that gain at the 5% level.

    Parameters
    ----------
    arch : module
        ``arch.bootstrap``.
    gains : ndarray of shape (n_sessions, k)
        Gains over the benchmark.
    block : int
        The mean length of a block.
    """
    scaled = gains / np.sqrt(long_run_variance(gains, block))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what arch imports
        spa = arch.SPA(np.zeros(len(gains)), -scaled, block_size=block, reps=DRAWS, seed=SEED)
        spa.compute()
    p, left, winners = spa.pvalues.tolist(), np.ones(gains.shape[1], dtype=np.bool_), list[int]()
    while better := spa.better_models(LEVEL).tolist():  # as arch's StepM, which fails where none is left
        winners += better
        left[better] = False
        if not left.any():
            break
        spa.subset(left)
        spa.compute()
    return p, sorted(winners)


def long_run_variance(gains: Floats, block: int) -> Floats:
    """Return the variance of the root of n times the mean that the stationary bootstrap has; shape (k,), above zero.

    Autocovariances around the circle with the weights of Politis and Romano (1994), lemma 1.
    """
    n, stays = len(gains), 1.0 - 1.0 / block
    lags = np.arange(n)
    weights = (1.0 - lags / n) * stays**lags + lags / n * stays ** (n - lags)
    weights[0] = 1.0
    power = np.abs(np.fft.rfft(gains - gains.mean(axis=0), 2 * n, axis=0)) ** 2
    covariances = np.fft.irfft(power, axis=0)[:n] / n
    weights[1:] *= 2.0
    variance: Floats = weights @ covariances
    return variance


def load_arch() -> ModuleType:
    """Import ``arch.bootstrap``, which takes seconds and hundreds of megabytes.

    Raises
    ------
    StudyRefused
        It is not installed.
    """
    try:
        from arch import bootstrap
    except ImportError as error:
        raise StudyRefused("--spa: arch is not installed.", INSTALL) from error
    module: ModuleType = bootstrap
    return module
