"""A manifest is refused by one line that says where and why."""

from pathlib import Path

import pytest

from backtest.data.manifest.read import parse_manifest, read_manifest
from backtest.errors import ManifestInvalid

HEAD = 'schema = 1\nname = "x"\ntitle = "X"\nlicence = "none"\nredistributable = true\n[calendar]\nexchange = "XNYS"\n'


def series(name="A", kind="price_index", more=""):
    return f'[series.{name}]\ntitle = "{name}"\nkind = "{kind}"\nunit = "points"\n{more}\n'


R = series("R", "percent_return", 'file = "r.csv"')
KIND_LINE = (
    'series.A.kind = "price_idx": must be one of "price_index", "total_return_index", "percent_return", "rate", '
    '"futures", "decisions", "expectation". Did you mean \'price_index\'?'
)
CASES = {
    "unknown key": (series(more='fiel = "a.csv"'), "series.A.fiel = \"a.csv\": unknown key. Did you mean 'file'?"),
    "kind": (
        series(kind="price_idx"),
        KIND_LINE,
    ),
    "role": (
        series("RUT") + '[roles]\nsmall = "RTU"\n',
        "roles.small = \"RTU\": must be a series of this manifest. Did you mean 'RUT'?",
    ),
    "calendar": (
        series().replace("[series", 'series = ["B"]\n[series', 1),
        'calendar.series = "B": must be a series of this manifest. Known: A.',
    ),
    "calendar of a rate": (
        'series = ["B"]\n' + series("B", "rate"),
        'calendar.series = "B": must be a delivered level or percent_return.',
    ),
    "outside": (
        series(more='file = "../a.csv"'),
        "series.A.file = \"../a.csv\": must be a path inside the imported folder, with '/' between its parts.",
    ),
    "two origins": (
        series() + series("B", more='file = "b.csv"\nsplice = ["A", "A"]'),
        "series.B: splice and file exclude each other.",
    ),
    "provider alone": (series(more='provider = "yahoo"'), "series.A: provider and symbol require each other."),
    "columns of another kind": (
        series(kind="rate", more='columns = { contract = "month" }'),
        "series.A: columns.contract does not belong to kind rate; allowed: date, open, high, low, close.",
    ),
    "index of a level": (
        series() + series("B", more='index_of = "A"'),
        'series.B.index_of = "A": must derive a level from a percent_return.',
    ),
    "mixed bases": (
        series() + series("T", "total_return_index") + series("S", more='splice = ["A", "T"]'),
        'series.S.kind = "price_index": must be the kind of all of A, T (price_index, total_return_index).',
    ),
    "splice of returns": (
        R + series("S", "percent_return", 'splice = ["R", "R"]'),
        'series.S.splice = ["R", "R"]: must join levels, not series of kind percent_return.',
    ),
    "circle": (
        series(more='ratio = ["B", "B"]') + series("B", more='ratio = ["A", "A"]'),
        "series.A: is derived from itself, through A, B.",
    ),
    "file name": (
        series("prices", "futures"),
        "series.prices: is the name of the dataset's own file. Rename it.",
    ),
    "case": (series("F", "futures") + series("f", "futures"), "series.f: differs only in case from F. Rename it."),
    "name of a series": (
        series().replace("[series.A]", '[series."A.open"]'),
        'series."A.open" = "A.open": must match ^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$.',
    ),
}


@pytest.mark.parametrize(("text", "line"), CASES.values(), ids=CASES)
def test_refusals(text, line):
    with pytest.raises(ManifestInvalid) as refused:
        parse_manifest(HEAD + text, Path("manifest.toml"))
    assert str(refused.value) == f"manifest.toml: {line}"


def test_head_is_refused_too():
    with pytest.raises(ManifestInvalid, match=r"m: schema = 2: must be 1\."):
        parse_manifest(HEAD.replace("schema = 1", "schema = 2") + series(), Path("m"))
    with pytest.raises(ManifestInvalid, match=r"m: licence: is required and missing\."):
        parse_manifest(HEAD.replace('licence = "none"\n', "") + series(), Path("m"))
    with pytest.raises(ManifestInvalid, match="m: is not TOML: "):
        parse_manifest("schema =", Path("m"))


def test_name_is_the_folders(tmp_path):
    (tmp_path / "manifest.toml").write_text(HEAD + series())
    with pytest.raises(ManifestInvalid, match='name = "x": must be the name of its folder'):
        read_manifest(tmp_path)


def test_derived_come_after_what_they_need():
    text = series("Z", more='ratio = ["M", "A"]') + series("M", more='ratio = ["A", "A"]') + series()
    assert parse_manifest(HEAD + text, Path("m")).derived_in_order() == ["M", "Z"]


def test_built_in_manifests_are_valid_and_say_what_may_be_passed_on():
    datasets = Path(__file__).resolve().parents[2] / "datasets"
    found = {path.parent.name: read_manifest(path.parent) for path in datasets.glob("*/manifest.toml")}
    assert not found["us-size"].redistributable
    assert all(manifest.redistributable for name, manifest in found.items() if (datasets / name / "README.md").exists())
