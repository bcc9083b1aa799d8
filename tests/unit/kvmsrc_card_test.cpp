// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/card.h"

#include "lib/jpeg/markers.h"

#include <algorithm>
#include <gst/video/video.h>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <vector>

using namespace panto;
using namespace panto::kvm;

namespace
{

const Notice kNotice{"No signal", "The computer is off."};

class DrawnCard : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

    void in(const std::string &caps)
    {
        caps_ = Ref<GstCaps>::adopt(gst_caps_from_string(caps.c_str()));
        card_.set_caps(caps_);
    }
    std::vector<uint8_t> drawn(const Notice &notice = kNotice)
    {
        auto buffer = card_.buffer(notice);
        EXPECT_TRUE(buffer);
        std::vector<uint8_t> bytes(buffer ? gst_buffer_get_size(buffer->get()) : 0);
        if (buffer)
            gst_buffer_extract(buffer->get(), 0, bytes.data(), bytes.size());
        return bytes;
    }

    Card card_;
    Ref<GstCaps> caps_;
};

struct Range {
    int darkest, lightest;
};

Range range(const std::vector<uint8_t> &bytes, size_t first, size_t step, size_t count)
{
    Range r{255, 0};
    for (size_t i = 0; i < count; ++i) {
        r.darkest = std::min<int>(r.darkest, bytes[first + i * step]);
        r.lightest = std::max<int>(r.lightest, bytes[first + i * step]);
    }
    return r;
}

} // namespace

TEST_F(DrawnCard, IsDarkWithLightWordsInI420)
{
    in("video/x-raw,format=I420,width=640,height=480,framerate=30/1,colorimetry=bt709");
    const auto bytes = drawn();
    ASSERT_EQ(bytes.size(), 640u * 480 * 3 / 2);
    const Range luma = range(bytes, 0, 1, 640 * 480);
    EXPECT_NEAR(luma.darkest, 40, 3);
    EXPECT_NEAR(luma.lightest, 220, 4);
    const Range chroma = range(bytes, 640 * 480, 1, 640 * 480 / 2);
    EXPECT_NEAR(chroma.darkest, 128, 1);
    EXPECT_NEAR(chroma.lightest, 128, 1);
}

TEST_F(DrawnCard, IsTheSamePictureInEveryRawFormat)
{
    const struct {
        const char *format;
        size_t first, step; // of luma, or of green
    } formats[] = {{"NV12", 0, 1}, {"YUY2", 0, 2}, {"UYVY", 1, 2}, {"NV16", 0, 1}, {"NV24", 0, 1}};
    for (const auto &f : formats) {
        in(std::string{
               "video/x-raw,width=640,height=480,framerate=30/1,colorimetry=bt709,format="} +
           f.format);
        const Range luma = range(drawn(), f.first, f.step, 640 * 480);
        EXPECT_NEAR(luma.darkest, 40, 3) << f.format;
        EXPECT_NEAR(luma.lightest, 220, 4) << f.format;
    }
    in("video/x-raw,format=BGR,width=640,height=480,framerate=30/1");
    const Range green = range(drawn(), 1, 3, 640 * 480);
    EXPECT_NEAR(green.darkest, 28, 3); // full range
    EXPECT_NEAR(green.lightest, 237, 4);
}

TEST_F(DrawnCard, IsAWholeJpegForJpegCaps)
{
    in("image/jpeg,width=640,height=480,framerate=30/1");
    const auto bytes = drawn();
    const auto header = jpeg::read_header(bytes);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->width, 640u);
    EXPECT_EQ(header->height, 480u);
    EXPECT_EQ(bytes[bytes.size() - 2], 0xff);
    EXPECT_EQ(bytes[bytes.size() - 1], 0xd9);
}

TEST_F(DrawnCard, IsDrawnOnceAndHandedOutAgain)
{
    in("video/x-raw,format=I420,width=640,height=480,framerate=30/1");
    auto first = card_.buffer(kNotice), second = card_.buffer(kNotice);
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->get(), second->get());
    EXPECT_EQ(gst_buffer_peek_memory(first->get(), 0), gst_buffer_peek_memory(second->get(), 0));
}

TEST_F(DrawnCard, IsDrawnAnewForOtherWordsOrCaps)
{
    in("video/x-raw,format=I420,width=640,height=480,framerate=30/1");
    const auto before = drawn();
    EXPECT_NE(drawn({"No cable", "Plug it in."}), before);
    in("video/x-raw,format=I420,width=320,height=240,framerate=30/1");
    EXPECT_EQ(drawn().size(), 320u * 240 * 3 / 2);
}

TEST_F(DrawnCard, FitsSizesThatAreOddOrTiny)
{
    for (const char *size :
         {"width=641,height=479", "width=16,height=16", "width=1366,height=768"}) {
        in(std::string{"video/x-raw,format=I420,framerate=30/1,"} + size);
        GstVideoInfo info;
        ASSERT_TRUE(gst_video_info_from_caps(&info, caps_.get()));
        EXPECT_EQ(drawn().size(), info.size) << size;
    }
}

TEST_F(DrawnCard, IsAnErrorForCapsItCannotDrawIn)
{
    in("video/x-raw,format=I420");
    EXPECT_FALSE(card_.buffer(kNotice));
}

TEST(SignalNotice, HasWordsOfItsOwnForEveryState)
{
    std::set<std::string> names, reasons, cures;
    const State states[] = {State::NoCable, State::NoSignal,   State::NoSync, State::OutOfRange,
                            State::Stalled, State::DeviceLost, State::Busy};
    for (const State s : states) {
        const Notice words = notice({s}, "/dev/video7");
        names.insert(name(s));
        reasons.insert(words.reason);
        cures.insert(words.cure);
        EXPECT_GT(words.cure.size(), words.reason.size()) << name(s);
    }
    EXPECT_EQ(names.size(), std::size(states));
    EXPECT_EQ(reasons.size(), std::size(states));
    EXPECT_EQ(cures.size(), std::size(states));
}

TEST(SignalNotice, NamesTheDeviceThatIsAwayOrTaken)
{
    for (const State s : {State::DeviceLost, State::Busy})
        EXPECT_NE(notice({s}, "/dev/video7").cure.find("/dev/video7"), std::string::npos);
}

TEST(SignalNotice, SaysWhatTheReceiverTakesWhenItSaidSo)
{
    const Signal beyond{.state = State::OutOfRange, .limit = "at most 1920x1200"};
    EXPECT_NE(notice(beyond, "").cure.find(": at most 1920x1200."), std::string::npos);
    EXPECT_EQ(notice({State::OutOfRange}, "").cure.back(), '.');
}

TEST(SignalNotice, IsEmptyWhileThereIsAPicture)
{
    EXPECT_EQ(notice({State::Ok}, "/dev/video7"), Notice{});
}
