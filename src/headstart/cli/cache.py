"""`headstart cache`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from headstart.cli import OK

if TYPE_CHECKING:
    from headstart.features.housekeeping import Kept
    from headstart.features.store import Store


def command(
    action: Literal["show", "prune", "clear", "limit"] = "show",
    size: str | None = None,
    /,
    *,
    older_than: str | None = None,
) -> int:
    """Show what features are stored, or make the store smaller.

    Parameters
    ----------
    action
        show (default) lists trunks with pictures, bytes and last use; prune removes what was not used for
        --older-than; clear removes all; limit SIZE keeps the store at or under a size from now on, the trunk
        used longest ago going first (limit none lifts it).
    size
        For limit: a size such as 5GB, or none.
    older_than
        For prune: a span of time such as 12h or 30d.
    """
    from headstart.core.errors import SettingsError
    from headstart.core.quantities import seconds_of, size_in_bytes, size_in_words
    from headstart.features import housekeeping
    from headstart.features.store import Store

    if (older_than is not None) != (action == "prune"):
        raise SettingsError(
            "--older-than goes with prune, and prune needs it",
            f"{action}" + (f" --older-than {older_than}" if older_than else ""),
            "write headstart cache prune --older-than 30d",
        )
    if (size is not None) != (action == "limit"):
        raise SettingsError(
            "A size goes with limit, and limit needs one",
            " ".join(filter(None, (action, size))),
            "write headstart cache limit 5GB, or limit none",
        )
    span = seconds_of(older_than, "--older-than") if older_than is not None else 0.0
    limit = None if size is None or size.lower() == "none" else size_in_bytes(size, "limit")
    with Store() as store:
        if action == "show":
            print(_table(housekeeping.kept(store), housekeeping.limit_of(store), store))
            return OK
        before = housekeeping.on_disk(store)
        if action == "prune":
            gone = housekeeping.prune(store, span)
        elif action == "clear":
            gone = housekeeping.clear(store)
        else:
            gone = housekeeping.set_limit(store, limit)
        freed = max(0, before - housekeeping.on_disk(store))
    print(f"{gone:,} features removed, {size_in_words(freed)} freed")
    return OK


def _table(kept: list[Kept], limit: int | None, store: Store) -> str:
    """What is stored, as lines."""
    import datetime

    from headstart.core.quantities import size_in_words
    from headstart.features.housekeeping import on_disk

    rows = [("trunk", "engine", "pictures", "bytes", "last used")]
    for one in kept:
        when = datetime.datetime.fromtimestamp(one.last_used).strftime("%Y-%m-%d %H:%M")
        rows.append(
            (
                one.backbone,
                f"{one.engine} {one.precision}",
                f"{one.pictures:,}",
                size_in_words(one.bytes),
                when,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    left = (0, 1, 4)
    lines = [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    bound = "no limit" if limit is None else f"limit {size_in_words(limit)}"
    return "\n".join([*lines, f"{store.path}: {size_in_words(on_disk(store))} on disk, {bound}"])
