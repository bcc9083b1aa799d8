// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/doctor/gadget.h"
#include "tests/unit/temp_dir.h"

#include <filesystem>
#include <gtest/gtest.h>

using namespace panto;
using doctor::Finding;
using doctor::State;

namespace
{

/// A machine whose gadget works, as /sys and /dev show it.
class GadgetDoctor : public testing::Test
{
protected:
    GadgetDoctor()
    {
        dir.write("sys/class/udc/dwc3.0/state", "configured\n");
        dir.write("sys/kernel/config/usb_gadget/g0/UDC", "dwc3.0\n");
        std::filesystem::create_directories(dir.path + "/dev");
        for (const char *node : {"hidg0", "hidg1", "hidg2"})
            std::filesystem::create_symlink("/dev/null", dir.path + "/dev/" + node);
    }
    Finding link(const std::string &name)
    {
        for (const Finding &f : doctor::examine_gadget(hid, dir.path))
            if (f.link == name)
                return f;
        ADD_FAILURE() << "no link " << name;
        return {};
    }
    void remove(const std::string &path) { std::filesystem::remove_all(dir.path + "/" + path); }
    void expect_broken(const std::string &name, const std::string &what, const std::string &cure)
    {
        const Finding f = link(name);
        EXPECT_EQ(f.state, State::Broken) << f.what;
        EXPECT_NE(f.what.find(what), std::string::npos) << f.what;
        EXPECT_NE(f.cure.find(cure), std::string::npos) << f.cure;
    }

    TempDir dir;
    config::Hid hid{"/dev/hidg0", "/dev/hidg1", "/dev/hidg2"};
};

} // namespace

TEST_F(GadgetDoctor, FindsNothingWrongWithAGadgetThatWorks)
{
    for (const Finding &f : doctor::examine_gadget(hid, dir.path))
        EXPECT_EQ(f.state, State::Ok) << f.link << ": " << f.what;
    EXPECT_EQ(link("udc").what, "dwc3.0 is configured with the gadget g0");
}

TEST_F(GadgetDoctor, NeedsNoGadgetForTheVirtualComputer)
{
    hid = {};
    remove("sys");
    remove("dev");
    EXPECT_EQ(link("udc").state, State::Absent);
    EXPECT_EQ(link("configfs").state, State::Absent);
    EXPECT_EQ(link("hid").state, State::Ok);
}

TEST_F(GadgetDoctor, NamesAMachineWithoutAController)
{
    remove("sys/class/udc/dwc3.0");
    expect_broken("udc", "no USB device controller", "dr_mode");
}

TEST_F(GadgetDoctor, NamesAControllerThatNoGadgetUses)
{
    dir.write("sys/kernel/config/usb_gadget/g0/UDC", "\n");
    expect_broken("udc", "no gadget is bound", "restart pantographd");
}

TEST_F(GadgetDoctor, TellsATargetThatSleepsFromOneThatIsNotThere)
{
    dir.write("sys/class/udc/dwc3.0/state", "suspended\n");
    EXPECT_EQ(link("udc").state, State::Warning);
    EXPECT_NE(link("udc").what.find("sleeps"), std::string::npos);
    dir.write("sys/class/udc/dwc3.0/state", "not attached\n");
    EXPECT_EQ(link("udc").state, State::Warning);
    EXPECT_NE(link("udc").cure.find("cable"), std::string::npos);
}

TEST_F(GadgetDoctor, NamesConfigfsThatIsNotMounted)
{
    remove("sys/kernel/config/usb_gadget");
    expect_broken("configfs", "not mounted", "mount -t configfs");
}

TEST_F(GadgetDoctor, NamesAKernelWithoutGadgetSupport)
{
    remove("sys/kernel/config/usb_gadget");
    dir.write("sys/kernel/config/iio/version", "");
    expect_broken("configfs", "no gadget support", "modprobe libcomposite");
}

TEST_F(GadgetDoctor, NamesTheNodeThatIsGone)
{
    remove("dev/hidg2");
    expect_broken("hid", "hid.absolute, /dev/hidg2: No such file", "udc and configfs");
}

TEST_F(GadgetDoctor, NamesAFileInANodesPlace)
{
    remove("dev/hidg0");
    dir.write("dev/hidg0", "");
    expect_broken("hid", "/dev/hidg0: it is no device node", "remove it");
}
