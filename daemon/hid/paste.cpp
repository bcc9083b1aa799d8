// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/hid/paste.h"

#include <glib.h>

namespace panto::hid
{

namespace
{

constexpr glong kMaxCharacters = 1024;
constexpr auto kStrokeInterval = std::chrono::milliseconds{30};

} // namespace

void Paste::type(const std::string &operator_name, const std::string &text,
                 const std::string &layout_id, Done<> done)
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
    reports_.clear();
    for (const char *p = text.c_str(); *p; p = g_utf8_next_char(p))
        for (const Stroke &s : strokes(*layout, g_utf8_get_char(p)))
            reports_.push_back({s.modifiers, 0, s.usage});
    client_ = input_.attach(operator_name);
    done_ = std::move(done);
    next();
}

void Paste::next()
{
    if (reports_.empty())
        return finish(ok);
    const KeyboardReport report = reports_.front();
    reports_.pop_front();
    auto pressed = client_->report(report);
    if (pressed)
        pressed = client_->report(kAllKeysUp);
    if (!pressed)
        return finish(std::move(pressed.error()));
    timer_ = after(kStrokeInterval, [this] { next(); });
}

void Paste::cancel()
{
    if (done_)
        finish(Error{Kind::Unavailable, "cancelled"});
}

void Paste::finish(Result<> result)
{
    timer_ = {};
    client_.reset();
    reports_.clear();
    if (auto done = std::exchange(done_, nullptr))
        done(std::move(result));
}

} // namespace panto::hid
