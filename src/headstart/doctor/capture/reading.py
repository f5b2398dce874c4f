"""A sentence on what an exception usually means, for those that no rule knows."""

from __future__ import annotations

import re
from pathlib import Path

NETWORK = ("URLError", "HTTPError", "ConnectionError", "gaierror", "SSLError")

READINGS: tuple[tuple[str, str], ...] = (
    (
        r"Input \d+ (?:with name '[^']*' )?of layer ['\"]?([\w/]+)['\"]? is incompatible with the layer:"
        r" ([^\n]{0,150})",
        "the data does not have the shape that the layer {1} was made for: {2}",
    ),
    (
        r"Expected shape (\([^)]*\)), but input has incompatible shape (\([^)]*\))",
        "the model was made for inputs of shape {1}, and is given {2}",
    ),
    (
        r"Failed to convert a NumPy array to a Tensor \(Unsupported object type (\w+)\)",
        "the array holds Python objects ({1}) and not numbers: rows of unlike length, text, or mixed columns;"
        " make it one array of a float or integer dtype",
    ),
    (
        r"Data cardinality is ambiguous",
        "x and y, or two inputs, have different numbers of rows",
    ),
    (
        r"got an unexpected keyword argument '(\w+)'",
        "what is called here does not take {1}= in the installed version",
    ),
    (
        r"Unrecognized keyword arguments passed to (\w+): (.{0,60})",
        "{1} does not take {2} in the installed version",
    ),
    (
        r"Negative dimension size|Computed output size would be negative",
        "the picture is smaller than the kernels and poolings need: fewer of them, larger pictures, or"
        " padding='same'",
    ),
    (
        r"(?:Unable to allocate|out of memory|OOM when allocating|RESOURCE_EXHAUSTED)",
        "there is not enough memory: a smaller batch, smaller pictures, or a pipeline in place of one array",
    ),
    (
        r"must be called before|has not yet been built|has never been called|no defined (?:input|output)",
        "the model is not built yet: give it an Input, or call it once on data",
    ),
    (
        r"could not convert string to float: '?(.{0,30})",
        "there is text among the numbers: {1}",
    ),
    (
        r"Layer .{0,60} was never called and thus has no defined output",
        "a layer was made but not called on anything",
    ),
)
"""Patterns of messages, and what to say; {1} is the first group."""


def reading_of(error: BaseException) -> str:
    """Our best reading of an exception, in a sentence; empty where the exception says it all itself."""
    if isinstance(error, EOFError):
        return "the script reads standard input, which is empty here: give it arguments or a file instead"
    if isinstance(error, ModuleNotFoundError):
        return f"the module {error.name!r} is not installed in the environment that runs the doctor"
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"the file {error.filename!r} is not there, seen from the folder {str(Path.cwd())!r}"
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    if type(error).__name__ in NETWORK or "URL fetch failure" in text:
        return "something had to be fetched and could not be: there is no network, or the address is wrong"
    if isinstance(error, MemoryError):
        return READINGS[7][1]
    for pattern, said in READINGS:
        found = re.search(pattern, text, re.DOTALL)
        if found is not None:
            groups = ["", *(" ".join((group or "").split()).rstrip(" .,:'") for group in found.groups())]
            return said.format(*groups)
    return ""
