"""Where headstart keeps what it may need again, on each operating system."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """The folder of the feature store: HEADSTART_HOME where set, else the user's cache folder."""
    home = os.environ.get("HEADSTART_HOME")
    if home:
        return Path(home).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("headstart", appauthor=False))
