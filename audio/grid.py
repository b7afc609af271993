"""The instants at which everything is measured, frame by frame."""

HOP_S = 0.010
"""One frame every 10 ms: frame k of every descriptor is centred on k * HOP_S."""
