"""Small outcomes kept on disk, so that what comes next does not pay for them again."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from headstart.core import atomic, hashing


def recall(cache: Path | None, kind: str, about: dict[str, object]) -> dict[str, object] | None:
    """What was kept under `kind` and `about`; None where there is nothing, or nothing readable."""
    if cache is None:
        return None
    try:
        kept = json.loads(_file(cache, kind, about).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    # What it is about is kept beside it: a file that was moved or edited is not believed.
    if isinstance(kept, dict) and kept.get("about") == about and isinstance(kept.get("outcome"), dict):
        outcome: dict[str, object] = kept["outcome"]
        return outcome
    return None


def keep(cache: Path | None, kind: str, about: dict[str, object], outcome: dict[str, object]) -> None:
    """Keeps an outcome; a folder that cannot be written costs the time of another trial, no more."""
    if cache is None:
        return
    with contextlib.suppress(OSError):
        file = _file(cache, kind, about)
        file.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_text(file, json.dumps({"about": about, "outcome": outcome}, indent=1, sort_keys=True))


def _file(cache: Path, kind: str, about: dict[str, object]) -> Path:
    return cache / "outcomes" / f"{kind}-{hashing.of_settings(about)[:32]}.json"
