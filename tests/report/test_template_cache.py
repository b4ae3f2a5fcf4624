"""Templates kept between runs: the same page, from a whole, a damaged, a full and a missing folder."""

from __future__ import annotations

import jinja2
import pytest

from backtest.report.kit import template_cache as kept
from backtest.report.kit.template_cache import kept_templates

TEMPLATE = {"a.html.j2": "{% for i in range(3) %}{{ i }},{% endfor %}"}


def page(folder, templates=TEMPLATE):
    cache = kept_templates(str(folder))
    return (
        jinja2.Environment(loader=jinja2.DictLoader(templates), bytecode_cache=cache).get_template("a.html.j2").render()
    )


def test_a_template_is_compiled_once(tmp_path, monkeypatch):
    assert page(tmp_path) == "0,1,2,"
    assert len(list(tmp_path.iterdir())) == 1
    monkeypatch.setattr(jinja2.Environment, "_generate", lambda *_: pytest.fail("compiled again"))
    assert page(tmp_path) == "0,1,2,"


def test_another_template_of_that_name_is_not_taken_for_it(tmp_path):
    page(tmp_path)
    assert page(tmp_path, {"a.html.j2": "other"}) == "other"


@pytest.mark.parametrize("content", [b"", b"garbage", b"j2" * 400])
def test_what_is_damaged_is_compiled_again(tmp_path, content):
    page(tmp_path)
    for file in tmp_path.iterdir():
        file.write_bytes(content)
    assert page(tmp_path) == "0,1,2,"


def test_where_nothing_can_be_kept_the_page_is_drawn_all_the_same(tmp_path):
    assert page(tmp_path / "nowhere") == "0,1,2,"


def test_without_a_folder_of_ones_own_nothing_is_kept(monkeypatch):
    def refused(_):
        raise RuntimeError("the folder belongs to somebody else")

    monkeypatch.setattr(kept.jinja2.FileSystemBytecodeCache, "_get_default_cache_dir", refused)
    assert kept_templates() is None
