"""The report of a run: one HTML file that needs nothing else, on screen, on paper, in ten years."""

from headstart.runs.report.data import (
    Agreement,
    Epoch,
    Made,
    Mistake,
    ReportData,
    Stage,
    Twin,
)
from headstart.runs.report.render import render
from headstart.runs.report.thumbnail import thumbnail

__all__ = ["Agreement", "Epoch", "Made", "Mistake", "ReportData", "Stage", "Twin", "render", "thumbnail"]
