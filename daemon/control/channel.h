// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/control/board.h"
#include "daemon/hid/dialect.h"
#include "daemon/hid/input.h"
#include "daemon/observe/tally.h"

#include <functional>
#include <memory>
#include <span>
#include <string>

namespace panto::control
{

/// Channel: one operator's line to the computer, whatever carries it: input goes up, status comes
/// down, and {"ping":n} is answered at once with {"pong":n,"wall":ms,"steady":ms}.
///
/// {"client":"<16 to 64 characters>"}, a random text the peer makes up, introduces it: its lines
/// with the same text are one owner of the input, and while it holds a key or a button it must send
/// something every 100 ms, a heartbeat at least (docs/decisions/0004).
///
/// Units    wall is CLOCK_REALTIME in ms, with three decimals, steady CLOCK_MONOTONIC, as pictures
///          have it that come with their time of capture
/// Threads  main loop only
class Channel
{
public:
    using SendText = std::function<void(const std::string &)>;

    /// proves_life: see hid::Input::attach().
    Channel(hid::Input &input, Board &board, std::string name, const std::string &user_agent,
            SendText send_text, std::function<bool()> proves_life = nullptr,
            hid::Input::Origin origin = {});

    void message(std::span<const uint8_t> message);
    /// Hears the id it introduced itself with.
    std::function<void(const std::string &id)> on_introduced;
    /// Hears {"hold":"<deed>","to":<number>}, where `to` is 0 if it is not told.
    std::function<void(const std::string &deed, unsigned to)> on_hold;
    /// Its messages are the JSON arrays of older clients, which send no heartbeat.
    bool speaks_json() const { return dialect_.speaks_json(); }

private:
    void status(const std::string &type, const std::string &data);
    void answer(std::string_view text);
    void introduced(const std::string &id);
    void refused(const std::string &why);

    hid::Input &input_;
    Board &board_;
    hid::Dialect dialect_;
    SendText send_text_;
    std::unique_ptr<hid::Input::Client> client_;
    observe::Tally ignored_; // the log's; dies before client_
    Board::Reader reader_;
    Time last_refusal_{};
};

/// The text frame of a status: {"type":...,"data":"<JSON as a string>"}.
std::string frame(const std::string &type, const std::string &data);

} // namespace panto::control
