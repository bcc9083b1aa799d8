# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recordings: what was on the screen can be looked at afterwards, whatever happened meanwhile."""
import concurrent.futures
import contextlib
import re
import subprocess
import time

import pytest
import wire
from daemon import Daemon, eventually

NAME = r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?\.(mp4|mkv)"
STAMPED = {"video": {"stamp": True, "fps": 30, "width": 640, "height": 360}}


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    with Daemon(tmp_path_factory.mktemp("recording"), STAMPED) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def admin(recording):
    return recording.admin()


def did(reply):
    answer = reply.json()
    assert answer["code"] == 0, answer
    return answer["data"]


def status(admin):
    return did(admin.get("/api/stream/recording"))


def frames(path):
    """(time in s, width, height) of each frame that decodes, in their order; an error fails."""
    command = ["gst-launch-1.0", "-q", "filesrc", f"location={path}", "!", "decodebin", "!"]
    command += ["videoconvert", "!", "video/x-raw,format=I420", "!"]
    command += ["identity", "silent=false", "name=frame", "!", "fakesink"]
    done = subprocess.run(
        [*command[:1], "-v", *command[2:]], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    width, height = re.search(r"width=\(int\)(\d+), height=\(int\)(\d+)", done.stdout).groups()
    times = re.findall(r"last-message = chain.*?pts: (\d+):(\d+):([\d.]+)", done.stdout)
    return [(int(h) * 3600 + int(m) * 60 + float(s), int(width), int(height)) for h, m, s in times]


def boxes(data):
    """The names of an MP4's outermost boxes."""
    names, at = [], 0
    while at < len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        names.append(name.decode())
        size = int.from_bytes(data[at + 8 : at + 16], "big") if size == 1 else size
        at += size or len(data)
    return names


def download(admin, name, folder):
    reply = admin.get(f"/api/stream/recordings/{name}")
    assert reply.status == 200
    path = folder / name
    path.write_bytes(reply.body)
    return path


def record(admin, seconds, **wish):
    name = did(admin.post("/api/stream/recording/start", wish))["name"]
    eventually(lambda: status(admin)["seconds"] >= seconds, 30, f"{seconds} s recorded")
    assert did(admin.post("/api/stream/recording/stop"))["name"] == name
    return name


@pytest.mark.parametrize("format_, type_", [("mp4", "video/mp4"), ("mkv", "video/x-matroska")])
def test_what_was_recorded_can_be_played_as_a_whole(admin, tmp_path, format_, type_):
    name = record(admin, 2, format=format_)
    assert re.fullmatch(NAME, name) and name.endswith(format_)
    reply = admin.get(f"/api/stream/recordings/{name}")
    assert reply.header("Content-Type") == type_
    shown = frames(download(admin, name, tmp_path))
    assert len(shown) >= 30 and shown[0][1:] == (640, 360)
    assert shown[0][0] < 0.1 and 2 <= shown[-1][0] < 20
    assert all(a[0] < b[0] for a, b in zip(shown, shown[1:])), "in the order of time"


def test_the_list_names_each_with_its_size_and_deleting_removes_it(admin):
    name = record(admin, 1)
    found = {r["name"]: r for r in did(admin.get("/api/stream/recordings"))["recordings"]}
    assert found[name]["size"] > 1000 and abs(found[name]["modified"] - time.time()) < 60
    assert not found[name]["recording"]
    did(admin.request("DELETE", f"/api/stream/recordings/{name}"))
    assert name not in str(did(admin.get("/api/stream/recordings")))
    assert admin.get(f"/api/stream/recordings/{name}").status == 404
    again = admin.request("DELETE", f"/api/stream/recordings/{name}").json()
    assert again["code"] == -2 and wire.words(again) == "no such recording"


def test_a_part_of_a_recording_is_sent_to_who_asks_for_it(admin):
    name = record(admin, 1)
    whole = admin.get(f"/api/stream/recordings/{name}").body
    path = f"/api/stream/recordings/{name}"
    part = admin.request("GET", path, headers={"Range": "bytes=100-299"})
    assert part.status == 206 and part.body == whole[100:300]
    assert part.header("Content-Range") == f"bytes 100-299/{len(whole)}"


def test_no_part_of_a_large_recording_is_kept_in_memory(recording, admin):
    """Not even of one that is far larger than the memory that a daemon may take."""
    name = "2026-01-01T00-00-00Z.mkv"
    folder = recording.folder / "state/recordings"
    folder.mkdir(exist_ok=True)
    with open(folder / name, "wb") as file:
        file.truncate(5 << 30)
        file.seek(3 << 30)
        file.write(b"here")

    def anonymous():
        status_ = open(f"/proc/{recording.process.pid}/status", encoding="ascii").read()
        return int(re.search(r"RssAnon:\s+(\d+)", status_)[1])

    before = anonymous()
    path = f"/api/stream/recordings/{name}"
    for asked, says in [("bytes=0-9", bytes(10)), (f"bytes={3 << 30}-{(3 << 30) + 3}", b"here")]:
        part = admin.request("GET", path, headers={"Range": asked})
        assert part.status == 206 and part.body == says
    assert admin.request("GET", path, headers={"Range": "bytes=-2"}).body == bytes(2)
    beyond = admin.request("GET", path, headers={"Range": f"bytes={5 << 30}-"})
    assert beyond.status == 416 and beyond.header("Content-Range") == f"bytes */{5 << 30}"
    assert anonymous() - before < 16 << 10, "KiB"
    did(admin.request("DELETE", path))


def test_one_recording_at_a_time(admin):
    did(admin.post("/api/stream/recording/start", {}))
    second = admin.post("/api/stream/recording/start", {}).json()
    assert second["code"] == -2 and "records already" in wire.words(second)
    name = status(admin)["name"]
    busy = admin.get(f"/api/stream/recordings/{name}")
    assert busy.status == 409
    assert admin.request("DELETE", f"/api/stream/recordings/{name}").json()["code"] == -2
    eventually(lambda: status(admin)["seconds"] >= 1, 30, "a second recorded")
    did(admin.post("/api/stream/recording/stop"))
    stopped = admin.post("/api/stream/recording/stop").json()
    assert stopped["code"] == -2 and wire.words(stopped) == "stop failed: nothing is being recorded"


@pytest.mark.parametrize("format_", ["mp4", "mkv"])
def test_a_recording_of_a_killed_daemon_can_be_played(tmp_path, format_):
    daemon = Daemon(tmp_path / "killed", STAMPED).start()
    admin = daemon.admin()
    name = did(admin.post("/api/stream/recording/start", {"format": format_}))["name"]
    eventually(lambda: status(admin)["seconds"] >= 4, 30, "4 s recorded")
    daemon.kill()
    shown = frames(daemon.folder / "state/recordings" / name)
    assert shown[-1][0] >= 2, "all but the last second or two"


def test_a_recording_is_whole_when_the_daemon_ends(tmp_path):
    with Daemon(tmp_path / "ended", STAMPED) as daemon:
        admin = daemon.admin()
        name = did(admin.post("/api/stream/recording/start", {}))["name"]
        eventually(lambda: status(admin)["seconds"] >= 2, 30, "2 s recorded")
    path = daemon.folder / "state/recordings" / name
    assert frames(path)[-1][0] >= 2
    assert "moof" not in boxes(path.read_bytes()), "an MP4 in one piece"


def test_another_picture_size_goes_into_another_file(tmp_path):
    with Daemon(tmp_path / "sizes", STAMPED) as daemon:
        admin = daemon.admin()
        first = did(admin.post("/api/stream/recording/start", {}))["name"]
        eventually(lambda: status(admin)["seconds"] >= 2, 30, "2 s recorded")
        did(admin.post("/api/vm/screen", {"type": "resolution", "value": 480}))
        eventually(lambda: status(admin)["name"] != first, 30, "a second file")
        before = status(admin)["seconds"]
        eventually(lambda: status(admin)["seconds"] >= before + 2, 30, "2 s more recorded")
        second = did(admin.post("/api/stream/recording/stop"))["name"]
    folder = daemon.folder / "state/recordings"
    assert frames(folder / first)[0][1:] == (640, 360)
    assert frames(folder / second)[0][1:] == (640, 480)


def test_the_last_seconds_are_saved_after_the_fact(tmp_path):
    with Daemon(tmp_path / "window", STAMPED) as daemon:
        admin = daemon.admin()
        nothing = admin.post("/api/stream/recording/save", {}).json()
        assert nothing["code"] == -2 and "no seconds are kept" in wire.words(nothing)
        did(admin.post("/api/stream/recording/window", {"seconds": 4}))
        eventually(lambda: status(admin)["window"]["kept"] >= 4, 30, "4 s kept")
        with concurrent.futures.ThreadPoolExecutor(4) as many:
            save = lambda _: daemon.admin().post("/api/stream/recording/save", {"format": "mkv"})
            answers = [reply.json() for reply in many.map(save, range(4))]
        names = [a["data"]["name"] for a in answers if a["code"] == 0]
        assert names and all(a["code"] == 0 or "saved already" in wire.words(a) for a in answers)
        listed = did(admin.get("/api/stream/recordings"))["recordings"]
        assert sorted(r["name"] for r in listed) == sorted(names), "and nothing half written"
        name = names[0]
        did(admin.post("/api/stream/recording/window", {"seconds": 0}))
        assert status(admin)["window"] == {"seconds": 0, "kept": 0, "bytes": 0}
    shown = frames(daemon.folder / "state/recordings" / name)
    assert shown[0][0] < 0.1 and 4 <= shown[-1][0] <= 12


def test_what_was_before_a_change_of_the_picture_size_is_saved_too(tmp_path):
    """Of a computer that crashed the last pictures are those of its firmware, in another size."""
    with Daemon(tmp_path / "crash", STAMPED) as daemon:
        admin = daemon.admin()
        did(admin.post("/api/stream/recording/window", {"seconds": 60}))
        eventually(lambda: status(admin)["window"]["kept"] >= 4, 30, "4 s kept")
        did(admin.post("/api/vm/screen", {"type": "resolution", "value": 480}))
        answers = []

        def saved():
            answers.append(did(admin.post("/api/stream/recording/save", {})))
            return len(answers[-1]["names"]) == 2

        eventually(saved, 30, "pictures of both sizes")
        listed = did(admin.get("/api/stream/recordings"))["recordings"]
    answer = answers[-1]
    assert {r["name"] for r in listed} == {name for a in answers for name in a["names"]}
    assert answer["name"] == answer["names"][1]
    before, behind = (frames(daemon.folder / "state/recordings" / n) for n in answer["names"])
    assert before[0][1:] == (640, 360) and behind[0][1:] == (640, 480)
    assert before[-1][0] >= 3 and len(before) > 30


def fill(folder):
    with open(folder / "full", "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_a_disk_that_fills_up_meanwhile_leaves_no_file_without_a_picture(tmp_path, small_disk):
    config = {**STAMPED, "recording": {"directory": small_disk, "reserve_mib": 0}}
    with Daemon(tmp_path / "filled", config) as daemon:
        admin = daemon.admin()
        did(admin.post("/api/vm/hdmi/disable"))
        name = did(admin.post("/api/stream/recording/start", {"format": "mkv"}))["name"]
        fill(small_disk)
        did(admin.post("/api/vm/hdmi/enable"))
        eventually(lambda: not status(admin)["on"], 30, "the recording's end")
        told = status(admin)
        assert told["name"] == name
        assert "No space left" in told["reason"] or "MiB left" in told["reason"], told
        recordings = lambda: did(admin.get("/api/stream/recordings"))["recordings"]
        eventually(lambda: recordings() == [], 10, "no file left")
        again = admin.post("/api/stream/recording/start", {}).json()
        assert again["code"] == -3 and "the disk has only 0 MiB left" in wire.words(again)
        assert recordings() == []


def test_what_a_full_disk_took_can_be_played_and_deleted(tmp_path, small_disk):
    config = {**STAMPED, "recording": {"directory": small_disk, "reserve_mib": 0}}
    with Daemon(tmp_path / "filled", config) as daemon:
        admin = daemon.admin()
        name = did(admin.post("/api/stream/recording/start", {"format": "mkv"}))["name"]
        eventually(lambda: status(admin)["seconds"] >= 3, 30, "3 s recorded")
        fill(small_disk)
        eventually(lambda: not status(admin)["on"], 30, "the recording's end")
        assert frames(small_disk / name)[-1][0] >= 1
        recordings = lambda: did(admin.get("/api/stream/recordings"))["recordings"]
        eventually(lambda: [r["name"] for r in recordings()] == [name], 10, "that one")
        did(admin.request("DELETE", f"/api/stream/recordings/{name}"))


def test_a_disk_that_is_too_full_refuses_with_what_to_do(tmp_path):
    with Daemon(tmp_path / "full", {"recording": {"reserve_mib": 1 << 29}}) as daemon:
        answer = daemon.admin().post("/api/stream/recording/start", {}).json()
        assert answer["code"] == -3 and "MiB are to stay free" in wire.words(answer)
        assert did(daemon.admin().get("/api/stream/recordings"))["recordings"] == []


def test_a_recording_that_nothing_came_for_leaves_no_file(tmp_path):
    with Daemon(tmp_path / "off") as daemon:
        admin = daemon.admin()
        did(admin.post("/api/vm/hdmi/disable"))
        did(admin.post("/api/stream/recording/start", {}))
        answer = admin.post("/api/stream/recording/stop").json()
        assert answer["code"] == -3 and "no picture came" in wire.words(answer)
        eventually(
            lambda: did(admin.get("/api/stream/recordings"))["recordings"] == [], 5, "no file left"
        )


@pytest.mark.parametrize(
    "path, body",
    [
        ("start", {"format": "avi"}),
        ("start", {"minutes": -1}),
        ("start", {"minutes": 10081}),
        ("save", {"format": "../x"}),
        ("window", {"seconds": 601}),
        ("window", {}),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(admin, path, body):
    assert admin.post(f"/api/stream/recording/{path}", body).json()["code"] == -1
    assert not status(admin)["on"]


@pytest.mark.parametrize("name", ["..%2f..%2fjwt.key", "%2e%2e", "jwt.key", "x.mp4"])
def test_no_other_file_can_be_had(admin, name):
    assert admin.get(f"/api/stream/recordings/{name}").status in (400, 404)


def test_who_looks_on_is_told_that_it_records(recording, admin):
    with wire.WebSocket(admin, "/api/ws") as socket:
        did(admin.post("/api/stream/recording/start", {}))
        assert socket.status("recording", lambda data: data["on"])
        eventually(lambda: status(admin)["seconds"] >= 1, 30, "a second recorded")
        did(admin.post("/api/stream/recording/stop"))
        assert socket.status("recording", lambda data: not data["on"])
