// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/doctor/finding.h"

namespace panto::doctor
{

/// The folder of the images, the room in it, and the drives that they go into: link "storage".
///
/// Threads  any but the lane of the images; blocks on the disk, for 5 s at most
Finding examine_images(const config::Storage &storage);
/// Whether images can be mounted straight from a URL: link "urls". What lacks for that is a
/// warning: nothing else needs it.
Finding examine_urls();

} // namespace panto::doctor
