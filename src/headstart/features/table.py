"""Where the rows of features lie while a run works on them: in memory, or in a file where that is too small.

The file is written once from the store and is plain float32, so that a pass over it is as fast as the disk:
each pass of the fit through the store itself would look every row up, check it and copy it again. It has no
name where the system allows that, and is gone with the process, however that ends.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import StoreError
from headstart.core.rows import block_rows, held

ZEROS = bytes(1 << 20)


def new_table(rows: int, width: int, dtype: np.dtype[Any], folder: Path) -> NDArray[Any]:
    """A matrix to be filled, in memory or in a file beside the store.

    Args:
        rows: How many.
        width: Numbers in each.
        dtype: Their type. Maps (float16) are always held: who asks for them bounds them.
        folder: Where the file goes: where features lie there is room for them, and a folder for temporary
            files may itself be memory.

    Raises:
        StoreError: If the disk has no room.
    """
    if held(rows, width) or dtype.itemsize == 2:
        return np.empty((rows, width), dtype)
    size = rows * width * dtype.itemsize
    try:
        with tempfile.TemporaryFile(dir=folder, prefix="features-", suffix=".tmp") as file:
            _fill(file, size)
            # The mapping keeps the file open after this handle is closed.
            return np.memmap(file, dtype, "r+", shape=(rows, width))
    except OSError as error:
        raise StoreError(
            "More features than memory should hold need room for a file beside the store",
            f"{size / 1e9:.1f} GB in {folder} ({error.strerror or error})",
            "free some space, or set HEADSTART_HOME to a folder on another disk",
        ) from error


def rearranged(table: NDArray[Any], order: NDArray[np.int64], folder: Path) -> NDArray[Any]:
    """A matrix of a table's rows in some order, shape (len(order), width), in memory or in a file."""
    result = new_table(len(order), table.shape[1], table.dtype, folder)
    step = block_rows(table.shape[1])
    for start in range(0, len(order), step):
        result[start : start + step] = table[order[start : start + step]]
    return result


def _fill(file: IO[bytes], size: int) -> None:
    """Zeros, written and not only promised: a full disk is an error here, and no crash at a later page."""
    for start in range(0, size, len(ZEROS)):
        file.write(ZEROS[: min(len(ZEROS), size - start)])
    file.flush()
