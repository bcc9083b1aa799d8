// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/usb/gadget.h"
#include "lib/glib/offload.h"
#include "tests/fakes/configfs.h"
#include "tests/unit/loop.h"
#include "tests/unit/temp_dir.h"

#include <gtest/gtest.h>
#include <optional>

using namespace panto;
using namespace panto::usb;
using namespace std::chrono_literals;

namespace
{

class GadgetTest : public testing::Test
{
protected:
    GadgetTest() { settings.gadget = "on"; }
    ~GadgetTest() override { end(); }

    std::shared_ptr<Gadget> make()
    {
        return std::make_shared<Gadget>(settings, identity_of("key"), folder.path + "/usb", tree);
    }
    void begin()
    {
        gadget = make();
        gadget->start();
        settle();
    }
    void end()
    {
        gadget.reset();
        settle();
    }
    /// Until the worker threads have nothing to do and what they said is heard.
    static void settle()
    {
        ASSERT_TRUE(offload_drain(30s));
        Loop::run();
    }
    Result<> set(const Shape &shape)
    {
        gadget->set_shape(shape, [this](Result<> r) { result = std::move(r); });
        settle(); // a look that was under way
        settle();
        return std::exchange(result, std::nullopt).value();
    }
    State state() const { return gadget->status().state; }
    std::string reason() const { return gadget->status().reason; }

    TempDir folder;
    config::Usb settings;
    std::shared_ptr<FakeConfigfs> tree = std::make_shared<FakeConfigfs>();
    std::shared_ptr<Gadget> gadget;
    std::optional<Result<>> result;
};

const Shape kHidOnly{Profile::HidOnly, Network::Off};
const Shape kWithNcm{Profile::Normal, Network::Ncm};

} // namespace

TEST_F(GadgetTest, TouchesNothingWhileItIsOff)
{
    settings.gadget = "off";
    const auto before = tree->all();
    begin();
    EXPECT_EQ(state(), State::Off);
    EXPECT_NE(reason(), "");
    EXPECT_EQ(set(kHidOnly).error().kind, Kind::Unavailable);
    EXPECT_EQ(tree->all(), before);
    EXPECT_EQ(tree->prepared, 0u);
}

TEST_F(GadgetTest, IsOnAfterItsStart)
{
    begin();
    EXPECT_EQ(state(), State::On);
    EXPECT_EQ(reason(), "");
    EXPECT_EQ(gadget->status().udc, "port0");
    EXPECT_EQ(gadget->status().host, "configured");
}

TEST_F(GadgetTest, TellsThatTheComputerSleepsAndAsksItToWakeUp)
{
    const std::string port = kPortsFolder + "/port0";
    tree->files[port + "/device/gadget.0/suspended"] = "1";
    begin();
    EXPECT_EQ(state(), State::On);
    EXPECT_EQ(gadget->status().host, "suspended");
    EXPECT_EQ(tree->files[port + "/srp"], "") << "not by itself";
    tree->files[port + "/device/gadget.0/suspended"] = "0";
    gadget->wake();
    settle();
    EXPECT_EQ(tree->files[port + "/srp"], "1");
    EXPECT_EQ(gadget->status().host, "configured");
}

TEST_F(GadgetTest, AsksASleepingComputerOnceASecondAtMost)
{
    const std::string asked = kPortsFolder + "/port0/srp";
    begin();
    gadget->wake();
    settle();
    tree->files[asked] = "";
    gadget->wake();
    settle();
    EXPECT_EQ(tree->files[asked], "");
}

TEST_F(GadgetTest, TakesItselfApartWhenItGoes)
{
    const auto before = tree->all();
    begin();
    end();
    EXPECT_EQ(tree->all(), before);
}

TEST_F(GadgetTest, TakesItselfApartEvenWhenItGoesInTheMidstOfAChange)
{
    const auto before = tree->all();
    begin();
    gadget->set_shape(kHidOnly, [](Result<>) {});
    end();
    EXPECT_EQ(tree->all(), before);
}

TEST_F(GadgetTest, ClearsAGadgetThatACrashLeft)
{
    Builder killed{*tree};
    ASSERT_TRUE(killed.change(plan(kWithNcm, identity_of("key"), {1}), "port0"));
    begin();
    EXPECT_EQ(state(), State::On);
    EXPECT_FALSE(tree->exists(std::string{kGadgetFolder} + "/functions/ncm.usb0"));
}

TEST_F(GadgetTest, SaysWhereItsDrivesAreWhileThereAreAny)
{
    begin();
    ASSERT_EQ(gadget->lun_folders().size(), 2u);
    for (const auto &lun : gadget->lun_folders())
        EXPECT_TRUE(tree->exists(lun + "/file")) << lun;
    ASSERT_TRUE(set(kHidOnly));
    EXPECT_TRUE(gadget->lun_folders().empty());
}

TEST_F(GadgetTest, SaysWhatOurEndOfTheNetworkIsCalledAndWhetherSomebodySetItUp)
{
    const std::string card = std::string{kGadgetFolder} + "/functions/ncm.usb0",
                      interface = "/sys/class/net/usb1";
    begin();
    ASSERT_TRUE(set(kWithNcm));
    tree->files[card + "/ifname"] = "(unnamed net_device)";
    Loop::fire_timers();
    settle();
    EXPECT_EQ(gadget->status().interface, "");
    tree->files[card + "/ifname"] = "usb1";
    tree->folders[interface] = true;
    tree->files[interface + "/flags"] = "0x1002";
    Loop::fire_timers();
    settle();
    EXPECT_EQ(gadget->status().interface, "usb1");
    EXPECT_FALSE(gadget->status().interface_up);
    tree->files[interface + "/flags"] = "0x1003";
    Loop::fire_timers();
    settle();
    EXPECT_TRUE(gadget->status().interface_up);
    ASSERT_TRUE(set({}));
    EXPECT_EQ(gadget->status().interface, "");
    EXPECT_FALSE(gadget->status().interface_up);
}

TEST_F(GadgetTest, AChosenShapeIsKeptForTheNextStart)
{
    begin();
    ASSERT_TRUE(set(kWithNcm));
    end();
    begin();
    EXPECT_EQ(gadget->status().shape, kWithNcm);
    EXPECT_TRUE(tree->exists(std::string{kGadgetFolder} + "/functions/ncm.usb0"));
}

TEST_F(GadgetTest, AnUnreadableChoiceIsIgnored)
{
    folder.write("usb", "klingon\n");
    settings.profile = "boot-only";
    begin();
    EXPECT_EQ(gadget->status().shape.profile, Profile::BootOnly);
}

TEST_F(GadgetTest, AFailedChangeLeavesTheFormerOneAndSaysWhy)
{
    begin();
    tree->refused_driver = "ncm";
    const auto before = tree->all();
    const auto changed = set(kWithNcm);
    ASSERT_FALSE(changed);
    EXPECT_NE(changed.error().message.find("ncm.usb0"), std::string::npos);
    EXPECT_EQ(tree->all(), before);
    EXPECT_EQ(state(), State::On);
    EXPECT_EQ(gadget->status().shape, Shape{});
}

TEST_F(GadgetTest, RefusesANetworkWhereTheProfileHasNone)
{
    begin();
    EXPECT_EQ(set({Profile::HidOnly, Network::Ncm}).error().kind, Kind::Invalid);
}

TEST_F(GadgetTest, RefusesASecondChangeWhileOneIsUnderWay)
{
    begin();
    gadget->set_shape(kHidOnly, [](Result<>) {});
    std::optional<Kind> kind;
    gadget->set_shape(kWithNcm, [&](Result<> r) { kind = r.error().kind; });
    EXPECT_EQ(kind, Kind::Busy);
    settle();
    EXPECT_EQ(gadget->status().shape, kHidOnly);
}

TEST_F(GadgetTest, DoesNotCallDoneWhatAChangeUnderWayWillUndo)
{
    begin();
    const Shape now = gadget->status().shape;
    gadget->set_shape(kHidOnly, [](Result<>) {});
    std::optional<Result<>> back;
    gadget->set_shape(now, [&](Result<> r) { back = std::move(r); });
    ASSERT_TRUE(back);
    ASSERT_FALSE(*back) << "it is about to be another";
    EXPECT_EQ(back->error().kind, Kind::Busy);
    settle();
    EXPECT_EQ(gadget->status().shape, kHidOnly);
    EXPECT_FALSE(gadget->changing());
    EXPECT_TRUE(set(kHidOnly)) << "what it is now needs no change";
}

TEST_F(GadgetTest, AChangeWaitsForALookThatIsUnderWay)
{
    begin();
    gadget->wake(); // which looks, too; nothing of its end is heard before the loop runs
    EXPECT_TRUE(set(kHidOnly));
    EXPECT_EQ(gadget->status().shape, kHidOnly);
}

TEST_F(GadgetTest, RefusesASecondChangeWhileTheFirstWaits)
{
    begin();
    gadget->wake();
    gadget->set_shape(kHidOnly, [this](Result<> r) { result = std::move(r); });
    std::optional<Kind> kind;
    gadget->set_shape(kWithNcm, [&](Result<> r) { kind = r.error().kind; });
    EXPECT_EQ(kind, Kind::Busy);
    settle();
    settle();
    EXPECT_TRUE(result.value());
    EXPECT_EQ(gadget->status().shape, kHidOnly);
}

TEST_F(GadgetTest, AnswersAChangeThatWaitedWhenItGoes)
{
    begin();
    gadget->wake();
    gadget->set_shape(kHidOnly, [this](Result<> r) { result = std::move(r); });
    end();
    EXPECT_EQ(result.value().error().kind, Kind::Unavailable);
}

TEST_F(GadgetTest, NamesEachReasonItCannotBeMade)
{
    begin();
    const auto becomes = [&](State wanted, const std::string &words) {
        end();
        begin();
        EXPECT_EQ(state(), wanted) << reason();
        EXPECT_NE(reason().find(words), std::string::npos) << reason();
        EXPECT_STRNE(cure_of(state()), "") << "what to do about it";
    };
    end();
    tree = std::make_shared<FakeConfigfs>();
    tree->folders.erase(kGadgetsFolder);
    becomes(State::NoConfigfs, kGadgetsFolder);
    tree = std::make_shared<FakeConfigfs>(std::vector<std::string>{});
    becomes(State::NoUdc, "no USB device port");
    tree = std::make_shared<FakeConfigfs>();
    tree->add_foreign("g1", "port0");
    becomes(State::UdcTaken, "taken by the gadget g1");
    tree = std::make_shared<FakeConfigfs>();
    tree->fail_at = 1;
    tree->fail_with = EACCES;
    becomes(State::NoPermission, "Permission denied");
    tree = std::make_shared<FakeConfigfs>();
    tree->refused_driver = "hid";
    becomes(State::NoFunction, "functions/hid.GS0");
    tree = std::make_shared<FakeConfigfs>();
    tree->add_foreign_hid("g1", "a");
    tree->add_foreign_hid("g1", "b");
    becomes(State::HidTaken, "the kernel has 4 HID functions for all gadgets together; taken by "
                             "others: g1/hid.a, g1/hid.b");
    tree = std::make_shared<FakeConfigfs>();
    tree->fail_at = 7;
    becomes(State::Failed, "Input/output error");
}

TEST_F(GadgetTest, ComesUpByItselfOnceTheReasonIsGone)
{
    tree = std::make_shared<FakeConfigfs>(std::vector<std::string>{});
    begin();
    EXPECT_EQ(state(), State::NoUdc);
    tree->add_port("late");
    Loop::fire_timers();
    settle();
    EXPECT_EQ(state(), State::On);
    EXPECT_EQ(gadget->status().udc, "late");
}

TEST_F(GadgetTest, NoticesThatItWasTakenOffItsPortAndGoesBackWhenTold)
{
    begin();
    tree->files[std::string{kGadgetFolder} + "/UDC"] = "";
    Loop::fire_timers();
    settle();
    EXPECT_EQ(state(), State::Unbound);
    gadget->rebind([this](Result<> r) { result = std::move(r); });
    settle();
    EXPECT_TRUE(result.value());
    EXPECT_EQ(state(), State::On);
}

TEST_F(GadgetTest, NamesWhoTookItsPortDuringAResetAndTakesItBackWhenItIsFree)
{
    begin();
    tree->files[std::string{kGadgetFolder} + "/UDC"] = "";
    tree->add_foreign("g1", "port0");
    gadget->rebind([this](Result<> r) { result = std::move(r); });
    settle();
    EXPECT_FALSE(result.value());
    EXPECT_EQ(state(), State::UdcTaken) << reason();
    EXPECT_NE(reason().find("taken by the gadget g1"), std::string::npos) << reason();
    tree->files[kGadgetsFolder + "/g1/UDC"] = "";
    Loop::fire_timers();
    settle();
    EXPECT_EQ(state(), State::On) << reason();
}

TEST_F(GadgetTest, NoticesThatItsPortWentAwayAndTakesItWhenItIsBack)
{
    begin();
    tree->remove_port("port0");
    Loop::fire_timers();
    settle();
    EXPECT_EQ(state(), State::NoUdc);
    tree->add_port("port0");
    Loop::fire_timers();
    settle();
    EXPECT_EQ(state(), State::On);
}

TEST_F(GadgetTest, KeepsWhatLiesInItsDrivesWhileItsPortIsAway)
{
    begin();
    const std::string image = gadget->lun_folders().at(1) + "/file";
    tree->files[image] = "/data/x.iso";
    tree->remove_port("port0");
    Loop::fire_timers();
    settle();
    EXPECT_EQ(state(), State::NoUdc);
    EXPECT_EQ(gadget->lun_folders().size(), 2u) << "the drives are there, only nobody sees them";
    EXPECT_FALSE(set(kWithNcm)) << "there is no port to try it on";
    tree->add_port("port1");
    Loop::fire_timers();
    settle();
    EXPECT_EQ(state(), State::On);
    EXPECT_EQ(gadget->status().udc, "port1");
    EXPECT_EQ(gadget->status().shape, Shape{});
    EXPECT_EQ(tree->files[image], "/data/x.iso");
}

TEST_F(GadgetTest, LeavesAGadgetAloneThatAnotherProcessHasUntilThatEnds)
{
    Builder other{*tree};
    ASSERT_TRUE(other.change(plan(kWithNcm, identity_of("key"), {1}), "port0"));
    const auto before = tree->all();
    tree->has_other = true;
    begin();
    EXPECT_EQ(state(), State::InUse);
    EXPECT_NE(reason().find("another pantographd"), std::string::npos) << reason();
    EXPECT_STRNE(cure_of(state()), "");
    EXPECT_TRUE(gadget->lun_folders().empty());
    end();
    EXPECT_EQ(tree->all(), before);
    begin();
    tree->has_other = false; // killed
    Loop::fire_timers();
    settle();
    EXPECT_EQ(state(), State::On);
}

TEST_F(GadgetTest, TellsEachChangeOnce)
{
    unsigned told = 0;
    gadget = make();
    gadget->on_changed = [&] { ++told; };
    gadget->start();
    settle();
    EXPECT_EQ(told, 1u);
    Loop::fire_timers();
    settle();
    EXPECT_EQ(told, 1u) << "nothing changed";
    tree->files[kPortsFolder + "/port0/state"] = "suspended";
    Loop::fire_timers();
    settle();
    EXPECT_EQ(told, 2u);
    EXPECT_EQ(gadget->status().host, "suspended");
}
