// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/media/encoder.h"
#include "daemon/media/library.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace panto::media
{

/// Media: the capture and the encoder chosen for each codec.
class Media
{
public:
    /// Chooses the pipelines; why better ones were refused goes to `refused`.
    static Result<std::unique_ptr<Media>> create(const Library &library,
                                                 const config::Config &config,
                                                 std::vector<Library::Refusal> *refused);

    Capture &capture() { return capture_; }
    /// The encoder for h264 or mjpeg, or null when nothing here makes it.
    Encoder *encoder(const std::string &codec);
    const config::PipelineFile *viewer() const { return viewer_ ? &*viewer_ : nullptr; }

private:
    Media(config::PipelineFile capture, std::optional<config::PipelineFile> decoder, Values values);

    Values values_;
    Capture capture_;
    std::map<std::string, std::unique_ptr<Encoder>> encoders_;
    std::optional<config::PipelineFile> viewer_;
};

} // namespace panto::media
