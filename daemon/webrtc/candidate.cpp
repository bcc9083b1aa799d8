// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/candidate.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <sstream>
#include <string_view>

namespace panto::webrtc
{

namespace
{

constexpr char kUfrag[] = "a=ice-ufrag:";
constexpr char kMid[] = "a=mid:";

std::vector<std::string_view> words_of(std::string_view text)
{
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const size_t space = std::min(text.find(' '), text.size());
        words.push_back(text.substr(0, space)); // two spaces make an empty one, which is no word
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return words;
}

bool is_number(std::string_view text, unsigned long least, unsigned long most)
{
    unsigned long number = 0;
    const char *end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    return read.ec == std::errc{} && read.ptr == end && number >= least && number <= most;
}

bool is_printable(std::string_view text)
{
    return std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return c >= 32 && c < 127; });
}

/// "video 9 UDP/TLS/RTP/SAVPF 96" and the like, of which only the form matters here.
bool is_media(std::string_view text)
{
    const auto words = words_of(text);
    return words.size() >= 4 && !words[0].empty() && is_number(words[1], 0, 65535);
}

/// The lines without their ends.
std::vector<std::string> lines_of(const std::string &text)
{
    std::vector<std::string> out;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
            line.pop_back();
        out.push_back(std::move(line));
    }
    return out;
}

} // namespace

bool is_candidate(const std::string &text)
{
    constexpr std::string_view kName = "candidate:";
    if (!text.starts_with(kName) || !is_printable(text))
        return false;
    // <foundation> <component> <transport> <priority> <address> <port> typ <type> ...
    const auto words = words_of(std::string_view{text}.substr(kName.size()));
    return words.size() >= 8 && !words[0].empty() && words[0].size() <= 32 &&
           is_number(words[1], 1, 256) && !words[2].empty() && is_number(words[3], 0, 4294967295) &&
           !words[4].empty() && is_number(words[5], 0, 65535) && words[6] == "typ" &&
           !words[7].empty();
}

Result<std::vector<Candidate>> read_fragment(const std::string &text)
{
    std::vector<Candidate> candidates;
    int mline = -1;
    bool empty = true;
    for (const std::string &line : lines_of(text)) {
        if (line.empty())
            continue;
        empty = false;
        if (!is_printable(line) || (!line.starts_with("a=") && !line.starts_with("m=")))
            return Error{Kind::Invalid, "the fragment has a line that is neither a= nor m="};
        if (line.starts_with("m=")) {
            if (!is_media(std::string_view{line}.substr(2)))
                return Error{Kind::Invalid, "the fragment has a malformed m= line"};
            ++mline;
        } else if (line.starts_with("a=candidate")) {
            if (!is_candidate(line.substr(2)))
                return Error{Kind::Invalid, "the fragment has a malformed candidate"};
            candidates.push_back({unsigned(std::max(mline, 0)), line.substr(2)});
        }
    }
    if (empty)
        return Error{Kind::Invalid, "the fragment is empty"};
    return candidates;
}

std::vector<std::string> mids_of(const std::string &sdp)
{
    std::vector<std::string> out;
    for (const std::string &line : lines_of(sdp)) {
        if (line.starts_with("m="))
            out.push_back(std::to_string(out.size()));
        else if (line.starts_with(kMid) && !out.empty())
            out.back() = line.substr(sizeof kMid - 1);
    }
    return out;
}

std::vector<std::string> ufrags_of(const std::string &text)
{
    std::vector<std::string> out;
    for (const std::string &line : lines_of(text))
        if (line.starts_with(kUfrag))
            out.push_back(line.substr(sizeof kUfrag - 1));
    return out;
}

} // namespace panto::webrtc
