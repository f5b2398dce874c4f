"""Backbones as data: records, weights, and the trunk that is built from them.

The way through: `find` a record by name, `build_trunk` it, hand the `Trunk` on.
"""

from __future__ import annotations

from headstart.backbones.catalogue import all_backbones, find, table
from headstart.backbones.files import weights_here
from headstart.backbones.records import Backbone, BackboneRow, Trunk, WeightsFile
from headstart.backbones.trunk import DEFAULT, build_trunk

__all__ = [
    "DEFAULT",
    "Backbone",
    "BackboneRow",
    "Trunk",
    "WeightsFile",
    "all_backbones",
    "build_trunk",
    "find",
    "table",
    "weights_here",
]
