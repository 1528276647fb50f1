"""What the service promises, said as tests; `corpus` makes the data they share."""
