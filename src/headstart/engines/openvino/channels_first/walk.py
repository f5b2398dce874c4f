"""The walk over the graph, from input to output."""

from __future__ import annotations

import openvino as ov

from headstart.engines.openvino.channels_first.folding import drop_idle_converts, fold
from headstart.engines.openvino.channels_first.laid import Laid, Ledger, identity, rank
from headstart.engines.openvino.channels_first.rules import RULES


def rewrite(graph: ov.Model) -> ov.Model:
    """A graph that computes the same with fewer Transposes.

    Args:
        graph: As exported; it is left as it is. Its input should have fixed sizes, batch included, since
            what shapes decide is then known and folded.

    Returns:
        A new graph with the same input and output.
    """
    made = graph.clone()
    drop_idle_converts(made)
    fold(made)
    ledger = Ledger()
    for node in made.get_ordered_ops():
        _step(node, ledger)
    made.validate_nodes_and_infer_types()
    fold(made)
    return made


def transposes(graph: ov.Model) -> int:
    """How many Transposes a graph has."""
    return sum(node.get_type_name() == "Transpose" for node in graph.get_ordered_ops())


def _step(node: ov.Node, ledger: Ledger) -> None:
    """Connects one node to what its inputs have become."""
    sources = [ledger[source] for source in node.input_values()]
    kind = node.get_type_name()
    if any(laid.owes for laid in sources) or kind == "Transpose":
        rule = RULES.get(kind)
        results = rule(node, ledger) if rule is not None else None
        if results is not None:
            for output, laid in zip(node.outputs(), results, strict=True):
                ledger[output] = laid
            return
    for index, laid in enumerate(sources):
        node.input(index).replace_source_output(ledger.paid(laid))
    node.validate_and_infer_types()
    for output in node.outputs():
        ledger[output] = Laid(output, identity(max(0, rank(output))))
