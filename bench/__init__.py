"""Measurements. Figures are ratios within one run wherever possible: machines differ and drift."""
