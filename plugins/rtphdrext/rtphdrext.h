// SPDX-License-Identifier: LGPL-2.1-or-later
/// The two RTP header extensions: what they share, and their registration.
#pragma once

#include "lib/gst/element.h"

#include <gst/rtp/gstrtphdrext.h>

GST_ELEMENT_REGISTER_DECLARE(rtphdrextplayoutdelay)
GST_ELEMENT_REGISTER_DECLARE(rtphdrextabscapturetime)

namespace panto::rtp
{

/// Fills the class of a header extension whose size never changes. Impl supplies kUri, kSize,
/// write(input, data) -> bytes written, and read(data, size, output).
template <class Impl>
void class_init(GstRTPHeaderExtensionClass *klass, const char *name, const char *description)
{
    gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(klass), name,
                                          GST_RTP_HDREXT_ELEMENT_CLASS, description,
                                          "The Pantograph authors");
    gst_rtp_header_extension_class_set_uri(klass, Impl::kUri);

    using Extension = GstRTPHeaderExtension;
    klass->get_supported_flags = [](Extension *) {
        return GstRTPHeaderExtensionFlags(GST_RTP_HEADER_EXTENSION_ONE_BYTE |
                                          GST_RTP_HEADER_EXTENSION_TWO_BYTE);
    };
    klass->get_max_size = [](Extension *, const GstBuffer *) -> gsize { return Impl::kSize; };
    klass->write = [](Extension *e, const GstBuffer *input, GstRTPHeaderExtensionFlags, GstBuffer *,
                      guint8 *data, gsize size) -> gssize {
        return size < Impl::kSize ? -1 : gst::impl<Impl>(e).write(input, data);
    };
    klass->read = [](Extension *e, GstRTPHeaderExtensionFlags, const guint8 *data, gsize size,
                     GstBuffer *output) -> gboolean {
        gst::impl<Impl>(e).read(data, size, output);
        return TRUE; // a peer's odd extension must not cost the packet
    };
}

} // namespace panto::rtp
