"""How good the answers are: every number with its n and its 95 % interval."""

from headstart.runs.metrics.measure import measure
from headstart.runs.metrics.records import CalibrationBin, ClassMetrics, CurvePoint, Metrics

__all__ = ["CalibrationBin", "ClassMetrics", "CurvePoint", "Metrics", "measure"]
