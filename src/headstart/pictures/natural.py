"""Natural order: '2' before '10', the same on every system."""

from __future__ import annotations

import re
import unicodedata

NaturalKey = tuple[tuple[str | int, ...], str]

_DIGITS = re.compile(r"(\d+)")


def natural_key(name: str) -> NaturalKey:
    """The key that sorts names in natural order.

    Runs of digits compare as numbers, letters without regard to case, and the name itself decides
    between names that are equal so far. macOS hands names over in decomposed form and others do
    not, so both compare in composed form.

    Args:
        name: A file's or a class's name.
    """
    composed = unicodedata.normalize("NFC", name)
    pieces = _DIGITS.split(composed.casefold())
    # Odd places hold the digits, so a number only ever meets a number.
    return tuple(int(piece) if place % 2 else piece for place, piece in enumerate(pieces)), composed
