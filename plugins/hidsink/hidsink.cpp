// SPDX-License-Identifier: LGPL-2.1-or-later
/// hidsink: delivers each buffer as one HID report to a USB gadget node or the virtual computer.
///
/// Units    one buffer is one report, 1..64 bytes; write-timeout is in milliseconds
/// Errors   RESOURCE/OPEN_WRITE  the node cannot be opened, and wait-for-device is off
///          RESOURCE/WRITE       a warning: the device takes no report of this length
/// Drops    all that waits, once the host takes nothing for write-timeout, is unplugged, or the
///          node goes away; counted, and the message kvm-hid says so
/// Threads  render() on the streaming thread, writing on the writer's; properties from any thread,
///          applied at start
/// Source   Linux Documentation/usb/gadget_hid.rst
/// Try      echo hello | gst-launch-1.0 fdsrc ! texthid ! hidsink
#include "plugins/hidsink/hidsink.h"

#include "lib/gst/element.h"
#include "lib/usbhid/report.h"
#include "plugins/hidsink/writer.h"

#include <gst/base/gstbasesink.h>

GST_DEBUG_CATEGORY_STATIC(hidsink_debug);
#define GST_CAT_DEFAULT hidsink_debug

namespace
{

using namespace panto;

struct Settings {
    std::string device = "virtual";
    std::string function;
    unsigned write_timeout_ms = 100;
    bool wait_for_device = false;
};

class HidSink
{
public:
    using Parent = GstBaseSink;
    using ParentClass = GstBaseSinkClass;
    static constexpr char kTypeName[] = "PantoHidSink";
    static constexpr Field<Settings> kFields[] = {
        {"device", "Gadget node such as /dev/hidg0, or virtual for the virtual computer",
         &Settings::device},
        {"function",
         "Folder of a gadget's HID function in configfs, whose node is opened in place of device",
         &Settings::function},
        {"write-timeout", "Longest wait for the host to take a report, in ms",
         &Settings::write_timeout_ms, 0, 5000},
        {"wait-for-device", "Starts without the node and keeps trying to open it",
         &Settings::wait_for_device},
    };
    static const panto::gst::Counter<HidSink> kCounters[4];
    static GType parent_type() { return GST_TYPE_BASE_SINK; }
    static void class_init(GstBaseSinkClass *klass);

    explicit HidSink(GstBaseSink *element) : element_{element}
    {
        gst_base_sink_set_sync(element_, FALSE); // input is late by definition; never wait for it
        gst_base_sink_set_async_enabled(element_, FALSE); // nor for the first key before playing
        gst_base_sink_set_last_sample_enabled(element_, FALSE); // it would keep what was typed
    }

    bool start();
    GstFlowReturn render(GstBuffer *buffer);
    bool event(GstEvent *event);
    bool interrupt(bool on);
    GstStateChangeReturn change_state(GstStateChange change);

    panto::gst::Guarded<Settings> settings;
    ReportWriter::Counts counts;

private:
    void post_link(ReportWriter::Link link, uint64_t dropped);
    void post_leds(uint8_t leds);

    GstElementClass *parent_class() const
    {
        return GST_ELEMENT_CLASS(g_type_class_peek_parent(G_OBJECT_GET_CLASS(element_)));
    }

    GstBaseSink *element_; // borrowed: the element owns us
    std::unique_ptr<ReportWriter> writer_;
};

const panto::gst::Counter<HidSink> HidSink::kCounters[] = {
    {"reports-received", "Reports that came since the start",
     [](const HidSink &sink) { return sink.counts.received.load(); }},
    {"reports-sent", "Reports the host has taken since the start",
     [](const HidSink &sink) { return sink.counts.sent.load(); }},
    {"reports-dropped", "Reports given up since the start",
     [](const HidSink &sink) { return sink.counts.dropped.load(); }},
    {"reports-waiting", "Reports that the host has yet to take",
     [](const HidSink &sink) { return sink.counts.waiting.load(); }},
};

bool HidSink::start()
{
    const Settings s = settings.copy();
    auto target = make_target(s.device, s.function);
    auto opened = target->open();
    if (!opened && !s.wait_for_device) {
        GST_ELEMENT_ERROR(element_, RESOURCE, OPEN_WRITE, ("%s", opened.error().message.c_str()),
                          (nullptr));
        return false;
    }
    if (!opened)
        GST_WARNING_OBJECT(element_, "%s; will keep trying", opened.error().message.c_str());
    counts.received = 0;
    counts.sent = 0;
    counts.dropped = 0;
    counts.waiting = 0;
    ReportWriter::Options options;
    options.write_timeout = std::chrono::milliseconds{s.write_timeout_ms};
    writer_ = std::make_unique<ReportWriter>(
        std::move(target), bool(opened), options, counts,
        ReportWriter::Events{[this](auto link, auto dropped) { post_link(link, dropped); },
                             [this](auto leds) { post_leds(leds); }});
    return true;
}

GstFlowReturn HidSink::render(GstBuffer *buffer)
{
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        GST_ELEMENT_ERROR(element_, RESOURCE, READ, (nullptr), ("cannot map a buffer"));
        return GST_FLOW_ERROR;
    }
    const size_t size = map.size;
    const bool fits = writer_->accepts(size);
    const Report bytes{{map.data, fits ? size : 0}};
    gst_buffer_unmap(buffer, &map);
    if (!fits) {
        GST_ELEMENT_WARNING(element_, RESOURCE, WRITE, ("No report has %zu bytes", size),
                            (nullptr));
        return GST_FLOW_OK;
    }
    return writer_->push(bytes) ? GST_FLOW_OK : GST_FLOW_FLUSHING;
}

bool HidSink::event(GstEvent *event)
{
    if (writer_ && GST_EVENT_TYPE(event) == GST_EVENT_EOS)
        writer_->drain(); // the application may stop us as soon as it hears of the end
    if (writer_ && GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP)
        writer_->flush();
    return GST_BASE_SINK_CLASS(parent_class())->event(element_, event);
}

bool HidSink::interrupt(bool on)
{
    if (writer_)
        writer_->interrupt(on);
    return true;
}

GstStateChangeReturn HidSink::change_state(GstStateChange change)
{
    // Not in the sink's start() and stop(): those are called in NULL, and a key must not stay down
    // in READY.
    if (change == GST_STATE_CHANGE_READY_TO_PAUSED && !start())
        return GST_STATE_CHANGE_FAILURE;
    const auto result = parent_class()->change_state(GST_ELEMENT(element_), change);
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
        writer_.reset();
    return result;
}

void HidSink::post_link(ReportWriter::Link link, uint64_t dropped)
{
    static constexpr const char *kNames[] = {"online", "asleep", "offline", "gone"};
    const char *name = kNames[int(link)];
    if (link == ReportWriter::Link::Online)
        GST_INFO_OBJECT(element_, "the host is back");
    else
        GST_WARNING_OBJECT(element_, "the host is %s", name);
    gst_element_post_message(
        GST_ELEMENT(element_),
        gst_message_new_element(GST_OBJECT(element_),
                                gst_structure_new("kvm-hid", "state", G_TYPE_STRING, name,
                                                  "dropped", G_TYPE_UINT, guint(dropped), "device",
                                                  G_TYPE_STRING, settings.copy().device.c_str(),
                                                  nullptr)));
}

void HidSink::post_leds(uint8_t leds)
{
    const auto lit = [leds](hid::Led led) { return gboolean((leds & led) != 0); };
    gst_element_post_message(
        GST_ELEMENT(element_),
        gst_message_new_element(GST_OBJECT(element_),
                                gst_structure_new("kvm-leds", "leds", G_TYPE_UINT, guint(leds),
                                                  "num-lock", G_TYPE_BOOLEAN, lit(hid::kNumLock),
                                                  "caps-lock", G_TYPE_BOOLEAN, lit(hid::kCapsLock),
                                                  "scroll-lock", G_TYPE_BOOLEAN,
                                                  lit(hid::kScrollLock), nullptr)));
}

void HidSink::class_init(GstBaseSinkClass *klass)
{
    static GstStaticPadTemplate sink =
        GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
    GST_DEBUG_CATEGORY_INIT(hidsink_debug, "hidsink", 0, "USB HID gadget sink");
    auto *element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element, "USB HID sink", "Sink/Hardware",
                                          "Delivers HID reports to the computer under control",
                                          "Pantograph authors");
    gst_element_class_add_static_pad_template(element, &sink);

    using panto::gst::impl;
    klass->render = [](GstBaseSink *e, GstBuffer *b) { return impl<HidSink>(e).render(b); };
    klass->event = [](GstBaseSink *e, GstEvent *ev) -> gboolean {
        return impl<HidSink>(e).event(ev);
    };
    element->change_state = [](GstElement *e, GstStateChange change) {
        return impl<HidSink>(e).change_state(change);
    };
    klass->unlock = [](GstBaseSink *e) -> gboolean { return impl<HidSink>(e).interrupt(true); };
    klass->unlock_stop = [](GstBaseSink *e) -> gboolean {
        return impl<HidSink>(e).interrupt(false);
    };
}

} // namespace

GST_ELEMENT_REGISTER_DEFINE(hidsink, "hidsink", GST_RANK_NONE, panto::gst::element_type<HidSink>())
