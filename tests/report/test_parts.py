from __future__ import annotations

from backtest.report.render import ROOT, _environment


def test_every_table_stands_in_the_box_that_scrolls():
    bare = [path.name for path in (ROOT / "pages").rglob("*.j2") if "<table" in path.read_text(encoding="utf-8")]
    assert not bare, "a table is made by parts.table: on a narrow screen it scrolls, and a keyboard reaches it"


def test_a_table_is_named_and_a_keyboard_reaches_it():
    source = (
        '{% import "kit/parts.html.j2" as parts %}{% call parts.table(name, box="tall", id="t") %}<tr>{% endcall %}'
    )
    assert _environment().from_string(source).render(name="a < b").split("\n") == [
        '<div class="scroll tall" tabindex="0" role="region" aria-label="Table of a &lt; b">',
        '<table id="t">',
        "<tr>",
        "</table>",
        "</div>",
        "",
    ]
