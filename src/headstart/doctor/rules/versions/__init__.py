"""API and version breaks."""
