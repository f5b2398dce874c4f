"""Backbones as data: records, weights, and the trunk that is built from them."""
