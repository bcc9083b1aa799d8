// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/unit/virtual_fixture.h"

#include <array>

namespace
{

using Picture = VirtualComputer::Picture;

/// Where two pictures of one size differ in luma: left, top, right, bottom; right is 0 if nowhere.
std::array<unsigned, 4> difference(const Picture &a, const Picture &b)
{
    std::array<unsigned, 4> box{~0u, ~0u, 0, 0};
    for (unsigned y = 0; y < a.height; ++y)
        for (unsigned x = 0; x < a.width; ++x)
            if (a.i420[size_t(y) * a.width + x] != b.i420[size_t(y) * a.width + x])
                box = {std::min(box[0], x), std::min(box[1], y), std::max(box[2], x + 1),
                       std::max(box[3], y + 1)};
    return box;
}

struct Yuv {
    int y, u, v;
};
Yuv at(const Picture &p, unsigned x, unsigned y)
{
    const size_t luma = size_t(p.width) * p.height, chroma = luma / 4;
    const size_t half = size_t(y / 2) * (p.width / 2) + x / 2;
    return {p.i420[size_t(y) * p.width + x], p.i420[luma + half], p.i420[luma + chroma + half]};
}

/// Some hundred reports of every kind, made up by a fixed rule; looks at the screen now and then.
void play(VirtualComputer &c, Time &now, unsigned look_every)
{
    uint32_t state = 7;
    const auto any = [&](uint32_t below) {
        state = state * 1664525 + 1013904223;
        return uint8_t((state >> 16) % below);
    };
    const auto send = [&](std::vector<uint8_t> r) { ASSERT_TRUE(c.report(r)); };
    for (unsigned i = 1; i <= 600; ++i) {
        switch (any(5)) {
        case 0:
            send({any(6), any(250), any(128), any(250), any(128), any(3)});
            break;
        case 1:
            send({any(6), any(255), any(255), any(3)});
            break;
        default: // keys that type, edit and move
            send({uint8_t(any(2) * hid::kLeftShift), 0, uint8_t(0x04 + any(0x50)), 0, 0, 0, 0, 0});
            send({0, 0, 0, 0, 0, 0, 0, 0});
        }
        if (i % 150 == 0)
            c.insert("disc " + std::to_string(i));
        now += 7ms;
        if (look_every && i % look_every == 0)
            c.picture();
    }
}

} // namespace

TEST_F(Virtual, HandsOutTheSamePictureUntilAPixelChanges)
{
    const auto first = computer.picture();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->width, 640u);
    EXPECT_EQ(first->height, 360u);
    EXPECT_EQ(first->i420.size(), 640u * 360 * 3 / 2);
    now += 1h;
    EXPECT_EQ(computer.picture(), first);
    keys(0, {});
    EXPECT_EQ(computer.picture(), first);
    tap(0x04);
    const auto second = computer.picture();
    EXPECT_NE(second, first);
    EXPECT_GT(second->revision, first->revision);
}

TEST_F(Virtual, AKeyThatTypesNothingAndIsUpAgainChangesNoPixel)
{
    const auto before = computer.picture();
    tap(0x3a);
    EXPECT_EQ(computer.picture(), before);
}

TEST_F(Virtual, APictureHandedOutNeverChanges)
{
    const auto kept = computer.picture();
    const std::vector<uint8_t> pixels = kept->i420;
    for (int i = 0; i < 20; ++i) {
        tap(0x04);
        computer.picture();
    }
    EXPECT_EQ(kept->i420, pixels);
}

TEST_F(Virtual, APictureMayOutliveItsComputer)
{
    std::shared_ptr<const Picture> kept;
    {
        VirtualComputer other{320, 200};
        kept = other.picture();
    }
    EXPECT_EQ(kept->width, 320u);
}

TEST_F(Virtual, TheSameReportsAtTheSameTimesGiveTheSamePixels)
{
    Time later{};
    VirtualComputer other{640, 360, [&] { return later; }};
    play(computer, now, 7);
    play(other, later, 7);
    EXPECT_EQ(computer.picture()->i420, other.picture()->i420);
    EXPECT_EQ(computer.text(), other.text());
}

TEST_F(Virtual, DrawingOnlyWhatDiffersGivesTheSamePixelsAsDrawingAll)
{
    for (const auto &[width, height] : {std::pair{640u, 360u}, {320u, 200u}, {1366u, 768u}}) {
        Time watched_time{}, unwatched_time{};
        VirtualComputer watched{width, height, [&] { return watched_time; }};
        VirtualComputer unwatched{width, height, [&] { return unwatched_time; }};
        play(watched, watched_time, 1);
        play(unwatched, unwatched_time, 0); // its first picture is drawn whole
        ASSERT_EQ(watched.picture()->i420, unwatched.picture()->i420) << width << "x" << height;
    }
}

TEST_F(Virtual, TypingChangesOnlyThePlaceOfTheCharacter)
{
    type("abc");
    const auto before = computer.picture();
    tap(0x04);
    const auto box = difference(*before, *computer.picture());
    EXPECT_LE(box[2] - box[0], 20u);
    EXPECT_LE(box[3] - box[1], 20u);
    EXPECT_GT(box[2], box[0]);
}

TEST_F(Virtual, ShowsWhichKeysAreDown)
{
    const auto up = computer.picture();
    keys(hid::kLeftShift, {});
    const auto down = computer.picture();
    EXPECT_GT(difference(*up, *down)[1], 330u) << "in the lower bar";
    keys(0, {});
    EXPECT_EQ(computer.picture()->i420, up->i420);
}

TEST_F(Virtual, LightsALampInItsBarForEachLock)
{
    const auto dark = computer.picture();
    unsigned last = 0;
    for (const uint8_t lock : {hid::usage::kNumLock, hid::usage::kCapsLock, uint8_t{0x47}}) {
        tap(lock);
        const auto box = difference(*dark, *computer.picture());
        EXPECT_LT(box[3], 30u);
        EXPECT_GT(box[0], last);
        last = box[0];
        tap(lock);
        EXPECT_EQ(computer.picture()->i420, dark->i420);
    }
}

TEST_F(Virtual, BlackWhiteAndGreyComeOutInLimitedRange)
{
    absolute(16384, 16384);
    const auto picture = computer.picture();
    const auto [low, high] =
        std::minmax_element(picture->i420.begin(), picture->i420.begin() + 640 * 360);
    EXPECT_EQ(*high, 235); // the pointer's white
    EXPECT_GE(*low, 16);
    EXPECT_LT(*low, 40);
}

// The pointer

TEST_F(Virtual, ThePointerGoesToAbsolutePlaces)
{
    absolute(1, 1);
    const auto corner = computer.picture();
    EXPECT_EQ(at(*corner, 1, 4).y, 235);
    absolute(0x7fff, 0x7fff);
    const auto other = computer.picture();
    EXPECT_LT(at(*other, 1, 4).y, 60);
    const auto box = difference(*corner, *other);
    EXPECT_EQ(box[2], 640u);
    EXPECT_EQ(box[3], 360u);
}

TEST_F(Virtual, PlacesBeyondTheRangeAreItsEdges)
{
    absolute(0, 0);
    const auto zero = computer.picture();
    absolute(1, 1);
    EXPECT_EQ(computer.picture()->i420, zero->i420);
    absolute(0x7fff, 0x7fff);
    const auto most = computer.picture();
    absolute(0xffff, 0xffff);
    EXPECT_EQ(computer.picture()->i420, most->i420);
}

TEST_F(Virtual, ThePointerMovesByRelativeSteps)
{
    absolute(1, 1);
    send({0, 100, 50, 0});
    send({0, 100, 50, 0});
    send({0, uint8_t(-50), uint8_t(-20), 0});
    const auto moved = computer.picture();
    EXPECT_EQ(at(*moved, 151, 84).y, 235);
    EXPECT_LT(at(*moved, 151, 77).y, 60);
}

TEST_F(Virtual, ThePointerStopsAtTheEdge)
{
    absolute(1, 1);
    const auto corner = computer.picture();
    for (int i = 0; i < 20; ++i)
        send({0, uint8_t(-127), uint8_t(-127), 0});
    EXPECT_EQ(computer.picture()->i420, corner->i420);
}

TEST_F(Virtual, EachButtonLeavesAMarkOfItsOwn)
{
    std::vector<std::vector<uint8_t>> seen;
    for (const uint8_t button : {hid::kLeft, hid::kRight, hid::kMiddle}) {
        Time still{};
        VirtualComputer fresh{640, 360, [&] { return still; }};
        const auto click = [&](uint8_t down) {
            ASSERT_TRUE(fresh.report(std::vector<uint8_t>{down, 0, 0x20, 0, 0x40, 0}));
        };
        click(button);
        click(0);
        ASSERT_TRUE(fresh.report(std::vector<uint8_t>{0, 0xff, 0x7f, 0xff, 0x7f, 0}));
        seen.push_back(fresh.picture()->i420);
    }
    EXPECT_NE(seen[0], seen[1]);
    EXPECT_NE(seen[1], seen[2]);
    EXPECT_NE(seen[0], seen[2]);
}

TEST_F(Virtual, AHeldButtonShowsAndLettingGoLeavesOnlyTheMark)
{
    absolute(8192, 8192);
    const auto up = computer.picture();
    absolute(8192, 8192, hid::kLeft);
    const auto down = computer.picture();
    absolute(8192, 8192);
    const auto after = computer.picture();
    EXPECT_NE(down->i420, up->i420);
    EXPECT_NE(after->i420, down->i420);
    EXPECT_NE(after->i420, up->i420);
}

TEST_F(Virtual, TheWheelCountsUpAndDown)
{
    absolute(8192, 8192);
    const auto zero = computer.picture();
    absolute(8192, 8192, 0, 1);
    const auto one = computer.picture();
    EXPECT_NE(one->i420, zero->i420);
    send({0, 0, 0, uint8_t(-1)});
    EXPECT_EQ(computer.picture()->i420, zero->i420);
}

TEST_F(Virtual, ThePointerWaitsForTheConsole)
{
    reboot();
    const auto firmware = computer.picture();
    absolute(1, 1, hid::kLeft);
    absolute(1, 1);
    EXPECT_EQ(computer.picture(), firmware);
}

// The signal and the mode

TEST_F(Virtual, HasNoSignalWhenOff)
{
    turn_off();
    EXPECT_FALSE(computer.has_signal());
    EXPECT_EQ(computer.picture(), nullptr);
}

TEST_F(Virtual, HasNoSignalWithoutItsCable)
{
    const auto before = computer.picture();
    computer.connect_video(false);
    EXPECT_FALSE(computer.has_signal());
    EXPECT_EQ(computer.picture(), nullptr);
    EXPECT_EQ(computer.state(), State::Console);
    computer.connect_video(true);
    EXPECT_TRUE(computer.has_signal());
    EXPECT_EQ(computer.picture(), before);
}

TEST_F(Virtual, TheFirmwareChangesThePictureAtMostTenTimesASecond)
{
    reboot();
    std::vector<std::shared_ptr<const Picture>> seen{computer.picture()};
    for (int ms = 0; ms < 1000; ++ms) {
        now += 1ms;
        if (auto picture = computer.picture(); picture != seen.back())
            seen.push_back(picture);
    }
    EXPECT_GE(seen.size(), 6u);
    EXPECT_LE(seen.size(), 11u);
}

TEST_F(Virtual, LaysItsTextOutAnewForAnotherMode)
{
    type("hello");
    ASSERT_TRUE(computer.resize(1920, 1080));
    const auto picture = computer.picture();
    EXPECT_EQ(picture->width, 1920u);
    EXPECT_EQ(picture->height, 1080u);
    EXPECT_EQ(picture->i420.size(), 1920u * 1080 * 3 / 2);
    EXPECT_EQ(last_line(), "$ hello");
}

TEST_F(Virtual, TakesTheSmallestAndTheLargestMode)
{
    for (const auto &[width, height] : {std::pair{320u, 200u}, {4096u, 2160u}}) {
        ASSERT_TRUE(computer.resize(width, height));
        EXPECT_EQ(computer.picture()->width, width);
        EXPECT_EQ(last_line(), "$");
    }
}

TEST_F(Virtual, TheSameModeAgainChangesNothing)
{
    const auto before = computer.picture();
    ASSERT_TRUE(computer.resize(640, 360));
    EXPECT_EQ(computer.picture(), before);
}

TEST_F(Virtual, RefusesAModeItCannotShow)
{
    for (const auto &[width, height] : {std::pair{0u, 0u},
                                        {318u, 200u},
                                        {320u, 198u},
                                        {641u, 360u},
                                        {640u, 361u},
                                        {4098u, 2160u},
                                        {4096u, 2162u},
                                        {~0u, ~0u}}) {
        auto result = computer.resize(width, height);
        ASSERT_FALSE(result) << width << "x" << height;
        EXPECT_EQ(result.error().kind, Kind::Invalid);
    }
    EXPECT_EQ(computer.picture()->width, 640u);
}
