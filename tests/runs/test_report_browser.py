"""The page as a browser lays it out, wide and as narrow as a phone."""

from __future__ import annotations

import html
import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.browser
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
)
MEASURE = """<!doctype html><meta charset="utf-8"><title>waiting</title>
<iframe style="border:0;width:{width}px;height:900px" srcdoc="{page}"></iframe>
<script>
addEventListener("load", () => {{
  const inner = document.querySelector("iframe").contentDocument, root = inner.documentElement;
  const wide = [...inner.querySelectorAll("section, header, footer, p, h2, pre, figure, .chart")]
    .filter(e => e.getBoundingClientRect().right > {width} + 1).map(e => e.className || e.tagName);
  document.title = "measured";
  document.body.dataset.found = JSON.stringify(
    [root.scrollWidth, wide, inner.querySelectorAll("svg").length]);
}});
</script>"""


def chromium() -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium is installed")
    return found


def opened(page: Path, profile: Path, *options: str) -> str:
    command = [chromium(), *QUIET, f"--user-data-dir={profile}", *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=True).stdout


@pytest.fixture(scope="module")
def reports() -> ModuleType:
    """The pages of the neighbouring tests."""
    spec = importlib.util.spec_from_file_location("reports", Path(__file__).with_name("test_report.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("width", "classes"), [(390, 2), (390, 19), (320, 1000), (1100, 12)])
def test_nothing_overflows(reports: ModuleType, tmp_path: Path, width: int, classes: int) -> None:
    data = reports.full(
        metrics=reports.metrics_of(
            classes, 2000, [f"an_unbroken_class_name_that_is_long_{i}" for i in range(classes)]
        ),
        title="a_folder_name_without_any_blank_that_is_longer_than_a_phone_is_wide",
        skipped=(reports.Skipped(Path("folder/" * 20 + "x" * 120 + ".jpg"), "the file is empty"),),
        run="runs/" + "r" * 120,
    )
    outer = tmp_path / "outer.html"
    outer.write_text(MEASURE.format(width=width, page=html.escape(reports.render(data))), encoding="utf-8")
    dom = opened(outer, tmp_path / "profile", "--dump-dom", "--virtual-time-budget=5000")
    found = re.search(r'data-found="([^"]*)"', dom)
    assert found, dom[-500:]
    across, wide, charts = json.loads(html.unescape(found.group(1)))
    assert across <= width
    assert wide == []
    assert charts >= 6


def test_a_picture_can_be_taken(reports: ModuleType, tmp_path: Path) -> None:
    from PIL import Image

    page, picture = tmp_path / "report.html", tmp_path / "report.png"
    page.write_text(reports.render(reports.full()), encoding="utf-8")
    opened(page, tmp_path / "profile", f"--screenshot={picture}", "--window-size=1100,1600")
    with Image.open(picture) as image:
        assert image.size == (1100, 1600)
        # Something is drawn: text, rules, the blue of the charts.
        assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 50
