// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/wol.h"
#include "lib/base/file.h"
#include "lib/glib/offload.h"
#include "tests/unit/temp_dir.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <optional>

using namespace panto;
using namespace panto::power;
using namespace std::chrono_literals;

namespace
{

class WakeOnLanTest : public testing::Test
{
protected:
    void TearDown() override { EXPECT_TRUE(offload_drain(10s)); }

    /// Runs the main loop until the answer is there: files are handled by other threads.
    template <class T>
    static T answer(std::optional<T> &slot)
    {
        while (!slot)
            g_main_context_iteration(nullptr, TRUE);
        return *slot;
    }
    Result<> wake(const std::string &mac, const std::string &interface = "")
    {
        std::optional<Result<>> done;
        wol->wake(mac, interface, [&](Result<> r) { done = std::move(r); });
        return answer(done);
    }
    Result<> name(const std::string &mac, const std::string &name)
    {
        std::optional<Result<>> done;
        wol->name(mac, name, [&](Result<> r) { done = std::move(r); });
        return answer(done);
    }
    Result<> forget(const std::string &mac)
    {
        std::optional<Result<>> done;
        wol->forget(mac, [&](Result<> r) { done = std::move(r); });
        return answer(done);
    }
    Result<std::vector<std::string>> list()
    {
        std::optional<Result<std::vector<std::string>>> done;
        wol->list([&](Result<std::vector<std::string>> r) { done = std::move(r); });
        return answer(done);
    }
    std::string file() const { return *read_file(dir.path + "/cache/wol"); }

    TempDir dir;
    std::vector<std::string> sent;
    Result<> outcome = ok;
    std::unique_ptr<WakeOnLan> wol =
        std::make_unique<WakeOnLan>(dir.path, [this](const Mac &mac, const std::string &by) {
            sent.push_back(text(mac) + (by.empty() ? "" : " by " + by));
            return outcome;
        });
};

using List = std::vector<std::string>;

} // namespace

TEST(MagicPacket, IsSixBytesFfAndTheAddressSixteenTimes)
{
    const auto packet = magic_packet({0x52, 0x54, 0x00, 0x12, 0x34, 0x56});
    for (size_t i = 0; i < 6; ++i)
        EXPECT_EQ(packet[i], 0xff);
    for (size_t i = 6; i < packet.size(); i += 6)
        EXPECT_EQ((Mac{packet[i], packet[i + 1], packet[i + 2], packet[i + 3], packet[i + 4],
                       packet[i + 5]}),
                  (Mac{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}))
            << i;
}

TEST(MacAddress, IsReadInEveryCommonSpelling)
{
    for (const char *spelling : {"52:54:00:ab:cd:ef", "52-54-00-AB-CD-EF", "5254.00ab.cdef",
                                 "52.54.00.ab.cd.ef", "525400ABcdef"}) {
        const auto mac = parse_mac(spelling);
        ASSERT_TRUE(mac) << spelling;
        EXPECT_EQ(text(*mac), "52:54:00:AB:CD:EF") << spelling;
    }
}

TEST(MacAddress, IsNothingElse)
{
    for (const char *wrong : {"", ":", "52", "52:54:00:ab:cd", "52:54:00:ab:cd:e",
                              "52:54:00:ab:cd:ef:", "52:54:00:ab:cd:ef:01", "52:54-00:ab:cd:ef",
                              "525400abcde", "525400abcdef0", "5:254:00:ab", "52:54:00:ab:cd:eg",
                              " 52:54:00:ab:cd:ef", "52::54:00:ab:cdef", "525400abcdef\n"})
        EXPECT_FALSE(parse_mac(wrong)) << wrong;
}

TEST_F(WakeOnLanTest, SendsOnceForEachRequestAndNeverElse)
{
    EXPECT_TRUE(wake("52-54-00-12-34-56"));
    EXPECT_TRUE(wake("525400123456", "eth1"));
    EXPECT_TRUE(name("52:54:00:12:34:56", "desk"));
    EXPECT_TRUE(list());
    EXPECT_EQ(sent, (List{"52:54:00:12:34:56", "52:54:00:12:34:56 by eth1"}));
}

TEST_F(WakeOnLanTest, RemembersWhomItWokeOnce)
{
    EXPECT_EQ(*list(), List{});
    EXPECT_TRUE(wake("52:54:00:12:34:56"));
    EXPECT_TRUE(wake("aa-bb-cc-dd-ee-ff"));
    EXPECT_TRUE(wake("525400123456"));
    EXPECT_EQ(file(), "52:54:00:12:34:56\nAA:BB:CC:DD:EE:FF\n");
    EXPECT_EQ(*list(), (List{"52:54:00:12:34:56", "AA:BB:CC:DD:EE:FF"}));
}

TEST_F(WakeOnLanTest, RefusesWhatNoCardHas)
{
    dir.write("cache/wol", "FF:FF:FF:FF:FF:FF\n");
    for (const char *mac :
         {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "33-33-00-00-00-01"}) {
        EXPECT_EQ(wake(mac).error().kind, Kind::Invalid) << mac;
        EXPECT_EQ(name(mac, "desk").error().kind, Kind::Invalid) << mac;
    }
    EXPECT_EQ(sent, List{});
    EXPECT_TRUE(forget("ff:ff:ff:ff:ff:ff")) << "an older release may have kept it";
    EXPECT_EQ(*list(), List{});
    EXPECT_TRUE(wake("02:00:00:00:00:01")) << "one that its owner gave it";
}

TEST_F(WakeOnLanTest, RemembersNobodyItCouldNotWake)
{
    outcome = Error{Kind::Unavailable, "no network interface is up"};
    EXPECT_EQ(wake("52:54:00:12:34:56").error().message, "no network interface is up");
    EXPECT_EQ(*list(), List{});
}

TEST_F(WakeOnLanTest, KeepsNamesWhenItWakesAgain)
{
    EXPECT_TRUE(wake("52:54:00:12:34:56"));
    EXPECT_TRUE(name("525400123456", "the big server"));
    EXPECT_TRUE(name("aa:bb:cc:dd:ee:ff", "new"));
    EXPECT_TRUE(wake("52:54:00:12:34:56"));
    EXPECT_EQ(*list(), (List{"52:54:00:12:34:56 the big server", "AA:BB:CC:DD:EE:FF new"}));
    EXPECT_TRUE(name("52:54:00:12:34:56", "small"));
    EXPECT_EQ(list()->front(), "52:54:00:12:34:56 small");
}

TEST_F(WakeOnLanTest, ForgetsOne)
{
    EXPECT_TRUE(wake("52:54:00:12:34:56"));
    EXPECT_TRUE(wake("aa:bb:cc:dd:ee:ff"));
    EXPECT_TRUE(forget("52-54-00-12-34-56"));
    EXPECT_TRUE(forget("52-54-00-12-34-56")) << "it is gone either way";
    EXPECT_EQ(*list(), List{"AA:BB:CC:DD:EE:FF"});
}

TEST_F(WakeOnLanTest, ReadsTheFileOfAnotherFirmware)
{
    dir.write("cache/wol", "52:54:00:12:34:56 desk\r\n\n# mine\nAA:BB:CC:DD:EE:FF");
    EXPECT_EQ(*list(), (List{"52:54:00:12:34:56 desk", "AA:BB:CC:DD:EE:FF"}));
    EXPECT_TRUE(forget("aa:bb:cc:dd:ee:ff"));
    EXPECT_EQ(file(), "52:54:00:12:34:56 desk\n# mine\n") << "what it does not know it keeps";
}

TEST_F(WakeOnLanTest, TakesANameOfOneLine)
{
    for (const std::string &bad :
         {std::string{}, std::string{" desk"}, std::string{"a\nAA:BB:CC:DD:EE:FF b"},
          std::string{"a\x7f"}, std::string(65, 'a')})
        EXPECT_EQ(name("52:54:00:12:34:56", bad).error().kind, Kind::Invalid) << bad;
    EXPECT_EQ(*list(), List{});
    EXPECT_TRUE(name("52:54:00:12:34:56", std::string(64, 'a')));
}

TEST_F(WakeOnLanTest, ForgetsTheOldestWithoutANameWhenAHundredAreRemembered)
{
    std::string before = "52:54:00:00:00:01 desk\n# mine\n52:54:00:00:00:02\n52:54:00:00:00:03\n";
    for (int i = 100; i < 197; ++i)
        before += "52:54:00:00:01:" + std::to_string(i).substr(1) + "\n"; // :00 to :96
    dir.write("cache/wol", before);
    ASSERT_EQ(list()->size(), 100u);
    EXPECT_TRUE(wake("52:54:00:00:00:03")) << "it is remembered already";
    EXPECT_EQ(file(), before);
    EXPECT_TRUE(wake("52:54:00:00:02:00"));
    EXPECT_TRUE(name("52:54:00:00:02:01", "rack"));
    const auto left = *list();
    EXPECT_EQ(left.size(), 100u);
    EXPECT_EQ(left.front(), "52:54:00:00:00:01 desk");
    EXPECT_EQ(left[1], "52:54:00:00:01:00") << ":02 and :03 gave way, in this order";
    EXPECT_EQ(left[98], "52:54:00:00:02:00");
    EXPECT_EQ(left[99], "52:54:00:00:02:01 rack");
    EXPECT_NE(file().find("# mine\n"), std::string::npos);
}

TEST_F(WakeOnLanTest, KeepsAHundredNames)
{
    std::string named;
    for (int i = 100; i < 200; ++i)
        named += "52:54:00:00:01:" + std::to_string(i).substr(1) + " server\n";
    dir.write("cache/wol", named);
    EXPECT_TRUE(wake("52:54:00:00:02:00")) << "it is awake all the same";
    EXPECT_EQ(name("52:54:00:00:02:00", "one more").error().kind, Kind::Busy);
    EXPECT_EQ(file(), named);
    EXPECT_TRUE(name("52:54:00:00:01:99", "desk"));
    EXPECT_TRUE(forget("52:54:00:00:01:00"));
    EXPECT_TRUE(wake("52:54:00:00:02:00"));
    EXPECT_EQ(list()->back(), "52:54:00:00:02:00");
}

TEST_F(WakeOnLanTest, LosesNothingWhenManyChangesComeAtOnce)
{
    size_t done = 0;
    for (int i = 0; i < 50; ++i)
        wol->wake("5254000000" + std::to_string(10 + i), "", [&](const Result<> &r) {
            EXPECT_TRUE(r);
            ++done;
        });
    while (done < 50)
        g_main_context_iteration(nullptr, TRUE);
    EXPECT_EQ(list()->size(), 50u);
    EXPECT_EQ(list()->back(), "52:54:00:00:00:59");
}

TEST_F(WakeOnLanTest, SaysWhenItsFileCannotBeReadOrWritten)
{
    std::filesystem::create_directories(dir.path + "/cache/wol");
    EXPECT_EQ(list().error().kind, Kind::Unavailable);
    EXPECT_EQ(forget("52:54:00:12:34:56").error().kind, Kind::Unavailable);
    EXPECT_TRUE(wake("52:54:00:12:34:56")) << "the computer is awake all the same";
    std::filesystem::remove_all(dir.path + "/cache");
    dir.write("cache", "a file where the folder goes");
    EXPECT_EQ(name("52:54:00:12:34:56", "desk").error().kind, Kind::Unavailable);
}

TEST_F(WakeOnLanTest, AnswersNobodyOnceItIsGone)
{
    bool answered = false;
    wol->forget("52:54:00:12:34:56", [&](const Result<> &) { answered = true; });
    wol.reset();
    EXPECT_FALSE(answered);
}
