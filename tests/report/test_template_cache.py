"""Templates kept between runs: the same page, from a whole, a damaged, a full and a missing folder."""

from __future__ import annotations

import random
from pathlib import Path

import jinja2
import pytest

from backtest.report.kit import template_cache as kept
from backtest.report.kit.template_cache import kept_templates

TEMPLATE = {"a.html.j2": "{% for i in range(3) %}{{ i }},{% endfor %}"}


@pytest.fixture(autouse=True)
def _stored(monkeypatch):
    monkeypatch.setattr("sys.dont_write_bytecode", False)


def page(folder, templates=TEMPLATE):
    cache = kept_templates(folder)
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


@pytest.mark.parametrize("seed", range(20))
def test_flipped_bits_are_compiled_again(tmp_path, seed):
    page(tmp_path)
    (file,) = tmp_path.iterdir()
    draw, content = random.Random(seed), bytearray(file.read_bytes())
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    file.write_bytes(content)
    assert page(tmp_path) == "0,1,2,"


def test_where_nothing_can_be_kept_the_page_is_drawn_all_the_same(tmp_path):
    assert page(tmp_path / "no" / "where") == "0,1,2,"


def test_a_folder_that_others_can_write_to_or_that_is_a_link_is_not_trusted(tmp_path):
    (own := tmp_path / "own").mkdir(mode=0o755)
    own.chmod(0o777)
    (link := tmp_path / "link").symlink_to(tmp_path)
    assert kept_templates(own) is None
    assert kept_templates(link) is None
    assert kept_templates(tmp_path) is not None
    assert own.stat().st_mode & 0o777 == 0o777  # nobody's permissions are changed


def test_python_that_keeps_no_compiled_modules_keeps_no_templates(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    assert page(tmp_path) == "0,1,2,"
    assert not list(tmp_path.iterdir())


def test_templates_lie_beside_the_compiled_modules_of_the_package():
    assert kept.FOLDER.parent == Path(kept.__file__).parent
