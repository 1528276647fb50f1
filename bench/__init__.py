"""Measurements, as ratios. Nothing here is asserted."""
