# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which encoder is taken: the hardware's where there is one, else the next, and it is said why."""
import io
import re

import pytest
from daemon import Daemon, run
from PIL import Image, ImageChops, ImageStat
from standin import STANDIN
from start_test import TREE
from stream_test import Direct, Mjpeg


def chosen(log):
    """{codec: pipeline} as the log tells."""
    return dict(re.findall(r"pipeline chosen.*codec=(\S+).*name=(\S+)", log))


def nal_types(unit):
    return [nal[0] & 0x1F for nal in re.split(rb"\x00\x00\x00?\x01", unit)[1:]]


def test_hardware_is_taken_where_it_is_and_gives_whole_key_frames(tmp_path):
    with Daemon(tmp_path, env=STANDIN) as daemon:
        names = chosen(daemon.log())
        assert (names["h264"], names["mjpeg"]) == ("h264-mpp", "mjpeg-mpp")
        with Direct(daemon.admin()) as direct:
            first = direct.receive(10)[1][9:]
    assert nal_types(first) == [7, 8, 5], "parameter sets, then one slice"
    profile = re.search(rb"\x00\x00\x01\x67(...)", first, re.S)[1]
    assert profile[0] == 66 and profile[1] & 0x40, "constrained baseline"


def test_jpegs_of_the_hardware_have_the_colours_of_those_in_software(tmp_path):
    pictures = []
    for name, env in (("mpp", STANDIN), ("software", {})):
        with Daemon(tmp_path / name, env=env) as daemon:
            assert (chosen(daemon.log())["mjpeg"] == "mjpeg-mpp") == (name == "mpp")
            with Mjpeg(daemon.admin()) as mjpeg:
                pictures.append(Image.open(io.BytesIO(mjpeg.picture())).convert("RGB"))
    mpp, software = pictures
    assert mpp.size == software.size
    # videoconvert rounds down: a colour differs by up to 4. One in the wrong range does by 16.
    assert max(ImageStat.Stat(ImageChops.difference(mpp, software)).mean) < 6


REFUSALS = {
    "STANDIN_INIT=-1": "",
    "STANDIN_TABLE=176": "",
    "STANDIN_MISSING=mpp_enc_cfg_init": "mpp_enc_cfg_init",
    "VENC_MPP_LIBRARY=/nowhere/librockchip_mpp.so.1": "librockchip_mpp.so.1",
}


@pytest.mark.parametrize("fault", REFUSALS)
def test_hardware_that_refuses_leaves_it_to_software_and_is_named(tmp_path, fault):
    variable, value = fault.split("=")
    with Daemon(tmp_path, env={**STANDIN, variable: value}) as daemon:
        log = daemon.log()
    assert chosen(log)["h264"] == "h264-x264"
    refused = re.search(r"pipeline refused.*h264-mpp\.yaml:\d+: launch: enc: .*", log)
    assert refused and REFUSALS[fault] in refused[0], log


def test_looking_for_hardware_that_is_not_here_warns_of_nothing(tmp_path):
    with Daemon(tmp_path) as daemon:
        daemon.admin()
        log = daemon.log()
    assert "pipeline refused name=h264-mpp" in log
    assert " warning " not in log and "error:" not in log, log


def test_an_encoder_that_is_not_here_is_no_mistake_of_its_file(tmp_path):
    (tmp_path / "server.yaml").write_text("")
    code, out, _ = run("--config", tmp_path / "server.yaml", "--check-pipelines", *TREE)
    assert code == 0
    assert re.search(r"^h264-mpp .*enc: ", out, re.M), out
