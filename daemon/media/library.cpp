// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/library.h"

#include "daemon/media/pipeline.h"

#include <algorithm>
#include <filesystem>

namespace panto::media
{

Result<Library> Library::load(const std::vector<std::string> &directories)
{
    namespace fs = std::filesystem;
    Library library;
    std::string problems;
    for (const std::string &directory : directories) {
        std::error_code ec;
        std::vector<fs::path> paths;
        for (const auto &entry : fs::directory_iterator{directory, ec})
            if (entry.path().extension() == ".yaml")
                paths.push_back(entry.path());
        std::sort(paths.begin(), paths.end());
        for (const fs::path &path : paths) {
            auto file = config::load_pipeline(path);
            if (!file) {
                problems += (problems.empty() ? "" : "\n") + file.error().message;
                continue;
            }
            const auto same = std::find_if(library.files_.begin(), library.files_.end(),
                                           [&](const auto &f) { return f.name == file->name; });
            if (same != library.files_.end()) {
                if (fs::path{same->path}.parent_path() == path.parent_path()) {
                    problems += (problems.empty() ? "" : "\n") + path.string() +
                                ": name: " + file->name + " is the name of " + same->path + ", too";
                    continue;
                }
                library.files_.erase(same); // a later directory replaces
            }
            library.files_.push_back(std::move(*file));
        }
    }
    if (!problems.empty())
        return Error{Kind::Invalid, problems};
    return library;
}

Result<config::PipelineFile> Library::best(const std::string &kind, const std::string &codec,
                                           const std::string &name,
                                           std::vector<Refusal> *refused) const
{
    std::vector<const config::PipelineFile *> candidates;
    for (const auto &f : files_)
        if (f.kind == kind && (codec.empty() || f.codec == codec) &&
            (name.empty() || f.name == name))
            candidates.push_back(&f);
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const auto *a, const auto *b) { return a->rank > b->rank; });
    std::string why;
    for (const auto *f : candidates) {
        auto usable = check(*f);
        if (usable)
            return *f;
        if (refused)
            refused->push_back({f->name, usable.error().message});
        why += "; " + f->name + ": " + usable.error().message;
    }
    return Error{Kind::Unavailable,
                 "no " + kind + " pipeline" + (codec.empty() ? "" : " for " + codec) +
                     (name.empty() ? "" : " named " + name) + " works here" + why};
}

} // namespace panto::media
