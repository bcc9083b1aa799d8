// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/ending_stream.h"

#include "daemon/http/peer.h"
#include "daemon/observe/log.h"

#include <algorithm>
#include <string_view>

namespace
{

constexpr std::string_view kNonsense = "-\r\n\r\n";

struct EndingInput {
    GInputStream parent;
    GInputStream *below; // of the stream below, which outlives this one, as the peer does
    panto::http::Peer *peer;
};
struct EndingInputClass {
    GInputStreamClass parent;
};

struct EndingOutput {
    GOutputStream parent;
    GOutputStream *below; // as that of the input
    panto::http::Peer *peer;
};
struct EndingOutputClass {
    GOutputStreamClass parent;
};

struct EndingStream {
    GIOStream parent;
    GIOStream *base;
    GSocketAddress *remote; // keeps the peer
    GInputStream *input;
    GOutputStream *output;
};
struct EndingStreamClass {
    GIOStreamClass parent;
};

GType ending_input_get_type();
GType ending_output_get_type();
GType ending_stream_get_type();

EndingInput *input_of(gpointer object)
{
    return static_cast<EndingInput *>(object);
}

EndingOutput *output_of(gpointer object)
{
    return static_cast<EndingOutput *>(object);
}

EndingStream *stream_of(gpointer object)
{
    return static_cast<EndingStream *>(object);
}

GPollableInputStream *below(gpointer object)
{
    return reinterpret_cast<GPollableInputStream *>(input_of(object)->below);
}

/// What the reader gets instead of an end between two requests.
gssize last_request(EndingInput *input, char *to, gsize size, GError **error)
{
    g_clear_error(error);
    g_socket_shutdown(input->peer->socket, TRUE, TRUE, nullptr);
    const std::string_view text = kNonsense.substr(0, size);
    std::copy(text.begin(), text.end(), to);
    return gssize(text.size());
}

void received(panto::http::Peer *peer, const unsigned char *bytes, size_t count)
{
    peer->share.took(count);
    if (peer->first < 0)
        peer->first = *bytes;
    if (!peer->upgraded)
        return;
    const char *why = peer->is_deaf(count)      ? "a WebSocket sends and does not read"
                      : peer->is_endless(count) ? "a WebSocket's message has no end"
                                                : nullptr;
    if (!why)
        return;
    panto::log_warning("http", why, {{"from", peer->address}});
    g_socket_shutdown(peer->socket, TRUE, TRUE, nullptr);
}

gssize read_waiting(GPollableInputStream *s, void *to, gsize size, GError **error)
{
    panto::http::Peer *peer = input_of(s)->peer;
    if (!peer->share.may_read()) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "it is the others' turn");
        return -1;
    }
    const gssize count =
        g_pollable_input_stream_read_nonblocking(below(s), to, size, nullptr, error);
    if (count > 0)
        received(peer, static_cast<const unsigned char *>(to), size_t(count));
    if (!peer->between ||
        (count < 0 && g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)))
        return count;
    peer->between = false;
    peer->over = count <= 0;
    return peer->over ? last_request(input_of(s), static_cast<char *>(to), size, error) : count;
}

gssize read_some(GInputStream *s, void *to, gsize size, GCancellable *cancel, GError **error)
{
    return g_input_stream_read(input_of(s)->below, to, size, cancel, error);
}

gboolean close_nothing(GInputStream *, GCancellable *, GError **)
{
    return TRUE; // the stream closes both directions
}

gboolean is_readable(GPollableInputStream *s)
{
    return g_pollable_input_stream_is_readable(below(s));
}

GSource *create_source(GPollableInputStream *s, GCancellable *cancel)
{
    const panto::http::Peer *peer = input_of(s)->peer;
    GSource *readable = peer->tls ? g_pollable_input_stream_create_source(below(s), nullptr)
                                  : g_socket_create_source(peer->socket, G_IO_IN, nullptr);
    GSource *source = g_pollable_source_new_full(s, readable, cancel);
    g_source_unref(readable);
    return source;
}

void ending_input_pollable(gpointer iface, gpointer)
{
    auto *methods = static_cast<GPollableInputStreamInterface *>(iface);
    methods->is_readable = is_readable;
    methods->create_source = create_source;
    methods->read_nonblocking = read_waiting;
}

G_DEFINE_TYPE_WITH_CODE(EndingInput, ending_input, G_TYPE_INPUT_STREAM,
                        G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_INPUT_STREAM, ending_input_pollable))

void ending_input_init(EndingInput *) {}

void ending_input_class_init(EndingInputClass *c)
{
    c->parent.read_fn = read_some;
    c->parent.close_fn = close_nothing;
}

/// A WebSocket's peer that takes nothing any more may have said something before it went: who reads
/// it learns of its end, and until then what is written goes nowhere.
gssize write_what_fits(GPollableOutputStream *s, const void *from, gsize size, GError **error)
{
    GError *why = nullptr;
    const gssize count = g_pollable_output_stream_write_nonblocking(
        G_POLLABLE_OUTPUT_STREAM(output_of(s)->below), from, size, nullptr, &why);
    if (count >= 0)
        return count;
    if (output_of(s)->peer->upgraded && !g_error_matches(why, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
        g_error_free(why);
        return gssize(size);
    }
    g_propagate_error(error, why);
    return count;
}

gssize write_some(GOutputStream *s, const void *from, gsize size, GCancellable *cancel,
                  GError **error)
{
    return g_output_stream_write(output_of(s)->below, from, size, cancel, error);
}

gboolean is_writable(GPollableOutputStream *s)
{
    return g_pollable_output_stream_is_writable(G_POLLABLE_OUTPUT_STREAM(output_of(s)->below));
}

GSource *create_output_source(GPollableOutputStream *s, GCancellable *cancel)
{
    GSource *writable = g_pollable_output_stream_create_source(
        G_POLLABLE_OUTPUT_STREAM(output_of(s)->below), nullptr);
    GSource *source = g_pollable_source_new_full(s, writable, cancel);
    g_source_unref(writable);
    return source;
}

void ending_output_pollable(gpointer iface, gpointer)
{
    auto *methods = static_cast<GPollableOutputStreamInterface *>(iface);
    methods->is_writable = is_writable;
    methods->create_source = create_output_source;
    methods->write_nonblocking = write_what_fits;
}

G_DEFINE_TYPE_WITH_CODE(EndingOutput, ending_output, G_TYPE_OUTPUT_STREAM,
                        G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_OUTPUT_STREAM,
                                              ending_output_pollable))

void ending_output_init(EndingOutput *) {}

void ending_output_class_init(EndingOutputClass *c)
{
    c->parent.write_fn = write_some;
    c->parent.close_fn = [](GOutputStream *, GCancellable *, GError **) -> gboolean {
        return TRUE; // the stream closes both directions
    };
}

G_DEFINE_TYPE(EndingStream, ending_stream, G_TYPE_IO_STREAM)

void ending_stream_init(EndingStream *) {}

void get_property(GObject *object, guint, GValue *value, GParamSpec *)
{
    g_value_set_object(value, stream_of(object)->base);
}

void finalize(GObject *object)
{
    EndingStream *s = stream_of(object);
    input_of(s->input)->peer->guest.reset();
    g_object_unref(s->input);
    g_object_unref(s->output);
    g_object_unref(s->base);
    g_object_unref(s->remote);
    G_OBJECT_CLASS(ending_stream_parent_class)->finalize(object);
}

void ending_stream_class_init(EndingStreamClass *c)
{
    auto *object = G_OBJECT_CLASS(c);
    object->get_property = get_property;
    object->finalize = finalize;
    g_object_class_install_property(
        object, 1,
        g_param_spec_object("base-iostream", "Base", "The stream below", G_TYPE_IO_STREAM,
                            GParamFlags(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
    c->parent.get_input_stream = [](GIOStream *s) { return stream_of(s)->input; };
    c->parent.get_output_stream = [](GIOStream *s) { return stream_of(s)->output; };
    c->parent.close_fn = [](GIOStream *s, GCancellable *cancel, GError **error) {
        return g_io_stream_close(stream_of(s)->base, cancel, error);
    };
}

} // namespace

namespace panto::http
{

GIOStream *ending_stream(GIOStream *base, GSocketAddress *remote)
{
    auto *stream = stream_of(g_object_new(ending_stream_get_type(), nullptr));
    auto *input = input_of(g_object_new(ending_input_get_type(), nullptr));
    stream->base = G_IO_STREAM(g_object_ref(base));
    stream->remote = G_SOCKET_ADDRESS(g_object_ref(remote));
    input->below = g_io_stream_get_input_stream(base);
    input->peer = peer_of(remote);
    stream->input = G_INPUT_STREAM(input);
    auto *output = output_of(g_object_new(ending_output_get_type(), nullptr));
    output->below = g_io_stream_get_output_stream(base);
    output->peer = input->peer;
    stream->output = G_OUTPUT_STREAM(output);
    return G_IO_STREAM(stream);
}

} // namespace panto::http
