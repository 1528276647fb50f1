"""Work that nobody asked for: what is to be done because time has passed."""
