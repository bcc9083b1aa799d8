# SPDX-License-Identifier: LGPL-2.1-or-later
"""An owner's scripts: kept, run without a shell's reading of their names, as another user, and run
at each start of the device."""
import os
import pwd
import subprocess
import time

import pytest
import wire
from daemon import Daemon, eventually

SCRIPT = "/api/vm/script"
AUTOSTART = "/api/vm/autostart"
PATHS = ["a/b.sh", "../b.sh", "/etc/b.sh"]
NAMES = ["", ".sh", "..", "-a.sh", "a b.sh", "a;reboot.sh", "ü.sh", "a.txt"]


def form(name, content):
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n--x--\r\n"


def upload(admin, name, content):
    text = content if isinstance(content, bytes) else content.encode()
    return admin.post(
        f"{SCRIPT}/upload", form(name, text), content="multipart/form-data; boundary=x"
    ).json()


def run(admin, name, how="foreground"):
    return admin.post(f"{SCRIPT}/run", {"name": name, "type": how}, limit=60).json()


def said(admin, name):
    answer = run(admin, name)
    assert answer["code"] == 0, answer
    return answer["data"]["log"]


def remove(admin, name):
    return admin.request("DELETE", SCRIPT, {"name": name}).json()


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    with Daemon(tmp_path_factory.mktemp("scripts")) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def owner(device):
    return device.admin()


def test_there_are_none_at_first(owner):
    assert owner.get(SCRIPT).json() == {"code": 0, "msg": "success", "data": {"files": []}}
    assert owner.get(AUTOSTART).json() == {"code": 0, "msg": "success", "data": {"files": []}}


def test_a_script_is_stored_listed_run_and_removed(owner):
    answer = upload(owner, "b.sh", "#!/bin/sh\necho out; echo err >&2\n")
    assert answer == {"code": 0, "msg": "success", "data": {"file": "b.sh"}}
    upload(owner, "a.py", "print('from python')\n")
    assert owner.get(SCRIPT).json()["data"] == {"files": ["a.py", "b.sh"]}
    assert said(owner, "b.sh") == "out\nerr\n"
    assert said(owner, "a.py") == "from python\n"
    for name in ("a.py", "b.sh"):
        assert remove(owner, name) == {"code": 0, "msg": "success", "data": None}
    assert remove(owner, "a.py")["code"] == -3
    assert owner.get(SCRIPT).json()["data"] == {"files": []}


def test_a_script_without_a_first_line_is_the_shells(owner):
    upload(owner, "plain.sh", "echo $((6 * 7))\n")
    assert said(owner, "plain.sh") == "42\n"


def test_its_own_first_line_says_what_runs_it(owner):
    upload(owner, "awk.sh", '#!/usr/bin/awk -f\nBEGIN { print "awk" }\n')
    assert said(owner, "awk.sh") == "awk\n"


def test_it_runs_as_nobody_and_sees_nothing_of_ours(owner, device):
    upload(owner, "who.sh", "#!/bin/sh\nid -u; id -G; env; cat /proc/self/fd/0; ls /proc/self/fd\n")
    text = said(owner, "who.sh")
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        assert text.splitlines()[0] == str(nobody.pw_uid) and "HOME=/nonexistent\n" in text
        assert str(nobody.pw_gid) in text.splitlines()[1].split()
        assert "0" not in text.splitlines()[1].split()
    assert "PANTOGRAPH" not in text and "GST_" not in text and "DBUS" not in text
    descriptors = {int(w) for w in text.splitlines() if w.isdigit() and int(w) < 100}
    assert descriptors <= {0, 1, 2, 3, 4, 10, 255}, text


def test_root_runs_them_where_the_configuration_says_so(tmp_path):
    with Daemon(tmp_path, {"system": {"user": '""'}}) as daemon:
        owner = daemon.admin()
        upload(owner, "who.sh", "id -u\n")
        assert said(owner, "who.sh") == f"{os.geteuid()}\n"


def test_a_user_that_is_not_there_is_named(tmp_path):
    with Daemon(tmp_path, {"system": {"user": "no-such-user"}}) as daemon:
        owner = daemon.admin()
        upload(owner, "who.sh", "id -u\n")
        answer = run(owner, "who.sh")
        if os.geteuid() != 0:  # only root can be another
            assert answer["data"]["log"] == f"{os.geteuid()}\n"
        else:
            assert answer["code"] == -2 and "there is no user no-such-user" in wire.words(answer)


def test_one_that_fails_says_how_and_what_it_said(owner, device):
    upload(owner, "fails.sh", "echo why-it-failed; exit 3\n")
    answer = run(owner, "fails.sh")
    assert answer["code"] == -2
    assert wire.words(answer) == "run script failed: exit status 3\nwhy-it-failed\n"
    assert "why-it-failed" not in device.log()


def test_one_that_says_too_much_is_cut_and_costs_no_memory(owner):
    upload(owner, "loud.sh", "head -c 30000000 /dev/zero | tr '\\0' x\n")
    assert said(owner, "loud.sh") == "x" * (1 << 20)


def test_what_it_leaves_running_is_not_waited_for(owner):
    upload(owner, "leaves.sh", "sleep 30 & echo started\n")
    start = time.monotonic()
    assert said(owner, "leaves.sh") == "started\n"
    assert time.monotonic() - start < 20


def open_to_all(folder):
    """Scripts run as nobody: he gets there, and may write there."""
    folder.chmod(0o777)
    for parent in folder.parents:
        if parent.stat().st_mode & 0o055 != 0o055:
            parent.chmod(0o755)


def test_one_that_is_waited_for_ends_with_the_daemon(tmp_path):
    open_to_all(tmp_path)
    with Daemon(tmp_path / "d") as daemon:
        admin = daemon.admin()
        upload(admin, "long.sh", f"#!/bin/sh\nsleep 200 &\necho $! > {tmp_path}/pid; wait\n")
        with pytest.raises(TimeoutError):
            admin.post(f"{SCRIPT}/run", {"name": "long.sh", "type": "foreground"}, limit=2)
        pid = int((tmp_path / "pid").read_text())
        assert os.path.exists(f"/proc/{pid}")
    eventually(lambda: not os.path.exists(f"/proc/{pid}"), 10, "the end of what it began")


def test_in_the_background_it_is_only_started(owner, tmp_path):
    open_to_all(tmp_path)
    mark = tmp_path / "mark"
    upload(owner, "later.sh", f"sleep 0.3; echo done > {mark}\n")
    assert run(owner, "later.sh", "background")["data"] == {"log": ""}
    assert not mark.exists()
    eventually(mark.exists, 30, "the script's mark")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_none_touches_nothing(owner, name):
    assert upload(owner, name, "echo hi\n")["code"] == -2
    assert run(owner, name)["code"] in (-1, -2)
    assert remove(owner, name)["code"] == -1


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_out_of_the_folder(owner, path):
    assert upload(owner, path, "echo hi\n")["data"] == {"file": "b.sh"}  # as browsers may send it
    assert run(owner, path)["code"] == -2
    assert remove(owner, path)["code"] == -1


def test_one_that_is_not_there_cannot_run(owner):
    for how in ("foreground", "background"):
        answer = run(owner, "none.sh", how)
        assert answer["code"] == -2 and wire.words(answer).startswith(
            "run script failed: cannot open"
        )


def test_a_form_without_a_whole_file_is_refused(owner):
    whole = form("a.sh", b"echo hi\n")
    for body in (whole[:-12], b"--x--\r\n", whole.replace(b'name="file"', b'name="other"')):
        answer = owner.post(
            f"{SCRIPT}/upload", body, content="multipart/form-data; boundary=x"
        ).json()
        assert answer["code"] == -1 and wire.words(answer).startswith("bad request"), (body, answer)
    assert "a.sh" not in owner.get(SCRIPT).json()["data"]["files"]


def test_no_more_than_so_many_are_kept(tmp_path):
    with Daemon(tmp_path) as daemon:
        owner = daemon.admin()
        folder = tmp_path / "state/scripts"
        upload(owner, "first.sh", "echo\n")
        for i in range(255):
            (folder / f"s{i}.sh").touch()
        answer = upload(owner, "last.sh", "echo\n")
        assert answer["code"] == -2 and "256 files" in wire.words(answer)
        assert upload(owner, "first.sh", "echo again\n")["code"] == 0


# At each start of the device.


def test_what_runs_at_each_start_is_written_read_and_removed(owner):
    path = f"{AUTOSTART}/10-hello"
    assert owner.post(path, {"content": "echo\n"}).json()["data"] == "10-hello"
    assert owner.get(path).json() == {"code": 0, "msg": "success", "data": "echo\n"}
    assert owner.get(AUTOSTART).json()["data"] == {"files": ["10-hello"]}
    assert owner.request("DELETE", path).json() == {"code": 0, "msg": "success", "data": None}
    assert owner.get(path).json()["code"] == -1
    assert owner.request("DELETE", path).json()["code"] == -3


@pytest.mark.parametrize("name", ["..", ".hidden", "a%2Fb", "%2e%2e%2fpasswd", "a%20b"])
def test_no_name_leads_out_of_the_folder(owner, name):
    path = f"{AUTOSTART}/{name}"
    for reply in (owner.get(path), owner.post(path, {"content": "x"})):
        assert 400 <= reply.status < 500 or reply.json()["code"] == -1, (path, reply)


def test_it_runs_once_for_each_start_of_the_device(tmp_path):
    open_to_all(tmp_path)
    marks = tmp_path / "marks"
    marks.mkdir()
    marks.chmod(0o777)
    folder = tmp_path / "device"
    with Daemon(folder) as daemon:
        owner = daemon.admin()
        for name in ("20-b", "10-a"):
            owner.post(f"{AUTOSTART}/{name}", {"content": f"echo >> {marks}/{name}\n"})
    with Daemon(folder) as daemon:
        eventually(lambda: len(list(marks.iterdir())) == 2, 30, "both to have run")
        log = daemon.log()
        assert log.index("script=10-a") < log.index("script=20-b")
    with Daemon(folder) as daemon:  # not a start of the device
        daemon.admin()
    assert all(mark.read_text() == "\n" for mark in marks.iterdir())
    (folder / "state/autostarted").write_text("another start\n")
    with Daemon(folder):
        eventually(
            lambda: all(m.read_text() == "\n\n" for m in marks.iterdir()), 30, "a second run"
        )


def test_none_of_it_is_left_when_the_daemon_ends():
    assert subprocess.run(["pgrep", "-f", "/proc/self/fd/3"], capture_output=True).returncode == 1
