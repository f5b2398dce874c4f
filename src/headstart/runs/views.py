"""`--views`: the head sees random views of each training picture beside the picture itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from headstart.backbones import Trunk
from headstart.core.progress import Voice
from headstart.core.rows import Rows
from headstart.features.extract import extract
from headstart.features.store import Store
from headstart.runs.look import Data, groups_of
from headstart.runs.settings import Settings


def seen_in_training(
    settings: Settings, data: Data, trunk: Trunk, store: Store, voice: Voice
) -> tuple[Rows, NDArray[np.int64], NDArray[np.int64]]:
    """What the head is trained on.

    Views are kept in the store as pictures are. What is held out is never seen in views.

    Returns:
        Features, n rows, with one for each training picture and each further view of it; their
        labels; and groups, so that the views of one picture are held out together.
    """
    train = data.part("train")
    x, y, groups = data.features.rows(train), data.pictures.labels[train], groups_of(data)[train]
    # Fine-tuning takes its views as maps.
    count = 1 if settings.fine_tune else max(1, settings.views)
    if count == 1:
        return x, y, groups

    def rows(view: int) -> Rows:
        seen = extract(
            [data.pictures.paths[int(i)] for i in train],
            replace(trunk, recipe=replace(trunk.recipe, view=view)),
            store,
            engine=settings.engine,
            precision=data.features.maker.precision,
            strict=True,
            voice=voice,
        )
        return Rows.of(seen.matrix)

    return Rows.joined([x, *map(rows, range(1, count))]), np.tile(y, count), np.tile(groups, count)
