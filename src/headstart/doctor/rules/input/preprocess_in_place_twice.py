"""One array given to `preprocess_input` twice, which had changed it in place the first time.

What it is
    On a NumPy array of floats `preprocess_input` works in place: afterwards the array itself holds the
    scaled pixels, whatever name the result was given. A second call on it, for a second backbone or when
    a notebook's cell is run again, scales what is scaled already.

Why it hurts
    After the second call the pixels are nearly constant, or shifted far out of the range that the weights
    know. The first run looks fine, so the fault is hard to find.

Wrong
    a = vgg16.preprocess_input(x)
    b = resnet.preprocess_input(x)

Right
    a = vgg16.preprocess_input(x.copy())
    b = resnet.preprocess_input(x.copy())

How it was measured
    The lowest and highest value of the array were taken down before each call: raw pixels at the first,
    scaled ones at the second, in the same memory.

When it is wrong
    Arrays of whole numbers are copied, and a buffer that is filled anew holds raw pixels again: neither is
    named.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.pictures.twice import scaled_in_place_twice
from headstart.doctor.records import Finding

NAME = "preprocess-in-place-twice"
GROUP = "input"
WHEN = "always"

EXPLAINS = ("loss-not-falling", "domain-features-weak", "reload-mismatch")


def check(case: Case) -> Iterable[Finding]:
    """Looks for a second call on memory that a first has scaled."""
    again = scaled_in_place_twice(case)
    if again is None:
        return
    first, second = again.first.arguments, again.second.arguments
    yield Finding(
        NAME,
        "error",
        again.second.place,
        f"preprocess_input of {again.second.name} is given an array that the call of {again.first.name}'s"
        " before has scaled in place",
        {
            "lowest and highest before the first call": f"{first['low']:.1f} to {first['high']:.1f}",
            "before the second": f"{second['low']:.2f} to {second['high']:.2f}",
            "line of the first call": again.first.place.line if again.first.place else None,
        },
        EXPLAINS,
        cost=0.3,
    )
