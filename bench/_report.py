"""What the benches share: the machine in words, and each bench's own section of docs/benchmarks.md."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from pathlib import Path

from headstart.core import atomic
from headstart.engines.openvino import processor

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
OPENING = """# Benchmarks

Each section is written by the bench that it names, and can be made again by running that.
"""
PACKAGES = (
    "keras",
    "openvino",
    "numpy",
    "scikit-learn",
    "pillow",
    "tensorflow",
    "tensorflow-cpu",
    "torch",
    "jax",
)


def machine() -> str:
    """Processor, cores, threads and versions of what computes here, as one sentence."""
    versions = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    native = "bf16 native" if processor.native_bf16() else "no native bf16"
    return (
        f"{processor.name()} ({native}), {processor.threads()} threads, {platform.system()}; "
        + ", ".join(versions)
        + "."
    )


def write_section(name: str, markdown: str) -> None:
    """Puts a bench's text between its markers in docs/benchmarks.md, leaving the other sections as they are.

    Args:
        name: Name of the section; the markers are `<!-- begin: name -->` and `<!-- end: name -->`.
        markdown: The text, headings included.
    """
    begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    page = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else OPENING
    section = f"{begin}\n{markdown.strip()}\n{end}"
    if begin in page:
        page = re.sub(re.escape(begin) + ".*?" + re.escape(end), lambda _: section, page, flags=re.DOTALL)
    else:
        page = f"{page.rstrip()}\n\n{section}\n"
    PAGE.parent.mkdir(exist_ok=True)
    atomic.write_text(PAGE, page)
