# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine with a Rockchip's encoder, as far as a program sees: tests/fakes/mpp stands in for its
library. What goes wrong there is chosen by more variables; knobs.h has the list."""
from daemon import BUILD

FAKES = BUILD / "tests/fakes"
STANDIN = {
    "GST_PLUGIN_PATH": f"{FAKES / 'venc'}:{BUILD / 'plugins'}",
    "GST_REGISTRY": str(BUILD / "registry-standin.bin"),
    "VENC_MPP_LIBRARY": str(FAKES / "mpp/librockchip_mpp.so.1"),
}
