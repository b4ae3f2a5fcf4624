"""Tables for LaTeX: booktabs, with every character that LaTeX would read as a command escaped."""

from __future__ import annotations

from collections.abc import Sequence

from backtest.handout.as_texts import ShownTable

ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "$": r"\$",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        "[": "{[}",
        "]": "{]}",
        "−": "$-$",
        "–": "--",
        "…": r"\dots{}",
        "×": r"$\times$",
    }
)


def latex_text(tables: Sequence[ShownTable], source: Sequence[str]) -> str:
    """Write tables as floats, to be read by a document that uses the packages booktabs and fontenc (T1).

    Parameters
    ----------
    tables : sequence of ShownTable
        What to write.
    source : sequence of str
        What the tables must not be parted from, as comments at the head.
    """
    head = [f"% {line}" for line in (*source, r"Needs \usepackage{booktabs} and \usepackage[T1]{fontenc}.")]
    return "\n".join([*head, *(_table(one) for one in tables)]) + "\n"


def escaped(text: str) -> str:
    """Write a text so that LaTeX prints it."""
    return text.translate(ESCAPES)


def _table(table: ShownTable) -> str:
    columns = "".join("l" if at in table.words_in else "r" for at in range(len(table.heads)))
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{escaped(table.caption)}}}",
            rf"\label{{tab:{table.name.replace('_', '-')}}}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            _row(table.heads),
            r"\midrule",
            *map(_row, table.rows),
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
        ]
    )


def _row(cells: Sequence[str]) -> str:
    return " & ".join(map(escaped, cells)) + r" \\"
