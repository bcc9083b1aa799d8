// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/config/yaml.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

namespace panto::config
{

namespace
{

constexpr size_t kMostShown = 40;

std::string printable(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    return text;
}

std::string_view without_comma(const std::string &text)
{
    std::string_view view = text;
    if (view.size() > 1 && view.back() == ',')
        view.remove_suffix(1);
    return view;
}

} // namespace

void Problems::add(int line, const std::string &key, const std::string &what)
{
    lines_.emplace_back(line, place(line, key) + (key.empty() ? "" : ": ") + what);
}

std::string Problems::place(int line, const std::string &key) const
{
    return file_ + ":" + std::to_string(line) + ": " + printable(key);
}

std::vector<std::string> Problems::lines() &&
{
    std::stable_sort(lines_.begin(), lines_.end(),
                     [](const auto &a, const auto &b) { return a.first < b.first; });
    std::vector<std::string> all;
    for (auto &[line, text] : lines_)
        all.push_back(std::move(text));
    return all;
}

Error Problems::error() &&
{
    std::string all;
    for (const std::string &text : std::move(*this).lines())
        all += (all.empty() ? "" : "\n") + text;
    return Error{Kind::Invalid, std::move(all)};
}

int line_of(const YAML::Node &node)
{
    return std::max(0, node.Mark().line) + 1;
}

std::string shown(const YAML::Node &node)
{
    if (node.IsMap())
        return "a section";
    if (node.IsSequence())
        return "a list";
    if (node.IsNull() || !node.IsDefined())
        return "nothing";
    return shown(node.Scalar());
}

std::string shown(const std::string &text)
{
    return "\"" + printable(text.substr(0, kMostShown)) +
           (text.size() > kMostShown ? "...\"" : "\"");
}

Result<int64_t> whole_number(const YAML::Node &node)
{
    int64_t value = 0;
    if (node.IsScalar()) {
        const auto text = without_comma(node.Scalar());
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (code == std::errc{} && end == text.data() + text.size())
            return value;
    }
    return Error{Kind::Invalid, "must be a whole number, not " + shown(node)};
}

Result<bool> truth(const YAML::Node &node)
{
    if (node.IsScalar()) {
        std::string text{without_comma(node.Scalar())};
        std::transform(text.begin(), text.end(), text.begin(),
                       [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
        if (text == "true" || text == "yes" || text == "on")
            return true;
        if (text == "false" || text == "no" || text == "off")
            return false;
    }
    return Error{Kind::Invalid, "must be true or false, not " + shown(node)};
}

void each_pair(
    const YAML::Node &map, const std::string &prefix, Problems &problems,
    const std::function<void(const std::string &key, int line, const YAML::Node &value)> &visit)
{
    std::map<std::string, int> seen;
    for (const auto &pair : map) {
        const int line = line_of(pair.first);
        if (!pair.first.IsScalar()) {
            problems.add(line, prefix, "a key must be text, not " + shown(pair.first));
            continue;
        }
        const std::string &key = pair.first.Scalar();
        const std::string path = prefix.empty() ? key : prefix + "." + key;
        if (const auto [first, fresh] = seen.emplace(key, line); !fresh)
            problems.add(line, path, "is already set on line " + std::to_string(first->second));
        else
            visit(key, line, pair.second);
    }
}

void with_yaml(const std::string &text, Problems &problems,
               const std::function<void(const YAML::Node &root)> &visit)
{
    if (const size_t at = text.find('\0'); at != text.npos) // yaml-cpp takes it for the end
        return problems.add(1 + int(std::count(text.begin(), text.begin() + long(at), '\n')), "",
                            "a NUL byte: this is no text");
    try {
        const auto documents = YAML::LoadAll(text);
        if (documents.size() > 1)
            problems.add(line_of(documents[1]), "", "a second document is not read");
        visit(documents.empty() ? YAML::Node{} : documents.front());
    } catch (const YAML::Exception &e) {
        problems.add(std::max(0, e.mark.line) + 1, "", e.msg);
    } catch (const std::exception &e) {
        problems.add(1, "", e.what());
    }
}

} // namespace panto::config
