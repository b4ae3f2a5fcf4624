"""The findings on a claim: each figure on each basis, and the resulting verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backtest.claims.evidence import Spells, Value
from backtest.spec.claim import ClaimTable, FigureTable
from backtest.study.study import Study

Verdict = Literal["holds", "holds on another basis", "does not hold", "cannot be checked", "open"]


@dataclass(frozen=True)
class FigureResult:
    """One figure on one basis.

    Attributes
    ----------
    basis : str
        The name of the basis.
    found : Value or Spells or None
        What was measured; None if the data cannot answer.
    holds : bool or None
        Whether it matches the claim; None if nothing was claimed or measured.
    why : str or None
        Why nothing was measured.
    cautions : tuple of str
        Cautions to show with it.
    """

    basis: str
    found: Value | Spells | None
    holds: bool | None
    why: str | None = None
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True)
class JudgedFigure:
    """One figure of a claim on every basis, the strategy's own first."""

    figure: FigureTable
    results: tuple[FigureResult, ...]

    @property
    def unit(self) -> str | None:
        """The unit of a value on the first basis on which it was measured."""
        return next((result.found.unit for result in self.results if isinstance(result.found, Value)), None)


@dataclass(frozen=True)
class Conclusion:
    """A verdict, with the basis on which the claim holds, or why it cannot be checked."""

    verdict: Verdict
    basis: str | None = None
    why: str | None = None


@dataclass(frozen=True)
class JudgedClaim:
    """A claim of a strategy, judged.

    Attributes
    ----------
    study : Study or None
        The study that answers an open question.
    cautions : tuple of str
        Cautions to show with the verdict, such as that a series is a proxy; each once.
    """

    strategy: str
    claim: ClaimTable
    conclusion: Conclusion
    figures: tuple[JudgedFigure, ...] = ()
    study: Study | None = None
    cautions: tuple[str, ...] = ()


def not_checked(claim: ClaimTable, strategy: str, why: str | None) -> JudgedClaim:
    """Return a claim that could not be checked, and why."""
    return JudgedClaim(strategy, claim, Conclusion("cannot be checked", why=why))


def conclude(figures: Sequence[JudgedFigure]) -> Conclusion:
    """Return the verdict from the figures: all that decide must hold on the same basis."""
    deciding = [one.results for one in figures if one.figure.decides]
    by_basis = list(zip(*deciding, strict=True))
    own = by_basis[0]
    held = next((results for results in by_basis if all(result.holds for result in results)), None)
    if held is not None:
        return Conclusion("holds" if held is own else "holds on another basis", basis=held[0].basis)
    if any(result.holds is False for result in own):
        return Conclusion("does not hold")
    reasons = dict.fromkeys(result.why for result in own if result.why)
    return Conclusion("cannot be checked", why=" ".join(reasons))
