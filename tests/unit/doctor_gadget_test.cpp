// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/doctor/gadget.h"
#include "daemon/usb/gadget.h"
#include "tests/fakes/configfs.h"
#include "tests/unit/temp_dir.h"

#include <filesystem>
#include <gtest/gtest.h>

using namespace panto;
using doctor::Finding;
using doctor::State;

namespace
{

/// A machine whose port a gadget of another program has, with all its nodes.
class GadgetDoctor : public testing::Test
{
protected:
    GadgetDoctor()
    {
        tree.add_foreign("g0", "port0");
        std::filesystem::create_directories(dir.path + "/dev");
        for (const char *node : {"hidg0", "hidg1", "hidg2"})
            std::filesystem::create_symlink("/dev/null", dir.path + "/dev/" + node);
    }
    /// From now on the gadget is ours to make.
    void make_ours()
    {
        usb.gadget = "on";
        tree = FakeConfigfs{};
    }
    doctor::Findings all()
    {
        return doctor::examine_gadget(usb, shape, hid, nodes, tree, dir.path);
    }
    Finding link(const std::string &name)
    {
        for (const Finding &f : all())
            if (f.link == name)
                return f;
        ADD_FAILURE() << "no link " << name;
        return {};
    }
    void state_is(const std::string &state)
    {
        tree.files[usb::kPortsFolder + "/port0/state"] = state;
    }
    void expect_broken(const std::string &name, const std::string &what, const std::string &cure)
    {
        const Finding f = link(name);
        EXPECT_EQ(f.state, State::Broken) << f.what;
        EXPECT_NE(f.what.find(what), std::string::npos) << f.what;
        EXPECT_NE(f.cure.find(cure), std::string::npos) << f.cure;
    }

    TempDir dir;
    FakeConfigfs tree;
    config::Usb usb;
    usb::Shape shape;
    doctor::NodeStates nodes; // none: of a process that sends nothing
    config::Hid hid{"/dev/hidg0", "/dev/hidg1", "/dev/hidg2"};
};

} // namespace

TEST_F(GadgetDoctor, FindsNothingWrongWithAnothersGadgetThatWorks)
{
    for (const Finding &f : all())
        EXPECT_EQ(f.state, State::Ok) << f.link << ": " << f.what;
    EXPECT_EQ(link("udc").what, "port0 is configured with the gadget g0");
}

TEST_F(GadgetDoctor, FindsNothingWrongWithOursThatWorks)
{
    make_ours();
    usb::Builder builder{tree};
    ASSERT_TRUE(builder.change(usb::plan({}, {}, {1}), "port0"));
    for (const Finding &f : all())
        EXPECT_EQ(f.state, State::Ok) << f.link << ": " << f.what;
    EXPECT_EQ(link("udc").what, "port0 is configured with the gadget pantograph");
}

TEST_F(GadgetDoctor, NeedsNoGadgetForTheVirtualComputer)
{
    hid = {};
    tree = FakeConfigfs{{}};
    EXPECT_EQ(link("udc").state, State::Absent);
    EXPECT_EQ(link("configfs").state, State::Absent);
    EXPECT_EQ(link("hid").state, State::Ok);
}

TEST_F(GadgetDoctor, FindsNothingWrongBeforeOursIsMade)
{
    make_ours();
    tree.remove_gadgets();
    tree.preparable = true;
    EXPECT_EQ(link("udc").state, State::Ok);
    EXPECT_NE(link("udc").what.find("port0 is free"), std::string::npos) << link("udc").what;
    EXPECT_EQ(link("configfs").state, State::Ok);
    EXPECT_EQ(link("hid").state, State::Absent) << "the nodes come with the gadget";
}

TEST_F(GadgetDoctor, NamesAMachineWithoutAPort)
{
    tree.remove_port("port0");
    expect_broken("udc", "no USB device port", "dr_mode");
}

TEST_F(GadgetDoctor, NamesAPortThatNoGadgetUses)
{
    tree = FakeConfigfs{};
    expect_broken("udc", "no gadget is bound", "usb.gadget");
}

TEST_F(GadgetDoctor, NamesAPortThatIsCalledOtherwise)
{
    make_ours();
    usb.udc = "port7";
    expect_broken("udc", "no USB device port port7; there is: port0", "");
}

TEST_F(GadgetDoctor, NamesWhoseGadgetHasThePort)
{
    make_ours();
    tree.add_foreign("g9", "port0");
    expect_broken("udc", "taken by the gadget g9", usb::cure_of(usb::State::UdcTaken));
}

TEST_F(GadgetDoctor, NamesAGadgetOfOursThatWasTakenOff)
{
    make_ours();
    usb::Builder builder{tree};
    ASSERT_TRUE(builder.change(usb::plan({}, {}, {1}), "port0"));
    ASSERT_TRUE(tree.write(usb::kGadgetFolder + "/UDC", ""));
    expect_broken("udc", "taken off its port", usb::cure_of(usb::State::Unbound));
}

TEST_F(GadgetDoctor, NamesAPortThatWentAwayBelowItsGadget)
{
    make_ours();
    usb::Builder builder{tree};
    ASSERT_TRUE(builder.change(usb::plan({}, {}, {1}), "port0"));
    tree.remove_port("port0");
    expect_broken("udc", "no USB device port", usb::cure_of(usb::State::NoUdc));
    // Until the daemon takes it off, the kernel leaves the port's name in the gadget.
    tree.files[usb::kGadgetFolder + "/UDC"] = "port0";
    expect_broken("udc", "port0 went away", usb::cure_of(usb::State::NoUdc));
    tree.add_port("port1");
    expect_broken("udc", "port0 went away", usb::cure_of(usb::State::NoUdc));
}

TEST_F(GadgetDoctor, MissesNoNodeThatTheProfileLeavesOut)
{
    make_ours();
    shape.profile = usb::Profile::BootOnly;
    usb::Builder builder{tree};
    ASSERT_TRUE(builder.change(usb::plan(shape, {}, {1}), "port0"));
    std::filesystem::remove(dir.path + "/dev/hidg2");
    EXPECT_EQ(link("hid").state, State::Ok) << link("hid").what;
    EXPECT_EQ(link("hid").what, "/dev/hidg0, /dev/hidg1; this profile has no absolute");
    std::filesystem::remove(dir.path + "/dev/hidg1");
    expect_broken("hid", "hid.relative, /dev/hidg1: No such file", "udc and configfs");
}

TEST_F(GadgetDoctor, TellsATargetThatSleepsFromOneThatIsNotThere)
{
    state_is("suspended");
    EXPECT_EQ(link("udc").state, State::Warning);
    EXPECT_NE(link("udc").what.find("sleeps"), std::string::npos);
    state_is("not attached");
    EXPECT_EQ(link("udc").state, State::Warning);
    EXPECT_NE(link("udc").cure.find("cable"), std::string::npos);
}

TEST_F(GadgetDoctor, SeesATargetSleepThatThePortCallsConfigured)
{
    tree.files[usb::kPortsFolder + "/port0/device/gadget.0/suspended"] = "1";
    EXPECT_EQ(link("udc").state, State::Warning);
    EXPECT_EQ(link("udc").what, "port0 is suspended: the target sleeps");
    EXPECT_NE(link("udc").cure.find("key"), std::string::npos) << link("udc").cure;
}

TEST_F(GadgetDoctor, BelievesInputThatGoesNowhereMoreThanThePort)
{
    nodes = {{"/dev/hidg0", "online"}, {"/dev/hidg1", "online"}};
    EXPECT_EQ(link("udc").state, State::Ok);
    EXPECT_EQ(link("hid").state, State::Ok);

    nodes = {{"/dev/hidg0", "offline"}, {"/dev/hidg1", "offline"}};
    for (const char *name : {"udc", "hid"}) {
        EXPECT_EQ(link(name).state, State::Warning) << name;
        EXPECT_NE(link(name).what.find("the cable is out"), std::string::npos) << link(name).what;
        EXPECT_NE(link(name).cure.find("USB cable"), std::string::npos) << link(name).cure;
    }
    nodes = {{"/dev/hidg0", "asleep"}, {"/dev/hidg1", "asleep"}};
    for (const char *name : {"udc", "hid"}) {
        EXPECT_EQ(link(name).state, State::Warning) << name;
        EXPECT_NE(link(name).cure.find("key"), std::string::npos) << link(name).cure;
    }
    nodes = {{"/dev/hidg0", "online"}, {"/dev/hidg1", "gone"}};
    EXPECT_EQ(link("udc").state, State::Ok) << "input still arrives through it";
    expect_broken("hid", "/dev/hidg1: gone", "udc and configfs");
}

TEST_F(GadgetDoctor, NamesAKernelWithoutGadgetSupport)
{
    tree.remove_gadgets();
    expect_broken("configfs", "there is no " + usb::kGadgetsFolder, "modprobe libcomposite");
    make_ours();
    tree.remove_gadgets();
    expect_broken("configfs", "there is no " + usb::kGadgetsFolder, "modprobe libcomposite");
}

TEST_F(GadgetDoctor, NamesConfigfsThatItMayNotWriteTo)
{
    make_ours();
    tree.writable = false;
    expect_broken("configfs", "no permission", usb::cure_of(usb::State::NoPermission));
}

TEST_F(GadgetDoctor, NamesTheDriverThatTheKernelLacks)
{
    make_ours();
    shape.network = usb::Network::Ncm;
    EXPECT_EQ(link("configfs").state, State::Ok);
    tree.refused_driver = "ncm";
    expect_broken("configfs", "usb_f_ncm", usb::cure_of(usb::State::NoFunction));
    shape.network = usb::Network::Off;
    EXPECT_EQ(link("configfs").state, State::Ok) << "nobody needs it";
}

TEST_F(GadgetDoctor, NamesTheNodeThatIsGone)
{
    std::filesystem::remove(dir.path + "/dev/hidg2");
    expect_broken("hid", "hid.absolute, /dev/hidg2: No such file", "udc and configfs");
}

TEST_F(GadgetDoctor, NamesAFileInANodesPlace)
{
    std::filesystem::remove(dir.path + "/dev/hidg0");
    dir.write("dev/hidg0", "");
    expect_broken("hid", "/dev/hidg0: it is no device node", "remove it");
}

TEST_F(GadgetDoctor, NamesInputThatTheTargetWouldNotGet)
{
    make_ours();
    usb::Builder builder{tree};
    ASSERT_TRUE(builder.change(usb::plan({}, {}, {1}), "port0"));
    hid = {}; // as it is without a line in the file
    expect_broken("hid", "hid.keyboard is virtual: the target gets nothing of it", "/dev/hidg0");
    expect_broken("hid", "though usb.gadget is on", "");
    hid = {"/dev/hidg0", "/dev/hidg1", "virtual"};
    expect_broken("hid", "hid.absolute is virtual", "");
    usb.gadget = "off";
    expect_broken("hid", "hid.absolute is virtual", "node");
}

TEST_F(GadgetDoctor, NamesConsumerKeysThatOnlyOneSideKnowsOf)
{
    make_ours();
    usb::Builder builder{tree};
    ASSERT_TRUE(builder.change(usb::plan({}, {}, {1}), "port0"));
    hid.consumer = "/dev/hidg3";
    expect_broken("hid", "usb.consumer is off", "set usb.consumer to on");
    usb.consumer = "on";
    hid.consumer = "off";
    EXPECT_EQ(link("hid").state, State::Warning);
    EXPECT_NE(link("hid").cure.find("/dev/hidg3"), std::string::npos);
}
