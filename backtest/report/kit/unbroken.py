"""Line breaks in a text: allowed after an underscore in a name, and never within a date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backtest import format as words

if TYPE_CHECKING:
    from markupsafe import Markup

DATE = re.compile(r"\d{4}-\d\d-\d\d")
WHOLE = '<span class="whole">{}</span>'


def unbroken(text: str) -> Markup:
    """Return a text as markup for a narrow column; its content remains text."""
    from markupsafe import Markup, escape

    escaped = str(escape(words.plain(text)))
    dates = DATE.sub(lambda found: WHOLE.format(found[0]), escaped)
    return Markup(dates.replace("_", "_<wbr>"))
