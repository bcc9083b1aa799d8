// SPDX-License-Identifier: LGPL-2.1-or-later
/// Element: what the three hardware encoders are to GStreamer, the same for every codec.
///
/// One frame in, one packet out, in the same call: nothing is queued, and nothing is reordered.
///
/// Errors   no encoder: one sentence when it is opened (READY); a lost picture is a warning in the
///          log, and the next one is an IDR; what cannot be mended ends the stream
/// Drops    frames that came late, if `qos` is set
/// Threads  frames and events on the streaming thread; properties from any
#pragma once

#include "lib/gst/element.h"
#include "plugins/venc/encoder.h"

#include <gst/video/gstvideoencoder.h>

namespace panto::venc
{

class Element
{
public:
    Element(GstVideoEncoder *element, Codec codec, GstDebugCategory *category);

    bool open();
    void close();
    bool stop();
    bool set_format(GstVideoCodecState *state);
    GstFlowReturn encode(GstVideoCodecFrame *frame);
    GstCaps *sink_caps(GstCaps *filter) const;
    static bool propose_allocation(GstQuery *query);

    GstStructure *stats() const;
    std::string library() const { return library_.copy(); }

    panto::gst::Guarded<Settings> settings;

private:
    bool refuse(const Error &error);
    bool reopen();
    bool negotiate(GstVideoCodecState *state);
    Profile wanted_profile() const;
    bool is_late(GstVideoCodecFrame *frame) const;
    void note_copy(const std::string &why);
    GstFlowReturn finish(GstVideoCodecFrame *frame, Packet packet);

    GstVideoEncoder *element_; // borrowed: the element owns us
    const Codec codec_;
    GstDebugCategory *const category_;
    Encoder encoder_;
    panto::gst::Guarded<std::string> library_;
    panto::gst::Guarded<std::optional<Capabilities>> capabilities_;
    // The streaming thread's own.
    bool is_open_ = false;
    std::optional<Video> video_; // that the encoder is configured for
    GstVideoInfo info_{};
    bool copy_noted_ = false;
    std::string refusal_; // told last
};

} // namespace panto::venc
