// SPDX-License-Identifier: LGPL-2.1-or-later
/// texthid: types UTF-8 text as keyboard reports, at the pace of a quick typist.
///
/// Units    interval is in ms, from one key press to the next; the release comes half way
/// Errors   LIBRARY/SETTINGS  there is no such layout
/// Drops    characters the layout cannot type and bytes that are no UTF-8; the message kvm-text
///          counts them
/// Threads  all on the streaming thread; a flush or a state change ends its wait
/// Try      echo hello | gst-launch-1.0 fdsrc ! texthid ! hidsink
#include "plugins/texthid/texthid.h"

#include "lib/gst/element.h"
#include "lib/gst/ref.h"
#include "lib/usbhid/text.h"

#include <optional>

GST_DEBUG_CATEGORY_STATIC(texthid_debug);
#define GST_CAT_DEFAULT texthid_debug

namespace
{

using namespace panto;

struct Settings {
    std::string layout = "us";
    unsigned interval_ms = 30;
};

class TextHid
{
public:
    using Parent = GstElement;
    using ParentClass = GstElementClass;
    static constexpr char kTypeName[] = "PantoTextHid";
    static constexpr Field<Settings> kFields[] = {
        {"layout", "Keyboard layout of the computer, such as us or de", &Settings::layout, 0, 0,
         true},
        {"interval", "From one key press to the next, in ms", &Settings::interval_ms, 0, 10000,
         true},
    };
    static GType parent_type() { return GST_TYPE_ELEMENT; }
    static void class_init(GstElementClass *klass);

    explicit TextHid(GstElement *element);
    GstFlowReturn chain(GstBuffer *text);
    bool event(GstEvent *event);
    GstStateChangeReturn change_state(GstStateChange change);

    panto::gst::Guarded<Settings> settings;

private:
    bool choose_layout(const std::string &id);
    GstFlowReturn play(const hid::Typed &typed);
    GstFlowReturn push(const hid::KeyboardReport &report);
    GstFlowReturn finish();
    bool wait_until_due();
    void interrupt(bool on);

    GstElement *element_; // borrowed: the element owns us
    GstPad *sink_;        // borrowed: the element owns its pads
    GstPad *src_;

    // The streaming thread's
    std::string layout_;
    std::optional<hid::Typist> typist_;
    GstClockTime due_ = 0; // on the clock: when the next report may go
    bool held_ = false;    // the last report pressed a key
    unsigned left_out_ = 0;

    std::mutex mutex_; // guards the two below
    bool interrupted_ = false;
    GstClockID waiting_ = nullptr; // borrowed from wait_until_due()
};

TextHid::TextHid(GstElement *element) : element_{element}
{
    auto *klass = GST_ELEMENT_GET_CLASS(element);
    sink_ = gst_pad_new_from_template(gst_element_class_get_pad_template(klass, "sink"), "sink");
    src_ = gst_pad_new_from_template(gst_element_class_get_pad_template(klass, "src"), "src");
    using panto::gst::impl;
    gst_pad_set_chain_function(sink_, [](GstPad *, GstObject *e, GstBuffer *text) {
        return impl<TextHid>(e).chain(text);
    });
    gst_pad_set_event_function(sink_, [](GstPad *, GstObject *e, GstEvent *event) -> gboolean {
        return impl<TextHid>(e).event(event);
    });
    gst_pad_use_fixed_caps(src_);
    gst_element_add_pad(element, sink_);
    gst_element_add_pad(element, src_);
}

bool TextHid::choose_layout(const std::string &id)
{
    if (typist_ && id == layout_)
        return true;
    const hid::Layout *layout = hid::find_layout(id);
    if (!layout) {
        GST_ELEMENT_ERROR(element_, LIBRARY, SETTINGS, ("No keyboard layout %s", id.c_str()),
                          (nullptr));
        return false;
    }
    layout_ = id;
    typist_.emplace(*layout);
    return true;
}

GstFlowReturn TextHid::chain(GstBuffer *text)
{
    const auto owned = Ref<GstBuffer>::adopt(text);
    if (!choose_layout(settings.copy().layout))
        return GST_FLOW_ERROR;
    GstMapInfo map;
    if (!gst_buffer_map(text, &map, GST_MAP_READ)) {
        GST_ELEMENT_ERROR(element_, RESOURCE, READ, (nullptr), ("cannot map a buffer"));
        return GST_FLOW_ERROR;
    }
    const hid::Typed typed = typist_->type({map.data, map.size});
    gst_buffer_unmap(text, &map);
    return play(typed);
}

GstFlowReturn TextHid::play(const hid::Typed &typed)
{
    if (typed.left_out) {
        left_out_ += typed.left_out;
        GST_INFO_OBJECT(element_, "left out %u characters so far", left_out_);
        gst_element_post_message(
            element_, gst_message_new_element(GST_OBJECT(element_),
                                              gst_structure_new("kvm-text", "left-out", G_TYPE_UINT,
                                                                left_out_, nullptr)));
    }
    if (held_) // a flush came between a press and its release
        if (const GstFlowReturn flow = push(hid::kAllKeysUp); flow != GST_FLOW_OK)
            return flow;
    for (const hid::KeyboardReport &report : typed.reports)
        if (const GstFlowReturn flow = push(report); flow != GST_FLOW_OK)
            return flow;
    return GST_FLOW_OK;
}

GstFlowReturn TextHid::push(const hid::KeyboardReport &report)
{
    if (!wait_until_due())
        return GST_FLOW_FLUSHING;
    held_ = report != hid::kAllKeysUp;
    GstBuffer *buffer = gst_buffer_new_memdup(report.data(), report.size());
    GST_BUFFER_PTS(buffer) = gst_element_get_current_running_time(element_);
    return gst_pad_push(src_, buffer);
}

/// Sleeps until the next report's turn and sets the turn after it; false when interrupted.
bool TextHid::wait_until_due()
{
    const GstClockTime interval = settings.copy().interval_ms * GST_MSECOND;
    const auto own = Ref<GstClock>::adopt(gst_element_get_clock(element_));
    const auto clock = own ? own : Ref<GstClock>::adopt(gst_system_clock_obtain());
    const GstClockTime now = gst_clock_get_time(clock.get());
    // Bounded, for the clock may be another than last time.
    const GstClockTime at = std::min(std::max(due_, now), now + interval);
    due_ = at + (held_ ? interval - interval / 2 : interval / 2); // held_: this one releases

    std::unique_lock lock{mutex_};
    if (interrupted_)
        return false;
    if (at == now)
        return true;
    waiting_ = gst_clock_new_single_shot_id(clock.get(), at);
    lock.unlock();
    const GstClockReturn result = gst_clock_id_wait(waiting_, nullptr);
    lock.lock();
    gst_clock_id_unref(std::exchange(waiting_, nullptr));
    return result != GST_CLOCK_UNSCHEDULED && !interrupted_;
}

void TextHid::interrupt(bool on)
{
    std::lock_guard lock{mutex_};
    interrupted_ = on;
    if (on && waiting_)
        gst_clock_id_unschedule(waiting_);
}

/// Counts an unfinished character and leaves no key down.
GstFlowReturn TextHid::finish()
{
    if (!typist_)
        return GST_FLOW_OK;
    return play(typist_->finish());
}

bool TextHid::event(GstEvent *event)
{
    switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_FLUSH_START:
        interrupt(true);
        break;
    case GST_EVENT_FLUSH_STOP:
        interrupt(false);
        typist_.reset(); // half a character may have been flushed; held_ is let go with the next
        break;
    case GST_EVENT_CAPS: // the text's, not the reports'
        gst_event_unref(event);
        return true;
    case GST_EVENT_SEGMENT: {
        gst_event_unref(event);
        GstCaps *caps = gst_pad_get_pad_template_caps(src_);
        gst_pad_push_event(src_, gst_event_new_caps(caps));
        gst_caps_unref(caps);
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME); // reports have times, whatever the text had
        return gst_pad_push_event(src_, gst_event_new_segment(&segment));
    }
    case GST_EVENT_EOS:
        finish();
        break;
    default:
        break;
    }
    return gst_pad_event_default(sink_, GST_OBJECT(element_), event);
}

GstStateChangeReturn TextHid::change_state(GstStateChange change)
{
    if (change == GST_STATE_CHANGE_READY_TO_PAUSED) {
        typist_.reset();
        if (!choose_layout(settings.copy().layout))
            return GST_STATE_CHANGE_FAILURE;
        due_ = 0;
        held_ = false;
        left_out_ = 0;
        interrupt(false);
    }
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
        interrupt(true); // or the pads could not be shut while it waits
    return GST_ELEMENT_CLASS(g_type_class_peek_parent(G_OBJECT_GET_CLASS(element_)))
        ->change_state(element_, change);
}

void TextHid::class_init(GstElementClass *klass)
{
    static GstStaticPadTemplate sink =
        GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
    static GstStaticPadTemplate src =
        GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS,
                                GST_STATIC_CAPS("application/x-hid-report, kind=keyboard"));
    GST_DEBUG_CATEGORY_INIT(texthid_debug, "texthid", 0, "text to keyboard reports");
    gst_element_class_set_static_metadata(klass, "Text typist", "Converter/Text",
                                          "Types UTF-8 text as HID keyboard reports",
                                          "Pantograph authors");
    gst_element_class_add_static_pad_template(klass, &sink);
    gst_element_class_add_static_pad_template(klass, &src);
    using panto::gst::impl;
    klass->change_state = [](GstElement *e, GstStateChange change) {
        return impl<TextHid>(e).change_state(change);
    };
}

} // namespace

GST_ELEMENT_REGISTER_DEFINE(texthid, "texthid", GST_RANK_NONE, panto::gst::element_type<TextHid>())
