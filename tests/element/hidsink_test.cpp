// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/base/fd.h"
#include "lib/gst/ref.h"
#include "lib/usbhid/report.h"
#include "lib/usbhid/usages.h"
#include "lib/virtual/computer.h"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <gst/check/gstharness.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <termios.h>

using namespace panto;

namespace
{

constexpr int kLimitMs = 10000; // of every wait in here
using Bytes = std::vector<uint8_t>;
const Bytes kA{0, 0, 4, 0, 0, 0, 0, 0};
const Bytes kUp(8);

struct Teardown {
    void operator()(GstHarness *h) const { gst_harness_teardown(h); }
};
using Harness = std::unique_ptr<GstHarness, Teardown>;

Bytes read_report(const Fd &host, size_t size = 8)
{
    Bytes out;
    while (out.size() < size) {
        pollfd ready{host.get(), POLLIN, 0};
        uint8_t bytes[64];
        if (::poll(&ready, 1, kLimitMs) != 1)
            return out;
        const ssize_t n = ::read(host.get(), bytes, size - out.size());
        if (n <= 0)
            return out;
        out.insert(out.end(), bytes, bytes + n);
    }
    return out;
}

/// A terminal in place of a gadget node: what is written to its path, we read; and back.
struct Terminal {
    Fd host{::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)};
    std::string path;

    Terminal()
    {
        EXPECT_EQ(::grantpt(host.get()), 0);
        EXPECT_EQ(::unlockpt(host.get()), 0);
        path = ::ptsname(host.get());
        termios raw = {};
        ::cfmakeraw(&raw);
        EXPECT_EQ(::tcsetattr(host.get(), TCSANOW, &raw), 0);
    }
};

class HidSink : public testing::Test
{
protected:
    ~HidSink() override
    {
        harness.reset();
        if (bus)
            gst_bus_set_flushing(bus.get(), TRUE);
        std::filesystem::remove_all(folder);
    }
    std::string make_fifo()
    {
        const std::string path = folder + "/hidg0";
        EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
        return path;
    }
    void start(const std::string &device, unsigned timeout_ms = unsigned(kLimitMs) / 2,
               bool wait_for_device = false)
    {
        element = Ref<GstElement>::sink(gst_element_factory_make("hidsink", nullptr));
        g_object_set(element.get(), "device", device.c_str(), "write-timeout", timeout_ms,
                     "wait-for-device", gboolean(wait_for_device), nullptr);
        bus = Ref<GstBus>::adopt(gst_bus_new());
        gst_element_set_bus(element.get(), bus.get());
        harness.reset(gst_harness_new_with_element(element.get(), "sink", nullptr));
        gst_harness_set_src_caps_str(harness.get(), "application/x-hid-report");
    }
    GstFlowReturn push(const Bytes &bytes)
    {
        return gst_harness_push(harness.get(), gst_buffer_new_memdup(bytes.data(), bytes.size()));
    }
    /// The next element message of this name; null if none comes.
    Ref<GstMessage> message(const char *name)
    {
        while (true) {
            auto m = Ref<GstMessage>::adopt(
                gst_bus_timed_pop_filtered(bus.get(), GST_MSECOND * kLimitMs, GST_MESSAGE_ELEMENT));
            if (!m || gst_message_has_name(m.get(), name))
                return m;
        }
    }
    std::string next_state()
    {
        const auto m = message("kvm-hid");
        return m ? gst_structure_get_string(gst_message_get_structure(m.get()), "state") : "none";
    }
    guint64 count(const char *property)
    {
        guint64 value = 0;
        g_object_get(element.get(), property, &value, nullptr);
        return value;
    }

    std::string folder = [] {
        char name[] = "/tmp/hidsink.XXXXXX";
        return std::string{::mkdtemp(name)};
    }();
    Ref<GstElement> element;
    Ref<GstBus> bus;
    Harness harness;
};

} // namespace

TEST_F(HidSink, WritesOneReportPerBuffer)
{
    Terminal node;
    start(node.path);
    ASSERT_EQ(push(kA), GST_FLOW_OK);
    ASSERT_EQ(push(kUp), GST_FLOW_OK);
    EXPECT_EQ(read_report(node.host), kA);
    EXPECT_EQ(read_report(node.host), kUp);
}

TEST_F(HidSink, PostsLedsWhenTheyChange)
{
    Terminal node;
    start(node.path);
    const uint8_t caps = hid::kCapsLock;
    ASSERT_EQ(::write(node.host.get(), &caps, 1), 1);
    const auto m = message("kvm-leds");
    ASSERT_TRUE(m);
    const GstStructure *fields = gst_message_get_structure(m.get());
    guint leds = 0;
    gboolean num = TRUE, capital = FALSE, scroll = TRUE;
    ASSERT_TRUE(gst_structure_get(fields, "leds", G_TYPE_UINT, &leds, "num-lock", G_TYPE_BOOLEAN,
                                  &num, "caps-lock", G_TYPE_BOOLEAN, &capital, "scroll-lock",
                                  G_TYPE_BOOLEAN, &scroll, nullptr));
    EXPECT_EQ(leds, 2u);
    EXPECT_FALSE(num);
    EXPECT_TRUE(capital);
    EXPECT_FALSE(scroll);
}

TEST_F(HidSink, SaysThatAHostSleepsAndDropsNothingSilently)
{
    const std::string path = make_fifo();
    const Fd host{::open(path.c_str(), O_RDONLY | O_NONBLOCK)};
    start(path, 1);
    Ref<GstMessage> m;
    guint64 pushed = 0;
    // A pipe holds some thousand reports before it takes no more.
    while (!(m = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ELEMENT)))) {
        ASSERT_EQ(push(kA), GST_FLOW_OK);
        ASSERT_LT(++pushed, 1000000u);
    }
    const GstStructure *fields = gst_message_get_structure(m.get());
    EXPECT_STREQ(gst_structure_get_string(fields, "state"), "asleep");
    guint dropped = 0;
    ASSERT_TRUE(gst_structure_get_uint(fields, "dropped", &dropped));
    EXPECT_GT(dropped, 0u);
    ASSERT_TRUE(gst_harness_push_event(harness.get(), gst_event_new_eos())); // waits for the rest
    EXPECT_EQ(count("reports-sent") + count("reports-dropped"), pushed);
}

TEST_F(HidSink, AHostThatWakesUpFirstHearsThatAllIsUp)
{
    const std::string path = make_fifo();
    const Fd host{::open(path.c_str(), O_RDONLY | O_NONBLOCK)};
    start(path, 1);
    Ref<GstMessage> m;
    while (!(m = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ELEMENT))))
        ASSERT_EQ(push(kA), GST_FLOW_OK);
    const guint64 stale = count("reports-sent");
    for (guint64 i = 0; i < stale; ++i)
        ASSERT_EQ(read_report(host), kA);
    EXPECT_EQ(read_report(host), kUp);
    EXPECT_EQ(next_state(), "online");
}

TEST_F(HidSink, SurvivesANodeThatGoesAwayAndReturns)
{
    const std::string path = make_fifo();
    Fd host{::open(path.c_str(), O_RDONLY | O_NONBLOCK)};
    start(path);
    ASSERT_EQ(push(kA), GST_FLOW_OK);
    EXPECT_EQ(read_report(host), kA);
    host = {};
    EXPECT_EQ(next_state(), "gone");
    EXPECT_EQ(push(kUp), GST_FLOW_OK);
    EXPECT_EQ(count("reports-dropped"), 1u);
    host = Fd{::open(path.c_str(), O_RDONLY | O_NONBLOCK)};
    EXPECT_EQ(next_state(), "online");
    EXPECT_EQ(read_report(host), kUp);
}

TEST_F(HidSink, WaitsForANodeThatIsNotThereYet)
{
    const std::string path = folder + "/hidg0";
    start(path, 100, true);
    EXPECT_EQ(next_state(), "gone");
    const std::string fifo = make_fifo();
    const Fd host{::open(fifo.c_str(), O_RDONLY | O_NONBLOCK)};
    EXPECT_EQ(next_state(), "online");
    ASSERT_EQ(push(kA), GST_FLOW_OK);
    EXPECT_EQ(read_report(host), kA);
}

TEST_F(HidSink, FailsToStartWhenTheNodeIsMissing)
{
    element = Ref<GstElement>::sink(gst_element_factory_make("hidsink", nullptr));
    bus = Ref<GstBus>::adopt(gst_bus_new());
    gst_element_set_bus(element.get(), bus.get());
    g_object_set(element.get(), "device", "/nonexistent", nullptr);
    EXPECT_EQ(gst_element_set_state(element.get(), GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    const auto m = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    ASSERT_TRUE(m);
    GError *error = nullptr;
    gst_message_parse_error(m.get(), &error, nullptr);
    EXPECT_TRUE(g_error_matches(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_WRITE));
    EXPECT_STREQ(error->message, "cannot open /nonexistent: No such file or directory");
    g_error_free(error);
    gst_element_set_state(element.get(), GST_STATE_NULL);
}

TEST_F(HidSink, LetsGoOfWhatIsHeldWhenItStops)
{
    Terminal node;
    start(node.path);
    ASSERT_EQ(push(kA), GST_FLOW_OK);
    EXPECT_EQ(read_report(node.host), kA);
    const Fd keep{::open(node.path.c_str(), O_RDWR | O_NOCTTY)}; // else the last close discards it
    gst_element_set_state(element.get(), GST_STATE_READY);
    EXPECT_EQ(read_report(node.host), kUp);
}

TEST_F(HidSink, RefusesAReportThatIsTooLongAndGoesOn)
{
    Terminal node;
    start(node.path);
    for (const size_t size : {65, 4096, 0}) {
        GstBuffer *buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
        EXPECT_EQ(gst_harness_push(harness.get(), buffer), GST_FLOW_OK);
        const auto m = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_WARNING));
        EXPECT_TRUE(m) << size;
    }
    ASSERT_EQ(push(kA), GST_FLOW_OK);
    EXPECT_EQ(read_report(node.host), kA);
    EXPECT_EQ(count("reports-sent"), 1u);
}

TEST_F(HidSink, StopsAtOnceWhileItWaitsForASleepingHost)
{
    const std::string path = make_fifo();
    const Fd host{::open(path.c_str(), O_RDONLY | O_NONBLOCK)};
    start(path, 5000);
    std::atomic<bool> flushing{false};
    GstPad *pad = harness->srcpad;
    std::thread pusher{[&] {
        while (gst_pad_push(pad, gst_buffer_new_memdup(kA.data(), kA.size())) == GST_FLOW_OK)
            ;
        flushing = true;
    }};
    EXPECT_TRUE(gst_pad_push_event(pad, gst_event_new_flush_start()));
    pusher.join();
    EXPECT_TRUE(flushing);
}

TEST_F(HidSink, KeepsNoCopyOfWhatIsTyped)
{
    start("virtual");
    push(kUp);
    gboolean enabled = TRUE;
    g_object_get(element.get(), "enable-last-sample", &enabled, nullptr);
    EXPECT_FALSE(enabled);
}

TEST_F(HidSink, HasTheDocumentedDefaults)
{
    element = Ref<GstElement>::sink(gst_element_factory_make("hidsink", nullptr));
    guint timeout = 0;
    gboolean wait = TRUE, sync = TRUE;
    gchar *device = nullptr;
    g_object_get(element.get(), "write-timeout", &timeout, "device", &device, "wait-for-device",
                 &wait, "sync", &sync, nullptr);
    EXPECT_EQ(timeout, 100u);
    EXPECT_STREQ(device, "virtual");
    EXPECT_FALSE(wait);
    EXPECT_FALSE(sync);
    g_free(device);
}

// The virtual computer

TEST_F(HidSink, TypesOnTheVirtualComputer)
{
    start("virtual");
    push(kA);
    push(kUp);
    ASSERT_TRUE(gst_harness_push_event(harness.get(), gst_event_new_eos()));
    EXPECT_TRUE(VirtualComputer::shared().text().ends_with("$ a"));
    EXPECT_EQ(count("reports-sent"), 2u);
}

TEST_F(HidSink, TellsTheVirtualComputersReportsApartByTheirLength)
{
    start("virtual");
    push({hid::kLeft, 0, 0, 0});
    push({hid::kLeft | hid::kRight, 1, 0, 1, 0, 0});
    push({0xe9, 0});
    push(kA);
    gst_harness_push_event(harness.get(), gst_event_new_eos());
    EXPECT_EQ(VirtualComputer::shared().held(), 4u);
    gst_element_set_state(element.get(), GST_STATE_NULL);
    EXPECT_EQ(VirtualComputer::shared().held(), 0u) << "all is let go";
}

TEST_F(HidSink, RefusesALengthTheVirtualComputerDoesNotKnow)
{
    start("virtual");
    EXPECT_EQ(push(Bytes(5)), GST_FLOW_OK);
    EXPECT_TRUE(Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_WARNING)));
}

TEST_F(HidSink, PostsTheVirtualComputersLedsAlsoWhenAResetClearsThem)
{
    start("virtual");
    const auto next_leds = [&] {
        guint leds = 99;
        if (const auto m = message("kvm-leds"))
            gst_structure_get_uint(gst_message_get_structure(m.get()), "leds", &leds);
        return leds;
    };
    EXPECT_EQ(next_leds(), 0u) << "known from the start";
    push({0, 0, hid::usage::kCapsLock, 0, 0, 0, 0, 0});
    push(kUp);
    EXPECT_EQ(next_leds(), 2u);
    VirtualComputer::shared().hold(VirtualComputer::Button::Reset, true);
    VirtualComputer::shared().hold(VirtualComputer::Button::Reset, false);
    EXPECT_EQ(next_leds(), 0u);
}
