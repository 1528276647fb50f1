"""Become an ordinary user, tie our life to the parent's, then become the given program.

Run as a script by `spawn`: python -I -S launch.py PARENT UID GID SIGNAL PROGRAM ARGUMENT...
(UID and GID -1: stay who we are.) A script of its own rather than a `preexec_fn`, because Python code between
fork and exec is unsafe in a process with threads; `exec` keeps the process, so the program is the parent's direct
child. Standard library only.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def launch(parent: int, uid: int, gid: int, death_signal: int, command: list[str]) -> None:
    """Replace this process by `command`; it gets `death_signal` when `parent` ends."""
    os.umask(0o077)
    # A shell ignores SIGINT for what it starts with `&`; the word of the parent's death must not be lost before the
    # program has its own ear for it.
    signal.signal(death_signal, signal.SIG_DFL)
    if uid >= 0:
        os.setgroups([gid])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of user, which would clear it; exec keeps it.
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    # The parent may have died before we asked to be told.
    if os.getppid() != parent:
        sys.exit("the parent is gone")
    os.execv(command[0], command)  # noqa: S606 - no shell is meant


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:5]]
    launch(numbers[0], numbers[1], numbers[2], numbers[3], sys.argv[5:])
