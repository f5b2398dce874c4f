"""Sizes and spans of time as people write them: 5GB, 30d, 90s."""

from __future__ import annotations

import re

from headstart.core.errors import SettingsError

BYTES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
SECONDS = {"": 1, "s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}

_FORM = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*")


def size_in_bytes(text: str, option: str) -> int:
    """Bytes of a size such as '5GB' or '800 MB' (powers of ten).

    Raises:
        SettingsError: If it is no size; `option` names where it was given.
    """
    return int(_number(text, BYTES, option, "a size such as 500MB or 5GB"))


def seconds_of(text: str, option: str) -> float:
    """Seconds of a span such as '30s', '5min', '12h', '30d' or '2w'.

    Raises:
        SettingsError: If it is no span; `option` names where it was given.
    """
    return _number(text, SECONDS, option, "a span of time such as 30s, 5min, 12h or 30d")


def size_in_words(size: float) -> str:
    """A number of bytes for people: '1.3 GB'."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _number(text: str, units: dict[str, int], option: str, form: str) -> float:
    match = _FORM.fullmatch(text)
    if match is None or match[2].lower() not in units:
        raise SettingsError(f"{option} must be {form}", repr(text), "write a number and a unit")
    return float(match[1]) * units[match[2].lower()]
