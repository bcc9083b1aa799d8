# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who answers on the media path must have the certificate that the offer names."""
import re
import time

import pytest
from daemon import eventually
from peer import Peer

LINE = re.compile(rb"a=fingerprint:sha-256 ([0-9A-Fa-f:]+)")
WHY = "the peer's certificate is not the one its offer names"


def another(offer):
    """The offer as somebody else would have made it: the same, but for the certificate."""

    def changed(match):
        digits = match[1].upper()
        return b"a=fingerprint:sha-256 " + (b"00" if digits[:2] != b"00" else b"11") + digits[2:]

    return LINE.sub(changed, offer)


def also_another(offer):
    """Two certificates to choose from, the peer's own the second."""
    first = LINE.search(another(offer))[0]
    return LINE.sub(lambda match: first + b"\r\n" + match[0], offer)


def passive(offer):
    return offer.replace(b"a=setup:actpass", b"a=setup:passive")


def active(offer):
    return offer.replace(b"a=setup:actpass", b"a=setup:active")


@pytest.mark.parametrize("role", [bytes, active, passive], ids=["actpass", "active", "passive"])
def test_a_peer_with_another_certificate_gets_nothing(moving, viewer, role):
    before = len(moving.log())
    with Peer(viewer) as peer:
        assert peer.begin(lambda offer: role(another(offer))) == 201
        eventually(lambda: WHY in moving.log()[before:], 20, "a line for the operator")
        assert viewer.request("DELETE", peer.location).status == 404, "the session has ended"
        time.sleep(1)
        assert not peer.has_said("frame")


@pytest.mark.parametrize("change", [bytes, also_another, active], ids=["one", "two", "active"])
def test_a_peer_with_a_certificate_that_its_offer_names_gets_pictures(viewer, change):
    with Peer(viewer) as peer:
        assert peer.begin(change) == 201
        peer.said("frame")
        peer.delete()


def test_letters_of_a_fingerprint_may_be_small(viewer):
    with Peer(viewer) as peer:
        assert peer.begin(lambda offer: LINE.sub(lambda m: m[0].lower(), offer)) == 201
        peer.said("frame")
        peer.delete()
