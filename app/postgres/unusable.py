"""The one way this room says no."""


class Unusable(Exception):
    """The embedded database cannot be used; the message says why and what to do, in English and Chinese."""
