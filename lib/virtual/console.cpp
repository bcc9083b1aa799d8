// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/virtual/console.h"

#include <algorithm>

namespace panto
{
namespace
{

constexpr std::string_view kPrompt = "$ ";
constexpr size_t kTabStop = 8;
constexpr size_t kLongestLine = 4096;
constexpr size_t kLinesKept = 500;

void keep(std::vector<std::string> &lines, std::string line)
{
    lines.push_back(std::move(line));
    if (lines.size() > kLinesKept)
        lines.erase(lines.begin());
}

} // namespace

void Console::reset()
{
    *this = {};
    said_ = {"Virtual computer ready.", "Type on it, point at it. Ctrl-Alt-Del restarts it.", ""};
}

void Console::type(char c)
{
    insert({&c, 1});
}

void Console::insert(std::string_view text)
{
    if (closed_ || line_.size() + text.size() > kLongestLine)
        return;
    line_.insert(caret_, text);
    caret_ += text.size();
}

void Console::recall(size_t entry)
{
    recalled_ = entry;
    line_ = entry < history_.size() ? history_[entry] : "";
    caret_ = line_.size();
}

void Console::edit(Edit what)
{
    if (closed_)
        return;
    switch (what) {
    case Edit::Enter:
        if (!line_.empty())
            keep(history_, line_);
        keep(said_, std::string{kPrompt} + line_);
        recall(history_.size());
        break;
    case Edit::Backspace:
        if (caret_ > 0)
            line_.erase(--caret_, 1);
        break;
    case Edit::Delete:
        if (caret_ < line_.size())
            line_.erase(caret_, 1);
        break;
    case Edit::Left:
        caret_ -= caret_ > 0;
        break;
    case Edit::Right:
        caret_ += caret_ < line_.size();
        break;
    case Edit::Up:
        if (recalled_ > 0)
            recall(recalled_ - 1);
        break;
    case Edit::Down:
        if (recalled_ < history_.size())
            recall(recalled_ + 1);
        break;
    case Edit::Home:
        caret_ = 0;
        break;
    case Edit::End:
        caret_ = line_.size();
        break;
    case Edit::Clear:
        line_.clear();
        caret_ = 0;
        break;
    case Edit::Tab:
        insert(std::string(kTabStop - (kPrompt.size() + caret_) % kTabStop, ' '));
        break;
    }
}

void Console::say(std::string_view line)
{
    if (!closed_)
        keep(said_, std::string{kPrompt} + line_);
    keep(said_, std::string{line});
    closed_ = true;
}

Console::Rows Console::lay_out(int columns, int rows) const
{
    Rows out;
    const auto wrap = [&](std::string_view line) {
        do {
            out.rows.emplace_back(line.substr(0, size_t(columns)));
            line.remove_prefix(std::min(line.size(), size_t(columns)));
        } while (!line.empty());
    };
    // A row of the screen holds at least one line's part, so older lines cannot be seen.
    const size_t first = said_.size() - std::min(said_.size(), size_t(rows));
    for (size_t i = first; i < said_.size(); ++i)
        wrap(said_[i]);
    if (!closed_) {
        const size_t start = out.rows.size();
        const size_t caret = kPrompt.size() + caret_;
        wrap(std::string{kPrompt} + line_);
        out.caret_row = int(start + caret / size_t(columns));
        out.caret_column = int(caret % size_t(columns));
        if (size_t(out.caret_row) == out.rows.size()) // just past a full row
            out.rows.emplace_back();
    }
    // Rows scroll off at the top, but the caret stays in sight.
    int excess = std::max(0, int(out.rows.size()) - rows);
    if (out.caret_row >= 0)
        excess = std::min(excess, out.caret_row);
    out.rows.erase(out.rows.begin(), out.rows.begin() + excess);
    if (int(out.rows.size()) > rows)
        out.rows.resize(size_t(rows));
    out.caret_row -= out.caret_row >= 0 ? excess : 0;
    return out;
}

} // namespace panto
