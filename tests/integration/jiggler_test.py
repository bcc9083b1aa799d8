# SPDX-License-Identifier: LGPL-2.1-or-later
"""The mouse jiggler: on and off, and over restarts. What it sends is told by its unit test."""

import pytest
import wire
from daemon import Daemon

JIGGLER = "/api/vm/mouse-jiggler"


@pytest.mark.parametrize("path", [JIGGLER, JIGGLER + "/"])
def test_it_is_off_at_first_and_can_be_switched(admin, path):
    assert admin.get(path).json()["data"] == {"enabled": False, "mode": "relative"}
    assert admin.post(path, {"enabled": False}).json()["code"] == 0  # off already: no error
    assert admin.post(path, {"enabled": True, "mode": "absolute"}).json()["code"] == 0
    assert admin.get(path).json()["data"] == {"enabled": True, "mode": "absolute"}
    assert admin.post(path, {"enabled": False, "mode": "absolute"}).json()["code"] == 0
    assert admin.get(path).json()["data"] == {"enabled": False, "mode": "relative"}


def test_another_mode_is_refused(admin):
    answer = admin.post(JIGGLER, {"enabled": True, "mode": "circles"}).json()
    assert answer["code"] == -1 and "relative or absolute" in wire.words(answer)
    assert admin.get(JIGGLER).json()["data"]["enabled"] is False


def test_it_goes_on_after_a_restart(tmp_path):
    with Daemon(tmp_path / "d") as daemon:
        assert (
            daemon.admin().post(JIGGLER, {"enabled": True, "mode": "relative"}).json()["code"] == 0
        )
        assert (tmp_path / "d/state/mouse-jiggler").read_text() == "relative"
        daemon.stop()
        daemon.start()
        admin = daemon.admin()
        assert admin.get(JIGGLER).json()["data"] == {"enabled": True, "mode": "relative"}
        admin.post(JIGGLER, {"enabled": False})
        assert not (tmp_path / "d/state/mouse-jiggler").exists()
