// SPDX-License-Identifier: LGPL-2.1-or-later
/// The binary interface of Rockchip's MPP as far as an encoder needs it, in declarations of our
/// own, so that one binary runs with every version of the library and without its headers.
///
/// The library is loaded at run time: nothing here links. Handles are pointers to types that only
/// the library knows; a handle of the wrong kind makes it abort, which the compiler prevents here.
///
/// Units    strides in bytes, sizes in bytes, times in ms where the library counts them
/// Source   rockchip-linux/mpp ee946af0: rk_mpi.h, rk_mpi_cmd.h, rk_venc_cmd.h, rk_venc_rc.h,
///          mpp_frame.h, mpp_buffer.h, mpp_packet.h, mpp_meta.h, mpp_err.h. -Dmpp-headers=PATH
///          compares all of this with them: tests/fakes/mpp/headers_check.cpp
#pragma once

#include <cstddef>
#include <cstdint>

namespace panto::mpp
{

// The objects, known by pointers to them only.
struct Context;
struct Frame;
struct Packet;
struct Buffer;
struct BufferGroup;
struct Meta;
struct EncCfg;
struct Task;

/// What each function that can fail returns; libraries return others, too.
enum class Ret : int {
    Ok = 0,
    Nok = -1,
    Unknown = -2,
    NullPointer = -3,
    Malloc = -4,
    OpenFile = -5,
    Value = -6,
    ReadBit = -7,
    Timeout = -8,
    Permission = -9,
    ListStream = -1001,
    Init = -1002,
    CodecInit = -1003,
    Stream = -1004,
    FatalThread = -1005,
    NoMemory = -1006,
    Protocol = -1007,
    SplitFrame = -1008,
    Hardware = -1009,
    EndOfStream = -1011,
    BufferFull = -1012,
    DisplayFull = -1013,
};

enum class CtxType : int { Decoder = 0, Encoder = 1, Isp = 2 };

enum class Coding : int { Avc = 7, Mjpeg = 8, Hevc = 0x01000004 };

enum class Port : int { Input = 0, Output = 1 };

/// How long a call waits: these, or milliseconds up to 8000.
enum class Poll : int { Block = -1, NonBlock = 0 };

/// What MppApi::control does; its parameter is the address of the type named.
enum class Command : int {
    SetInputTimeout = 0x200006,  ///< int64_t, of which the library reads 32 bits; before mpp_init
    SetOutputTimeout = 0x200007, ///< int64_t, as above
    SetCfg = 0x320001,           ///< an EncCfg itself
    GetCfg = 0x320002,           ///< an EncCfg itself
    SetIdrFrame = 0x320009,      ///< nothing
    GetHdrSync = 0x32000D,       ///< a Packet itself
    GetExtraInfo = 0x32000E,
    SetSeiCfg = 0x32000F, ///< int, a SeiMode
    SetRoiCfg = 0x320013,
    SetHeaderMode = 0x328001, ///< int, a HeaderMode
    GetHeaderMode = 0x328002, ///< int
    SetSplit = 0x328101,
    SetRefCfg = 0x328201,
    SetOsdPltCfg = 0x328401,
    SetOsdDataCfg = 0x328403,
};

// Values of configuration keys and of controls.
enum class RcMode : int { Vbr = 0, Cbr = 1, FixQp = 2, Avbr = 3 };
enum class DropMode : int { Disabled = 0, Normal = 1, PSkip = 2 };
enum class SuperMode : int { None = 0, Drop = 1, Reencode = 2 };
enum class RefreshMode : int { Rows = 0, Columns = 1 };
enum class HeaderMode : int { FirstFrame = 0, EachIdr = 1 };
enum class SeiMode : int { Disable = 0, OneSequence = 1, OneFrame = 2 };
enum class SplitMode : int { None = 0, ByByte = 1, ByCtu = 2 };

/// ITU-T H.273: these and the colour spaces are its numbers.
enum class ColorRange : int { Unspecified = 0, Limited = 1, Full = 2 };
enum class ColorSpace : int {
    Rgb = 0,
    Bt709 = 1,
    Unspecified = 2,
    Bt470bg = 5,
    Smpte170m = 6,
};

enum class FrameFormat : int {
    Nv12 = 0,
    Nv16 = 2,
    I420 = 4,
    Nv21 = 5,
    Y42b = 6,
    Nv61 = 7,
    Yuy2 = 8,
    Yvyu = 9,
    Uyvy = 10,
    Vyuy = 11,
    Gray8 = 12,
    Nv24 = 15,
    Y444 = 16,
    Rgb565 = 0x10000,
    Bgr565 = 0x10001,
    Rgb888 = 0x10006,
    Bgr888 = 0x10007,
    Argb8888 = 0x1000a,
    Abgr8888 = 0x1000b,
    Bgra8888 = 0x1000c,
    Rgba8888 = 0x1000d,
};
constexpr int kFormatMask = 0x000fffff;         ///< the format proper
constexpr int kFormatLittleEndian = 0x01000000; ///< flag: GStreamer's 565 formats have it

/// Kinds of memory; the flags below may be added.
enum class BufferType : int { Normal = 0, Ion = 1, ExtDma = 2, Drm = 3, DmaHeap = 4 };
enum class BufferMode : int { Internal = 0, External = 1 };
constexpr int kBufferCachable = 0x20000;

/// Keys of a Meta: four characters, the first in the top byte.
constexpr int meta_key(const char (&text)[5])
{
    return int(uint32_t(uint8_t(text[0])) << 24 | uint32_t(uint8_t(text[1])) << 16 |
               uint32_t(uint8_t(text[2])) << 8 | uint32_t(uint8_t(text[3])));
}
enum class MetaKey : int {
    InputFrame = meta_key("ifrm"),
    OutputPacket = meta_key("opkt"),
    OutputIntra = meta_key("oidr"),
    InputIdrReq = meta_key("iidr"),
    AverageQp = meta_key("avgq"),
    TemporalId = meta_key("tlid"),
};

/// The functions of a context; one static object of the library, never freed or written.
/// Libraries of before 2017 have a smaller one, in which everything after isp_get_frame lies
/// elsewhere; some of the vendor's later builds add to its end.
struct Api {
    using Unused = void (*)(); ///< decoders' and others', which no encoder calls
    uint32_t size;
    uint32_t version;
    Unused decode, decode_put_packet, decode_get_frame;
    Unused encode; ///< always fails
    Ret (*encode_put_frame)(Context *, Frame *);
    Ret (*encode_get_packet)(Context *, Packet **);
    Unused isp, isp_put_frame, isp_get_frame;
    Ret (*poll)(Context *, Port, Poll);
    Ret (*dequeue)(Context *, Port, Task **);
    Ret (*enqueue)(Context *, Port, Task *);
    Ret (*reset)(Context *);
    Ret (*control)(Context *, Command, void *);
    uint32_t reserv[16];
};

/// Memory that is not the library's own.
struct BufferInfo {
    BufferType type;
    size_t size;
    void *ptr;
    void *hnd;
    int fd;
    int index;
};

constexpr size_t kPointer = sizeof(void *);
constexpr uint32_t kApiSize = 8 + 14 * kPointer + 64; ///< 184 where pointers have 64 bits

static_assert(sizeof(Api) == kApiSize);
static_assert(kPointer != 8 || kApiSize == 184);
static_assert(offsetof(Api, size) == 0 && offsetof(Api, version) == 4);
static_assert(offsetof(Api, decode) == 8);
static_assert(offsetof(Api, encode_put_frame) == 8 + 4 * kPointer);
static_assert(offsetof(Api, encode_get_packet) == 8 + 5 * kPointer);
static_assert(offsetof(Api, poll) == 8 + 9 * kPointer);
static_assert(offsetof(Api, dequeue) == 8 + 10 * kPointer);
static_assert(offsetof(Api, enqueue) == 8 + 11 * kPointer);
static_assert(offsetof(Api, reset) == 8 + 12 * kPointer);
static_assert(offsetof(Api, control) == 8 + 13 * kPointer);
static_assert(offsetof(Api, reserv) == 8 + 14 * kPointer);
static_assert(offsetof(BufferInfo, type) == 0 && offsetof(BufferInfo, size) == kPointer);
static_assert(offsetof(BufferInfo, ptr) == 2 * kPointer);
static_assert(offsetof(BufferInfo, hnd) == 3 * kPointer);
static_assert(offsetof(BufferInfo, fd) == 4 * kPointer);
static_assert(offsetof(BufferInfo, index) == 4 * kPointer + 4);
static_assert(sizeof(BufferInfo) == 4 * kPointer + 8);

} // namespace panto::mpp

/// Every exported function, as X(need, return type, name, arguments); use it inside the
/// namespace. need is `required` (without it a library is refused) or `optional` (a null pointer
/// then; libraries of before 2023 lack some). Headers hide the buffer functions' names in macros.
// clang-format off
#define PANTO_MPP_FUNCTIONS(X)                                                                     \
    X(required, Ret, mpp_create, (Context **, Api **))                                             \
    X(required, Ret, mpp_init, (Context *, CtxType, Coding))                                       \
    X(required, Ret, mpp_destroy, (Context *))                                                     \
    X(required, Ret, mpp_check_support_format, (CtxType, Coding))                                  \
    X(required, Ret, mpp_enc_cfg_init, (EncCfg **))                                                \
    X(required, Ret, mpp_enc_cfg_deinit, (EncCfg *))                                               \
    X(required, Ret, mpp_enc_cfg_set_s32, (EncCfg *, const char *, int32_t))                       \
    X(required, Ret, mpp_enc_cfg_set_u32, (EncCfg *, const char *, uint32_t))                      \
    X(required, Ret, mpp_enc_cfg_get_s32, (EncCfg *, const char *, int32_t *))                     \
    X(required, Ret, mpp_enc_cfg_get_u32, (EncCfg *, const char *, uint32_t *))                    \
    X(required, Ret, mpp_frame_init, (Frame **))                                                   \
    X(required, Ret, mpp_frame_deinit, (Frame **))                                                 \
    X(required, void, mpp_frame_set_width, (Frame *, uint32_t))                                    \
    X(required, void, mpp_frame_set_height, (Frame *, uint32_t))                                   \
    X(required, void, mpp_frame_set_hor_stride, (Frame *, uint32_t))                               \
    X(required, void, mpp_frame_set_ver_stride, (Frame *, uint32_t))                               \
    X(required, void, mpp_frame_set_fmt, (Frame *, FrameFormat))                                   \
    X(required, void, mpp_frame_set_pts, (Frame *, int64_t))                                       \
    X(required, int64_t, mpp_frame_get_pts, (Frame *))                                             \
    X(required, void, mpp_frame_set_eos, (Frame *, uint32_t))                                      \
    X(required, void, mpp_frame_set_buffer, (Frame *, Buffer *))                                   \
    X(required, Buffer *, mpp_frame_get_buffer, (Frame *))                                         \
    X(optional, void, mpp_frame_set_color_range, (Frame *, ColorRange))                            \
    X(optional, void, mpp_frame_set_colorspace, (Frame *, ColorSpace))                             \
    X(optional, Meta *, mpp_frame_get_meta, (Frame *))                                             \
    X(required, Ret, mpp_buffer_import_with_tag,                                                   \
      (BufferGroup *, BufferInfo *, Buffer **, const char *, const char *))                        \
    X(required, Ret, mpp_buffer_get_with_tag,                                                      \
      (BufferGroup *, Buffer **, size_t, const char *, const char *))                              \
    X(required, Ret, mpp_buffer_put_with_caller, (Buffer *, const char *))                         \
    X(required, Ret, mpp_buffer_inc_ref_with_caller, (Buffer *, const char *))                     \
    X(required, void *, mpp_buffer_get_ptr_with_caller, (Buffer *, const char *))                  \
    X(required, int, mpp_buffer_get_fd_with_caller, (Buffer *, const char *))                      \
    X(required, size_t, mpp_buffer_get_size_with_caller, (Buffer *, const char *))                 \
    X(optional, Ret, mpp_buffer_sync_begin_f, (Buffer *, int32_t, const char *))                   \
    X(optional, Ret, mpp_buffer_sync_end_f, (Buffer *, int32_t, const char *))                     \
    X(required, Ret, mpp_buffer_group_get,                                                         \
      (BufferGroup **, BufferType, BufferMode, const char *, const char *))                        \
    X(required, Ret, mpp_buffer_group_put, (BufferGroup *))                                        \
    X(optional, Ret, mpp_buffer_group_limit_config, (BufferGroup *, size_t, int32_t))              \
    X(required, Ret, mpp_packet_init, (Packet **, void *, size_t))                                 \
    X(required, Ret, mpp_packet_init_with_buffer, (Packet **, Buffer *))                           \
    X(required, Ret, mpp_packet_deinit, (Packet **))                                               \
    X(required, void, mpp_packet_set_length, (Packet *, size_t))                                   \
    X(required, void *, mpp_packet_get_pos, (Packet *))                                            \
    X(required, size_t, mpp_packet_get_length, (Packet *))                                         \
    X(required, int64_t, mpp_packet_get_pts, (Packet *))                                           \
    X(required, uint32_t, mpp_packet_get_eos, (Packet *))                                          \
    X(required, int32_t, mpp_packet_has_meta, (Packet *))                                          \
    X(required, Meta *, mpp_packet_get_meta, (Packet *))                                           \
    X(optional, Buffer *, mpp_packet_get_buffer, (Packet *))                                       \
    X(optional, uint32_t, mpp_packet_is_partition, (Packet *))                                     \
    X(optional, uint32_t, mpp_packet_is_eoi, (Packet *))                                           \
    X(required, Ret, mpp_meta_get_s32, (Meta *, MetaKey, int32_t *))                               \
    X(required, Ret, mpp_meta_get_frame, (Meta *, MetaKey, Frame **))                              \
    X(optional, Ret, mpp_meta_set_s32, (Meta *, MetaKey, int32_t))                                 \
    X(optional, Ret, mpp_meta_set_ptr, (Meta *, MetaKey, void *))                                  \
    X(optional, Ret, mpp_meta_set_packet, (Meta *, MetaKey, Packet *))                             \
    X(optional, Ret, mpp_meta_set_buffer, (Meta *, MetaKey, Buffer *))
// clang-format on
