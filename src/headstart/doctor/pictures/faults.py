"""Which fault wrongly scaled pixels at a backbone's entry are: each has one name, and one rule."""

from __future__ import annotations

from headstart.doctor.pictures.styles import style_of
from headstart.doctor.probes.entries import Entry
from headstart.doctor.probes.flow import Stats

MISMATCH = "backbone-preprocess-mismatch"
RAW = "backbone-raw-pixels"
HALF = "half-range-scaling"
INSIDE = "backbone-double-rescale"
TWICE = "double-rescale"

COMPARED = (MISMATCH, RAW, HALF, INSIDE)
"""Those that leave enough of the pixels to put them in the right style, and compare the features."""

SCALED = ("unit", "tf", "torch", "caffe")


def fault_of(entry: Entry) -> str | None:
    """The rule that a backbone's entry belongs to, by what arrives and what is wanted; None if all is well.

    Pixels that were scaled down twice belong to `double-rescale` whatever is wanted. A net that scales inside
    wants them raw. For the others: raw pixels, [0, 1] in place of [-1, 1], or any other style.
    """
    given, wanted = entry.given, entry.wanted
    if wanted not in ("caffe", "tf", "torch", "inside"):
        return None
    if squeezed(entry.stats):
        return TWICE
    if wanted == "inside":
        return INSIDE if given in SCALED else None
    if given == "raw":
        return RAW
    if given not in SCALED or (given == wanted and not flat(entry)):
        return None
    if entry.backbone.event.arguments.get("include_preprocessing", True) is False:
        # What such a net wants in place of its own layer, its page and its weights do not agree on.
        return HALF if given == "unit" and entry.backbone.family == "mobilenet_v3" else None
    if wanted == "tf" and given == "unit":
        return HALF
    return MISMATCH


def squeezed(stats: Stats) -> bool:
    """Whether all of 0..255 lies within about 1/255 of what a style spans: it was scaled down twice."""
    if not stats.finite or stats.high - stats.low < 1e-6:
        return False
    style, spread = style_of(stats), stats.high - stats.low
    if style == "tiny":
        # 1/255 is 0.0039; 1/127.5 of [-1, 1] and 1/255 of it lie within the same bounds.
        return stats.high <= 0.0085 and stats.low >= -0.0085
    if style == "tf":
        return stats.high < -0.98 and spread < 0.02
    if style == "torch" and stats.channel_stds:
        return max(stats.channel_stds) < 0.02 and max(stats.channel_means) < -1.7
    return False


def flat(entry: Entry) -> bool:
    """Whether the mean of 0..255 was taken off pixels of 0..1, which leaves next to nothing of them."""
    stats = entry.stats
    return entry.given == "caffe" and bool(stats.channel_stds) and max(stats.channel_stds) < 1.0
