// SPDX-License-Identifier: LGPL-2.1-or-later
/// Every format, from the processor's memory and from a DMABUF, comes out as it went in; and what
/// can be encoded where it lies is not copied.
#include "tests/element/venc_fixture.h"

using namespace panto::venc::test;
using panto::Ref;

namespace
{

std::vector<uint8_t> packed(const Picture &p, const std::string &format)
{
    if (format == "I420") {
        auto out = p.y;
        out.insert(out.end(), p.u.begin(), p.u.end());
        out.insert(out.end(), p.v.begin(), p.v.end());
        return out;
    }
    if (format == "UYVY") {
        auto out = p.yuyv();
        for (size_t i = 0; i < out.size(); i += 2)
            std::swap(out[i], out[i + 1]);
        return out;
    }
    return format == "NV12"   ? p.nv12()
           : format == "NV16" ? p.nv16()
           : format == "YUY2" ? p.yuyv()
           : format == "BGR"  ? bgr(p, 3)
                              : bgr(p, 4);
}

struct Case {
    const char *element, *format;
    bool dmabuf;

    friend std::ostream &operator<<(std::ostream &out, const Case &c)
    {
        return out << c.element << " " << c.format << (c.dmabuf ? " DMABUF" : "");
    }
};

std::string named(const testing::TestParamInfo<Case> &info)
{
    return std::string{info.param.element} + info.param.format +
           (info.param.dmabuf ? "Dmabuf" : "Memory");
}

class VencFormats : public Venc, public testing::WithParamInterface<Case>
{
};

class VencMemory : public Venc
{
protected:
    /// NV12 with rows of `stride` bytes and the chroma behind `lines` of them, as a meta says.
    static Ref<GstBuffer> laid_out(const Ref<GstMemory> &memory, const Picture &p, int stride,
                                   int lines)
    {
        auto b = Captures::buffer(memory);
        gsize offsets[] = {0, gsize(stride) * gsize(lines), 0, 0};
        gint strides[] = {stride, stride, 0, 0};
        gst_buffer_add_video_meta_full(b.get(), GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_NV12,
                                       guint(p.width), guint(p.height), 2, offsets, strides);
        return b;
    }
    static std::vector<uint8_t> rows(const Picture &p, int stride, int lines)
    {
        const auto tight = p.nv12();
        std::vector<uint8_t> out(size_t(stride * lines * 3 / 2), 0x5a);
        for (int y = 0; y < p.height * 3 / 2; ++y) {
            const int to = y < p.height ? y : y - p.height + lines;
            std::copy_n(&tight[size_t(y * p.width)], p.width, &out[size_t(to * stride)]);
        }
        return out;
    }

    Captures captures_;
};

} // namespace

TEST_P(VencFormats, ComeOutAsTheyWentIn)
{
    const Case &c = GetParam();
    const bool jpeg = std::string{c.element} == "vencjpegenc";
    const bool rgb = std::string{c.format}.starts_with("BGR");
    Captures captures;
    make(c.element);
    start(640, 368, c.format);
    panto::mpp::test::Decoder decoder;
    for (int i = 0; i < 4; ++i) {
        Picture picture{640, 368, i};
        const auto bytes = packed(picture, c.format);
        if (rgb) { // not all of its colours are ones of RGB; and JPEG has another matrix and range
            const size_t pixel = std::string{c.format} == "BGR" ? 3 : 4;
            picture = jpeg ? from_bgr(bytes, pixel, 640, 368, 0.299, 0.114, true)
                           : from_bgr(bytes, pixel, 640, 368, 0.2126, 0.0722, false);
        }
        ASSERT_EQ(push(c.dmabuf ? captures.buffer(bytes) : in_memory(bytes)), GST_FLOW_OK);
        const auto unit = pull();
        ASSERT_TRUE(unit);
        const auto seen =
            jpeg ? panto::mpp::test::decode_jpeg(unit->bytes) : decoder.decode(unit->bytes);
        ASSERT_TRUE(seen);
        EXPECT_GT(psnr(seen, picture), 30) << i;
        EXPECT_EQ(unit->key, jpeg || i == 0);
    }
    EXPECT_EQ(stat("copies"), c.dmabuf ? 0u : 4u);
}

INSTANTIATE_TEST_SUITE_P(
    Venc, VencFormats,
    testing::Values(Case{"vench264enc", "NV12", false}, Case{"vench264enc", "NV12", true},
                    Case{"vench264enc", "NV16", false}, Case{"vench264enc", "NV16", true},
                    Case{"vench264enc", "YUY2", false}, Case{"vench264enc", "YUY2", true},
                    Case{"vench264enc", "BGR", false}, Case{"vench264enc", "BGRx", false},
                    Case{"vench264enc", "BGRx", true}, Case{"vencjpegenc", "NV12", false},
                    Case{"vencjpegenc", "NV12", true}, Case{"vencjpegenc", "YUY2", false},
                    Case{"vencjpegenc", "YUY2", true}, Case{"vencjpegenc", "BGRx", false}),
    named);

TEST_F(VencMemory, OfRowsThatTheEncoderCanReadIsNotCopied)
{
    make();
    start(1366, 768);
    const Picture picture{1366, 768};
    const auto memory = captures_.memory(rows(picture, 1408, 784));
    ASSERT_EQ(push(laid_out(memory, picture, 1408, 784)), GST_FLOW_OK);
    const auto unit = pull();
    ASSERT_TRUE(unit);
    panto::mpp::test::Decoder decoder;
    EXPECT_GT(psnr(decoder.decode(unit->bytes), picture), 30);
    EXPECT_EQ(stat("copies"), 0u);
}

TEST_F(VencMemory, Of1080LinesIsNotCopied)
{
    make();
    start(1920, 1080);
    const Picture picture{1920, 1080};
    ASSERT_EQ(push(captures_.buffer(picture.nv12())), GST_FLOW_OK);
    const auto unit = pull();
    ASSERT_TRUE(unit);
    panto::mpp::test::Decoder decoder;
    EXPECT_GT(psnr(decoder.decode(unit->bytes), picture), 30);
    EXPECT_EQ(stat("copies"), 0u);
}

TEST_F(VencMemory, OfRowsThatTheEncoderCannotReadIsCopiedOnceAndToldOnce)
{
    static int told;
    told = 0;
    const GstLogFunction count = [](GstDebugCategory *, GstDebugLevel level, const gchar *,
                                    const gchar *, gint, GObject *, GstDebugMessage *message,
                                    gpointer) {
        if (level == GST_LEVEL_WARNING &&
            std::string{gst_debug_message_get(message)}.starts_with("each picture is copied: "))
            ++told;
    };
    gst_debug_set_threshold_for_name("vench264enc", GST_LEVEL_WARNING);
    gst_debug_set_active(TRUE);
    (gst_debug_add_log_function)(count, nullptr, nullptr); // not the macro, which is for C
    make();
    start(642, 368);
    panto::mpp::test::Decoder decoder;
    for (int i = 0; i < 5; ++i) {
        const Picture picture{642, 368, i};
        const auto memory = captures_.memory(rows(picture, 646, 368));
        ASSERT_EQ(push(laid_out(memory, picture, 646, 368)), GST_FLOW_OK);
        const auto unit = pull();
        ASSERT_TRUE(unit);
        EXPECT_GT(psnr(decoder.decode(unit->bytes), picture), 30);
    }
    (gst_debug_remove_log_function)(count);
    EXPECT_EQ(stat("copies"), 5u);
    EXPECT_EQ(told, 1);
}

TEST_F(VencMemory, ThatComesAgainAndAgainIsImportedOnce)
{
    Calls calls;
    make();
    start(128, 64);
    const Picture picture{128, 64};
    const std::array memories{captures_.memory(picture.nv12()), captures_.memory(picture.nv12()),
                              captures_.memory(picture.nv12()), captures_.memory(picture.nv12())};
    const size_t before = descriptors();
    for (size_t i = 0; i < 10000; ++i) {
        ASSERT_EQ(push(Captures::buffer(memories[i % memories.size()])), GST_FLOW_OK);
        ASSERT_TRUE(pull());
    }
    // But for the log's own, nothing was opened.
    EXPECT_EQ(descriptors(), before);
    EXPECT_EQ(stat("copies"), 0u);
    end();
    const auto all = calls.take();
    EXPECT_EQ(std::count_if(all.begin(), all.end(),
                            [](const auto &l) { return l.starts_with("buffer_import"); }),
              4);
}

TEST_F(VencMemory, OfAnotherLayoutInMidstreamIsRead)
{
    make();
    start();
    panto::mpp::test::Decoder decoder;
    for (int i = 0; i < 6; ++i) {
        const Picture picture{640, 368, i};
        const int stride = i < 3 ? 640 : 704;
        const auto memory = captures_.memory(rows(picture, stride, 368));
        ASSERT_EQ(push(laid_out(memory, picture, stride, 368)), GST_FLOW_OK);
        const auto unit = pull();
        ASSERT_TRUE(unit);
        EXPECT_EQ(unit->key, i % 3 == 0) << "the library begins anew";
        EXPECT_GT(psnr(decoder.decode(unit->bytes), picture), 30) << i;
    }
    EXPECT_EQ(stat("copies"), 0u);
}

TEST_F(VencMemory, ThatIsTooShortIsNotReadBeyondItsEnd)
{
    make();
    start();
    const Picture picture{640, 368};
    auto bytes = picture.nv12();
    bytes.resize(bytes.size() - 4096);
    EXPECT_EQ(push(captures_.buffer(bytes)), GST_FLOW_OK);
    EXPECT_FALSE(pull());
    EXPECT_EQ(stat("failed"), 1u);
    EXPECT_TRUE(encode()) << "the next one is well";
}
