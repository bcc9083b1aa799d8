// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/usbhid/node.h"
#include "tests/unit/temp_dir.h"

#include <gtest/gtest.h>

using namespace panto;

namespace
{

const std::string kFunction = "/sys/kernel/config/usb_gadget/ours/functions/hid.GS0";

} // namespace

TEST(HidNode, IsTheOneWithTheFunctionsNumberWhateverItIsCalled)
{
    const TempDir root;
    root.write(kFunction.substr(1) + "/dev", "236:1\n");
    root.write("sys/dev/char/236:0/uevent", "MAJOR=236\nMINOR=0\nDEVNAME=hidg0\n");
    root.write("sys/dev/char/236:1/uevent", "MAJOR=236\nMINOR=1\nDEVNAME=hidg1\n");
    const auto node = hid::node_of_function(kFunction, root.path);
    ASSERT_TRUE(node) << node.error().message;
    EXPECT_EQ(*node, "/dev/hidg1");
}

TEST(HidNode, IsNotThereWithoutItsFunctionOrItsPort)
{
    const TempDir root;
    EXPECT_EQ(hid::node_of_function(kFunction, root.path).error().kind, Kind::NotFound);
    root.write(kFunction.substr(1) + "/dev", "236:1\n");
    const auto unbound = hid::node_of_function(kFunction, root.path);
    ASSERT_FALSE(unbound);
    EXPECT_EQ(unbound.error().message, kFunction + " has no node: its gadget is at no port");
}
