# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a KVM types is somebody's password: none of it gets into the log, however much is logged."""
import pytest
import wire
from daemon import Daemon
from offers import CHROMIUM

SECRET = "xkcd9q3zjw"
KEYS = {c: 4 + i for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")}
KEYS |= {c: 30 + i for i, c in enumerate("1234567890")}


@pytest.mark.parametrize("level, debug", [("trace", ""), ("debug", "*:4")])
def test_no_secret_is_logged(tmp_path, level, debug):
    made = Daemon(tmp_path, {"logger": {"level": level, "file": tmp_path / "log"}})
    if debug:
        made.environment |= {"GST_DEBUG": debug, "GST_DEBUG_FILE": str(tmp_path / "gst")}
    with made as daemon:
        admin = daemon.admin()
        daemon.client("127.0.0.7").login(wire.WRONG_FORM_W)
        assert admin.post("/api/hid/paste", {"content": SECRET}).json()["code"] == 0
        paste = f"/api/hid/paste?content={SECRET}"
        assert admin.post(paste).json()["code"] == 0
        admin.post("/api/hid/paste", {"content": SECRET * 7000})
        admin.post("/api/hid/paste", f'{{"content":"{SECRET}'.encode(), content="application/json")
        with wire.WebSocket(admin, "/api/ws") as ws:
            for c in SECRET:
                ws.send(bytes([1, 0, 0, KEYS[c], 0, 0, 0, 0, 0]))
                ws.send(bytes([1]) + bytes(8))
                ws.send(f"[1,{KEYS[c]},0,0,0,0]")
            ws.send(SECRET)
            ws.send({"ping": SECRET})
            ws.send({"ping": 1})
            ws.until(lambda m: "pong" in m)
        offer = CHROMIUM.encode()
        answer = admin.request("POST", "/whep", offer, "application/sdp")
        admin.request("DELETE", answer.header("Location"))
        answer_password = answer.body.split(b"a=ice-pwd:")[1].split()[0].decode()
        admin.request("POST", "/whep", offer[:-300] + b"\xff", "application/sdp")
        with wire.WebSocket(admin, "/api/stream/h264") as ws:
            ws.send({"event": "video-offer", "data": f'{{"sdp":"{SECRET}"}}'})
            ws.until(lambda m: m["event"] == "error")
        assert admin.get("/", headers={"Authorization": f"Bearer {SECRET}"}).status == 200
        wire.Client(daemon.port, f"{SECRET}.{SECRET}").get("/api/vm/info")
        log = daemon.log()
    assert "POST /api/hid/paste" in log, "the log is not simply empty"
    secrets = [SECRET, wire.PASSWORD, wire.FORM_W, wire.WRONG_FORM_W, admin.token]
    secrets += [admin.token.split(".")[2], "ice-pwd", "asd88fgpdd777uzjYhagZg72", "a=fingerprint"]
    for secret in [*secrets, answer_password]:
        assert secret not in log, secret
    for c in set(SECRET):  # nor as the codes of keys
        for written in (f"[1,{KEYS[c]},", f"00 00 {KEYS[c]:02x} 00", f"0000{KEYS[c]:02x}0000"):
            assert written not in log
    assert not (tmp_path / "state/jwt.key").stat().st_mode & 0o077
