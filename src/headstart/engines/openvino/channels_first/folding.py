"""Clears away what a graph computes from constants alone, and Converts that change nothing."""

from __future__ import annotations

import openvino as ov
from openvino.passes import ConstantFolding, Manager


def fold(graph: ov.Model) -> None:
    """Folds constants, in place."""
    manager = Manager()
    manager.register_pass(ConstantFolding())
    manager.run_passes(graph)


def drop_idle_converts(graph: ov.Model) -> None:
    """Takes out Converts from a type to itself, in place; Keras's backend puts two around most layers."""
    for node in graph.get_ordered_ops():
        if node.get_type_name() == "Convert":
            source = node.input_value(0)
            if source.get_element_type() == node.output(0).get_element_type():
                for user in node.output(0).get_target_inputs():
                    user.replace_source_output(source)
