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

/// What a second stream's name ends with, after its codec's.
inline constexpr char kLow[] = "-low";

/// Media: the capture, the encoder chosen for each codec, and the sound.
class Media
{
public:
    /// Chooses the pipelines; why better ones were refused goes to `refused`.
    static Result<std::unique_ptr<Media>> create(const Library &library,
                                                 const config::Config &config,
                                                 std::vector<Library::Refusal> *refused);

    Capture &capture() { return capture_; }
    using Encoders = std::map<std::string, std::unique_ptr<Encoder>>;
    /// The encoder for h264, h265 or mjpeg, or null when nothing here makes it; h264-low is there
    /// with h264, as h265-low with h265: it has a bit rate and a limit of its own, and takes part
    /// in everything else.
    Encoder *encoder(const std::string &codec) const;
    const Encoders &encoders() const { return encoders_; }
    Sound &sound() { return sound_; }
    Snapshots &snapshots() { return *snapshots_; }
    /// What sends h264 or h265 to one WebRTC viewer, h264+opus or h265+opus to one who gets sound,
    /// too; null when nothing here does.
    const config::PipelineFile *viewer(const std::string &codec) const;

private:
    Media(const config::Config &config, config::PipelineFile capture,
          std::optional<config::PipelineFile> decoder, Result<config::PipelineFile> sound);
    void add(const std::string &codec, const config::PipelineFile &file,
             const config::Video &video);

    Values values_;
    Capture capture_;
    Encoders encoders_;
    Sound sound_;
    std::unique_ptr<Snapshots> snapshots_;
    std::map<std::string, config::PipelineFile> viewers_;
};

} // namespace panto::media
