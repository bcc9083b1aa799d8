// SPDX-License-Identifier: LGPL-2.1-or-later
/// kvmsrc: the picture of a computer, from the virtual one or from a capture device.
///
/// Units    width and height are pixels, fps whole frames per second
/// Errors   RESOURCE/OPEN_READ   the device is missing or is no capture device
///          RESOURCE/SETTINGS    the virtual screen has no such mode
///          CORE/NEGOTIATION     downstream takes nothing the source can deliver
/// Drops    pictures that came while downstream was busy: the next one is always the newest
/// Threads  create() and negotiate() on the streaming thread; properties from any thread, applied
///          at start
/// Try      gst-launch-1.0 kvmsrc ! videoconvert ! autovideosink
#include "plugins/kvmsrc/kvmsrc.h"

#include "lib/gst/element.h"
#include "plugins/kvmsrc/capture_source.h"
#include "plugins/kvmsrc/card.h"
#include "plugins/kvmsrc/virtual_source.h"

#include <gst/base/gstpushsrc.h>
#include <gst/video/video.h>
#include <optional>

GST_DEBUG_CATEGORY(kvmsrc_debug);
#define GST_CAT_DEFAULT kvmsrc_debug

namespace
{

using panto::Ref;
using panto::VirtualComputer;
using namespace panto::kvm;

constexpr char kVirtual[] = "virtual";
// What the virtual screen can be, even; no device needs to be asked for more.
constexpr unsigned kLeastWidth = 320, kMostWidth = 4096;
constexpr unsigned kLeastHeight = 200, kMostHeight = 2160;

struct Settings {
    std::string device = kVirtual;
    unsigned width = 1280;
    unsigned height = 720;
    unsigned fps = 30;
    bool stamp = false;
    std::string io_mode = "mmap";
    unsigned buffers = 6;
    bool wait_for_device = false;
};

/// What other threads may ask for while the streaming thread works.
struct Shown {
    Ref<GstCaps> caps;
    GstClockTime latency = 0;
    Figures figures;
};

class KvmSrc
{
public:
    using Parent = GstPushSrc;
    using ParentClass = GstPushSrcClass;
    static constexpr char kTypeName[] = "PantoKvmSrc";
    static constexpr panto::Field<Settings> kFields[] = {
        {"device", "Where the picture comes from: virtual, or a V4L2 node such as /dev/video0",
         &Settings::device},
        {"width",
         "Width of the virtual screen (even), of the frame drawn before any signal came, and asked "
         "of a device that has a choice",
         &Settings::width, kLeastWidth, kMostWidth},
        {"height",
         "Height of the virtual screen (even), of the frame drawn before any signal came, and "
         "asked of a device that has a choice",
         &Settings::height, kLeastHeight, kMostHeight},
        {"fps", "Frames per second of the virtual screen, and asked of a device that has a choice",
         &Settings::fps, 1, 240},
        {"stamp", "Draw a barcode of the wall clock into each virtual frame, to measure latency",
         &Settings::stamp},
        panto::one_of("mmap|dmabuf", "io-mode",
                      "Memory of a device's frames: mmap, or dmabuf to export descriptors where "
                      "the driver can",
                      &Settings::io_mode),
        {"buffers", "How many frames a device may have in flight", &Settings::buffers, 2, 32},
        {"wait-for-device",
         "Start although the device is missing, with a drawn frame until it appears",
         &Settings::wait_for_device},
    };
    static GType parent_type() { return GST_TYPE_PUSH_SRC; }
    static void class_init(GstPushSrcClass *klass);

    explicit KvmSrc(GstPushSrc *element) : element_{element}
    {
        gst_base_src_set_live(base(), TRUE);
        gst_base_src_set_format(base(), GST_FORMAT_TIME);
    }

    bool start();
    bool stop();
    Ref<GstCaps> caps(GstCaps *filter);
    bool negotiate();
    bool decide_allocation(GstQuery *query);
    bool query(GstQuery *query);
    void unlock(bool flushing);
    void resume();
    GstFlowReturn create(GstBuffer **out);
    GstStructure *stats() const;

    panto::gst::Guarded<Settings> settings;

private:
    GstBaseSrc *base() const { return GST_BASE_SRC_CAST(element_); }
    std::unique_ptr<Source> make_source(const Settings &s) const;
    void refuse(const std::string &why, const Ref<GstCaps> &offered);
    void announce(const Signal &signal);
    GstBuffer *finish(Ref<GstBuffer> buffer, GstClockTime age);

    GstPushSrc *element_; // borrowed: the element owns us
    Settings started_;    // as they were at start()
    std::unique_ptr<Source> source_;
    panto::gst::Guarded<Shown> shown_;
    // The streaming thread's own.
    Card card_;
    std::optional<Signal> announced_;
    GstClockTime last_pts_ = GST_CLOCK_TIME_NONE;
    const Ref<GstCaps> unix_ = Ref<GstCaps>::adopt(gst_caps_new_empty_simple("timestamp/x-unix"));
};

std::unique_ptr<Source> KvmSrc::make_source(const Settings &s) const
{
    if (s.device == kVirtual)
        return std::make_unique<VirtualSource>(
            GST_ELEMENT(element_), VirtualComputer::shared(),
            VirtualSource::Options{s.width, s.height, s.fps, s.stamp});
    return std::make_unique<CaptureSource>(
        GST_ELEMENT(element_),
        CaptureSource::Options{s.device, Mode{s.width, s.height, Rate{s.fps, 1}}, s.buffers,
                               s.io_mode == "dmabuf", s.wait_for_device});
}

bool KvmSrc::start()
{
    started_ = settings.copy();
    source_ = make_source(started_);
    if (auto started = source_->start(); !started) {
        const char *why = started.error().message.c_str();
        if (started_.device == kVirtual)
            GST_ELEMENT_ERROR(element_, RESOURCE, SETTINGS, ("%s", why), (nullptr));
        else
            GST_ELEMENT_ERROR(element_, RESOURCE, OPEN_READ, ("%s", why), (nullptr));
        source_.reset();
        return false;
    }
    announced_.reset();
    last_pts_ = GST_CLOCK_TIME_NONE;
    shown_.with([&](Shown &s) { s = {source_->caps(), source_->latency(), {}}; });
    return true;
}

bool KvmSrc::stop()
{
    shown_.with([](Shown &s) { s = {{}, 0, s.figures}; }); // still there to be read
    source_->stop();
    source_.reset();
    return true;
}

Ref<GstCaps> KvmSrc::caps(GstCaps *filter)
{
    auto now = shown_.copy().caps;
    if (!now)
        now = Ref<GstCaps>::adopt(gst_pad_get_pad_template_caps(GST_BASE_SRC_PAD(base())));
    return filter ? Ref<GstCaps>::adopt(
                        gst_caps_intersect_full(filter, now.get(), GST_CAPS_INTERSECT_FIRST))
                  : now;
}

bool KvmSrc::negotiate()
{
    const auto offered = source_->caps();
    shown_.with([&](Shown &s) {
        s.caps = offered;
        s.latency = source_->latency();
    });
    auto both =
        Ref<GstCaps>::adopt(gst_pad_peer_query_caps(GST_BASE_SRC_PAD(base()), offered.get()));
    if (gst_caps_is_empty(both.get())) {
        refuse("nothing downstream takes the picture as it is", offered);
        return false;
    }
    auto ready = source_->configure(source_->choose(std::move(both)));
    if (!ready) {
        refuse(ready.error().message, offered);
        return false;
    }
    card_.set_caps(*ready);
    GST_INFO_OBJECT(element_, "caps %" GST_PTR_FORMAT, ready->get());
    return gst_base_src_set_caps(base(), ready->get());
}

/// The end of the stream, in words that say more than "not negotiated".
void KvmSrc::refuse(const std::string &why, const Ref<GstCaps> &offered)
{
    gchar *text = gst_caps_to_string(offered.get());
    GST_ELEMENT_ERROR(element_, CORE, NEGOTIATION, ("%s; it is %s", why.c_str(), text), (nullptr));
    g_free(text);
}

bool KvmSrc::decide_allocation(GstQuery *query)
{
    source_->set_video_meta(
        gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr));
    return true; // the source brings its own memory: no pool
}

bool KvmSrc::query(GstQuery *query)
{
    if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY) {
        const GstClockTime latency = shown_.copy().latency;
        gst_query_set_latency(query, TRUE, latency, latency);
        return true;
    }
    auto *parent = GST_BASE_SRC_CLASS(g_type_class_peek_parent(GST_BASE_SRC_GET_CLASS(base())));
    return parent->query(base(), query);
}

void KvmSrc::unlock(bool flushing)
{
    if (source_)
        source_->unlock(flushing);
}

void KvmSrc::resume()
{
    if (source_)
        source_->resume();
}

GstFlowReturn KvmSrc::create(GstBuffer **out)
{
    for (;;) {
        Taken taken = source_->take();
        if (taken.what == Taken::What::Flushing)
            return GST_FLOW_FLUSHING;
        if (taken.what == Taken::What::Picture) {
            announce(source_->signal());
            *out = finish(std::move(taken.buffer), taken.age);
            return GST_FLOW_OK;
        }
        if (taken.what == Taken::What::NewCaps) {
            if (gst_base_src_negotiate(base()))
                continue;
            return GST_PAD_IS_FLUSHING(GST_BASE_SRC_PAD(base())) ? GST_FLOW_FLUSHING
                                                                 : GST_FLOW_NOT_NEGOTIATED;
        }
        const Signal signal = source_->signal();
        announce(signal);
        auto drawn = card_.buffer(notice(signal, started_.device));
        if (!drawn) {
            GST_ELEMENT_ERROR(element_, CORE, NEGOTIATION, ("%s", drawn.error().message.c_str()),
                              (nullptr));
            return GST_FLOW_NOT_NEGOTIATED;
        }
        GST_BUFFER_PTS(drawn->get()) = running_time(GST_ELEMENT(element_));
        *out = finish(std::move(*drawn), 0);
        return GST_FLOW_OK;
    }
}

/// Tells the application, once per change.
void KvmSrc::announce(const Signal &signal)
{
    if (announced_ == signal)
        return;
    announced_ = signal;
    GST_INFO_OBJECT(element_, "signal %s %ux%u", name(signal.state), signal.width, signal.height);
    const double fps = double(signal.rate.numerator) / signal.rate.denominator;
    const Notice words = notice(signal, started_.device);
    GstStructure *said = gst_structure_new(
        "kvm-signal", "state", G_TYPE_STRING, name(signal.state), "width", G_TYPE_UINT,
        signal.width, "height", G_TYPE_UINT, signal.height, "fps", G_TYPE_DOUBLE, fps, "reason",
        G_TYPE_STRING, words.reason.c_str(), "cure", G_TYPE_STRING, words.cure.c_str(),
        "interlaced", G_TYPE_BOOLEAN, gboolean(signal.interlaced), nullptr);
    gst_element_post_message(GST_ELEMENT(element_),
                             gst_message_new_element(GST_OBJECT(element_), said));
}

/// Adds what every buffer has: a PTS past the last one, and the wall clock at capture.
GstBuffer *KvmSrc::finish(Ref<GstBuffer> buffer, GstClockTime age)
{
    GstClockTime &pts = GST_BUFFER_PTS(buffer.get());
    if (GST_CLOCK_TIME_IS_VALID(last_pts_) && pts <= last_pts_)
        pts = last_pts_ + 1;
    last_pts_ = pts;
    shown_.with([&](Shown &s) { s.figures = source_->figures(); });
    const GstClockTime now = GstClockTime(g_get_real_time()) * 1000;
    gst_buffer_add_reference_timestamp_meta(buffer.get(), unix_.get(), now - age,
                                            GST_CLOCK_TIME_NONE);
    return buffer.give();
}

GstStructure *KvmSrc::stats() const
{
    const Figures f = shown_.copy().figures;
    return gst_structure_new("kvmsrc-stats", "frames", G_TYPE_UINT64, f.frames, "dropped",
                             G_TYPE_UINT64, f.dropped, "copied", G_TYPE_UINT64, f.copied,
                             "restarts", G_TYPE_UINT64, f.restarts, nullptr);
}

void KvmSrc::class_init(GstPushSrcClass *klass)
{
    static GstStaticPadTemplate src = GST_STATIC_PAD_TEMPLATE(
        "src", GST_PAD_SRC, GST_PAD_ALWAYS,
        GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(
            "{ I420, NV12, YUY2, UYVY, NV16, NV24, BGR, RGB }") ";"
                                                                "image/jpeg, width = [ 1, MAX ], "
                                                                "height = [ 1, MAX ]"));
    GST_DEBUG_CATEGORY_INIT(kvmsrc_debug, "kvmsrc", 0, "picture of a computer");
    auto *element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(
        element, "KVM video source", "Source/Video/Hardware",
        "Captures the picture of a computer, or draws why there is none", "The Pantograph authors");
    gst_element_class_add_static_pad_template(element, &src);

    static const auto change_state = element->change_state;
    element->change_state = [](GstElement *e, GstStateChange change) {
        if (change == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
            panto::gst::impl<KvmSrc>(e).resume();
        return change_state(e, change);
    };

    // The one property that is not a setting.
    auto *object = G_OBJECT_CLASS(klass);
    static const auto get_setting = object->get_property;
    static const guint stats_id = std::size(kFields) + 1;
    object->get_property = [](GObject *o, guint id, GValue *value, GParamSpec *spec) {
        if (id == stats_id)
            g_value_take_boxed(value, panto::gst::impl<KvmSrc>(o).stats());
        else
            get_setting(o, id, value, spec);
    };
    g_object_class_install_property(
        object, stats_id,
        g_param_spec_boxed("stats", "stats",
                           "Pictures so far: frames handed on, dropped, copied, and how often the "
                           "stream began anew (restarts)",
                           GST_TYPE_STRUCTURE,
                           GParamFlags(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));

    using panto::gst::impl;
    auto *base = GST_BASE_SRC_CLASS(klass);
    base->start = [](GstBaseSrc *e) -> gboolean { return impl<KvmSrc>(e).start(); };
    base->stop = [](GstBaseSrc *e) -> gboolean { return impl<KvmSrc>(e).stop(); };
    base->get_caps = [](GstBaseSrc *e, GstCaps *f) { return impl<KvmSrc>(e).caps(f).give(); };
    base->negotiate = [](GstBaseSrc *e) -> gboolean { return impl<KvmSrc>(e).negotiate(); };
    base->decide_allocation = [](GstBaseSrc *e, GstQuery *q) -> gboolean {
        return impl<KvmSrc>(e).decide_allocation(q);
    };
    base->query = [](GstBaseSrc *e, GstQuery *q) -> gboolean { return impl<KvmSrc>(e).query(q); };
    base->unlock = [](GstBaseSrc *e) -> gboolean { return impl<KvmSrc>(e).unlock(true), TRUE; };
    base->unlock_stop = [](GstBaseSrc *e) -> gboolean {
        return impl<KvmSrc>(e).unlock(false), TRUE;
    };
    klass->create = [](GstPushSrc *e, GstBuffer **b) { return impl<KvmSrc>(e).create(b); };
}

} // namespace

GST_ELEMENT_REGISTER_DEFINE(kvmsrc, "kvmsrc", GST_RANK_NONE, panto::gst::element_type<KvmSrc>())
