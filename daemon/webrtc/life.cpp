// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/life.h"

#include "lib/gst/ref.h"

namespace panto::webrtc
{

LastReport note_reports(GstElement *webrtcbin)
{
    auto last = std::make_shared<std::atomic<gint64>>(g_get_monotonic_time());
    const auto rtpbin = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(webrtcbin), "rtpbin"));
    GstIterator *pads = gst_element_iterate_sink_pads(rtpbin.get());
    gst_iterator_foreach(
        pads,
        [](const GValue *value, gpointer p) {
            auto *pad = GST_PAD(g_value_get_object(value));
            if (!g_str_has_prefix(GST_PAD_NAME(pad), "recv_rtcp_sink"))
                return;
            gst_pad_add_probe(
                pad, GstPadProbeType(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
                [](GstPad *, GstPadProbeInfo *, gpointer stamp) {
                    **static_cast<LastReport *>(stamp) = g_get_monotonic_time();
                    return GST_PAD_PROBE_OK;
                },
                new LastReport{*static_cast<LastReport *>(p)},
                [](gpointer stamp) { delete static_cast<LastReport *>(stamp); });
        },
        &last);
    gst_iterator_free(pads);
    return last;
}

} // namespace panto::webrtc
