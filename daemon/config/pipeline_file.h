// SPDX-License-Identifier: LGPL-2.1-or-later
/// PipelineFile: one way of producing video, as pipelines/*.yaml says it.
///
/// Errors   like the configuration's: one line for each problem, with file and line number
#pragma once

#include "lib/base/result.h"

#include <map>
#include <string>

namespace panto::config
{

struct Config;

struct PipelineFile {
    std::string path; ///< the file it came from
    std::string name;
    std::string kind; ///< capture, decoder, encoder, viewer, input, consumer, audio, virtual-audio,
                      ///< snapshot, recording
    std::string launch;
    std::string codec;                      ///< what it offers; "" when the file has no `offers`
    int rank = 0;                           ///< highest rank whose elements all exist wins
    std::map<std::string, std::string> set; ///< config key -> element::property
    std::map<std::string, int> lines;       ///< where keys stand: "launch", "set.video.fps"

    /// What a message about a key begins with, when only its use can tell that it is wrong.
    std::string place(const std::string &key) const
    {
        const auto line = lines.find(key);
        return path + (line == lines.end() ? "" : ":" + std::to_string(line->second)) + ": " + key;
    }
};

/// A picture that stands still is sent again so often, in ms: with its way to a viewer in less than
/// the second from which on a picture is called old.
inline constexpr unsigned kStillMs = 600;

/// The settings that a file may name under `set`, by their keys, as text.
std::map<std::string, std::string> pipeline_values(const Config &config);

/// Reads one pipeline file; name, kind and launch must be there.
Result<PipelineFile> load_pipeline(const std::string &path);

/// Checks text as load_pipeline() checks a file.
Result<PipelineFile> parse_pipeline(const std::string &text, const std::string &path);

} // namespace panto::config
