// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/glib/source.h"
#include "lib/usbhid/report.h"

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace panto::hid
{

/// What gives reports: a person's come first, and take the input from a machine at once. A machine
/// gives way to another as soon as it holds nothing.
enum class Rank { Person, Machine };

/// Input: passes the reports of one client at a time on to the computer, and lets every key and
/// button go when that client goes, falls silent, or another takes over.
///
/// The owner keeps the input while it holds anything or has sent a report within the last second;
/// after that the next one to send a report owns it. It gives way at once when its connection has
/// ended, or when it holds nothing to another of its session. Names tell people who that is, and
/// decide nothing: two windows of one user are two clients. Only lines that introduced themselves
/// with the same id are one client, and take over from each other at once; what an older line still
/// had on its way when a newer one took over is dropped. While something is held the owner's lease
/// must be renewed: by any message, or by its connection proving that the peer is there.
///
/// Errors   report(): Busy while another client owns the input, Invalid for a size that is none,
///          Unavailable for a consumer key where the computer has none
/// Proven on  dummy_hcd, in the lab, read by the computer's evdev: every kind of report, and that
///          what is held is let go when its owner leaves; on no port of a real board yet
/// Threads  main loop only
class Input
{
public:
    using Send = std::function<void(std::span<const uint8_t> report)>;

    class Client;

    /// What else is known of a client's connection.
    struct Origin {
        std::string session = {};              ///< under which it was opened, "" for none
        std::function<bool()> ended = nullptr; ///< its peer has gone, though it is not closed yet
    };

    explicit Input(Send send, Clock clock = steady_now, bool has_consumer_keys = false);
    ~Input();
    Input(const Input &) = delete;
    Input &operator=(const Input &) = delete;

    /// A new client. `proves_life` is asked every 50 ms while the client holds something: true
    /// renews its lease. Without it only messages do.
    std::unique_ptr<Client> attach(std::string name, std::function<bool()> proves_life = nullptr,
                                   Rank rank = Rank::Person);
    /// Lets every key and button go, whoever holds them.
    void release_all();
    /// The same, and tells the computer that all is up even where nothing is known to be held.
    void reset();
    /// From now on only the client of this id gives reports: it need not wait, and what others hold
    /// goes up. They are told the name. "" lets everybody again.
    void reserve(std::string id, std::string name = "");
    /// Whether another client holds something, used it within the last second, or has it reserved.
    bool busy_for(const Client &client) const;
    const Client *owner() const { return owner_; }
    /// When the last report was passed on.
    Time last_report() const { return last_report_; }
    /// When a person last did more than move a pointer.
    Time person_acted() const { return person_acted_; }
    /// Whether the input is this client's, by this line or another of its lines.
    bool owned_by(const Client &client) const;

    std::function<void()> on_owner_changed;
    /// What is held is about to be let go, which must not wait behind what was sent before.
    std::function<void()> on_release;
    /// The owner lost what it held; so long ago was its last sign of life.
    std::function<void(const Client &owner, std::chrono::milliseconds silent)> on_let_go;

private:
    bool outdated(const Client &client) const;
    void take(Client *client);
    void detach(Client *client);
    Result<> check(std::span<const uint8_t> report) const;
    bool is_deed(std::span<const uint8_t> report) const;
    Result<> pass(Client *client, std::span<const uint8_t> report);
    void pass_relative(std::span<const uint8_t> report);
    void pass_absolute(std::span<const uint8_t> report);
    bool holding() const;
    void watch_lease();

    Send send_;
    Clock clock_;
    const bool has_consumer_keys_;
    Client *owner_ = nullptr;
    Time last_report_{}, person_acted_{};
    uint64_t lines_ = 0; // introduced so far
    struct {
        std::string id, name; // "": for nobody
    } reserved_;
    KeyboardReport keyboard_{};
    RelativeReport relative_{};
    AbsoluteReport absolute_{};
    ConsumerReport consumer_{};
    Source lease_;
};

/// One source of input; its death releases what it holds.
class Input::Client
{
public:
    Client(Input &input, std::string name, std::function<bool()> proves_life, Rank rank)
        : input_{input}, name_{std::move(name)}, proves_life_{std::move(proves_life)}, rank_{rank}
    {
    }
    ~Client() { input_.detach(this); }
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    /// Passes a report on: 8 bytes keyboard, 4 relative, 6 absolute pointer, 2 consumer key.
    Result<> report(std::span<const uint8_t> report) { return input_.pass(this, report); }
    /// The peer is alive.
    void renew();
    /// Before the first report.
    void comes_from(Origin origin) { origin_ = std::move(origin); }
    /// The peer gives itself an id, which all its lines share and nobody else knows. Whoever does
    /// renews by messages: from now on its connection proves nothing any more, and its session no
    /// longer makes it one with others. Of several lines the one that introduced itself last is the
    /// newest.
    void introduce(std::string id);
    /// Sends for the client of this id, and is none of its lines: neither older nor newer than
    /// they.
    void send_for(std::string id);
    const std::string &name() const { return name_; }

private:
    friend class Input;
    Input &input_;
    std::string name_;
    std::string id_;    // "" until it is introduced
    uint64_t line_ = 0; // grows from a client's line to its next; 0: none
    std::function<bool()> proves_life_;
    Rank rank_;
    Origin origin_;
    Time renewed_{};
    Time reported_{};
};

} // namespace panto::hid
