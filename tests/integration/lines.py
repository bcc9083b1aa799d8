# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a daemon's log says of what is asked of it."""
from daemon import eventually

SECRET = "xkcd9q3zjw"  # what tests send that no log may repeat


class Lines:
    """The log's lines from here on."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.start = len(daemon.log())

    def about(self, *words):
        lines = self.daemon.log()[self.start :].splitlines()
        return [line for line in lines if all(word in line for word in words)]

    def one(self, *words):
        """Waits for the one line that has all these words; nothing of the content may be in any."""
        eventually(lambda: self.about(*words), 5, f"a line with {words}")
        assert len(self.about(*words)) == 1, self.about(*words)
        assert not self.about(SECRET), self.about(SECRET)
        return self.about(*words)[0]
