"""The channels-first pass: rewrites a graph so that its pictures stay in channels-first order.

Keras's OpenVINO backend wraps each convolution, pooling and batch normalisation in a pair of Transposes,
since its values are laid out (batch, height, width, channels) and OpenVINO's operations want (batch,
channels, height, width). OpenVINO can then fuse neither bias nor activation into a convolution. This pass
carries every value in the order in which it was computed, together with the Transpose that is owed on it
(`laid.Laid`), and pays that debt only where an operation insists on it.

`walk.py` goes over the graph, `laid.py` holds values and their debts, and each kind of operation has a
rule of its own in `rules/`. An operation without a rule gets its input transposed as it was: the
graph is then right, and a little slower.
"""

from headstart.engines.openvino.channels_first.walk import rewrite, transposes

VERSION = 1
"""Counts up when the pass makes other graphs than before, so that what was kept about them is tried again."""

__all__ = ["VERSION", "rewrite", "transposes"]
