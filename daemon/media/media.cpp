// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/media.h"

namespace panto::media
{

Media::Media(config::PipelineFile capture, std::optional<config::PipelineFile> decoder,
             Values values)
    : values_{values}, capture_{std::move(capture), std::move(decoder), std::move(values)}
{
}

Result<std::unique_ptr<Media>> Media::create(const Library &library, const config::Config &config,
                                             std::vector<Library::Refusal> *refused)
{
    PANTO_TRY(capture, library.best("capture", "", "", refused));
    auto decoder = library.best("decoder", "jpeg", "", refused);
    if (!decoder && refused)
        refused->push_back({"jpeg-decoder", decoder.error().message});
    std::unique_ptr<Media> media{new Media{capture,
                                           decoder ? std::optional{*decoder} : std::nullopt,
                                           config::pipeline_values(config)}};
    for (const char *codec : {"h264", "mjpeg"}) {
        const bool named = !config.video.encoder.empty() && std::string{codec} == "h264";
        auto file =
            library.best("encoder", codec, named ? config.video.encoder : std::string{}, refused);
        if (file)
            media->encoders_[codec] =
                std::make_unique<Encoder>(std::move(*file), media->values_, media->capture_);
        else if (named)
            return Error{Kind::Invalid,
                         config.place("video.encoder") + ": " + file.error().message};
        else if (refused)
            refused->push_back({codec, file.error().message});
    }
    if (auto viewer = library.best("viewer", "h264", "", refused))
        media->viewer_ = std::move(*viewer);
    else if (refused)
        refused->push_back({"viewer", viewer.error().message});
    return media;
}

Encoder *Media::encoder(const std::string &codec)
{
    const auto it = encoders_.find(codec);
    return it == encoders_.end() ? nullptr : it->second.get();
}

} // namespace panto::media
