// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/media.h"

#include <algorithm>

namespace panto::media
{

Media::Media(const config::Config &config, config::PipelineFile capture,
             std::optional<config::PipelineFile> decoder, Result<config::PipelineFile> sound)
    : values_{config::pipeline_values(config)},
      capture_{std::move(capture), std::move(decoder), values_}, sound_{config, std::move(sound),
                                                                        values_}
{
}

Result<std::unique_ptr<Media>> Media::create(const Library &library, const config::Config &config,
                                             std::vector<Library::Refusal> *refused)
{
    PANTO_TRY(capture, library.best("capture", "", "", refused));
    auto decoder = library.best("decoder", "jpeg", "", refused);
    if (!decoder && refused)
        refused->push_back({"jpeg-decoder", decoder.error().message});
    const bool bell = config.audio.device == "virtual";
    auto sound = library.best(bell ? "virtual-audio" : "audio", "opus", "", refused);
    std::unique_ptr<Media> media{new Media{
        config, capture, decoder ? std::optional{*decoder} : std::nullopt, std::move(sound)}};
    for (const char *codec : {"h264", "mjpeg"}) {
        const bool named = !config.video.encoder.empty() && std::string{codec} == "h264";
        auto file =
            library.best("encoder", codec, named ? config.video.encoder : std::string{}, refused);
        if (file && std::string{codec} == "h264")
            media->add_low(*file, config.video);
        if (file)
            media->encoders_[codec] =
                std::make_unique<Encoder>(std::move(*file), media->values_, media->capture_);
        else if (named)
            return Error{Kind::Invalid,
                         config.place("video.encoder") + ": " + file.error().message};
        else if (refused)
            refused->push_back({codec, file.error().message});
    }
    media->snapshots_ = std::make_unique<Snapshots>(library, media->capture_);
    if (auto viewer = library.best("viewer", "h264", "", refused))
        media->viewer_ = std::move(*viewer);
    else if (refused)
        refused->push_back({"viewer", viewer.error().message});
    if (auto listener = library.best("viewer", "h264+opus", "", refused))
        media->listener_ = std::move(*listener);
    return media;
}

/// The same encoder once more, for viewers whose network bears less.
void Media::add_low(config::PipelineFile file, const config::Video &video)
{
    Values values = values_;
    values["video.bitrate_kbps"] = std::to_string(std::min(video.low_kbps, video.bitrate_kbps));
    auto &low = encoders_["h264-low"];
    low = std::make_unique<Encoder>(std::move(file), std::move(values), capture_);
    low->limit_rate(video.low_fps);
}

Encoder *Media::encoder(const std::string &codec)
{
    const auto it = encoders_.find(codec);
    return it == encoders_.end() ? nullptr : it->second.get();
}

} // namespace panto::media
