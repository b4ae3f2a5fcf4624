"""The forms of a handout, and its files."""

from __future__ import annotations

from pathlib import Path

from backtest.errors import BacktestError, ExportRefused, did_you_mean
from backtest.files import write_file
from backtest.handout.handout import SIMULATED, Handout

TABLES = ("xlsx", "csv", "latex", "md")
PICTURES = ("png", "svg")
FORMS = (*TABLES, *PICTURES)
SUFFIXES = {"xlsx": "xlsx", "csv": "csv", "latex": "tex", "md": "md", "png": "png", "svg": "svg"}


def form_of(path: Path) -> str | None:
    """Return the form that a file's name asks for; None if it asks for none."""
    return next((form for form, suffix in SUFFIXES.items() if path.suffix.lower() == f".{suffix}"), None)


def hand_out(
    handout: Handout, form: str, output: Path | None = None, *, table: str | None = None, dark: bool = False
) -> list[Path]:
    """Write a handout.

    Parameters
    ----------
    handout : Handout
        What to write.
    form : str
        One of `FORMS`.
    output : Path, optional
        The file; for CSV of all tables, the folder. By default, one in the current folder, named after what it holds.
    table : str, optional
        The only table that is wanted.
    dark : bool
        Draw a picture on dark ground.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    ExportRefused
        What is asked for does not exist, or a library is missing.
    BacktestError
        A file cannot be written.
    """
    if form not in FORMS:
        raise ExportRefused(f"form '{form}' is not known.", did_you_mean(form, FORMS))
    if table is not None and form in PICTURES:
        raise ExportRefused(f"--table {table}: a picture shows no table.", "Leave it out, or use --to xlsx.")
    if dark and form not in PICTURES:
        raise ExportRefused(f"--dark: a file of form {form} has no colours.", "Leave it out, or use --to png.")
    if form == "csv" and table is None and output is not None and form_of(output) == "csv":
        names = list(handout.tables)
        if len(names) > 1:
            wanted = "horizons" if "horizons" in names else names[0]
            raise ExportRefused(
                f"--output {output} names one file, and there are {len(names)} tables.",
                f"Name a folder, or the table that you want: --table {wanted}.",
            )
        table = names[0]
    contents = _contents(handout, form, table, dark=dark)
    if form == "csv" and table is None:
        folder = output or Path(handout.name)
        paths = {folder / name: content for name, content in contents.items()}
    else:
        name, content = next(iter(contents.items()))
        paths = {output or Path(name): content}
    for path, content in paths.items():
        try:
            write_file(path, content)
        except OSError as error:
            raise BacktestError(
                f"cannot write {path}: {error.strerror}.", "Name another place with --output."
            ) from error
    return list(paths)


def _contents(handout: Handout, form: str, table: str | None, *, dark: bool) -> dict[str, bytes]:
    """Return the content of each file by its usual name."""
    stem = f"{handout.name}-{table}" if table else handout.name
    name = f"{stem}.{SUFFIXES[form]}"
    if form == "csv":
        from backtest.handout.csv_files import about_csv, columns_csv, csv_bytes

        if table is not None:
            return {name: csv_bytes(handout.table(table))}
        return {"about.csv": about_csv(handout), "columns.csv": columns_csv(handout)} | {
            f"{one}.csv": csv_bytes(handout.table(one)) for one in handout.tables
        }
    if form == "xlsx":
        from backtest.handout.xlsx import xlsx_bytes

        return {name: xlsx_bytes(handout, table)}
    if form == "png" or form == "svg":
        from backtest.handout.picture import picture_bytes

        return {name.replace(f".{form}", f"{'-dark' if dark else ''}.{form}"): picture_bytes(handout, form, dark=dark)}
    return {name: _text(handout, form, table).encode()}


def _text(handout: Handout, form: str, table: str | None) -> str:
    from backtest.handout.as_texts import shown_tables
    from backtest.handout.latex import latex_text
    from backtest.handout.markdown import markdown_text

    wanted = ("run", "search", "comparison", "dataset", "dataset sha256", "sample window", "verdict", "made")
    source = [f"{what}: {text}" for what, text in handout.about if what in wanted]
    lines = [SIMULATED, *source] if handout.simulated else source
    write = latex_text if form == "latex" else markdown_text
    return write(shown_tables(handout, table), lines)
