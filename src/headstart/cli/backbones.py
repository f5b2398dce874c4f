"""`headstart backbones`."""

from __future__ import annotations

from headstart.cli import OK


def command() -> int:
    """List every backbone: its cost, its features, its ImageNet top-1, and whether its weights are here."""
    from rich.console import Console
    from rich.table import Table

    from headstart.backbones import table

    lines = Table(box=None, pad_edge=False, header_style="bold")
    for title, side in (
        ("name", "left"),
        ("pixels", "right"),
        ("parameters", "right"),
        ("multiply-adds", "right"),
        ("features", "right"),
        ("top-1", "right"),
        ("weights", "left"),
    ):
        lines.add_column(title, justify=side, no_wrap=True)  # type: ignore[arg-type]
    for row in table():
        one = row.backbone
        lines.add_row(
            one.name,
            str(one.input_size),
            f"{one.parameters / 1e6:,.1f} M",
            f"{one.multiply_adds / 1e9:,.2f} G",
            str(one.width),
            "" if one.top1 is None else f"{100 * one.top1:.1f} %",
            "here" if row.here else "not here",
        )
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 120
    console.print(lines)
    return OK
