// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

/// Registers the element `refusing`, once: an identity whose device is never there, as hardware
/// encoders' are on other machines. It says so when it is to become ready.
inline void register_refusing_element()
{
    static const bool once = [] {
        GstElement *const like = gst_element_factory_make("identity", nullptr);
        const GType parent = G_OBJECT_TYPE(like);
        gst_object_unref(gst_object_ref_sink(like));
        GTypeQuery size;
        g_type_query(parent, &size);
        GTypeInfo info{};
        info.class_size = guint16(size.class_size);
        info.instance_size = guint16(size.instance_size);
        info.class_init = [](gpointer klass, gpointer) {
            GST_ELEMENT_CLASS(klass)->change_state = [](GstElement *e, GstStateChange change) {
                if (change == GST_STATE_CHANGE_READY_TO_NULL)
                    return GST_STATE_CHANGE_SUCCESS;
                GST_ELEMENT_ERROR(e, RESOURCE, NOT_FOUND, ("There is no such chip here."),
                                  (nullptr));
                return GST_STATE_CHANGE_FAILURE;
            };
        };
        const GType type =
            g_type_register_static(parent, "TestRefusingElement", &info, GTypeFlags(0));
        return bool(gst_element_register(nullptr, "refusing", GST_RANK_NONE, type));
    }();
    g_assert(once);
}
