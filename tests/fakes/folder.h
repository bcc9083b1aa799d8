// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace panto
{

/// An empty folder that is gone when the test is over.
class Folder
{
public:
    Folder() : path_{(std::filesystem::temp_directory_path() / "panto.XXXXXX").string()}
    {
        path_ = mkdtemp(path_.data());
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;

    const std::string &path() const { return path_; }
    std::string operator/(const std::string &name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

} // namespace panto
