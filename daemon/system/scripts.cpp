// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/scripts.h"

#include "daemon/system/program.h"
#include "lib/base/file.h"
#include "lib/glib/offload.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>

namespace panto::system
{

namespace
{

constexpr size_t kMostBytes = 1 << 20;
constexpr size_t kMostFiles = 256;
constexpr size_t kLongestName = 128;
constexpr mode_t kRunnable = 0755; // whoever runs it has to read it
constexpr std::chrono::minutes kLongestRun{5};

bool is_name(const std::string &name)
{
    const auto plain = [](unsigned char c) {
        return g_ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= kLongestName &&
           (g_ascii_isalnum(name.front()) || name.front() == '_') &&
           std::all_of(name.begin(), name.end(), plain);
}

/// Blocks on the disk.
Result<std::vector<std::string>> names_in(const std::string &folder)
{
    std::vector<std::string> names;
    std::error_code failed;
    for (std::filesystem::directory_iterator at{folder, failed}, end; !failed && at != end;
         at.increment(failed)) {
        std::error_code unknown;
        if (at->is_regular_file(unknown) && is_name(at->path().filename()))
            names.push_back(at->path().filename());
    }
    if (failed && failed != std::errc::no_such_file_or_directory)
        return Error{Kind::Unavailable, "cannot read " + folder + ": " + failed.message()};
    std::sort(names.begin(), names.end());
    return names;
}

Result<> save_in(const std::string &folder, const std::string &name, const std::string &content)
{
    PANTO_TRY(names, names_in(folder));
    if (names.size() >= kMostFiles && !std::binary_search(names.begin(), names.end(), name))
        return Error{Kind::Conflict, "there are " + std::to_string(kMostFiles) + " files already"};
    std::error_code ignored; // writing the file says what is wrong
    std::filesystem::create_directories(folder, ignored);
    return replace_file(folder + "/" + name, content, kRunnable);
}

Result<> remove_from(const std::string &path)
{
    if (unlink(path.c_str()) == 0)
        return ok;
    return Error{errno == ENOENT ? Kind::NotFound : Kind::Unavailable,
                 "cannot remove " + path + ": " + std::strerror(errno)};
}

/// Opened here: the user that runs it may not be let into the folder.
Result<Program> program_for(const std::string &path, const std::string &user)
{
    Program program;
    program.file = std::make_shared<Fd>(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!*program.file)
        return Error{errno == ENOENT ? Kind::NotFound : Kind::Unavailable,
                     "cannot open " + path + ": " + std::strerror(errno)};
    if (path.ends_with(".py"))
        program.arguments.push_back("python3");
    program.arguments.push_back("/proc/self/fd/3");
    program.longest = kLongestRun;
    program.with_errors = true;
    program.user = user;
    return program;
}

} // namespace

Scripts::Scripts(std::string folder, std::initializer_list<const char *> suffixes, std::string user)
    : folder_{std::move(folder)}, suffixes_{suffixes.begin(), suffixes.end()}, user_{
                                                                                   std::move(user)}
{
}

Result<std::string> Scripts::path_of(const std::string &name) const
{
    const auto fits = [&](const std::string &suffix) {
        return name.size() > suffix.size() && name.ends_with(suffix);
    };
    if (!is_name(name))
        return Error{Kind::Invalid, "a name has 1 to 128 letters, digits, dots, hyphens and "
                                    "underscores, and begins with a letter, digit or underscore"};
    if (!suffixes_.empty() && std::none_of(suffixes_.begin(), suffixes_.end(), fits))
        return Error{Kind::Invalid, "a name ends with .sh or .py"};
    return folder_ + "/" + name;
}

void Scripts::list(Done<std::vector<std::string>> done) const
{
    offload([folder = folder_] { return names_in(folder); },
            [suffixes = suffixes_, done](Result<std::vector<std::string>> names) {
                if (names && !suffixes.empty())
                    std::erase_if(*names, [&](const std::string &name) {
                        return std::none_of(suffixes.begin(), suffixes.end(),
                                            [&](const auto &s) { return name.ends_with(s); });
                    });
                done(std::move(names));
            });
}

void Scripts::read(const std::string &name, Done<std::string> done) const
{
    auto path = path_of(name);
    if (!path)
        return done(std::move(path.error()));
    offload([path = *path] { return read_file(path, kMostBytes); }, std::move(done));
}

void Scripts::save(const std::string &name, const std::string &content, Done<> done)
{
    auto path = path_of(name);
    if (!path)
        return done(std::move(path.error()));
    if (content.size() > kMostBytes)
        return done(Error{Kind::Invalid, "a script has 1 MiB at the most"});
    offload([folder = folder_, name, content] { return save_in(folder, name, content); },
            std::move(done));
}

void Scripts::remove(const std::string &name, Done<> done)
{
    auto path = path_of(name);
    if (!path)
        return done(std::move(path.error()));
    offload([path = *path] { return remove_from(path); }, std::move(done));
}

void Scripts::run(const std::string &name, Done<Ended> done) const
{
    auto path = path_of(name);
    auto program = path ? program_for(*path, user_) : Result<Program>{std::move(path.error())};
    if (!program)
        return done(std::move(program.error()));
    program->ends_with_us = true; // what it says is for a client of this process
    system::run(*program, std::move(done));
}

void Scripts::start(const std::string &name, Done<> done) const
{
    auto path = path_of(name);
    auto program = path ? program_for(*path, user_) : Result<Program>{std::move(path.error())};
    auto started = program ? spawn(*program) : Result<Ref<GSubprocess>>{std::move(program.error())};
    done(started ? ok : Result<>{std::move(started.error())});
}

} // namespace panto::system
