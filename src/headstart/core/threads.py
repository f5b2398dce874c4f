"""Threads of linear algebra, kept from getting in each other's way."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """Runs the block with one thread for BLAS.

    The head's matrices are small: a product takes a millisecond, and threads that wait for each other
    by spinning made the fits up to a hundred times slower where the processors were shared.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield
