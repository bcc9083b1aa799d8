// SPDX-License-Identifier: LGPL-2.1-or-later
/// What goes into an encoder and comes out of it: frames, packets, and the notes on both.
#pragma once

#include "tests/fakes/mpp/buffer.h"
#include "tests/fakes/mpp/exports.h"
#include "tests/fakes/mpp/objects.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace panto::mpp
{

/// Notes by key. Reading one takes it away.
struct Meta : standin::Live<standin::Kind::Meta> {
    using Value = std::variant<int32_t, Frame *, Packet *, Buffer *, void *>;

    void set(MetaKey key, Value value);
    template <class T>
    std::optional<T> take(MetaKey key)
    {
        const std::lock_guard hold{lock_};
        const auto found = values_.find(key);
        if (found == values_.end() || !std::holds_alternative<T>(found->second))
            return {};
        const T value = std::get<T>(found->second);
        values_.erase(found);
        return value;
    }

private:
    std::mutex lock_;
    std::map<MetaKey, Value> values_;
};

struct Frame : standin::Live<standin::Kind::Frame> {
    ~Frame();
    void hold(Buffer *b);
    Meta &notes();

    uint32_t width = 0, height = 0, hor_stride = 0, ver_stride = 0;
    FrameFormat format = FrameFormat::Nv12;
    int64_t pts = 0;
    bool eos = false;
    Buffer *buffer = nullptr;
    std::unique_ptr<Meta> meta;
};

struct Packet : standin::Live<standin::Kind::Packet> {
    /// Over memory of the caller's.
    Packet(void *memory, size_t room);
    /// Over a buffer, which it holds.
    explicit Packet(Buffer *memory);
    /// With memory of its own, and empty.
    explicit Packet(size_t room);
    ~Packet();
    Meta &notes();
    /// Replaces what is in it; false if that does not fit.
    bool fill(std::span<const uint8_t> bytes);

    uint8_t *data;
    size_t size;
    size_t length;
    int64_t pts = 0;
    bool eos = false;
    Buffer *buffer = nullptr;
    std::unique_ptr<Meta> meta;

private:
    std::vector<uint8_t> own_;
};

} // namespace panto::mpp
