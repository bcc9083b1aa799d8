// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/library.h"

#include "daemon/media/pipeline.h"

#include <algorithm>
#include <filesystem>

namespace panto::media
{

/// Takes a file in; one of the same name from another directory was there to be replaced.
Result<> Library::add(const std::string &path)
{
    namespace fs = std::filesystem;
    PANTO_TRY(file, config::load_pipeline(path));
    const auto same = std::find_if(files_.begin(), files_.end(),
                                   [&](const auto &f) { return f.name == file.name; });
    if (same != files_.end()) {
        if (fs::path{same->path}.parent_path() == fs::path{path}.parent_path())
            return Error{Kind::Invalid, file.place("name") + ": " + file.name + " is the name of " +
                                            same->path + ", too"};
        files_.erase(same);
    }
    files_.push_back(std::move(file));
    return ok;
}

Library Library::read(const std::vector<std::string> &directories, std::string &problems)
{
    namespace fs = std::filesystem;
    Library library;
    for (const std::string &directory : directories) {
        std::error_code ec;
        std::vector<fs::path> paths;
        for (const auto &entry : fs::directory_iterator{directory, ec})
            if (entry.path().extension() == ".yaml")
                paths.push_back(entry.path());
        std::sort(paths.begin(), paths.end());
        for (const fs::path &path : paths)
            if (auto added = library.add(path); !added)
                problems += (problems.empty() ? "" : "\n") + added.error().message;
    }
    return library;
}

Result<Library> Library::load(const std::vector<std::string> &directories)
{
    std::string problems;
    Library library = read(directories, problems);
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
