// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/packet_lists.h"

#include "lib/gst/ref.h"

#include <string_view>

namespace panto::webrtc
{

namespace
{

GstFlowReturn hand_on(GstPad *, GstObject *element, GstBufferList *packets)
{
    const auto src = Ref<GstPad>::adopt(gst_element_get_static_pad(GST_ELEMENT(element), "src"));
    return gst_pad_push_list(src.get(), packets);
}

void added(GstBin *, GstBin *, GstElement *element, gpointer)
{
    const GstElementFactory *factory = gst_element_get_factory(element);
    const std::string_view name = factory ? GST_OBJECT_NAME(factory) : "";
    if (name != "rtpulpfecenc" && name != "rtpredenc")
        return;
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(element, "sink"));
    gst_pad_set_chain_list_function(sink.get(), hand_on);
}

} // namespace

void keep_packets_together(GstElement *webrtcbin)
{
    g_signal_connect(webrtcbin, "deep-element-added", G_CALLBACK(added), nullptr);
}

} // namespace panto::webrtc
