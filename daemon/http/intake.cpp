// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/intake.h"

#include "daemon/http/peer.h"

namespace panto::http
{

namespace
{

constexpr size_t kBlockBytes = 1 << 20;
constexpr char kKey[] = "pantograph-intake";

} // namespace

void Intake::attach(SoupServerMessage *message, std::unique_ptr<BodySink> sink,
                    std::shared_ptr<const bool> stopped, Sessions *sessions, Lease lease)
{
    soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
    auto *intake = new Intake{message, std::move(sink), std::move(stopped), sessions, lease};
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
}

Intake *Intake::of(SoupServerMessage *message)
{
    return static_cast<Intake *>(g_object_get_data(G_OBJECT(message), kKey));
}

Intake::Intake(SoupServerMessage *message, std::unique_ptr<BodySink> sink,
               std::shared_ptr<const bool> stopped, Sessions *sessions, Lease lease)
    : Session{sessions, std::move(lease)}, message_{message}, sink_{std::move(sink)},
      stopped_{std::move(stopped)}
{
}

void Intake::chunk(GBytes *bytes)
{
    Guest *guest = guest_of(message_);
    if (guest)
        guest->moved(g_bytes_get_size(bytes));
    if (!sink_)
        return;
    gsize size = 0;
    if (auto *data = static_cast<const char *>(g_bytes_get_data(bytes, &size)))
        waiting_.append(data, size);
    if (waiting_.size() >= kBlockBytes && !busy_)
        hand_over();
    if (waiting_.size() >= kBlockBytes && !paused_) {
        paused_ = true;
        if (guest)
            guest->hold();
        soup_server_message_pause(message_);
    }
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
    if (!sink_)
        return;
    if (waiting_.size() >= kBlockBytes || (reply_ && !waiting_.empty()))
        hand_over();
    if (waiting_.size() < kBlockBytes)
        go_on();
    if (reply_ && !busy_ && waiting_.empty())
        sink_->finish(*std::exchange(reply_, std::nullopt));
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

void Intake::expire()
{
    sink_.reset();
    waiting_.clear();
    if (auto reply = std::exchange(reply_, std::nullopt))
        (*reply)({401, "application/json; charset=utf-8", "\"unauthorized\"", {}});
    go_on();
}

} // namespace panto::http
