# SPDX-License-Identifier: LGPL-2.1-or-later
"""How pantographd starts and stops, and what it says when it cannot."""
import re
import signal
import socket
import time

import pytest
import wire
from daemon import ROOT, Daemon, eventually, run

STOP_LIMIT = 5
TREE = ("--pipelines", ROOT / "pipelines", "--web-root", ROOT / "data/web")


def config(tmp_path, text):
    path = tmp_path / "server.yaml"
    path.write_text(text)
    return path


def test_the_first_start_makes_up_a_password_and_says_it_once(tmp_path):
    first = Daemon(tmp_path, password=None)
    with first:
        made_up = re.search(r"password: ([a-z0-9-]{20,}) ", first.greeting)
        assert made_up, first.greeting
        assert "user:     admin" in first.greeting
    assert made_up[1] not in first.log()
    second = Daemon(tmp_path, password=None)
    with second:
        assert made_up[1] not in second.greeting
        assert "password" in second.greeting


def test_a_password_in_the_environment_is_the_one_that_counts(tmp_path):
    with Daemon(tmp_path, password=None):
        pass
    with Daemon(tmp_path) as daemon:
        assert wire.PASSWORD not in daemon.greeting
        assert daemon.client().login().json()["code"] == 0


def test_a_password_that_breaks_the_rules_is_refused_with_its_reason(tmp_path):
    code, _, err = run(
        *("--config", config(tmp_path, ""), "--state", tmp_path / "state", "--port", "0"),
        *TREE,
        password="short",
    )
    assert code == 2
    assert "PANTOGRAPH_PASSWORD" in err and "8 and 72" in err
    assert not (tmp_path / "state/pwd").exists()


def test_prints_the_configuration_that_says_every_default():
    code, out, _ = run("--print-config")
    assert code == 0
    assert out == (ROOT / "data/server.yaml").read_text()


@pytest.mark.parametrize("check", [(), ("--check-pipelines",)])
def test_refuses_an_encoder_that_there_is_not(tmp_path, check):
    path = config(tmp_path, "host: 127.0.0.1\nvideo:\n  encoder: nope\n")
    code, _, err = run(
        *("--config", path, "--state", tmp_path / "state", "--port", "0"), *TREE, *check
    )
    why = "no encoder pipeline for h264 named nope works here"
    assert (code, err) == (2, f"{path}:3: video.encoder: {why}\n")


@pytest.mark.parametrize(
    "name, why", [("none.yaml", "No such file or directory"), ("", "not a regular file")]
)
def test_a_configuration_that_is_named_must_be_there(tmp_path, name, why):
    path = tmp_path / name
    code, out, err = run("--config", path, "--state", tmp_path / "state", "--port", "0", *TREE)
    assert (code, out, err) == (2, "", f"cannot read {path}: {why}\n")
    assert not (tmp_path / "state").exists()


def test_a_session_outlives_a_restart(tmp_path):
    with Daemon(tmp_path) as daemon:
        token = daemon.admin().token
    with Daemon(tmp_path) as daemon:
        assert wire.Client(daemon.port, token).get("/api/auth/account").status == 200


def test_the_key_for_pictures_is_made_when_a_page_is_fetched_and_once(tmp_path):
    made = "the key for DTLS is made"
    with Daemon(tmp_path) as daemon:
        client = daemon.admin()
        assert client.get("/api/vm/info").status == 200
        assert made not in daemon.log()
        for _ in range(2):
            assert client.get("/").status == 200
            eventually(lambda: made in daemon.log(), 60, "the key")
    assert daemon.log().count(made) == 1


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_at_once_whatever_is_open(tmp_path, stop):
    daemon = Daemon(tmp_path).start()
    admin = daemon.admin()
    stream = admin.connect()
    stream.sendall(
        f"GET /api/stream/mjpeg HTTP/1.1\r\nHost: x\r\nCookie: nano-kvm-token={admin.token}\r\n\r\n".encode()
    )
    assert stream.recv(100)
    control = wire.WebSocket(admin, "/api/ws")
    control.send(bytes([1, 0, 0, 4, 0, 0, 0, 0, 0]))
    wire.WebSocket(admin, "/api/stream/h264/direct").receive()
    wire.WebSocket(admin, "/api/stream/h264").receive()
    press = admin.connect()
    body = b'{"type":"reset","duration":30000}'
    press.sendall(
        b"POST /api/vm/gpio HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n" % len(body)
        + f"Cookie: nano-kvm-token={admin.token}\r\n\r\n".encode()
        + body
    )
    start = time.monotonic()
    assert daemon.stop(stop) == 0, daemon.log()
    assert time.monotonic() - start < STOP_LIMIT
    assert control.close_code()[0] == 4401


def test_two_interrupts_stop_it_no_less_cleanly(tmp_path):
    daemon = Daemon(tmp_path).start()
    daemon.process.send_signal(signal.SIGINT)
    assert daemon.stop(signal.SIGINT) == 0


ODD = (
    "host: localhost\n"
    "port:\n  http: 0\n  colour: red\n"
    "logger:\n  level: bogus\n  file: LOG\n"
    "authentication: Disable\n"
    "turn:\n  turnAddr: turn.example.org:3478\n"
)
ODD_LINES = {
    3: 'port.http: must be 1..65535, not "0"; 80 is used',
    4: "port.colour: unknown key; left out",
    6: 'logger.level: must be .*, not "bogus"; info is used',
    8: 'authentication: must be enable or disable, not "Disable"; enable is used',
    10: "turn: turnAddr, .* are needed together; no TURN server is used",
}


def test_it_starts_without_what_it_cannot_take_and_says_what_it_uses(tmp_path):
    daemon = Daemon(tmp_path)
    daemon.config.write_text(ODD.replace("LOG", str(daemon.log_path)))
    with daemon:
        log = daemon.log()
        for number, said in ODD_LINES.items():
            line = rf"warning config \S*server\.yaml:{number}: {said}$"
            assert re.search(line, log, re.M), (line, log)
        assert log.count("warning config") == len(ODD_LINES)
        assert daemon.client().get("/api/auth/account").status == 401, "authentication is on"


def test_checking_refuses_what_starting_leaves_out(tmp_path):
    path = config(tmp_path, ODD)
    code, _, err = run("--config", path, "--check-pipelines", *TREE)
    assert code == 2
    for number, said in ODD_LINES.items():
        assert re.search(rf"^{path}:{number}: {said}$", err, re.M), err


@pytest.mark.parametrize(
    "text", ["port: [", "a: b: c", "\tport: 1", "- 1\n- 2", "\x00", "\n" + "\x00" * 99, "!!x {"]
)
def test_a_file_that_is_no_configuration_is_named(tmp_path, text):
    path = config(tmp_path, text)
    code, _, err = run("--config", path, "--state", tmp_path)
    assert code == 2
    assert err.startswith(f"{path}"), err


@pytest.mark.parametrize(
    "args, said",
    [
        (["--nonsense"], "--nonsense"),
        (["--port", "70000"], "--port"),
        (["--port", "-2"], "--port"),
        (["--port", "many"], "many"),
        (["--host", "not-an-ip"], '--host: must be an IP address, not "not-an-ip"'),
        (["extra"], "extra"),
        (["--config"], "--config"),
    ],
)
def test_a_bad_option_is_named(args, said):
    code, _, err = run(*args)
    assert code == 2
    assert said in err


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_option(option):
    code, out, _ = run(option)
    assert code == 0
    for name in ("config", "state", "host", "port", "web-root", "pipelines", "check-pipelines"):
        assert f"--{name}" in out
    assert "PANTOGRAPH_PASSWORD" in out


def test_version_is_printed():
    code, out, _ = run("--version")
    assert code == 0
    assert re.fullmatch(r"pantographd \d+\.\d+\.\d+\n", out)


def test_a_port_that_is_taken_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        path = config(tmp_path, "host: 127.0.0.1\n")
        code, out, err = run("--config", path, "--state", tmp_path, "--port", port, *TREE)
    assert code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in err
    assert "in use" in err
    assert "http://" not in out


@pytest.mark.parametrize(
    "text, said",
    [
        (
            "logger:\n  file: /nowhere/log",
            "2: logger.file: cannot log to /nowhere/log: No such file or directory",
        ),
        ("logger: {file: /dev}", "1: logger.file: cannot log to /dev: Is a directory"),
        (
            "video:\n  fps: 30\n  pipelines_dir: /nowhere",
            "3: video.pipelines_dir: cannot read /nowhere: No such file or directory",
        ),
        (
            "video:\n  pipelines_dir: /dev/null",
            "2: video.pipelines_dir: cannot read /dev/null: Not a directory",
        ),
    ],
)
def test_what_a_setting_names_and_is_not_there_is_said_in_one_line(tmp_path, text, said):
    path = config(tmp_path, text + "\n")
    code, out, err = run("--config", path, "--state", tmp_path / "state", "--port", "0", *TREE)
    assert (code, out, err) == (2, "", f"{path}:{said}\n")
    assert not (tmp_path / "state").exists(), "it went on all the same"


@pytest.mark.parametrize("option", ["--pipelines", "--web-root"])
@pytest.mark.parametrize(
    "folder, why", [("/nowhere", "No such file or directory"), ("/dev/null", "Not a directory")]
)
def test_a_folder_that_is_none_is_said_in_one_line(tmp_path, option, folder, why):
    places = dict(zip(TREE[::2], TREE[1::2])) | {option: folder}
    args = [a for pair in places.items() for a in pair]
    path = config(tmp_path, "")
    code, out, err = run("--config", path, "--state", tmp_path / "state", "--port", "0", *args)
    assert (code, out, err) == (2, "", f"{option}: cannot read {folder}: {why}\n")
    assert not (tmp_path / "state").exists()


def test_the_folder_of_added_pipelines_need_not_be_there(tmp_path):
    default = "video: {pipelines_dir: /etc/kvm/pipelines.d}\n"
    for text in ("", default, 'video: {pipelines_dir: ""}\n'):
        code, out, err = run("--config", config(tmp_path, text), "--check-pipelines", *TREE)
        assert code == 0, out + err


def test_the_pipelines_of_this_tree_are_all_fine(tmp_path):
    code, out, err = run(
        "--config", config(tmp_path, ""), "--check-pipelines", "--pipelines", ROOT / "pipelines"
    )
    assert code == 0, out + err
    lines = {line.split()[0]: line.split()[3:] for line in out.splitlines()}
    for name in ("capture", "jpeg-decoder", "h264-x264", "mjpeg", "viewer", "input"):
        assert lines[name] == ["ok"], out


@pytest.mark.parametrize(
    "text, said",
    [
        ("name: bad\n", "kind: is missing"),
        ("name: bad\nkind: encoder\nlaunch: identity nosuch=1\n", "no property"),
        ("name: bad\nkind: encoder\nlaunch: identity ! !\n", "launch"),
        (
            "name: bad\nkind: encoder\nlaunch: identity name=enc\nset: {video.fps: other::x}\n",
            "there is no element named other",
        ),
    ],
)
def test_a_pipeline_file_that_is_wrong_is_named(tmp_path, text, said):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/bad.yaml").write_text(text)
    path = config(tmp_path, f"video:\n  pipelines_dir: {tmp_path / 'd'}\n")
    code, out, err = run("--config", path, "--check-pipelines", "--pipelines", ROOT / "pipelines")
    assert code == 1
    assert said in out + err
    assert "bad" in out + err


def test_every_pipeline_file_is_listed_beside_those_that_are_wrong(tmp_path):
    """Each kind of mistake, with its file and line, in one run."""
    files = {
        "banana": ("offers: {codec: banana, rank: 50}", "identity"),
        "liar": ("offers: {codec: h264, rank: 50}", "videoconvert ! jpegenc"),
        "unknown": ("set: {video.nosuch: z::silent}", "identity name=z"),
        "old": ("live: [video.qualty]", "identity"),
    }
    (tmp_path / "d").mkdir()
    for name, (line, launch) in files.items():
        text = f"name: {name}\nkind: encoder\n{line}\nlaunch: {launch}\n"
        (tmp_path / f"d/{name}.yaml").write_text(text)
    (tmp_path / "d/broken.yaml").write_text("name: [\n")
    (tmp_path / "d/twice.yaml").write_text("kind: input\nname: unused\nlaunch: identity\n")
    (tmp_path / "d/unused.yaml").write_text("kind: input\nname: unused\nlaunch: identity\n")
    path = config(tmp_path, f"video:\n  pipelines_dir: {tmp_path / 'd'}\n")
    code, out, err = run("--config", path, "--check-pipelines", "--pipelines", ROOT / "pipelines")
    assert code == 1
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert {p.stem for p in (ROOT / "pipelines").glob("*.yaml")} < set(rows), out
    said = {
        "banana.yaml:3: offers.codec: must be h264, h265, jpeg, mjpeg, png, opus, h264+opus, "
        "h265+opus, mp4 or mkv": err,
        "liar.yaml:3: offers.codec: is h264, but launch gives image/jpeg": rows["liar"],
        "unknown.yaml:3: set.video.nosuch: is no setting": err,
        "old.yaml:3: live: unknown key": err,
        "broken.yaml:": err,
        "unused.yaml:2: name: unused is the name of": err,
    }
    for words, where in said.items():
        assert f"{tmp_path / 'd'}/{words}" in where, (words, out, err)


def test_a_pipeline_file_for_hardware_that_is_not_here_is_no_mistake(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/board.yaml").write_text(
        "name: board\nkind: encoder\noffers: {codec: h264, rank: 90}\nlaunch: nosuchencoder\n"
    )
    settings = {"video": {"pipelines_dir": tmp_path / "d"}}
    with Daemon(tmp_path / "run", settings) as daemon:
        log = daemon.log()
    assert re.search(r"pipeline refused.*name=board", log), log
    assert "nosuchencoder" in log
    assert re.search(r"pipeline chosen.*codec=h264.*name=h264-", log), log


ROLES = {
    "capture": "no capture pipeline works here",
    "h264-x264": "no encoder pipeline for h264 works here",
    "mjpeg": "no encoder pipeline for mjpeg works here",
    "viewer": "no viewer pipeline for h264 works here",
    "input": "no input pipeline works here",
}


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("how", ["missing", "without its elements"])
def test_a_role_that_no_pipeline_can_fill_is_said(tmp_path, name, how):
    """What a machine looks like that lacks the plugins, or the files."""
    folder = tmp_path / "pipelines"
    folder.mkdir()
    for file in (ROOT / "pipelines").glob("*.yaml"):
        if file.stem != "h264-openh264":
            (folder / file.name).write_bytes(file.read_bytes())
    file = folder / f"{name}.yaml"
    if how == "missing":
        file.unlink()
    else:
        head = re.match(r"(?:.*\n)*?launch: ", file.read_text())[0]
        file.write_text(head + "nosuchelement\n")
    path = config(tmp_path, "")
    code, out, err = run("--config", path, "--check-pipelines", "--pipelines", folder)
    assert code == 1, out + err
    assert err.startswith(ROLES[name]) and err.count("\n") == 1, err
    assert ("nosuchelement" in err) == (how != "missing")


def test_an_encoder_that_is_named_must_work_here(tmp_path):
    path = config(tmp_path, "video: {encoder: nope}\n")
    code, out, err = run("--config", path, "--check-pipelines", *TREE)
    assert code == 2, out + err
    assert "named nope" in err


def test_an_override_takes_the_place_of_a_built_in_pipeline(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/mine.yaml").write_text(
        "name: mine\nkind: encoder\noffers: {codec: mjpeg, rank: 99}\n"
        "launch: videoconvert ! jpegenc ! image/jpeg\n"
    )
    settings = {"video": {"pipelines_dir": tmp_path / "d"}}
    with Daemon(tmp_path / "run", settings) as daemon:
        assert re.search(r"pipeline chosen.*codec=mjpeg.*name=mine", daemon.log())
        assert daemon.admin().get("/api/stream/snapshot").body[:2] == b"\xff\xd8"
