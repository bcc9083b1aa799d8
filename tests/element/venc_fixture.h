// SPDX-License-Identifier: LGPL-2.1-or-later
/// A hardware encoder's element: pictures in, packets out. On the stand-in library nothing of it
/// may be left at the end, neither an object of the library nor a descriptor.
#pragma once

#include "lib/gst/ref.h"
#include "tests/unit/mpp_decode.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <gst/allocators/gstdmabuf.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <thread>

namespace panto::venc::test
{

using mpp::test::counts;
using mpp::test::Picture;
using mpp::test::psnr;
using mpp::test::Variable;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

/// A picture as B, G, R bytes, by the definition of BT.709 in limited range.
inline std::vector<uint8_t> bgr(const Picture &p, size_t bytes_per_pixel)
{
    std::vector<uint8_t> out;
    for (int j = 0; j < p.height; ++j)
        for (int i = 0; i < p.width; ++i) {
            const auto c = size_t(j / 2 * (p.width / 2) + i / 2);
            const double y = (p.y[size_t(j * p.width + i)] - 16) / 219.0;
            const double cb = (p.u[c] - 128) / 224.0, cr = (p.v[c] - 128) / 224.0;
            const double b = y + 1.8556 * cb, r = y + 1.5748 * cr;
            const double g = (y - 0.2126 * r - 0.0722 * b) / 0.7152;
            for (const double v : {b, g, r})
                out.push_back(uint8_t(std::lround(std::clamp(v, 0.0, 1.0) * 255)));
            out.insert(out.end(), bytes_per_pixel - 3, 0);
        }
    return out;
}

/// What B, G, R bytes are in Y'CbCr of 4:2:0, by the definition of its matrix.
inline Picture from_bgr(const std::vector<uint8_t> &bytes, size_t bytes_per_pixel, int width,
                        int height, double kr, double kb, bool full)
{
    Picture p{width, height};
    const double luma = full ? 255 : 219, chroma = full ? 255 : 224, black = full ? 0 : 16;
    for (int j = 0; j < height; j += 2)
        for (int i = 0; i < width; i += 2) {
            double cb = 0, cr = 0;
            for (int n = 0; n < 4; ++n) {
                const auto at = size_t((j + n / 2) * width + i + n % 2);
                const uint8_t *const c = &bytes[at * bytes_per_pixel];
                const double b = c[0] / 255.0, r = c[2] / 255.0;
                const double y = kr * r + (1 - kr - kb) * c[1] / 255.0 + kb * b;
                p.y[at] = uint8_t(std::lround(black + luma * y));
                cb += (b - y) / (8 * (1 - kb));
                cr += (r - y) / (8 * (1 - kr));
            }
            const auto at = size_t(j / 2 * (width / 2) + i / 2);
            p.u[at] = uint8_t(std::clamp(std::lround(128 + chroma * cb), 0l, 255l));
            p.v[at] = uint8_t(std::clamp(std::lround(128 + chroma * cr), 0l, 255l));
        }
    return p;
}

/// What comes out for one picture.
struct Unit {
    std::vector<uint8_t> bytes;
    GstClockTime pts = 0, dts = 0;
    bool key = false;

    std::vector<int> nal_types() const { return mpp::test::Coded{.bytes = bytes}.nal_types(); }
    /// The three bytes that SDP calls profile-level-id.
    std::vector<int> profile() const
    {
        for (size_t i = 0; i + 7 < bytes.size(); ++i)
            if (!bytes[i] && !bytes[i + 1] && bytes[i + 2] == 1 && (bytes[i + 3] & 31) == 7)
                return {bytes[i + 4], bytes[i + 5], bytes[i + 6]};
        return {};
    }
};

/// What the library was asked while this lived.
class Calls
{
public:
    Calls() : variable_{std::in_place, "STANDIN_LOG", path_} {}
    ~Calls() { std::filesystem::remove(path_); }

    /// Ends the log, which the library closes when it makes a context next.
    std::vector<std::string> take()
    {
        variable_.reset();
        mpp::Context *context = nullptr;
        mpp::Api *api = nullptr;
        EXPECT_EQ(mpp::mpp_create(&context, &api), mpp::Ret::Ok);
        mpp::mpp_destroy(context);
        std::ifstream file{path_};
        std::vector<std::string> lines;
        for (std::string line; std::getline(file, line);)
            lines.push_back(line);
        return lines;
    }

private:
    const std::string path_ =
        testing::TempDir() + "venc-" + std::to_string(getpid()) + "-calls.log";
    std::optional<Variable> variable_;
};

/// Memory of a capture device's: filled by someone else, known by a descriptor.
class Captures
{
public:
    Ref<GstMemory> memory(const std::vector<uint8_t> &bytes, size_t size = 0)
    {
        const int fd = memfd_create("capture", MFD_CLOEXEC);
        EXPECT_EQ(ftruncate(fd, off_t(std::max(size, bytes.size()))), 0);
        EXPECT_EQ(write(fd, bytes.data(), bytes.size()), ssize_t(bytes.size()));
        return Ref<GstMemory>::adopt(
            gst_dmabuf_allocator_alloc(allocator_.get(), fd, std::max(size, bytes.size())));
    }

    static Ref<GstBuffer> buffer(const Ref<GstMemory> &memory)
    {
        auto b = Ref<GstBuffer>::adopt(gst_buffer_new());
        gst_buffer_append_memory(b.get(), Ref<GstMemory>{memory}.give());
        return b;
    }
    Ref<GstBuffer> buffer(const std::vector<uint8_t> &bytes) { return buffer(memory(bytes)); }

private:
    const Ref<GstAllocator> allocator_ = Ref<GstAllocator>::adopt(gst_dmabuf_allocator_new());
};

/// An encoder on whichever library VENC_MPP_LIBRARY names.
class VencElement : public testing::Test
{
protected:
    void TearDown() override { end(); }

    static size_t descriptors()
    {
        const std::filesystem::directory_iterator all{"/proc/self/fd"};
        return size_t(std::distance(begin(all), std::filesystem::end(all)));
    }

    void make(const char *name = "vench264enc")
    {
        element_ = Ref<GstElement>::sink(gst_element_factory_make(name, nullptr));
        bus_ = Ref<GstBus>::adopt(gst_bus_new());
        gst_element_set_bus(element_.get(), bus_.get());
    }

    template <class... Values>
    void set(const char *property, Values... values)
    {
        g_object_set(element_.get(), property, values..., nullptr);
    }

    void set_text(const char *property, const char *value)
    {
        gst_util_set_object_arg(G_OBJECT(element_.get()), property, value);
    }

    void start(int width = 640, int height = 368, const std::string &format = "NV12",
               const std::string &more = "framerate=30/1,colorimetry=bt709",
               const char *out_caps = nullptr)
    {
        if (!harness_) {
            harness_.reset(gst_harness_new_with_element(element_.get(), "sink", nullptr));
            gst_harness_add_element_src_pad(harness_.get(), src_pad().get());
            if (out_caps)
                gst_harness_set_sink_caps_str(harness_.get(), out_caps);
        }
        const std::string caps = "video/x-raw,format=" + format +
                                 ",width=" + std::to_string(width) +
                                 ",height=" + std::to_string(height) + "," + more;
        gst_harness_set_src_caps_str(harness_.get(), caps.c_str());
        width_ = width;
        height_ = height;
    }

    /// From the beginning, as a user who stops the pipeline and starts it again.
    void restart()
    {
        harness_.reset();
        gst_element_set_state(element_.get(), GST_STATE_NULL);
        const auto pad = src_pad();
        if (const auto peer = Ref<GstPad>::adopt(gst_pad_get_peer(pad.get())))
            gst_pad_unlink(pad.get(), peer.get());
        start(width_, height_);
    }

    Ref<GstPad> src_pad() const
    {
        return Ref<GstPad>::adopt(gst_element_get_static_pad(element_.get(), "src"));
    }

    static Ref<GstBuffer> in_memory(const std::vector<uint8_t> &bytes)
    {
        auto b = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, bytes.size(), nullptr));
        gst_buffer_fill(b.get(), 0, bytes.data(), bytes.size());
        return b;
    }

    GstFlowReturn push(Ref<GstBuffer> buffer)
    {
        auto b = Ref<GstBuffer>::adopt(gst_buffer_make_writable(buffer.give()));
        GST_BUFFER_PTS(b.get()) = pts_;
        GST_BUFFER_DURATION(b.get()) = GST_SECOND / 30;
        pts_ += GST_SECOND / 30;
        return gst_harness_push(harness_.get(), b.give());
    }
    GstFlowReturn push(const Picture &p) { return push(in_memory(p.nv12())); }

    std::optional<Unit> pull()
    {
        const auto b = Ref<GstBuffer>::adopt(gst_harness_try_pull(harness_.get()));
        if (!b)
            return {};
        Unit u;
        u.bytes.resize(gst_buffer_get_size(b.get()));
        gst_buffer_extract(b.get(), 0, u.bytes.data(), u.bytes.size());
        u.pts = GST_BUFFER_PTS(b.get());
        u.dts = GST_BUFFER_DTS(b.get());
        u.key = !GST_BUFFER_FLAG_IS_SET(b.get(), GST_BUFFER_FLAG_DELTA_UNIT);
        return u;
    }

    /// The next moving picture, and what comes of it.
    std::optional<Unit> encode() { return encode(Picture{width_, height_, step_++}); }
    std::optional<Unit> encode(const Picture &p)
    {
        EXPECT_EQ(push(p), GST_FLOW_OK);
        return pull();
    }

    void ask_for_key()
    {
        gst_harness_push_upstream_event(harness_.get(), gst_video_event_new_upstream_force_key_unit(
                                                            GST_CLOCK_TIME_NONE, TRUE, 0));
    }

    uint64_t stat(const char *name) const
    {
        GstStructure *all = nullptr;
        g_object_get(element_.get(), "stats", &all, nullptr);
        guint64 value = ~uint64_t{0};
        EXPECT_TRUE(gst_structure_get_uint64(all, name, &value)) << name;
        gst_structure_free(all);
        return value;
    }

    /// What it said went wrong, each in a line.
    std::string errors() const
    {
        std::string said;
        while (const auto m =
                   Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_ERROR))) {
            GError *error = nullptr;
            gst_message_parse_error(m.get(), &error, nullptr);
            said += std::string{error->message} + "\n";
            g_error_free(error);
        }
        return said;
    }

    void end()
    {
        harness_.reset();
        if (element_) {
            gst_element_set_bus(element_.get(), nullptr);
            gst_element_set_state(element_.get(), GST_STATE_NULL);
        }
        element_ = {};
        bus_ = {};
    }

    struct Teardown {
        void operator()(GstHarness *h) const { gst_harness_teardown(h); }
    };

    Ref<GstElement> element_;
    Ref<GstBus> bus_;
    std::unique_ptr<GstHarness, Teardown> harness_;
    int width_ = 0, height_ = 0, step_ = 0;
    GstClockTime pts_ = 0;
};

/// One on the stand-in, of which nothing may be left.
class Venc : public VencElement
{
protected:
    Venc() : library_{"VENC_MPP_LIBRARY", std::getenv("VENC_STANDIN")}, open_{descriptors()} {}

    void TearDown() override
    {
        end();
        mpp_standin_release_hangs();
        const auto limit = steady_clock::now() + 5s; // for a thread that was left behind
        while (counts() != decltype(counts()){} && steady_clock::now() < limit)
            std::this_thread::yield();
        EXPECT_EQ(counts(), decltype(counts()){}) << "objects of the library are left";
        EXPECT_EQ(descriptors(), open_) << "descriptors are left";
    }

    Variable library_;
    size_t open_;
};

} // namespace panto::venc::test
