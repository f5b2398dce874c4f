"""A `tf.data` pipeline again, sharing nothing with the user's: neither shuffle seeds nor caches."""

from __future__ import annotations

from typing import Any

CACHES = ("CacheDataset", "CacheDatasetV2")
SHUFFLES = ("ShuffleDataset",)


def detached(dataset: Any, shuffled: bool = True) -> Any:
    """The same pipeline built anew, so that drawing from it leaves the user's where it was.

    Shuffles get seed generators of their own, and caches are passed by: a cache in memory would be
    shared, and one on disk would be written. A pipeline that cannot be written down as a graph is
    returned itself.

    Args:
        shuffled: Whether to keep the shuffles; without them the rows come in the order of the source.
    """
    import tensorflow as tf
    from tensorflow.core.framework import graph_pb2
    from tensorflow.python.data.ops import dataset_ops
    from tensorflow.python.ops import gen_experimental_dataset_ops

    try:
        policy = tf.data.experimental.ExternalStatePolicy.IGNORE
        graph = graph_pb2.GraphDef.FromString(
            dataset._as_serialized_graph(external_state_policy=policy).numpy()
        )
        _own_shuffles(graph)
        _without(graph, CACHES if shuffled else CACHES + SHUFFLES)
        variant = gen_experimental_dataset_ops.dataset_from_graph(graph.SerializeToString())
        return dataset_ops._VariantDataset(variant, dataset.element_spec)
    except (AttributeError, TypeError, ValueError, tf.errors.OpError):
        return dataset


def _own_shuffles(graph: Any) -> None:
    """Turns each shuffle that shares a seed generator into the older form, which has one of its own."""
    for nodes in (graph.node, *(function.node_def for function in graph.library.function)):
        for node in nodes:
            if node.op == "ShuffleDatasetV3":
                node.op = "ShuffleDataset"
                del node.input[4:]
            elif node.op == "ShuffleAndRepeatDatasetV2":
                node.op = "ShuffleAndRepeatDataset"
                del node.input[5:]


def _without(graph: Any, kinds: tuple[str, ...]) -> None:
    """Leads the readers of each node of some kinds to what that node reads."""
    passed = {node.name: node.input[0] for node in graph.node if node.op in kinds}
    for node in graph.node:
        for index, name in enumerate(node.input):
            while name.split(":")[0].lstrip("^") in passed:
                name = passed[name.split(":")[0].lstrip("^")]
            node.input[index] = name
