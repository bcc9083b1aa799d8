// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/media/pipeline.h"
#include "daemon/media/sound.h"

namespace panto::webrtc
{

/// SoundLine: the Opus half of a viewer whose offer asks for it: the sound's packets go into the
/// same connection, but as a media stream of their own. Browsers delay the picture to the sound of
/// its stream, and a picture under somebody's hands must not wait.
///
/// Threads  main loop only
class SoundLine
{
public:
    /// Prepares the viewer's pipeline (viewer-sound.yaml) before it starts.
    SoundLine(const media::Pipeline &viewer, unsigned payload);

    /// Begins to send; the sound is captured until disconnect(), as long as this lives.
    void connect(media::Sound &sound);
    void disconnect() { watch_ = {}; }

private:
    Ref<GstElement> packets_;
    media::Sound::Watch watch_;
};

} // namespace panto::webrtc
