"""The pictures of a comparison and of a search: each number where it belongs, marks, refusals."""

from __future__ import annotations

import dataclasses
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from backtest.errors import ExportRefused
from backtest.handout.comparison_picture import draw_comparison
from backtest.handout.handout import Handout
from backtest.handout.look import DARK, LIGHT, whole_sentences
from backtest.handout.picture import picture_bytes
from backtest.handout.search_picture import draw_search
from backtest.handout.set_cells import ink_on

DATA = {"title": "Made", "name": "made", "sha256": "ab" * 32, "synthetic": False}


def handout(kind, content, *, simulated=False):
    verdict = "Consistent with chance. The most remarkable look: $x$."
    return Handout(kind, f"{kind}-1", "A title", verdict, simulated, (), {}, "2026-01-01T00:00:00Z", content=content)


def study(name, excess, ends, judges="spread"):
    low, high = ends
    return {
        "study": name, "judges": judges, "n": 7, "excess": excess, "ci_low": low, "ci_high": high, "p_value": 0.2,
        "p_adjusted": 0.31,
    }  # fmt: skip


def comparison(*rows, **more):
    studies = [{"dataset": DATA, "lookahead": None}]
    return handout("comparison", {"horizon": 21, "ranking": list(rows), "studies": studies, "version": "1"} | more)


def search(cells, **more):
    """Sets of two parameters: ``{(sessions, threshold): (n, excess, p_adjusted)}``."""
    grid = {"detector.sessions": [3, 4], "detector.threshold": [0.01, 0.02, 0.03]}
    sets = [
        {
            "set": at, "parameters": dict(zip(grid, key, strict=True)),
            "horizons": [
                {"horizon": 5, "n": 99, "excess": 9.0, "p_value": 0.5, "p_adjusted": 0.5},
                {"horizon": "1m", "n": n, "excess": excess, "p_value": p, "p_adjusted": p},
            ],
        }
        for at, (key, (n, excess, p)) in enumerate(cells.items(), start=1)
    ]  # fmt: skip
    content = {
        "grid": grid, "sets": sets, "horizon": "1m", "objective": "excess", "n_sets": len(sets), "version": "1",
        "order": [one["set"] for one in reversed(sets)], "dataset": DATA, "lookahead": None,
        "parameters": {"detector.sessions": 4, "detector.threshold": 0.02, "episodes.cooldown": 0},
    }  # fmt: skip
    return handout("search", content | more)


CELLS = {(3, 0.01): (30, 0.012, 0.04), (4, 0.02): (5, -0.03, 0.6), (4, 0.03): (0, None, None)}


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_a_row_a_study_with_its_interval_number_and_p():
    said, figure = draw_comparison(
        comparison(study("a", 0.0123, (-0.01, 0.03)), study("b$", None, (None, None), "return")), LIGHT
    )
    (axes,) = figure.axes
    _, interval, dot = axes.lines
    assert interval.get_xdata() == pytest.approx([-1.0, 3.0])
    assert dot.get_xdata() == pytest.approx([1.23])
    assert texts(axes)[:5] == ["a", "+1.23", "7", "0.200", "0.310"]
    assert texts(axes)[5:7] == ["b$", "–"]
    assert said.axis.endswith("A row each. First spreads, then returns.")
    assert said.title == "2 studies side by side, 21 sessions after"


def test_more_rows_than_can_be_read_are_counted():
    said, figure = draw_comparison(comparison(*(study(str(at), 0.01, (0.0, 0.02)) for at in range(23))), LIGHT)
    assert "The first 20 of 23 studies." in said.axis
    assert "20" not in texts(figure.axes[0])[::5]


def test_a_cell_a_set_of_two_parameters():
    said, figure = draw_search(search(CELLS), LIGHT)
    (axes,) = figure.axes
    told = {(text.get_position(), text.get_text()) for text in axes.texts}
    assert told == {((0, 0), "+1.20*\nn = 30"), ((1, 1), "−3.00\nn = 5"), ((2, 1), "–")}
    framed = [patch for patch in axes.patches if patch.get_linewidth()]
    assert [patch.get_center().tolist() for patch in framed] == [[1.0, 1.0]]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.01", "0.02", "0.03"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("threshold", "sessions")
    assert said.axis.startswith("Excess 1 month after, in percentage points")


def test_of_one_parameter_the_sets_stand_in_order_and_the_own_one_is_marked():
    grid = {"detector.sessions": [3, 4], "detector.threshold": [0.02]}
    _, figure = draw_search(search({(3, 0.02): (30, 0.012, 0.04), (4, 0.02): (5, -0.03, 0.6)}, grid=grid), LIGHT)
    (axes,) = figure.axes
    assert texts(axes)[::5][:2] == ["sessions = 4", "sessions = 3"]
    assert [line.get_color() for line in axes.lines[1:]] == [LIGHT.mark, LIGHT.event]
    assert [line.get_xdata()[0] for line in axes.lines[1:]] == pytest.approx([-3.0, 1.2])


@pytest.mark.parametrize("made", [search(CELLS), comparison(study("a", 0.01, (0.0, 0.02)))], ids=["search", "compare"])
def test_they_have_the_size_of_a_post_and_the_same_bytes_again(made):
    light, dark = (picture_bytes(made, "png", dark=dark) for dark in (False, True))
    for content, ground in ((light, (255, 255, 255)), (dark, (0x14, 0x17, 0x1B))):
        image = Image.open(io.BytesIO(content)).convert("RGB")
        assert (image.size, image.getpixel((2, 2))) == ((1200, 675), ground)
    assert picture_bytes(made, "svg") == picture_bytes(made, "svg")
    assert b'width="1200" height="675"' in picture_bytes(dataclasses.replace(made, simulated=True), "svg")


@pytest.mark.parametrize("draw", [draw_comparison, draw_search])
def test_simulated_data_are_loud(draw):
    made = comparison(study("a", 0.01, (0.0, 0.02))) if draw is draw_comparison else search(CELLS)
    said, figure = draw(dataclasses.replace(made, simulated=True), DARK)
    assert list(said.alarms) == ["SIMULATED"]
    assert "SIMULATED" in texts(figure.axes[0])
    assert any("SIMULATED DATA" in text.get_text() for text in figure.texts)


def test_what_has_nothing_to_draw_is_refused():
    with pytest.raises(ExportRefused, match=r"it has no ranking to draw\. Compare"):
        draw_comparison(comparison(), LIGHT)
    with pytest.raises(ExportRefused, match="no set has a complete window after 1 month"):
        draw_search(search({(3, 0.01): (0, None, None)}), LIGHT)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_numbers_are_legible_on_every_colour(rgb):
    def luminance(parts):
        low = [part / 255 for part in parts]
        return sum(
            share * (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4)
            for share, part in zip((0.2126, 0.7152, 0.0722), low, strict=True)
        )

    ground, ink = luminance(rgb), luminance(bytes.fromhex(ink_on(f"#{bytes(rgb).hex()}")[1:]))
    assert (max(ground, ink) + 0.05) / (min(ground, ink) + 0.05) >= 4.5


def test_a_sentence_is_never_cut_in_the_middle():
    assert whole_sentences("One. Two is 3.5 long. Three.", 20, 1) == "One."
    assert whole_sentences("One. Two is 3.5 long. Three.", 21, 1) == "One. Two is 3.5 long."
    assert whole_sentences("A first sentence that does not fit.", 5, 1) == "A first sentence that does not fit."
