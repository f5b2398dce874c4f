"""Numbers that carry their n and their 95 % interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z95 = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""


@dataclass(frozen=True)
class Estimate:
    """A measured number with its 95 % interval.

    Attributes:
        value: The point estimate.
        low: Lower end of the 95 % interval.
        high: Upper end of the 95 % interval.
        n: How many observations it rests on.
    """

    value: float
    low: float
    high: float
    n: int

    def as_dict(self) -> dict[str, float | int | None]:
        """The form of `metrics.json`; what is not a number becomes null."""
        return {
            "value": _json_number(self.value),
            "low": _json_number(self.low),
            "high": _json_number(self.high),
            "n": self.n,
        }

    def __format__(self, spec: str) -> str:
        spec = spec or ".3f"
        return f"{self.value:{spec}} [{self.low:{spec}}, {self.high:{spec}}] (n={self.n})"


def share(successes: int, n: int) -> Estimate:
    """A share with Wilson's score interval, which holds near 0 and 1 and for small n.

    Args:
        successes: How many of the n were so.
        n: How many were looked at; 0 gives a value that is not a number in [0, 1].

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association 22 (1927).
    """
    if not 0 <= successes <= n:
        raise ValueError(f"successes must lie in 0..n. Received: successes={successes}, n={n}")
    if n == 0:
        return Estimate(math.nan, 0.0, 1.0, 0)
    p = successes / n
    centre = p + Z95**2 / (2 * n)
    spread = Z95 * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n * n))
    scale = 1 + Z95**2 / n
    low, high = (centre - spread) / scale, (centre + spread) / scale
    # At 0 and n the bound is exact; rounding must not push the value out of its interval.
    return Estimate(p, max(0.0, min(low, p)), min(1.0, max(high, p)), n)


def mean(total: float, total_of_squares: float, n: int) -> Estimate:
    """A mean with its normal 95 % interval, from the sums of values and of their squares."""
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan, 0)
    value = total / n
    variance = max(0.0, total_of_squares / n - value * value) * n / max(1, n - 1)
    spread = Z95 * math.sqrt(variance / n)
    return Estimate(value, value - spread, value + spread, n)


def _json_number(value: float) -> float | None:
    return value if math.isfinite(value) else None
