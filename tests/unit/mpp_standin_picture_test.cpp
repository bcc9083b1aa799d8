// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/unit/mpp_decode.h"

using namespace panto::mpp;
using namespace panto::mpp::test;

namespace
{

constexpr int kWidth = 320, kHeight = 240;
constexpr double kAlike = 32; // dB

class MppStandinPicture : public testing::Test
{
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
    void TearDown() override { EXPECT_EQ(counts(), decltype(counts()){}) << "objects are left"; }

    const Picture sent_{kWidth, kHeight};
};

Ret import(BufferInfo info, BufferGroup *group = nullptr)
{
    Buffer *buffer = nullptr;
    const Ret ret = mpp_buffer_import_with_tag(group, &info, &buffer, "test", "test");
    if (buffer)
        mpp_buffer_put_with_caller(buffer, "test");
    return ret;
}

TEST_F(MppStandinPicture, ImportsADescriptorWithASizeAndNothingElse)
{
    const Capture capture{sent_.nv12()};
    int memory = 0;
    const BufferInfo good{BufferType::ExtDma, capture.size(), nullptr, nullptr, capture.fd(), 0};
    EXPECT_EQ(import(good), Ret::Ok);
    BufferInfo bad = good;
    bad.size = 0;
    EXPECT_NE(import(bad), Ret::Ok);
    bad = good;
    bad.ptr = &memory;
    EXPECT_NE(import(bad), Ret::Ok);
    bad = good;
    bad.fd = -1;
    EXPECT_NE(import(bad), Ret::Ok);
}

TEST_F(MppStandinPicture, KeepsAnImportedDescriptorAsItIs)
{
    const Capture capture{sent_.nv12()};
    const int before = dup(capture.fd());
    close(before);
    Buffer *const buffer = capture.imported();
    EXPECT_EQ(mpp_buffer_get_fd_with_caller(buffer, "test"), capture.fd());
    mpp_buffer_put_with_caller(buffer, "test");
    EXPECT_GE(fcntl(capture.fd(), F_GETFD), 0);
    const int after = dup(capture.fd());
    close(after);
    EXPECT_EQ(after, before) << "descriptors are left";
}

TEST_F(MppStandinPicture, DuplicatesTheDescriptorOfTheOtherTypes)
{
    const Capture capture{sent_.nv12()};
    Buffer *const buffer = capture.imported(BufferType::DmaHeap);
    const int fd = mpp_buffer_get_fd_with_caller(buffer, "test");
    EXPECT_NE(fd, capture.fd());
    mpp_buffer_put_with_caller(buffer, "test");
    EXPECT_LT(fcntl(fd, F_GETFD), 0);
}

void close_before_put()
{
    const int fd = memfd_create("capture", MFD_CLOEXEC);
    BufferInfo info{BufferType::ExtDma, 4096, nullptr, nullptr, fd, 0};
    Buffer *buffer = nullptr;
    mpp_buffer_import_with_tag(nullptr, &info, &buffer, "test", "test");
    close(fd);
    mpp_buffer_put_with_caller(buffer, "test");
}

TEST_F(MppStandinPicture, EndsTheProcessWhenAnImportedDescriptorIsClosedTooEarly)
{
    EXPECT_DEATH(close_before_put(), "was closed before the buffer was put");
}

TEST_F(MppStandinPicture, FailsAFrameWhoseMemoryIsTooShort)
{
    auto bytes = sent_.nv12();
    bytes.resize(bytes.size() - 4096);
    const Capture capture{bytes};
    Encoder e;
    e.begin(kWidth, kHeight);
    const Coded of_its_size = e.code(capture);
    EXPECT_TRUE(of_its_size.bytes.empty());
    EXPECT_FALSE(of_its_size.has_meta);

    BufferInfo info{BufferType::ExtDma, sent_.nv12().size(), nullptr, nullptr, capture.fd(), 0};
    Buffer *claimed = nullptr;
    mpp_buffer_import_with_tag(nullptr, &info, &claimed, "test", "test");
    EXPECT_TRUE(e.code(claimed).bytes.empty()) << "a size that the memory has not";
    mpp_buffer_put_with_caller(claimed, "test");
}

TEST_F(MppStandinPicture, SeesWhatAProgramWroteOnceItIsWrittenBack)
{
    BufferGroup *group = nullptr;
    ASSERT_EQ(mpp_buffer_group_get(&group, BufferType::DmaHeap, BufferMode::Internal, "t", "t"),
              Ret::Ok);
    Buffer *buffer = nullptr;
    const auto bytes = sent_.nv12();
    ASSERT_EQ(mpp_buffer_get_with_tag(group, &buffer, bytes.size(), "t", "t"), Ret::Ok);
    EXPECT_EQ(mpp_buffer_get_size_with_caller(buffer, "t"), bytes.size());
    mpp_buffer_sync_begin_f(buffer, 0, "t");
    memcpy(mpp_buffer_get_ptr_with_caller(buffer, "t"), bytes.data(), bytes.size());

    Encoder e;
    e.begin(kWidth, kHeight);
    Decoder decoder;
    EXPECT_LT(psnr(decoder.decode(e.code(buffer).bytes), sent_), 15) << "it is in the cache only";
    mpp_buffer_sync_end_f(buffer, 0, "t");
    EXPECT_GT(psnr(decoder.decode(e.code(buffer).bytes), sent_), kAlike);
    mpp_buffer_put_with_caller(buffer, "t");
    mpp_buffer_group_put(group);
}

TEST_F(MppStandinPicture, LimitsTheBuffersOfAGroup)
{
    BufferGroup *group = nullptr;
    mpp_buffer_group_get(&group, BufferType::DmaHeap, BufferMode::Internal, "t", "t");
    mpp_buffer_group_limit_config(group, 0, 1);
    Buffer *one = nullptr, *two = nullptr;
    EXPECT_EQ(mpp_buffer_get_with_tag(group, &one, 4096, "t", "t"), Ret::Ok);
    EXPECT_EQ(mpp_buffer_get_with_tag(group, &two, 4096, "t", "t"), Ret::Nok);
    mpp_buffer_group_put(group); // goes with its last buffer
    mpp_buffer_put_with_caller(one, "t");
}

TEST_F(MppStandinPicture, EndsTheProcessWhenStridesOfFrameAndConfigurationDiffer)
{
    const Capture capture{sent_.nv12(256)};
    Encoder e;
    e.begin(kWidth, kHeight);
    Buffer *const buffer = capture.imported();
    Frame *frame = e.frame(buffer, 0);
    mpp_frame_set_ver_stride(frame, 256);
    EXPECT_DEATH(e.api->encode_put_frame(e.context, frame),
                 "prep:ver_stride is 240, and the frame says 256");
    mpp_frame_deinit(&frame);
    mpp_buffer_put_with_caller(buffer, "test");
}

TEST_F(MppStandinPicture, ReadsChromaWhereTheLinesSayAndShowsAWrongNumberInItsColours)
{
    const Capture capture{sent_.nv12(256)};
    for (const int lines : {256, 240}) {
        Encoder e;
        e.begin(kWidth, kHeight, FrameFormat::Nv12, 1, 4'000'000, lines);
        const auto got = Decoder{}.decode(e.code(capture).bytes);
        ASSERT_TRUE(got);
        EXPECT_GT(psnr(got->y, sent_.y), kAlike);
        if (lines == 256)
            EXPECT_GT(psnr(got, sent_), kAlike);
        else
            EXPECT_LT(psnr(got, sent_), 25);
    }
}

/// A picture in blue, green and red of 8 bits, and what it is in 4:2:0 by the definitions.
struct Rgb {
    std::vector<uint8_t> bgr;
    Picture yuv{kWidth, kHeight};

    Rgb(int step, double kr, double kb, bool full)
    {
        const auto component = [&](double r, double g, double b, int c) {
            const double y = kr * r + (1 - kr - kb) * g + kb * b;
            const double value = c == 0 ? y * (full ? 1 : 219. / 255) + (full ? 0 : 16)
                                 : c == 1
                                     ? (b - y) / (2 * (1 - kb)) * (full ? 1 : 224. / 255) + 128
                                     : (r - y) / (2 * (1 - kr)) * (full ? 1 : 224. / 255) + 128;
            return uint8_t(std::lround(std::min(std::max(value, 0.), 255.)));
        };
        for (int j = 0; j < kHeight; ++j)
            for (int i = 0; i < kWidth; ++i) {
                // The same for two and two pixels, as chroma is.
                const double r = 32 + (i / 2) * 400 / kWidth, g = 220 - (j / 2) * 380 / kHeight,
                             b = 40 + (i / 2 + j / 2) * 300 / (kWidth + kHeight);
                bgr.insert(bgr.end(), {uint8_t(b), uint8_t(g), uint8_t(r)});
                bgr.resize(bgr.size() + size_t(step - 3), 0x77);
                const auto at = size_t(j / 2 * (kWidth / 2) + i / 2);
                yuv.y[size_t(j * kWidth + i)] = component(int(r), int(g), int(b), 0);
                yuv.u[at] = component(int(r), int(g), int(b), 1);
                yuv.v[at] = component(int(r), int(g), int(b), 2);
            }
    }
};

TEST_F(MppStandinPicture, ConvertsEveryOrderOfLumaAndChromaInside)
{
    std::vector<uint8_t> uyvy = sent_.yuyv(), i420 = sent_.y;
    for (size_t i = 0; i < uyvy.size(); i += 2)
        std::swap(uyvy[i], uyvy[i + 1]);
    i420.insert(i420.end(), sent_.u.begin(), sent_.u.end());
    i420.insert(i420.end(), sent_.v.begin(), sent_.v.end());
    struct Row {
        FrameFormat format;
        int bytes_per_pixel;
        std::vector<uint8_t> bytes;
    };
    for (const Row &row :
         {Row{FrameFormat::Nv16, 1, sent_.nv16()}, Row{FrameFormat::Yuy2, 2, sent_.yuyv()},
          Row{FrameFormat::Uyvy, 2, uyvy}, Row{FrameFormat::I420, 1, i420}}) {
        Encoder e;
        e.begin(kWidth, kHeight, row.format, row.bytes_per_pixel);
        EXPECT_GT(psnr(Decoder{}.decode(e.code(Capture{row.bytes}).bytes), sent_), kAlike)
            << int(row.format);
    }
}

TEST_F(MppStandinPicture, ConvertsBgrByTheMatrixAndRangeThatAreSet)
{
    for (const auto &[format, step] :
         {std::pair{FrameFormat::Bgr888, 3}, std::pair{FrameFormat::Bgra8888, 4}})
        for (const bool bt709 : {false, true})
            for (const bool full : {false, true}) {
                const Rgb rgb{step, bt709 ? 0.2126 : 0.299, bt709 ? 0.0722 : 0.114, full};
                Encoder e;
                e.begin(kWidth, kHeight, format, step);
                ASSERT_EQ(e.set({{"prep:colorspace",
                                  int(bt709 ? ColorSpace::Bt709 : ColorSpace::Smpte170m)},
                                 {"prep:colorrange",
                                  int(full ? ColorRange::Full : ColorRange::Limited)}}),
                          Ret::Ok);
                EXPECT_GT(psnr(Decoder{}.decode(e.code(Capture{rgb.bgr}).bytes), rgb.yuv), 36)
                    << step << " bytes, " << (bt709 ? "BT.709" : "BT.601") << (full ? " full" : "");
            }
}

TEST_F(MppStandinPicture, RefusesOtherFormatsAndForJpegThoseOfTheSmallerChip)
{
    const auto accepts = [](Coding coding, FrameFormat format) {
        Encoder e{coding};
        return e.set({{"prep:width", kWidth},
                      {"prep:height", kHeight},
                      {"prep:hor_stride", kWidth * 4},
                      {"prep:ver_stride", kHeight},
                      {"prep:format", int(format)}}) == Ret::Ok;
    };
    for (const auto format : {FrameFormat::Nv21, FrameFormat::Nv61, FrameFormat::Vyuy,
                              FrameFormat::Nv24, FrameFormat::Rgb888, FrameFormat::Gray8}) {
        EXPECT_FALSE(accepts(Coding::Avc, format)) << int(format);
        EXPECT_FALSE(accepts(Coding::Mjpeg, format)) << int(format);
    }
    for (const auto format : {FrameFormat::Nv12, FrameFormat::I420, FrameFormat::Yuy2,
                              FrameFormat::Uyvy, FrameFormat::Bgra8888}) {
        EXPECT_TRUE(accepts(Coding::Avc, format)) << int(format);
        EXPECT_TRUE(accepts(Coding::Mjpeg, format)) << int(format);
    }
    for (const auto format : {FrameFormat::Nv16, FrameFormat::Bgr888}) {
        EXPECT_TRUE(accepts(Coding::Avc, format)) << int(format);
        EXPECT_FALSE(accepts(Coding::Mjpeg, format)) << int(format);
    }
}

TEST_F(MppStandinPicture, CodesAMovingPictureThatDecodesToWhatWasSent)
{
    Encoder e;
    e.begin(kWidth, kHeight);
    Decoder decoder;
    for (int i = 0; i < 30; ++i) {
        const Picture sent{kWidth, kHeight, i};
        const Coded coded = e.code(Capture{sent.nv12()}, i);
        EXPECT_EQ(coded.pts, i);
        EXPECT_GT(psnr(decoder.decode(coded.bytes), sent), kAlike) << i;
    }
}

TEST_F(MppStandinPicture, CutsTheLinesThatFillTheLastMacroblocks)
{
    const Picture sent{1920, 1080};
    Encoder e;
    e.begin(1920, 1080, FrameFormat::Nv12, 1, 8'000'000, 1088);
    const auto got = Decoder{}.decode(e.code(Capture{sent.nv12(1088)}).bytes);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->height, 1080);
    EXPECT_GT(psnr(got, sent), kAlike);
}

TEST_F(MppStandinPicture, CodesJpegsWhoseSizeFollowsTheirQuality)
{
    size_t size[2] = {};
    for (const bool fine : {false, true}) {
        Encoder e{Coding::Mjpeg};
        ASSERT_EQ(e.set({{"jpeg:q_factor", fine ? 95 : 40}}), Ret::Ok);
        e.begin(kWidth, kHeight);
        const Coded coded = e.code(Capture{sent_.nv12()});
        EXPECT_GT(psnr(decode_jpeg(coded.bytes), sent_), fine ? 38 : 28);
        size[fine] = coded.bytes.size();
    }
    EXPECT_GT(size[1], size[0] * 3 / 2);
}

} // namespace
