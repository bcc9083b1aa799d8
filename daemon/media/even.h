// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/gst/ref.h"

#include <gst/gst.h>

namespace panto::media
{

/// The picture without its last column where the width is odd, and without its last row where the
/// height is: encoders of H.264 refuse such sizes, as two by two pixels share their colour. Pixels
/// are not copied: the buffer's video meta says how many of them count. Raw video only.
Ref<GstSample> even_sized(GstSample *picture);

} // namespace panto::media
