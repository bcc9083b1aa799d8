// SPDX-License-Identifier: LGPL-2.1-or-later
/// venc-overhead FRAMES: what vench264enc adds to the encoder's own time, frame by frame.
///
/// The same 1080p picture, a DMABUF, goes through a bare session and through the element, in turns,
/// each with an encoder of its own. The library is the one that VENC_MPP_LIBRARY names.
///
/// Units    a line for each frame: microseconds of the session, and of the element; at the end the
///          number of pictures that the element has copied
#include "lib/gst/ref.h"
#include "plugins/venc/mpp.h"
#include "plugins/venc/picture.h"
#include "plugins/venc/venc.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <gst/allocators/gstdmabuf.h>
#include <sys/mman.h>

namespace
{

using namespace panto;
using std::chrono::steady_clock;

constexpr int kWidth = 1920, kHeight = 1080;
constexpr char kCaps[] = "video/x-raw(memory:DMABuf),format=NV12,width=1920,height=1080,"
                         "framerate=60/1,colorimetry=bt709";

[[noreturn]] void fail(const std::string &why)
{
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

/// Text on grey, as far as an encoder is concerned.
Ref<GstBuffer> picture(GstAllocator *allocator)
{
    const size_t size = size_t(kWidth) * kHeight * 3 / 2;
    std::vector<uint8_t> bytes(size, 128);
    for (size_t y = 0; y < size_t(kHeight); ++y)
        for (size_t x = 0; x < size_t(kWidth); ++x)
            bytes[y * kWidth + x] = (x * 7 + y * 13) % 31 < 3 && y / 16 % 2 ? 30 : 210;
    const int fd = memfd_create("picture", MFD_CLOEXEC);
    if (write(fd, bytes.data(), size) != ssize_t(size))
        fail("no memory for a picture");
    auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new());
    gst_buffer_append_memory(buffer.get(), gst_dmabuf_allocator_alloc(allocator, fd, size));
    return buffer;
}

/// The element between two pads.
class Element
{
public:
    Element()
    {
        gst_pad_set_chain_function(sink_.get(), [](GstPad *, GstObject *, GstBuffer *b) {
            gst_buffer_unref(b);
            return GST_FLOW_OK;
        });
        const auto in = Ref<GstPad>::adopt(gst_element_get_static_pad(element_.get(), "sink"));
        const auto out = Ref<GstPad>::adopt(gst_element_get_static_pad(element_.get(), "src"));
        gst_pad_link(source_.get(), in.get());
        gst_pad_link(out.get(), sink_.get());
        gst_pad_set_active(source_.get(), TRUE);
        gst_pad_set_active(sink_.get(), TRUE);
        if (gst_element_set_state(element_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
            fail("the element refuses to start");
        const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(kCaps));
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_pad_push_event(source_.get(), gst_event_new_stream_start("bench"));
        gst_pad_push_event(source_.get(), gst_event_new_caps(caps.get()));
        gst_pad_push_event(source_.get(), gst_event_new_segment(&segment));
    }
    ~Element() { gst_element_set_state(element_.get(), GST_STATE_NULL); }

    void encode(GstBuffer *buffer)
    {
        if (gst_pad_push(source_.get(), gst_buffer_ref(buffer)) != GST_FLOW_OK)
            fail("the element takes no picture");
    }

    uint64_t copies() const
    {
        GstStructure *stats = nullptr;
        guint64 n = 0;
        g_object_get(element_.get(), "stats", &stats, nullptr);
        gst_structure_get_uint64(stats, "copies", &n);
        gst_structure_free(stats);
        return n;
    }

private:
    Ref<GstElement> element_ =
        Ref<GstElement>::sink(gst_element_factory_make("vench264enc", nullptr));
    Ref<GstPad> source_ = Ref<GstPad>::sink(gst_pad_new("src", GST_PAD_SRC));
    Ref<GstPad> sink_ = Ref<GstPad>::sink(gst_pad_new("sink", GST_PAD_SINK));
};

/// The session alone.
class Bare
{
public:
    Bare()
    {
        const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(kCaps));
        gst_video_info_from_caps(&info_, caps.get());
        video_ = *venc::video_of(venc::Codec::H264, info_);
        const auto opened = session_.open(venc::Codec::H264);
        if (!opened)
            fail(opened.error().message);
        if (const auto configured = session_.configure(video_, {}); !configured)
            fail(configured.error().message);
    }

    void encode(GstBuffer *buffer)
    {
        std::string why;
        auto p = venc::picture_of(buffer, info_, venc::Codec::H264, video_, why);
        p.id = id_++;
        if (!std::holds_alternative<venc::Packet>(session_.encode(p)))
            fail("the session takes no picture");
    }

private:
    mpp::MppSession session_{[](const std::string &text) { fail(text); }};
    GstVideoInfo info_{};
    venc::Video video_;
    int64_t id_ = 0;
};

long long us(steady_clock::time_point from, steady_clock::time_point to)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
}

} // namespace

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    pantograph_register_venc(nullptr);
    const auto allocator = Ref<GstAllocator>::adopt(gst_dmabuf_allocator_new());
    const auto buffer = picture(allocator.get());
    Bare bare;
    Element element;
    for (int i = 0, frames = argc > 1 ? std::atoi(argv[1]) : 300; i < frames; ++i) {
        GST_BUFFER_PTS(buffer.get()) = GstClockTime(i) * GST_SECOND / 60;
        const auto begun = steady_clock::now();
        bare.encode(buffer.get());
        const auto between = steady_clock::now();
        element.encode(buffer.get());
        const auto done = steady_clock::now();
        std::printf("%lld %lld\n", us(begun, between), us(between, done));
    }
    std::printf("%llu\n", static_cast<unsigned long long>(element.copies()));
}
