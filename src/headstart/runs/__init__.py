"""The story of a training run: assemble, measure, write, report."""
