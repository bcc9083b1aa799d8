// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/send_only.h"

#include "lib/gst/ref.h"

#include <gst/webrtc/webrtc.h>

namespace panto::webrtc
{

void send_only(GstElement *rtp, GstCaps *answer, const char *stream, bool resends)
{
    const auto src = Ref<GstPad>::adopt(gst_element_get_static_pad(rtp, "src"));
    const auto pad = Ref<GstPad>::adopt(gst_pad_get_peer(src.get()));
    g_assert(pad); // viewer.yaml and viewer-sound.yaml link it
    GstWebRTCRTPTransceiver *transceiver = nullptr;
    g_object_get(pad.get(), "transceiver", &transceiver, nullptr);
    g_object_set(pad.get(), "msid", stream, nullptr);
    g_object_set(transceiver, "direction", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, "do-nack",
                 resends, "codec-preferences", answer, nullptr);
    gst_object_unref(transceiver);
}

} // namespace panto::webrtc
