// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/path.h"

#include "daemon/media/captured.h"
#include "lib/gst/ref.h"

namespace panto::webrtc
{

namespace
{

using Each = std::function<void(GstBuffer *)>;

GstPadProbeReturn pass(GstPad *, GstPadProbeInfo *info, gpointer p)
{
    const Each &each = *static_cast<Each *>(p);
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
        each(GST_PAD_PROBE_INFO_BUFFER(info));
        return GST_PAD_PROBE_OK;
    }
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
    for (guint i = 0; i < gst_buffer_list_length(list); ++i)
        each(gst_buffer_list_get(list, i));
    return GST_PAD_PROBE_OK;
}

void probe(GstPad *pad, Each each)
{
    gst_pad_add_probe(
        pad, GstPadProbeType(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST), pass,
        new Each{std::move(each)}, [](gpointer p) { delete static_cast<Each *>(p); });
}

/// Those of the element's pads whose names begin so.
void probe_all(GstElement *element, const char *prefix, const Each &each)
{
    const std::pair<const char *, const Each &> wanted{prefix, each};
    gst_element_foreach_pad(
        element,
        [](GstElement *, GstPad *pad, gpointer p) -> gboolean {
            const auto &[begins, fn] = *static_cast<std::pair<const char *, const Each &> *>(p);
            if (g_str_has_prefix(GST_PAD_NAME(pad), begins))
                probe(pad, fn);
            return TRUE;
        },
        const_cast<void *>(static_cast<const void *>(&wanted)));
}

} // namespace

Path::Path(uint32_t ssrc, std::function<void(const Sample &)> on_sample)
    : ssrc_{ssrc}, on_sample_{std::move(on_sample)}, heard_{steady_now(), {}, {}}
{
}

std::shared_ptr<Path> Path::watch(GstElement *packets, GstElement *webrtcbin, uint32_t ssrc,
                                  std::function<void(const Sample &)> on_sample)
{
    const std::shared_ptr<Path> path{new Path{ssrc, std::move(on_sample)}};
    const auto out = Ref<GstPad>::adopt(gst_element_get_static_pad(packets, "src"));
    probe(out.get(), [path](GstBuffer *b) { path->packet_sent(b); });
    const auto rtpbin = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(webrtcbin), "rtpbin"));
    probe_all(rtpbin.get(), "send_rtcp_src", [path](GstBuffer *b) { path->report_sent(b); });
    probe_all(rtpbin.get(), "recv_rtcp_sink", [path](GstBuffer *b) { path->report_came(b); });
    return path;
}

/// Source   RFC 3550 section 5.1
void Path::packet_sent(GstBuffer *packet)
{
    guint8 head[4];
    if (gst_buffer_extract(packet, 0, head, sizeof head) != sizeof head)
        return;
    const bool ends_picture = head[1] & 0x80;
    if (const auto captured = media::captured_at(packet); ends_picture && captured)
        ages_.note(*captured);
    std::lock_guard lock{mutex_};
    flight_.sent(GST_READ_UINT16_BE(head + 2), gst_buffer_get_size(packet), steady_now());
}

void Path::report_sent(GstBuffer *rtcp)
{
    if (const auto middle = read_sent_report(rtcp)) {
        std::lock_guard lock{mutex_};
        round_trip_.sent(*middle, steady_now());
    }
}

void Path::report_came(GstBuffer *rtcp)
{
    const auto report = read_report(rtcp, ssrc_);
    std::optional<Sample> sample;
    {
        std::lock_guard lock{mutex_};
        const Time now = steady_now();
        heard_.last = now;
        if (report) {
            if (const auto trip = round_trip_.reported(*report, now))
                heard_.round_trip = trip;
            sample = flight_.reported(report->highest, report->lost, now);
            if (sample)
                heard_.sample = sample;
        }
    }
    if (sample)
        on_sample_(*sample);
}

Path::Heard Path::heard() const
{
    std::lock_guard lock{mutex_};
    return heard_;
}

} // namespace panto::webrtc
