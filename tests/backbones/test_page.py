"""The page of backbones holds the records as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart import backbones
from headstart.backbones import page

DOCS = Path(__file__).resolve().parents[2] / "docs" / "backbones.md"


def test_the_page_holds_the_table_of_today() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert page.fill(text) == text


def test_every_backbone_has_a_line() -> None:
    lines = page.table().splitlines()
    assert len(lines) == 2 + len(backbones.all_backbones())
    assert {line.count("|") for line in lines} == {10}


def test_a_page_without_marks_is_an_error() -> None:
    with pytest.raises(ValueError, match="marks"):
        page.fill("no marks")


def test_the_command_writes_between_the_marks(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n", encoding="utf-8")
    assert page.main([str(path)]) == 0
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "`vgg19`" in text
