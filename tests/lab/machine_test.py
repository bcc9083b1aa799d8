# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab machine itself: were it not what it claims to be, the other tests would prove nothing."""


def test_runs_debians_kernel_and_sees_the_hosts_files(machine):
    assert machine.run("uname -r").startswith("6.")
    assert "lab machine" in machine.run("cat tests/lab/machine_test.py")
