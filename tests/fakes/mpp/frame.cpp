// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/mpp/frame.h"

#include "tests/fakes/mpp/knobs.h"

#include <cstring>

namespace panto::mpp
{

using standin::live;

void Meta::set(MetaKey key, Value value)
{
    const std::lock_guard hold{lock_};
    values_[key] = value;
}

Frame::~Frame()
{
    hold(nullptr);
}

void Frame::hold(Buffer *b)
{
    if (b)
        b->take();
    if (buffer)
        buffer->put("mpp_frame");
    buffer = b;
}

Meta &Frame::notes()
{
    if (!meta)
        meta = std::make_unique<Meta>();
    return *meta;
}

Packet::Packet(void *memory, size_t room)
    : data{static_cast<uint8_t *>(memory)}, size{room}, length{room}
{
}

Packet::Packet(Buffer *memory)
    : data{memory->view()}, size{memory->size}, length{memory->size}, buffer{memory}
{
    memory->take();
}

// Room is promised and memory taken only for what comes: it is far more than most packets need.
Packet::Packet(size_t room) : data{nullptr}, size{room}, length{0} {}

Packet::~Packet()
{
    if (buffer)
        buffer->put("mpp_packet");
}

Meta &Packet::notes()
{
    if (!meta)
        meta = std::make_unique<Meta>();
    return *meta;
}

bool Packet::fill(std::span<const uint8_t> bytes)
{
    if (bytes.size() > size)
        return false;
    if (!data || !own_.empty()) {
        own_.assign(bytes.begin(), bytes.end());
        data = own_.data();
    } else {
        std::memcpy(data, bytes.data(), bytes.size());
    }
    length = bytes.size();
    return true;
}

Ret mpp_frame_init(Frame **frame)
{
    if (!frame)
        return Ret::NullPointer;
    *frame = new Frame;
    return Ret::Ok;
}

Ret mpp_frame_deinit(Frame **frame)
{
    if (!frame || !*frame)
        return Ret::NullPointer;
    delete &live(*frame, __func__);
    *frame = nullptr;
    return Ret::Ok;
}

void mpp_frame_set_width(Frame *f, uint32_t value)
{
    live(f, __func__).width = value;
}
void mpp_frame_set_height(Frame *f, uint32_t value)
{
    live(f, __func__).height = value;
}
void mpp_frame_set_hor_stride(Frame *f, uint32_t value)
{
    live(f, __func__).hor_stride = value;
}
void mpp_frame_set_ver_stride(Frame *f, uint32_t value)
{
    live(f, __func__).ver_stride = value;
}
void mpp_frame_set_fmt(Frame *f, FrameFormat value)
{
    live(f, __func__).format = value;
}
void mpp_frame_set_pts(Frame *f, int64_t value)
{
    live(f, __func__).pts = value;
}
int64_t mpp_frame_get_pts(Frame *f)
{
    return live(f, __func__).pts;
}
void mpp_frame_set_eos(Frame *f, uint32_t value)
{
    live(f, __func__).eos = value != 0;
}
Buffer *mpp_frame_get_buffer(Frame *f)
{
    return live(f, __func__).buffer;
}
Meta *mpp_frame_get_meta(Frame *f)
{
    return &live(f, __func__).notes();
}

void mpp_frame_set_buffer(Frame *f, Buffer *buffer)
{
    live(f, __func__).hold(buffer ? &live(buffer, __func__) : nullptr);
}

// An encoder takes colours from its configuration.
void mpp_frame_set_color_range(Frame *f, ColorRange)
{
    live(f, __func__);
}
void mpp_frame_set_colorspace(Frame *f, ColorSpace)
{
    live(f, __func__);
}

Ret mpp_packet_init(Packet **packet, void *data, size_t size)
{
    if (!packet)
        return Ret::NullPointer;
    *packet = new Packet{data, size};
    return Ret::Ok;
}

Ret mpp_packet_init_with_buffer(Packet **packet, Buffer *buffer)
{
    if (!packet || !buffer)
        return Ret::NullPointer;
    *packet = new Packet{&live(buffer, __func__)};
    return Ret::Ok;
}

Ret mpp_packet_deinit(Packet **packet)
{
    if (!packet || !*packet)
        return Ret::NullPointer;
    delete &live(*packet, __func__);
    *packet = nullptr;
    return Ret::Ok;
}

void mpp_packet_set_length(Packet *p, size_t value)
{
    Packet &packet = live(p, __func__);
    if (value > packet.size)
        standin::fatal(__func__, "a length greater than the packet's memory");
    packet.length = value;
}

void *mpp_packet_get_pos(Packet *p)
{
    return live(p, __func__).data;
}
size_t mpp_packet_get_length(Packet *p)
{
    return live(p, __func__).length;
}
int64_t mpp_packet_get_pts(Packet *p)
{
    return live(p, __func__).pts;
}
uint32_t mpp_packet_get_eos(Packet *p)
{
    return live(p, __func__).eos;
}
int32_t mpp_packet_has_meta(Packet *p)
{
    return live(p, __func__).meta != nullptr;
}
Meta *mpp_packet_get_meta(Packet *p)
{
    return &live(p, __func__).notes();
}
Buffer *mpp_packet_get_buffer(Packet *p)
{
    return live(p, __func__).buffer;
}
uint32_t mpp_packet_is_partition(Packet *p)
{
    return live(p, __func__), 0;
}
uint32_t mpp_packet_is_eoi(Packet *p)
{
    return live(p, __func__), 1;
}

Ret mpp_meta_get_s32(Meta *meta, MetaKey key, int32_t *value)
{
    const auto taken = live(meta, __func__).take<int32_t>(key);
    if (taken && value)
        *value = *taken;
    return taken ? Ret::Ok : Ret::Nok;
}

Ret mpp_meta_get_frame(Meta *meta, MetaKey key, Frame **value)
{
    const auto taken = live(meta, __func__).take<Frame *>(key);
    if (taken && value)
        *value = *taken;
    return taken ? Ret::Ok : Ret::Nok;
}

Ret mpp_meta_set_s32(Meta *meta, MetaKey key, int32_t value)
{
    Meta &m = live(meta, __func__);
    // Versions before 1.0.12 do not know this key.
    if (key == MetaKey::InputIdrReq && standin::knob("STANDIN_IGNORE_IDR") != 2)
        return Ret::Nok;
    m.set(key, value);
    return Ret::Ok;
}

Ret mpp_meta_set_ptr(Meta *meta, MetaKey key, void *value)
{
    live(meta, __func__).set(key, value);
    return Ret::Ok;
}

Ret mpp_meta_set_packet(Meta *meta, MetaKey key, Packet *value)
{
    live(meta, __func__).set(key, &live(value, __func__));
    return Ret::Ok;
}

Ret mpp_meta_set_buffer(Meta *meta, MetaKey key, Buffer *value)
{
    live(meta, __func__).set(key, &live(value, __func__));
    return Ret::Ok;
}

} // namespace panto::mpp
