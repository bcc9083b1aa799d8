// SPDX-License-Identifier: LGPL-2.1-or-later
/// Card: the drawn frame that says why there is no picture, in whatever caps were negotiated.
///
/// Drops    nothing is drawn twice: the same words in the same caps are the same memory
/// Threads  the streaming thread
#pragma once

#include "lib/base/result.h"
#include "lib/gst/ref.h"
#include "plugins/kvmsrc/signal.h"

namespace panto::kvm
{

class Card
{
public:
    /// Takes raw video or image/jpeg caps, fixed.
    void set_caps(const Ref<GstCaps> &caps);
    /// The frame, without time stamps; an error when the caps are of a kind we cannot draw in.
    Result<Ref<GstBuffer>> buffer(const Notice &notice);

private:
    Ref<GstCaps> caps_;
    Notice notice_;
    Ref<GstBuffer> drawn_;
};

} // namespace panto::kvm
