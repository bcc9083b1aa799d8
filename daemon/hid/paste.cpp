// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/hid/paste.h"

#include "lib/usbhid/text.h"

#include <glib.h>

namespace panto::hid
{

namespace
{

using namespace std::chrono_literals;

constexpr glong kMaxCharacters = 65536;
constexpr size_t kAhead = 4; // reports on their way: enough that the computer never has to wait
constexpr auto kLook = 1ms;  // for room
constexpr auto kWait = 50ms; // until the next try to get the input
constexpr unsigned kMaxWaits = 30; // longer than an owner that sends nothing keeps the input

} // namespace

void Paste::type(const Writer &writer, const std::string &text, const std::string &layout_id,
                 Done<size_t> done)
{
    if (done_)
        return done(Error{Kind::Busy, "another text is being typed"});
    const Layout *layout = find_layout(layout_id);
    if (!layout)
        return done(Error{Kind::Invalid, "unknown layout"});
    if (!g_utf8_validate(text.data(), gssize(text.size()), nullptr))
        return done(Error{Kind::Invalid, "content is not UTF-8"});
    if (g_utf8_strlen(text.data(), gssize(text.size())) > kMaxCharacters)
        return done(Error{Kind::Invalid, "content too long"});
    if (auto ready = cable_.ready(kKeyboardSize); !ready)
        return done(std::move(ready.error()));
    user_ = writer.user;
    reports_.clear();
    const Typed typed = type_text(*layout, text);
    left_out_ = typed.left_out;
    for (size_t press = 0; press < typed.reports.size();
         press += 2) // each has its all-up behind it
        reports_.push_back(typed.reports[press]);
    strokes_ = reports_.size();
    client_ = input_.attach(writer.name);
    client_->send_for(writer.id);
    waits_ = 0;
    lost_ = cable_.lost();
    done_ = std::move(done);
    next();
}

void Paste::next()
{
    const size_t waiting = cable_.waiting(); // first: what waits no more may be lost
    if (cable_.lost() != lost_)
        return interrupt("the computer took not all of the keys");
    if (reports_.empty() && waiting == 0)
        return finish(left_out_);
    if (reports_.empty() || waiting >= kAhead) {
        timer_ = after(kLook, [this] { next(); });
        return;
    }
    auto pressed = client_->report(reports_.front());
    if (pressed)
        pressed = client_->report(kAllKeysUp);
    if (!pressed)
        return wait(std::move(pressed.error()));
    waits_ = 0;
    reports_.pop_front();
    timer_ = after(pace_, [this] { next(); });
}

/// Whoever just sent something, this operator's own console perhaps, keeps the input a while.
void Paste::wait(Error busy)
{
    if (busy.kind != Kind::Busy || ++waits_ > kMaxWaits)
        return finish(std::move(busy));
    timer_ = after(kWait, [this] { next(); });
}

bool Paste::cancel()
{
    const bool running = bool(done_);
    if (running)
        finish(Error{Kind::Unavailable, "cancelled"});
    return running;
}

void Paste::revoke(const std::string &user)
{
    if (user == user_)
        interrupt("its user was signed out");
}

void Paste::interrupt(const std::string &why)
{
    if (done_)
        finish(Error{Kind::Unavailable, why + ", after " +
                                            std::to_string(strokes_ - reports_.size()) + " of " +
                                            std::to_string(strokes_) + " keystrokes"});
}

void Paste::finish(Result<size_t> result)
{
    timer_ = {};
    client_.reset();
    reports_.clear();
    if (auto done = std::exchange(done_, nullptr))
        done(std::move(result));
}

} // namespace panto::hid
