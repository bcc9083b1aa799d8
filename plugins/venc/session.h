// SPDX-License-Identifier: LGPL-2.1-or-later
/// Session: one hardware encoder, as each vendor's library is wrapped once. Nothing here knows
/// GStreamer or a vendor.
///
/// Threads  a session is used by one thread from its making to its end; a call may block for as
///          long as the hardware does, so whoever must not wait has it run by venc::Encoder
#pragma once

#include "lib/base/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace panto::venc
{

enum class Codec { H264, H265, Jpeg };

/// Named as GStreamer does: by the order of bytes in memory.
enum class Pixels { Nv12, Nv16, I420, Yuy2, Uyvy, Bgr, Bgrx };

enum class Profile { ConstrainedBaseline, Main, High, ConstrainedHigh };

/// What a user may set. The element's properties, and their documentation, are made from it.
struct Settings {
    unsigned bitrate_kbps = 4000;
    unsigned max_bitrate_kbps = 0; ///< 0: by the rule of bit_rates()
    std::string rate_control = "cbr";
    int gop_size = 0; ///< frames between IDRs; 0: only the first and those asked for
    int qp_init = -1, qp_min = -1, qp_max = -1, qp_min_i = -1, qp_max_i = -1;
    int qp_delta_ip = -1; ///< this and the others below 0: the library's own
    std::string header_mode = "each-idr";
    std::string sei_mode = "disable";
    bool intra_refresh = false;
    unsigned intra_refresh_rows = 4; ///< macroblock rows per frame
    unsigned quality = 80;           ///< JPEG's, 1..99
    std::string backend = "auto";
    std::string extra_config; ///< "key=value,..." of the vendor's own, applied last

    /// Those that may change between two frames.
    bool same_live(const Settings &o) const
    {
        return bitrate_kbps == o.bitrate_kbps && max_bitrate_kbps == o.max_bitrate_kbps &&
               gop_size == o.gop_size && quality == o.quality;
    }
};

/// ITU-T H.273's numbers; 2 is unspecified.
struct Colour {
    int matrix = 2, primaries = 2, transfer = 2;
    bool full_range = false;

    bool operator==(const Colour &) const = default;
};

/// What is to be encoded.
struct Video {
    Pixels pixels = Pixels::Nv12;
    unsigned width = 0, height = 0; ///< visible pixels, both even
    unsigned fps_num = 30, fps_den = 1;
    bool variable_rate = false; ///< the rate above is the highest there will be
    Colour colour;
    Profile profile = Profile::ConstrainedBaseline; ///< H.264's only

    /// But for the rate of frames, which can change without opening the encoder anew.
    bool same_pictures(const Video &o) const
    {
        return pixels == o.pixels && width == o.width && height == o.height && colour == o.colour &&
               profile == o.profile;
    }
};

/// Where the rows of a picture lie in one piece of memory: the planes follow each other.
struct Layout {
    unsigned stride = 0; ///< bytes from row to row of the first plane
    unsigned lines = 0;  ///< rows from plane to plane

    bool operator==(const Layout &) const = default;
};

struct Capabilities {
    std::vector<Pixels> pixels;
    unsigned min_width = 0, min_height = 0, max_width = 0, max_height = 0;
    std::string library; ///< the file in use
};

/// What a session keeps beside a piece of memory that comes again and again, so that it is
/// imported once; it goes before the memory does.
///
/// Threads  several elements may encode the same memory at once: each locks it
struct ImportSlot {
    std::mutex mutex;
    std::shared_ptr<void> import;
};

/// Memory that the encoder can read where it lies.
struct Direct {
    int fd = -1; ///< a DMABUF's
    size_t size = 0;
    Layout layout;
    std::shared_ptr<ImportSlot> slot;
};

/// Rows that the processor can read; they are readable as long as this lives.
struct Planes {
    std::array<const uint8_t *, 3> data{};
    std::array<int, 3> strides{};

    virtual ~Planes() = default;
};

struct Picture {
    int64_t id = 0;
    std::optional<Direct> direct;
    std::function<std::unique_ptr<Planes>()> map; ///< null when it cannot be mapped
    std::shared_ptr<const void> memory;           ///< keeps all of the above alive
};

struct Packet {
    std::vector<uint8_t> bytes;
    bool keyframe = false;
    bool copied = false; ///< the picture was copied before it was encoded
    std::optional<int> qp;
};

/// The rate control left this picture out.
struct Dropped {
};

/// This picture is lost; what follows may be encoded well.
struct Failed {
    Error error;
    bool stuck = false; ///< this session will not encode any other either
};

using Encoded = std::variant<Packet, Dropped, Failed>;

/// Takes what an operator should know though the session goes on; called on its thread.
using Note = std::function<void(const std::string &)>;

class Session
{
public:
    virtual ~Session() = default; ///< ends the hardware's work and frees what it held

    /// Errors: one sentence that names what is missing.
    virtual Result<Capabilities> open(Codec codec) = 0;
    /// Before the first picture, and again for another frame rate.
    virtual Result<> configure(const Video &video, const Settings &settings) = 0;
    /// The settings that may change between two frames; refused, which is noted, the old ones stay
    /// in force.
    virtual void adjust(const Settings &settings) = 0;
    /// The next picture is to be an IDR.
    virtual void request_idr() = 0;
    virtual Encoded encode(const Picture &picture) = 0;
};

} // namespace panto::venc
