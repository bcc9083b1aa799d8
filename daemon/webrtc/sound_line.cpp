// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/sound_line.h"

#include "daemon/webrtc/send_only.h"

#include <gst/app/gstappsrc.h>

namespace panto::webrtc
{

SoundLine::SoundLine(const media::Pipeline &viewer, unsigned payload)
    : packets_{viewer.child("sound")}
{
    const auto pay = viewer.child("sound-pay");
    const auto rtp = viewer.child("sound-rtp");
    const guint32 ssrc = g_random_int_range(1, G_MAXINT32);
    g_object_set(pay.get(), "pt", payload, "ssrc", ssrc, nullptr);
    auto caps = Ref<GstCaps>::adopt(gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, "audio", "encoding-name", G_TYPE_STRING,
        "OPUS", "payload", G_TYPE_INT, int(payload), "clock-rate", G_TYPE_INT, 48000, nullptr));
    g_object_set(rtp.get(), "caps", caps.get(), nullptr);
    caps = Ref<GstCaps>::adopt(gst_caps_copy(caps.get()));
    gst_caps_set_simple(caps.get(), "encoding-params", G_TYPE_STRING, "2", "sprop-stereo",
                        G_TYPE_STRING, "1", "ssrc", G_TYPE_UINT, ssrc, nullptr);
    send_only(rtp.get(), caps.get(), "sound", false);
}

void SoundLine::connect(media::Sound &sound)
{
    watch_ = sound.listen([packets = packets_](GstSample *sample) {
        gst_app_src_push_sample(GST_APP_SRC(packets.get()), sample); // leaky: never blocks
    });
}

} // namespace panto::webrtc
