"""The embedded PostgreSQL: find its binaries, make the cluster, start and stop it; one service per data folder.

    with claim(data) as ours, start(data, say=print) as database:
        ours.announce(address, dsn=database.dsn)
        ...

Knows nothing of the other rooms.
"""

from app.postgres.instance import AlreadyRunning, Claim, Instance, claim, running_instance
from app.postgres.life import Running, discard, start
from app.postgres.unusable import Unusable

__all__ = [
    "AlreadyRunning",
    "Claim",
    "Instance",
    "Running",
    "Unusable",
    "claim",
    "discard",
    "running_instance",
    "start",
]
