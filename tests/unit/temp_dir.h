// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

/// TempDir: a folder of a test's own, gone with it.
class TempDir
{
public:
    TempDir()
    {
        std::string name = (std::filesystem::temp_directory_path() / "panto-test-XXXXXX").string();
        path = ::mkdtemp(name.data()) ? name : "";
    }
    ~TempDir()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    TempDir(const TempDir &) = delete;
    TempDir &operator=(const TempDir &) = delete;

    /// Writes a file below the folder and returns its path.
    std::string write(const std::string &name, const std::string &content) const
    {
        const std::filesystem::path file = std::filesystem::path{path} / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file, std::ios::binary} << content;
        return file.string();
    }

    std::string path;
};
