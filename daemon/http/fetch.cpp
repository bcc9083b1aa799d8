// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/fetch.h"

#include "lib/base/alive.h"
#include "lib/base/owned.h"
#include "lib/glib/gio.h"

#include <libsoup/soup.h>

PANTO_COUNTED(SoupSession, g_object_ref, g_object_unref)
PANTO_COUNTED(SoupMessage, g_object_ref, g_object_unref)
PANTO_COUNTED(GInputStream, g_object_ref, g_object_unref)

namespace panto::http
{

namespace
{

constexpr unsigned kMostRedirects = 5;
constexpr auto kUriFlags = GUriFlags(SOUP_HTTP_URI_FLAGS);
constexpr size_t kBlockBytes = 256 << 10;

using Uri = Owned<GUri, g_uri_unref>;

bool is_redirect(unsigned status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Error failed(GError *error)
{
    const bool late = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
    const Error e{late ? Kind::Timeout : Kind::Unavailable,
                  late ? "the server does not answer"
                       : std::string{"the server cannot be read from: "} + error->message};
    g_error_free(error);
    return e;
}

std::string header(SoupMessage *message, const char *name)
{
    const char *value =
        soup_message_headers_get_one(soup_message_get_response_headers(message), name);
    return value ? value : "";
}

/// Source: RFC 9110, 13.1.5: a weak ETag says too little to put parts together by.
std::string validator_of(SoupMessage *message)
{
    const std::string tag = header(message, "ETag");
    return tag.starts_with('"') ? tag : header(message, "Last-Modified");
}

/// One request and those that it is sent on to.
class Getting : public std::enable_shared_from_this<Getting>
{
public:
    Getting(Ref<SoupSession> session, fetch::Wish wish, fetch::Events events)
        : session_{std::move(session)}, wish_{std::move(wish)}, events_{std::move(events)},
          cancellable_{Ref<GCancellable>::adopt(g_cancellable_new())}
    {
    }
    ~Getting() { g_cancellable_cancel(cancellable_.get()); }

    void send(Uri uri)
    {
        uri_ = std::move(uri);
        message_ = Ref<SoupMessage>::adopt(soup_message_new_from_uri("GET", uri_.get()));
        soup_message_add_flags(message_.get(), SOUP_MESSAGE_NO_REDIRECT);
        SoupMessageHeaders *headers = soup_message_get_request_headers(message_.get());
        soup_message_headers_replace(headers, "Accept-Encoding", "identity");
        if (wish_.offset > 0 || wish_.most_bytes > 0)
            soup_message_headers_set_range(
                headers, goffset(wish_.offset),
                wish_.most_bytes > 0 ? goffset(wish_.offset + wish_.most_bytes - 1) : -1);
        if (wish_.offset > 0)
            soup_message_headers_replace(headers, "If-Range", wish_.validator.c_str());
        soup_session_send_async(session_.get(), message_.get(), G_PRIORITY_DEFAULT,
                                cancellable_.get(), answered, new Weak{self_.weak()});
    }

private:
    using Weak = std::weak_ptr<Getting *>;

    /// The request that a callback is for, or nullptr when nobody wants it any more.
    static Getting *caller(gpointer data)
    {
        const std::unique_ptr<Weak> weak{static_cast<Weak *>(data)};
        return alive(*weak);
    }

    static void answered(GObject *session, GAsyncResult *result, gpointer data)
    {
        GError *error = nullptr;
        GInputStream *body =
            soup_session_send_finish(reinterpret_cast<SoupSession *>(session), result, &error);
        const auto stream = Ref<GInputStream>::adopt(body);
        Getting *self = caller(data);
        if (!self)
            return g_clear_error(&error);
        const auto keep = self->shared_from_this(); // whoever hears it may end us
        if (error)
            return self->events_.on_head(failed(error), nullptr);
        self->body_ = stream;
        self->judge();
    }

    void judge()
    {
        const auto refuse = [this](const std::string &why) {
            events_.on_head(Error{Kind::Unavailable, why}, nullptr);
        };
        const unsigned status = soup_message_get_status(message_.get());
        if (is_redirect(status))
            return redirect();
        if (status != 200 && status != 206)
            return refuse("the server answers " + std::to_string(status));
        fetch::Head head{.validator = validator_of(message_.get())};
        head.redirected = redirects_ > 0;
        head.date = header(message_.get(), "Last-Modified");
        head.part = status == 206;
        head.ranges = head.part || header(message_.get(), "Accept-Ranges") == "bytes";
        SoupMessageHeaders *headers = soup_message_get_response_headers(message_.get());
        goffset start = 0, end = 0, total = -1;
        if (status == 206 &&
            (!soup_message_headers_get_content_range(headers, &start, &end, &total) || total < 0))
            return refuse("the server does not say which part it sends");
        const SoupEncoding encoding = soup_message_headers_get_encoding(headers);
        if (status == 200 && encoding == SOUP_ENCODING_CONTENT_LENGTH)
            total = soup_message_headers_get_content_length(headers);
        head.end_shows = encoding != SOUP_ENCODING_EOF;
        head.offset = uint64_t(start);
        if (total >= 0)
            head.size_bytes = uint64_t(total);
        events_.on_head(head, [this] { read(); });
    }

    void redirect()
    {
        const auto refuse = [this](const char *why) {
            events_.on_head(Error{Kind::Unavailable, why}, nullptr);
        };
        const std::string where = header(message_.get(), "Location");
        Uri to{g_uri_parse_relative(uri_.get(), where.c_str(), kUriFlags, nullptr)};
        const std::string from = g_uri_get_scheme(uri_.get());
        const std::string scheme = to ? g_uri_get_scheme(to.get()) : "";
        if (!to || where.empty() || ++redirects_ > kMostRedirects)
            return refuse("the server sends on to nowhere, or in a circle");
        if (scheme != "https" && (scheme != "http" || from == "https"))
            return refuse("the server sends on to another kind of address");
        if (const char *host = g_uri_get_host(to.get()); !host || !*host)
            return refuse("the server sends on to nowhere, or in a circle");
        body_ = {};
        send(std::move(to));
    }

    void read()
    {
        g_input_stream_read_bytes_async(body_.get(), kBlockBytes, G_PRIORITY_DEFAULT,
                                        cancellable_.get(), came, new Weak{self_.weak()});
    }

    static void came(GObject *stream, GAsyncResult *result, gpointer data)
    {
        GError *error = nullptr;
        const Owned<GBytes, g_bytes_unref> bytes{g_input_stream_read_bytes_finish(
            reinterpret_cast<GInputStream *>(stream), result, &error)};
        Getting *self = caller(data);
        if (!self)
            return g_clear_error(&error);
        const auto keep = self->shared_from_this(); // whoever hears it may end us
        if (error)
            return self->events_.on_end(failed(error));
        gsize size = 0;
        const auto *start = static_cast<const char *>(g_bytes_get_data(bytes.get(), &size));
        if (size == 0)
            return self->events_.on_end(ok);
        self->events_.on_part({start, size}, [weak = self->self_.weak()] {
            if (auto *request = alive(weak))
                request->read();
        });
    }

    Ref<SoupSession> session_;
    fetch::Wish wish_;
    fetch::Events events_;
    Ref<GCancellable> cancellable_;
    Uri uri_;
    Ref<SoupMessage> message_;
    Ref<GInputStream> body_;
    unsigned redirects_ = 0;
    Self<Getting> self_{this};
};

} // namespace

fetch::Start fetcher(unsigned timeout_s)
{
    const auto session = Ref<SoupSession>::adopt(
        soup_session_new_with_options("timeout", timeout_s, "user-agent", "pantographd", nullptr));
    soup_session_remove_feature_by_type(session.get(), SOUP_TYPE_CONTENT_DECODER);
    return [session](fetch::Wish wish, fetch::Events events) -> fetch::Transfer {
        Uri uri{g_uri_parse(wish.url.c_str(), kUriFlags, nullptr)};
        g_assert(uri); // whoever wishes has checked it
        const auto request = std::make_shared<Getting>(session, std::move(wish), std::move(events));
        request->send(std::move(uri));
        return request;
    };
}

} // namespace panto::http
