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
    for (const std::string codec : {"h264", "h265", "mjpeg"}) {
        const bool named = !config.video.encoder.empty() && codec == "h264";
        auto file =
            library.best("encoder", codec, named ? config.video.encoder : std::string{}, refused);
        if (file)
            media->add(codec, *file, config.video);
        else if (named)
            return Error{Kind::Invalid,
                         config.place("video.encoder") + ": " + file.error().message};
        else if (refused)
            refused->push_back({codec, file.error().message});
    }
    media->snapshots_ = std::make_unique<Snapshots>(library, media->capture_);
    for (const char *codec : {"h264", "h264+opus", "h265", "h265+opus"}) {
        if (auto viewer = library.best("viewer", codec, "", refused))
            media->viewers_[codec] = std::move(*viewer);
        else if (refused)
            refused->push_back({std::string{"viewer of "} + codec, viewer.error().message});
    }
    return media;
}

/// A video's encoder comes once more, for viewers whose network bears less.
void Media::add(const std::string &codec, const config::PipelineFile &file,
                const config::Video &video)
{
    encoders_[codec] = std::make_unique<Encoder>(file, values_, capture_);
    if (codec == "mjpeg")
        return;
    Values values = values_;
    values["video.bitrate_kbps"] = std::to_string(std::min(video.low_kbps, video.bitrate_kbps));
    auto &low = encoders_[codec + kLow];
    low = std::make_unique<Encoder>(file, std::move(values), capture_);
    low->limit_rate(video.low_fps);
}

Encoder *Media::encoder(const std::string &codec) const
{
    const auto it = encoders_.find(codec);
    return it == encoders_.end() ? nullptr : it->second.get();
}

const config::PipelineFile *Media::viewer(const std::string &codec) const
{
    const auto it = viewers_.find(codec);
    return it == viewers_.end() ? nullptr : &it->second;
}

} // namespace panto::media
