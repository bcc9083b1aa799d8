// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/glib/ref.h"
#include <gst/gst.h>

PANTO_COUNTED(GstElement, gst_object_ref, gst_object_unref)
PANTO_COUNTED(GstPad, gst_object_ref, gst_object_unref)
PANTO_COUNTED(GstBus, gst_object_ref, gst_object_unref)
PANTO_COUNTED(GstClock, gst_object_ref, gst_object_unref)
PANTO_COUNTED(GstAllocator, gst_object_ref, gst_object_unref)
PANTO_COUNTED(GstBuffer, gst_buffer_ref, gst_buffer_unref)
PANTO_COUNTED(GstMemory, gst_memory_ref, gst_memory_unref)
PANTO_COUNTED(GstCaps, gst_caps_ref, gst_caps_unref)
PANTO_COUNTED(GstSample, gst_sample_ref, gst_sample_unref)
PANTO_COUNTED(GstMessage, gst_message_ref, gst_message_unref)
PANTO_COUNTED(GstPromise, gst_promise_ref, gst_promise_unref)
