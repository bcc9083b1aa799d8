// SPDX-License-Identifier: LGPL-2.1-or-later
/// Console: the virtual computer's line editor. What is typed appears after a prompt; Enter keeps
/// the line and starts the next.
///
/// Threads  none of its own; the computer's lock guards it
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace panto
{

class Console
{
public:
    enum class Edit { Enter, Backspace, Delete, Left, Right, Up, Down, Home, End, Clear, Tab };

    /// The text cut into rows of the screen, and the cell where the next character goes.
    struct Rows {
        std::vector<std::string> rows;
        int caret_row = -1;
        int caret_column = 0;
    };

    /// Starts afresh, as after a boot.
    void reset();
    void type(char c);
    void edit(Edit what);
    /// Ends the line being typed and shows a line of the computer's own.
    void say(std::string_view line);

    /// The newest rows that fit.
    Rows lay_out(int columns, int rows) const;

private:
    void insert(std::string_view text);
    void recall(size_t entry);

    std::vector<std::string> said_;    // finished lines, prompt included
    std::vector<std::string> history_; // what was entered, for Up and Down
    size_t recalled_ = 0;              // the entry shown; history_.size() is the line being typed
    std::string line_;
    size_t caret_ = 0;
    bool closed_ = false; // no prompt any more: it is shutting down
};

} // namespace panto
