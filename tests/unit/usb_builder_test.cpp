// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/configfs.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::usb;

namespace
{

const Identity kIdentity{"0011223344556677", "48:da:35:6e:00:11", "48:da:35:6d:00:11"};

Plan plan_for(Profile profile, Network network = Network::Off)
{
    return plan({profile, network}, kIdentity, {2});
}

const std::vector<Plan> kPlans{
    plan_for(Profile::Normal),
    plan_for(Profile::HidOnly),
    plan_for(Profile::BootOnly),
    plan_for(Profile::NoStorage),
    plan_for(Profile::Normal, Network::Ncm),
    plan_for(Profile::NoStorage, Network::Rndis),
};

std::string at(const std::string &path)
{
    return std::string{kGadgetFolder} + "/" + path;
}

/// What somebody who builds only that plan finds afterwards.
auto built_alone(const Plan &plan)
{
    FakeConfigfs tree;
    Builder builder{tree};
    EXPECT_TRUE(builder.change(plan, "port0"));
    return tree.all();
}

const std::string kSecondDrive = at("functions/mass_storage.disk0/lun.1/");

class UsbBuilder : public testing::Test
{
protected:
    /// Where there are drives.
    void put_a_disc_in()
    {
        if (!tree.exists(kSecondDrive + "file"))
            return;
        tree.files[kSecondDrive + "file"] = "/data/x.iso";
        tree.files[kSecondDrive + "cdrom"] = tree.files[kSecondDrive + "ro"] = "1";
    }
    void build(const Plan &plan)
    {
        const auto built = builder.change(plan, "port0");
        ASSERT_TRUE(built) << built.error().message;
    }

    FakeConfigfs tree;
    Builder builder{tree};
};

} // namespace

TEST_F(UsbBuilder, WritesThePlanAndConnectsIt)
{
    build(kPlans[0]);
    EXPECT_EQ(tree.files[at("idVendor")], "0x3346");
    EXPECT_EQ(tree.files[at("strings/0x409/serialnumber")], kIdentity.serial);
    EXPECT_EQ(tree.files[at("functions/hid.GS2/report_length")], "6");
    EXPECT_EQ(tree.files[at("functions/mass_storage.disk0/lun.1/removable")], "1");
    EXPECT_EQ(tree.files[at("UDC")], "port0");
    EXPECT_EQ(tree.linked,
              (std::vector<std::string>{"hid.GS0", "hid.GS1", "hid.GS2", "mass_storage.disk0"}));
    EXPECT_TRUE(builder.bound());
}

TEST_F(UsbBuilder, LeavesOutFilesThatTheKernelLacks)
{
    build(kPlans[0]);
    EXPECT_FALSE(tree.files.count(at("functions/hid.GS0/wakeup_on_write")));
}

TEST_F(UsbBuilder, FromAnyPlanToAnyOtherEndsWhereBuildingItAloneDoes)
{
    for (const Plan &from : kPlans)
        for (const Plan &to : kPlans) {
            build(from);
            build(to);
            EXPECT_TRUE(tree.all() == built_alone(to));
        }
}

TEST_F(UsbBuilder, WhateverStepFailsTheFormerGadgetIsBackWithWhatWasInItsDrives)
{
    unsigned failures = 0;
    for (const Plan &from : kPlans)
        for (const Plan &to : kPlans) {
            build(from);
            put_a_disc_in();
            const auto before = tree.all();
            for (unsigned step = 1;; ++step) {
                tree.changes = 0;
                tree.fail_at = step;
                const auto changed = builder.change(to, "port0");
                tree.fail_at = 0;
                if (changed)
                    break; // it took fewer steps
                ++failures;
                ASSERT_TRUE(tree.all() == before) << "after step " << step;
                ASSERT_TRUE(builder.bound());
                ASSERT_NE(changed.error().message.find("cannot"), std::string::npos);
            }
        }
    EXPECT_GT(failures, 500u);
}

TEST_F(UsbBuilder, AChangeThatFailsLeavesInADriveWhatSomebodyDidWithItMeanwhile)
{
    unsigned kept = 0, brought_back = 0;
    for (const std::string now : {"/data/y.img", ""})
        for (unsigned step = 1;; ++step) {
            build(kPlans[0]);
            put_a_disc_in();
            bool there = false;
            tree.meanwhile = [&] {
                there = tree.exists(kSecondDrive + "file");
                if (there)
                    tree.files[kSecondDrive + "file"] = now;
            };
            tree.changes = 0;
            tree.fail_at = step;
            const auto changed = builder.change(kPlans[3], "port0");
            tree.fail_at = 0;
            if (changed)
                break;
            ++(there ? kept : brought_back);
            ASSERT_EQ(tree.files[kSecondDrive + "file"], there ? now : "/data/x.iso") << step;
        }
    EXPECT_GT(kept, 10u);
    EXPECT_GT(brought_back, 0u);
}

TEST_F(UsbBuilder, AChangeSurvivesAKernelThatIsBusyForAWhile)
{
    build(kPlans[4]);
    for (const int code : {EBUSY, ENODEV})
        for (const unsigned moments : {1u, 5u}) {
            tree.changes = tree.moments = 0;
            tree.fail_at = 1; // taking it off the port
            tree.fail_with = code;
            tree.fail_from_then_on = true;
            tree.fail_for_moments = moments;
            build(kPlans[1]);
            EXPECT_EQ(tree.moments, moments);
            EXPECT_TRUE(tree.all() == built_alone(kPlans[1]));
            build(kPlans[4]);
        }
}

TEST_F(UsbBuilder, AKernelThatStaysBusyIsNotWaitedForForever)
{
    build(kPlans[0]);
    tree.changes = 0;
    tree.fail_at = 1;
    tree.fail_with = EBUSY;
    tree.fail_from_then_on = true;
    const auto changed = builder.change(kPlans[1], "port0");
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, EBUSY);
    EXPECT_LE(tree.moments, 100u);
}

TEST_F(UsbBuilder, WaitsForNothingThatIsRefusedForGood)
{
    build(kPlans[0]);
    tree.refused_driver = "ncm";
    EXPECT_FALSE(builder.change(kPlans[4], "port0"));
    EXPECT_EQ(tree.moments, 0u);
}

TEST_F(UsbBuilder, ImagesStayInTheirDrivesWhenTheNetworkIsSwitched)
{
    build(kPlans[0]);
    put_a_disc_in();
    build(kPlans[4]);
    EXPECT_EQ(tree.files[kSecondDrive + "file"], "/data/x.iso");
}

TEST_F(UsbBuilder, AFunctionThatTheKernelRefusesDoesNotEvenPullTheCable)
{
    build(kPlans[0]);
    put_a_disc_in();
    const auto before = tree.all();
    tree.refused_driver = "rndis";
    tree.changes = 0;
    EXPECT_FALSE(builder.change(kPlans[5], "port0")) << "which has no drives";
    EXPECT_EQ(tree.changes, 1u) << "nothing but that was tried";
    EXPECT_TRUE(tree.all() == before);
    EXPECT_EQ(tree.files[kSecondDrive + "file"], "/data/x.iso");
}

TEST_F(UsbBuilder, WaitsForItsPortWhenThatGoesAwayInTheMidstOfAChange)
{
    build(kPlans[0]);
    put_a_disc_in();
    tree.remove_port("port0");
    EXPECT_FALSE(builder.change(kPlans[4], "port0"));
    EXPECT_TRUE(builder.plan());
    EXPECT_FALSE(builder.bound());
    tree.add_port("port0");
    build(*builder.plan());
    EXPECT_EQ(tree.files[kSecondDrive + "file"], "/data/x.iso");
}

TEST_F(UsbBuilder, LeavesAGadgetAloneWhoseProcessLives)
{
    Builder other{tree};
    ASSERT_TRUE(other.change(kPlans[4], "port0"));
    const auto before = tree.all();
    tree.has_other = true;
    EXPECT_EQ(builder.clear().error().kind, Kind::Conflict);
    EXPECT_EQ(builder.change(kPlans[0], "port0").error().kind, Kind::Conflict);
    EXPECT_EQ(builder.take_down().error().kind, Kind::Conflict);
    EXPECT_TRUE(tree.all() == before);
    tree.has_other = false; // it died
    EXPECT_TRUE(*builder.clear());
}

TEST_F(UsbBuilder, AFirstBuildThatFailsLeavesNothing)
{
    const auto before = tree.all();
    for (unsigned step = 1;; ++step) {
        tree.changes = 0;
        tree.fail_at = step;
        if (builder.change(kPlans[4], "port0"))
            break;
        ASSERT_TRUE(tree.all() == before) << "after step " << step;
    }
}

TEST_F(UsbBuilder, SaysSoWhenTheFormerGadgetCannotBeHadBack)
{
    build(kPlans[0]);
    tree.changes = 0;
    tree.fail_at = 5;
    tree.fail_from_then_on = true;
    const auto changed = builder.change(kPlans[1], "port0");
    ASSERT_FALSE(changed);
    EXPECT_NE(changed.error().message.find("the former gadget is lost"), std::string::npos);
    EXPECT_FALSE(builder.plan());
}

TEST_F(UsbBuilder, TakesApartWhatItMade)
{
    const auto before = tree.all();
    for (const Plan &plan : kPlans) {
        build(plan);
        ASSERT_TRUE(builder.take_down());
        EXPECT_TRUE(tree.all() == before);
    }
}

TEST_F(UsbBuilder, ClearsWhatAnEarlierProcessLeftHalfwayThrough)
{
    const auto before = tree.all();
    for (unsigned step = 1; step < 60; ++step) {
        tree.changes = 0;
        tree.fail_at = step;
        tree.fail_from_then_on = true; // killed there
        Builder killed{tree};
        (void)killed.change(kPlans[4], "port0");
        tree.fail_at = 0;
        Builder next{tree};
        const auto cleared = next.clear();
        ASSERT_TRUE(cleared) << cleared.error().message;
        ASSERT_TRUE(tree.all() == before) << "killed at step " << step;
    }
}

TEST_F(UsbBuilder, ClearsNothingWhereNothingIs)
{
    EXPECT_FALSE(*builder.clear());
    build(kPlans[0]);
    EXPECT_TRUE(*Builder{tree}.clear());
}

TEST_F(UsbBuilder, LeavesOtherProgramsGadgetsAlone)
{
    tree.add_port("port1");
    tree.add_foreign("other", "port1");
    build(kPlans[0]);
    ASSERT_TRUE(builder.take_down());
    EXPECT_EQ(tree.files[kGadgetsFolder + "/other/UDC"], "port1");
}

TEST_F(UsbBuilder, ConnectsAgainWhatWasTakenOff)
{
    build(kPlans[0]);
    tree.files[at("UDC")] = "";
    EXPECT_FALSE(builder.bound());
    ASSERT_TRUE(builder.rebind());
    EXPECT_EQ(tree.files[at("UDC")], "port0");
}

TEST_F(UsbBuilder, NamesTheFunctionThatTheKernelLacks)
{
    tree.refused_driver = "ncm";
    const auto changed = builder.change(kPlans[4], "port0");
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().kind, Kind::NotFound);
    EXPECT_NE(changed.error().message.find("/functions/ncm.usb0"), std::string::npos);
}

TEST(UsbPort, AutoIsTheFirstThatIsFree)
{
    FakeConfigfs tree{{"a", "b"}};
    EXPECT_EQ(*find_port(tree, "auto"), "a");
    tree.add_foreign("other", "a");
    EXPECT_EQ(*find_port(tree, "auto"), "b");
    EXPECT_EQ(*find_port(tree, "b"), "b");
}

TEST(UsbPort, NamesTheGadgetThatHoldsIt)
{
    FakeConfigfs tree{{"a"}};
    tree.add_foreign("other", "a");
    for (const char *wanted : {"a", "auto"}) {
        const auto port = find_port(tree, wanted);
        ASSERT_FALSE(port);
        EXPECT_EQ(port.error().kind, Kind::Conflict);
        EXPECT_EQ(port.error().message, "a is taken by the gadget other");
    }
}

TEST(UsbPort, NamesAGadgetDriverThatIsNotOfConfigfs)
{
    FakeConfigfs tree{{"a"}};
    tree.files[kPortsFolder + "/a/function"] = "g_ether";
    EXPECT_EQ(find_port(tree, "auto").error().message, "a is taken by the gadget g_ether");
}

TEST(UsbPort, SaysWhatThereIsWhenTheNamedOneIsNot)
{
    FakeConfigfs tree{{"a", "b"}};
    const auto port = find_port(tree, "c");
    ASSERT_FALSE(port);
    EXPECT_EQ(port.error().kind, Kind::NotFound);
    EXPECT_EQ(port.error().message, "no USB device port c; there is: a, b");
    EXPECT_EQ(find_port(FakeConfigfs{{}}, "auto").error().kind, Kind::NotFound);
}
