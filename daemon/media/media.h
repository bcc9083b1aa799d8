// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/media/encoder.h"
#include "daemon/media/library.h"
#include "daemon/media/snapshots.h"
#include "daemon/media/sound.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace panto::media
{

/// Media: the capture, the encoder chosen for each codec, and the sound.
class Media
{
public:
    /// Chooses the pipelines; why better ones were refused goes to `refused`.
    static Result<std::unique_ptr<Media>> create(const Library &library,
                                                 const config::Config &config,
                                                 std::vector<Library::Refusal> *refused);

    Capture &capture() { return capture_; }
    /// The encoder for h264 or mjpeg, or null when nothing here makes it; h264-low is there with
    /// h264, has a bit rate and a limit of its own, and takes part in everything else.
    Encoder *encoder(const std::string &codec);
    Sound &sound() { return sound_; }
    Snapshots &snapshots() { return *snapshots_; }
    const config::PipelineFile *viewer() const { return viewer_ ? &*viewer_ : nullptr; }
    /// For viewers who get sound, too.
    const config::PipelineFile *listener() const { return listener_ ? &*listener_ : nullptr; }

private:
    Media(const config::Config &config, config::PipelineFile capture,
          std::optional<config::PipelineFile> decoder, Result<config::PipelineFile> sound);
    void add_low(config::PipelineFile file, const config::Video &video);

    Values values_;
    Capture capture_;
    std::map<std::string, std::unique_ptr<Encoder>> encoders_;
    Sound sound_;
    std::unique_ptr<Snapshots> snapshots_;
    std::optional<config::PipelineFile> viewer_, listener_;
};

} // namespace panto::media
