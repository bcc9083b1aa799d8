// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/config/pipeline_file.h"

#include "daemon/config/schema.h"
#include "daemon/config/yaml.h"
#include "lib/base/file.h"

#include <algorithm>
#include <set>

namespace panto::config
{

namespace
{

constexpr const char *kKinds[] = {"capture",  "decoder", "encoder",       "viewer",   "input",
                                  "consumer", "audio",   "virtual-audio", "snapshot", "recording"};
constexpr const char *kCodecs[] = {"h264", "h265",      "jpeg",      "mjpeg", "png",
                                   "opus", "h264+opus", "h265+opus", "mp4",   "mkv"};
constexpr int64_t kMostRank = 1000;

template <size_t N>
bool is_one_of(const char *const (&words)[N], const YAML::Node &value)
{
    return value.IsScalar() && std::any_of(std::begin(words), std::end(words),
                                           [&](const char *w) { return value.Scalar() == w; });
}

const std::map<std::string, std::string> &settings()
{
    static const auto all = pipeline_values({});
    return all;
}

/// "hid.absolute, hid.keyboard, ..."
std::string listed_settings()
{
    std::string out;
    for (const auto &[key, value] : settings())
        out += (out.empty() ? "" : ", ") + key;
    return out;
}

/// Walks one file and fills one PipelineFile.
class Reader
{
public:
    explicit Reader(const std::string &path) : problems_{path} { file_.path = path; }

    void read(const std::string &text)
    {
        with_yaml(text, problems_, [this](const YAML::Node &root) {
            if (!root.IsMap())
                return problems_.add(line_of(root), "",
                                     "must hold `key: value` lines, not " + shown(root));
            each_pair(root, "", problems_,
                      [this](const std::string &key, int line, const YAML::Node &value) {
                          seen_.insert(key);
                          file_.lines[key] = line;
                          visit(key, line, value);
                      });
            for (const char *key : {"name", "kind", "launch"}) {
                if (!seen_.count(key))
                    problems_.add(line_of(root), key, "is missing");
            }
        });
    }

    Result<PipelineFile> take() &&
    {
        if (!problems_.empty())
            return std::move(problems_).error();
        return std::move(file_);
    }

private:
    void visit(const std::string &key, int line, const YAML::Node &value)
    {
        if (key == "name")
            text(key, line, value, file_.name);
        else if (key == "kind")
            kind(line, value);
        else if (key == "launch")
            text(key, line, value, file_.launch);
        else if (key == "offers")
            offers(line, value);
        else if (key == "set")
            set(line, value);
        else
            problems_.add(line, key, "unknown key");
    }

    void text(const std::string &key, int line, const YAML::Node &value, std::string &to)
    {
        if (!value.IsScalar() || value.Scalar().empty())
            return problems_.add(line, key, "must be text, not " + shown(value));
        to = value.Scalar();
    }

    void kind(int line, const YAML::Node &value)
    {
        if (!is_one_of(kKinds, value))
            return problems_.add(line, "kind",
                                 "must be capture, decoder, encoder, viewer, input, consumer, "
                                 "audio, virtual-audio, snapshot or recording, not " +
                                     shown(value));
        file_.kind = value.Scalar();
    }

    void offers(int line, const YAML::Node &value)
    {
        if (!value.IsMap())
            return problems_.add(line, "offers", "must hold codec and rank, not " + shown(value));
        each_pair(value, "offers", problems_,
                  [this](const std::string &key, int at, const YAML::Node &v) {
                      if (key == "codec")
                          codec(at, v);
                      else if (key == "rank")
                          rank(at, v);
                      else
                          problems_.add(at, "offers." + key, "unknown key");
                  });
        if (!value["codec"])
            problems_.add(line, "offers.codec", "is missing");
    }

    void codec(int line, const YAML::Node &value)
    {
        if (!is_one_of(kCodecs, value))
            return problems_.add(line, "offers.codec",
                                 "must be h264, h265, jpeg, mjpeg, png, opus, h264+opus, "
                                 "h265+opus, mp4 or mkv, not " +
                                     shown(value));
        file_.codec = value.Scalar();
        file_.lines["offers.codec"] = line;
    }

    void rank(int line, const YAML::Node &value)
    {
        auto number = whole_number(value);
        if (!number || *number < 0 || *number > kMostRank)
            return problems_.add(line, "offers.rank",
                                 "must be 0.." + std::to_string(kMostRank) + ", not " +
                                     shown(value));
        file_.rank = int(*number);
    }

    void set(int line, const YAML::Node &value)
    {
        if (!value.IsMap())
            return problems_.add(line, "set",
                                 "must hold `config key: element::property` lines, not " +
                                     shown(value));
        each_pair(
            value, "set", problems_, [this](const std::string &key, int at, const YAML::Node &v) {
                file_.lines["set." + key] = at;
                if (settings().count(key))
                    text("set." + key, at, v, file_.set[key]);
                else
                    problems_.add(at, "set." + key,
                                  "is no setting of pipelines: those are " + listed_settings());
            });
    }

    Problems problems_;
    PipelineFile file_;
    std::set<std::string> seen_;
};

} // namespace

std::map<std::string, std::string> pipeline_values(const Config &config)
{
    return {
        {"video.device", config.video.device},
        {"video.width", std::to_string(config.video.width)},
        {"video.height", std::to_string(config.video.height)},
        {"video.fps", std::to_string(config.video.fps)},
        {"video.noise", std::to_string(config.video.noise)},
        {"video.stamp", config.video.stamp ? "true" : "false"},
        {"video.bitrate_kbps", std::to_string(config.video.bitrate_kbps)},
        {"video.quality", std::to_string(config.video.quality)},
        {"audio.device", config.audio.device},
        {"audio.bitrate", std::to_string(config.audio.bitrate)},
        {"hid.keyboard", config.hid.keyboard},
        {"hid.relative", config.hid.relative},
        {"hid.absolute", config.hid.absolute},
        {"hid.consumer", config.hid.consumer},
        // What clients choose while it runs; no key of the configuration.
        {"screen.gop", "3000"},
        {"screen.size", "video/x-raw"},
        {"screen.still_ms", std::to_string(kStillMs)},
    };
}

Result<PipelineFile> parse_pipeline(const std::string &text, const std::string &path)
{
    Reader reader{path};
    reader.read(text);
    return std::move(reader).take();
}

Result<PipelineFile> load_pipeline(const std::string &path)
{
    PANTO_TRY(text, read_file(path));
    return parse_pipeline(text, path);
}

} // namespace panto::config
