// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/intake.h"

#include "daemon/http/peer.h"
#include "lib/glib/source.h"

namespace panto::http
{

namespace
{

constexpr size_t kBlockBytes = 1 << 20;
constexpr size_t kBeginning = 64 << 10; // the sink gets it as it comes: most refusals are due then
constexpr char kKey[] = "pantograph-intake";

} // namespace

void Intake::attach(SoupServerMessage *message, std::unique_ptr<BodySink> sink,
                    std::shared_ptr<const bool> stopped, Sessions *sessions, Lease lease,
                    Refuse refuse)
{
    soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
    auto *intake = new Intake{message,  std::move(sink),  std::move(stopped),
                              sessions, std::move(lease), std::move(refuse)};
    g_object_set_data_full(G_OBJECT(message), kKey, intake,
                           [](gpointer p) { delete static_cast<Intake *>(p); });
    if (Guest *guest = guest_of(message))
        guest->awaits_upload();
    g_signal_connect(message, "got-chunk",
                     G_CALLBACK(+[](SoupServerMessage *, GBytes *bytes, gpointer p) {
                         static_cast<Intake *>(p)->chunk(bytes);
                     }),
                     intake);
    // The peer went away: let the sink go at once, whoever still holds the message.
    g_signal_connect(message, "finished", G_CALLBACK(+[](SoupServerMessage *m, gpointer) {
                         g_object_set_data(G_OBJECT(m), kKey, nullptr);
                     }),
                     nullptr);
    SoupMessageHeaders *h = soup_server_message_get_request_headers(message);
    if (soup_message_headers_get_expectations(h) & SOUP_EXPECTATION_CONTINUE) {
        intake->hold();
        intake->hand_over();
    }
}

Intake *Intake::of(SoupServerMessage *message)
{
    return static_cast<Intake *>(g_object_get_data(G_OBJECT(message), kKey));
}

Intake::Intake(SoupServerMessage *message, std::unique_ptr<BodySink> sink,
               std::shared_ptr<const bool> stopped, Sessions *sessions, Lease lease, Refuse refuse)
    : Session{sessions, std::move(lease)}, message_{message}, sink_{std::move(sink)},
      stopped_{std::move(stopped)}, refuse_{std::move(refuse)}
{
    sink_->refuse = [this](Response why) { refused(std::move(why)); };
}

void Intake::chunk(GBytes *bytes)
{
    if (Guest *guest = guest_of(message_))
        guest->moved(g_bytes_get_size(bytes));
    if (!sink_ || refused_)
        return;
    gsize size = 0;
    if (auto *data = static_cast<const char *>(g_bytes_get_data(bytes, &size)))
        waiting_.append(data, size);
    const bool begins = came_bytes_ < kBeginning;
    came_bytes_ += size;
    if ((begins || waiting_.size() >= kBlockBytes) && !busy_)
        hand_over();
    if (waiting_.size() >= kBlockBytes)
        hold();
}

void Intake::hold()
{
    if (std::exchange(paused_, true))
        return;
    if (Guest *guest = guest_of(message_))
        guest->hold();
    soup_server_message_pause(message_);
}

void Intake::hand_over()
{
    busy_ = true;
    sink_->take(std::exchange(waiting_, {}), [weak = self_.weak()] {
        if (auto *self = alive(weak))
            self->taken();
    });
}

void Intake::taken()
{
    busy_ = false;
    if (!sink_ || refused_)
        return;
    if (waiting_.size() >= kBlockBytes || (reply_ && !waiting_.empty()))
        hand_over();
    if (waiting_.size() < kBlockBytes)
        go_on();
    if (reply_ && !busy_ && waiting_.empty()) {
        finishing_ = true;
        sink_->finish(*std::exchange(reply_, std::nullopt));
    }
}

void Intake::go_on()
{
    if (!std::exchange(paused_, false) || *stopped_)
        return;
    if (Guest *guest = guest_of(message_))
        guest->go_on();
    soup_server_message_unpause(message_);
}

void Intake::finish(Reply reply)
{
    if (!sink_)
        return reply({401, "application/json; charset=utf-8", "\"unauthorized\"", {}});
    reply_ = std::move(reply);
    if (!busy_)
        taken();
}

/// The sink may be on the stack.
void Intake::refused(Response why)
{
    if (!sink_ || finishing_ || std::exchange(refused_, true))
        return;
    post([weak = self_.weak(), why = std::move(why)] {
        if (auto *self = alive(weak))
            self->end(why);
    });
}

void Intake::end(const Response &response)
{
    const bool open = sink_ && !finishing_;
    sink_.reset();
    waiting_.clear();
    if (auto reply = std::exchange(reply_, std::nullopt))
        (*reply)(response);
    else if (open)
        refuse_(message_, response);
}

void Intake::expire()
{
    end({401, "application/json; charset=utf-8", "\"unauthorized\"", {}});
}

} // namespace panto::http
