// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/venc.h"

#include <gst/gst.h>
#include <gtest/gtest.h>

int main(int argc, char **argv)
{
    testing::InitGoogleTest(&argc, argv);
    gst_init(&argc, &argv);
    pantograph_register_venc(nullptr);
    return RUN_ALL_TESTS();
}
