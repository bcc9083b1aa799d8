// SPDX-License-Identifier: LGPL-2.1-or-later
/// Sophgo's encoder (SG2002, SG2000), through the vendor's libraries. Built only with the vendor's
/// kit, since what a program hands to them goes on to the kernel's driver as it is.
///
/// Threads  any
#pragma once

#include "plugins/venc/session.h"

namespace panto::cvi
{

/// Errors: one sentence that names the node and what to do.
Result<> check_devices();

/// Whether the devices are there, and a version of the library that was tried.
/// Errors: one sentence that names what is missing.
Result<> check_library();

/// One channel of the encoder, a picture at a time: it is sent and its stream is fetched in the
/// same call. Pictures are always copied, since the encoder reads only memory of its own kind.
std::unique_ptr<venc::Session> make_session(venc::Note note);

} // namespace panto::cvi
