// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/lingering_close.h"

#include "daemon/http/access.h"
#include "daemon/http/message.h"
#include "daemon/http/peer.h"
#include "daemon/http/stream.h"
#include "lib/glib/source.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

PANTO_COUNTED(SoupServerMessage, g_object_ref, g_object_unref)

namespace panto::http
{

namespace
{

constexpr size_t kMostBytes = 8 << 20;
constexpr size_t kBlockBytes = 64 << 10;
constexpr auto kLongest = std::chrono::seconds{2};

/// The answer that is set, as it goes over the wire.
std::string text_of(SoupServerMessage *message)
{
    const unsigned status = soup_server_message_get_status(message);
    const Owned<GBytes, g_bytes_unref> bytes{
        soup_message_body_flatten(soup_server_message_get_response_body(message))};
    gsize size = 0;
    const auto *body = static_cast<const char *>(g_bytes_get_data(bytes.get(), &size));
    SoupMessageHeaders *h = soup_server_message_get_response_headers(message);
    soup_message_headers_set_content_length(h, goffset(size));
    std::string text =
        "HTTP/1.1 " + std::to_string(status) + " " + soup_status_get_phrase(status) + "\r\n";
    SoupMessageHeadersIter i;
    const char *name = nullptr, *value = nullptr;
    soup_message_headers_iter_init(&i, h);
    while (soup_message_headers_iter_next(&i, &name, &value))
        text.append(name).append(": ").append(value).append("\r\n");
    text += "\r\n";
    if (body && std::string_view{soup_server_message_get_method(message)} != "HEAD")
        text.append(body, size);
    return text;
}

/// Owns itself, until the peer has closed or the time is over.
class LingeringClose
{
public:
    LingeringClose(Ref<GIOStream> connection, const std::string &answer)
        : connection_{std::move(connection)}, transport_{transport_of(connection_.get())}
    {
        say(answer);
        readable_ = watch(fd(), POLLIN | POLLRDHUP, [this] { throw_away(); });
        limit_ = after(kLongest, [this] { delete this; });
    }
    LingeringClose(const LingeringClose &) = delete;
    LingeringClose &operator=(const LingeringClose &) = delete;

private:
    ~LingeringClose()
    {
        // First: TLS would wait here for a peer that reads nothing to take its goodbye.
        g_socket_shutdown(transport_.socket, TRUE, TRUE, nullptr);
        g_io_stream_close(connection_.get(), nullptr, nullptr);
    }
    int fd() const { return g_socket_get_fd(transport_.socket); }

    /// What does not fit into the socket now is not worth a wait.
    void say(const std::string &answer)
    {
        GOutputStream *out = g_io_stream_get_output_stream(transport_.io);
        const gssize said = g_pollable_output_stream_write_nonblocking(
            G_POLLABLE_OUTPUT_STREAM(out), answer.data(), answer.size(), nullptr, nullptr);
        const bool room = g_socket_condition_check(transport_.socket, G_IO_OUT) & G_IO_OUT;
        if (said == gssize(answer.size()) && room)
            g_output_stream_close(out, nullptr, nullptr); // TLS says goodbye
        g_socket_shutdown(transport_.socket, FALSE, TRUE, nullptr);
    }
    /// As it came: of TLS nothing is deciphered.
    void throw_away()
    {
        char block[kBlockBytes];
        const ssize_t n = ::recv(fd(), block, sizeof block, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            delete this;
            return;
        }
        thrown_away_ += size_t(std::max<ssize_t>(n, 0));
        if (thrown_away_ >= kMostBytes)
            readable_ = {};
    }

    Ref<GIOStream> connection_;
    const Transport transport_;
    size_t thrown_away_ = 0;
    Source readable_, limit_;
};

} // namespace

void refuse_early(SoupServerMessage *message, const Response &response,
                  std::shared_ptr<const bool> stopped, Traffic &traffic)
{
    write_refusal(message, response);
    SoupMessageHeaders *h = soup_server_message_get_request_headers(message);
    if (soup_message_headers_get_encoding(h) == SOUP_ENCODING_NONE && !bad_length(h))
        return;
    soup_server_message_pause(message);
    // libsoup may be on the stack, and goes on with the message.
    post([kept = Ref<SoupServerMessage>::share(message), stopped = std::move(stopped), &traffic] {
        SoupServerMessage *m = kept.get();
        Guest *guest = *stopped ? nullptr : guest_of(m);
        if (!guest)
            return;
        guest->served();
        guest->may_leave();
        peer_of(m)->hold(false);
        log_taken_over(m, soup_server_message_get_status(m), traffic);
        const std::string answer = text_of(m);
        if (GIOStream *io = soup_server_message_steal_connection(m))
            new LingeringClose{Ref<GIOStream>::adopt(io), answer};
    });
}

} // namespace panto::http
