"""`headstart trunk`."""

from __future__ import annotations

from pathlib import Path

from headstart.cli import OK


def command(model: Path, /, *, epochs: int = 10, views: int = 0) -> int:
    """Show what of a Keras model never changes in training, and what keeping its features saves.

    Parameters
    ----------
    model
        A .keras file; it is loaded without running code of its own.
    epochs
        Over how many epochs the saving is reckoned.
    views
        Reckon with this many random views of each picture, where augmentation stands at the front.
    """
    from headstart.frozen.picture import trunk_picture

    print(trunk_picture(model, epochs=epochs, views=views))
    return OK
