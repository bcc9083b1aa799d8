// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/pipeline_file.h"
#include "lib/base/result.h"

#include <string>
#include <vector>

namespace panto::media
{

/// What the daemon needs one pipeline for each of, to do all that it promises.
struct Role {
    const char *kind;
    const char *codec;
};
inline constexpr Role kRoles[] = {
    {"capture", ""}, {"encoder", "h264"}, {"encoder", "mjpeg"}, {"viewer", "h264"}, {"input", ""},
};

/// Library: every pipeline file there is; a later directory's file replaces one of the same name.
///
/// Errors   load() collects everything wrong with any file, one line each
class Library
{
public:
    struct Refusal {
        std::string name;
        std::string why;
    };

    static Result<Library> load(const std::vector<std::string> &directories);
    /// Reads what can be read; the problems of the other files go to `problems`, one line each.
    static Library read(const std::vector<std::string> &directories, std::string &problems);

    /// Of those of a kind (and codec, for encoders and viewers) that work here, the one with the
    /// highest rank; name picks a particular one. The error says why each was refused.
    Result<config::PipelineFile> best(const std::string &kind, const std::string &codec = "",
                                      const std::string &name = "",
                                      std::vector<Refusal> *refused = nullptr) const;
    const std::vector<config::PipelineFile> &files() const { return files_; }

private:
    Result<> add(const std::string &path);

    std::vector<config::PipelineFile> files_;
};

} // namespace panto::media
