// SPDX-License-Identifier: LGPL-2.1-or-later
/// An encoder of the stand-in library and pictures for it, for tests of the stand-in itself.
#pragma once

#include "tests/fakes/mpp/exports.h"
#include "tests/fakes/mpp/mpp_standin.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace panto::mpp::test
{

/// A variable of the environment for as long as it is in scope.
class Variable
{
public:
    Variable(std::string name, const std::string &value) : name_{std::move(name)}
    {
        setenv(name_.c_str(), value.c_str(), 1);
    }
    ~Variable() { unsetenv(name_.c_str()); }
    Variable(const Variable &) = delete;
    Variable &operator=(const Variable &) = delete;

private:
    std::string name_;
};

/// A descriptor of memory that another device fills.
class Capture
{
public:
    explicit Capture(const std::vector<uint8_t> &bytes) : size_{bytes.size()}
    {
        fd_ = memfd_create("capture", MFD_CLOEXEC);
        EXPECT_EQ(write(fd_, bytes.data(), size_), ssize_t(size_));
    }
    ~Capture() { close(fd_); }
    Capture(const Capture &) = delete;
    Capture &operator=(const Capture &) = delete;
    int fd() const { return fd_; }
    size_t size() const { return size_; }

    Buffer *imported(BufferType type = BufferType::ExtDma) const
    {
        BufferInfo info{type, size_, nullptr, nullptr, fd_, 0};
        Buffer *buffer = nullptr;
        EXPECT_EQ(mpp_buffer_import_with_tag(nullptr, &info, &buffer, "test", "test"), Ret::Ok);
        return buffer;
    }

private:
    int fd_;
    size_t size_;
};

/// What came of a frame.
struct Coded {
    std::vector<uint8_t> bytes;
    int64_t pts = 0;
    bool eos = false, has_meta = false;
    std::optional<int32_t> intra, qp;
    Frame *frame = nullptr; ///< handed back

    std::vector<int> nal_types() const
    {
        std::vector<int> types;
        for (size_t i = 0; i + 4 < bytes.size(); ++i)
            if (!bytes[i] && !bytes[i + 1] && !bytes[i + 2] && bytes[i + 3] == 1)
                types.push_back(bytes[i + 4] & 0x1f);
        return types;
    }
    bool is_idr() const { return intra == 1; }
};

/// An encoder as a program uses one; gone with all that it made at the end.
class Encoder
{
public:
    explicit Encoder(Coding coding = Coding::Avc, bool async = false, int timeout_ms = 200)
    {
        EXPECT_EQ(mpp_create(&context, &api), Ret::Ok);
        int64_t timeout = 0;
        if (async) {
            EXPECT_EQ(control(Command::SetInputTimeout, &timeout), Ret::Ok);
        }
        timeout = timeout_ms;
        EXPECT_EQ(control(Command::SetOutputTimeout, &timeout), Ret::Ok);
        EXPECT_EQ(mpp_init(context, CtxType::Encoder, coding), Ret::Ok);
        EXPECT_EQ(mpp_enc_cfg_init(&cfg), Ret::Ok);
        EXPECT_EQ(control(Command::GetCfg, cfg), Ret::Ok);
    }
    ~Encoder()
    {
        mpp_enc_cfg_deinit(cfg);
        if (context)
            mpp_destroy(context);
    }
    Encoder(const Encoder &) = delete;
    Encoder &operator=(const Encoder &) = delete;

    Ret control(Command command, void *parameter)
    {
        return api->control(context, command, parameter);
    }
    Ret set_number(Command command, int value) { return control(command, &value); }

    /// Sets keys and applies them.
    Ret set(const std::map<std::string, int> &keys)
    {
        for (const auto &[key, value] : keys)
            EXPECT_EQ(mpp_enc_cfg_set_s32(cfg, key.c_str(), value), Ret::Ok) << key;
        return control(Command::SetCfg, cfg);
    }

    /// As a program begins: constant rate, no end of the group, headers with each IDR, no text.
    void begin(int width, int height, FrameFormat format = FrameFormat::Nv12, int bpp = 1,
               int bps = 4'000'000, int lines = 0)
    {
        width_ = width, height_ = height, format_ = format, stride_ = width * bpp;
        lines_ = lines ? lines : height;
        std::map<std::string, int> keys{
            {"prep:width", width},         {"prep:height", height},
            {"prep:hor_stride", stride_},  {"prep:ver_stride", lines_},
            {"prep:format", int(format)},  {"rc:mode", int(RcMode::Cbr)},
            {"rc:bps_target", bps},        {"rc:bps_max", bps / 16 * 17},
            {"rc:bps_min", bps / 16 * 15}, {"rc:gop", 0}};
        ASSERT_EQ(set(keys), Ret::Ok);
        ASSERT_EQ(set_number(Command::SetSeiCfg, int(SeiMode::Disable)), Ret::Ok);
        ASSERT_EQ(set_number(Command::SetHeaderMode, int(HeaderMode::EachIdr)), Ret::Ok);
    }

    Frame *frame(Buffer *buffer, int64_t pts, bool eos = false)
    {
        Frame *f = nullptr;
        mpp_frame_init(&f);
        mpp_frame_set_width(f, uint32_t(width_));
        mpp_frame_set_height(f, uint32_t(height_));
        mpp_frame_set_hor_stride(f, uint32_t(stride_));
        mpp_frame_set_ver_stride(f, uint32_t(lines_));
        mpp_frame_set_fmt(f, format_);
        mpp_frame_set_pts(f, pts);
        mpp_frame_set_eos(f, eos);
        mpp_frame_set_buffer(f, buffer);
        return f;
    }

    Ret put(Buffer *buffer, int64_t pts, bool eos = false)
    {
        Frame *f = frame(buffer, pts, eos);
        const Ret ret = api->encode_put_frame(context, f);
        mpp_frame_deinit(&f);
        return ret;
    }

    std::pair<Ret, std::optional<Coded>> get()
    {
        Packet *packet = nullptr;
        const Ret ret = api->encode_get_packet(context, &packet);
        if (!packet)
            return {ret, {}};
        Coded c;
        const auto *data = static_cast<const uint8_t *>(mpp_packet_get_pos(packet));
        c.bytes.assign(data, data + mpp_packet_get_length(packet));
        c.pts = mpp_packet_get_pts(packet);
        c.eos = mpp_packet_get_eos(packet);
        c.has_meta = mpp_packet_has_meta(packet);
        if (c.has_meta) {
            Meta *const meta = mpp_packet_get_meta(packet);
            int32_t value = 0;
            if (mpp_meta_get_s32(meta, MetaKey::OutputIntra, &value) == Ret::Ok)
                c.intra = value;
            if (mpp_meta_get_s32(meta, MetaKey::AverageQp, &value) == Ret::Ok)
                c.qp = value;
            EXPECT_EQ(mpp_meta_get_s32(meta, MetaKey::AverageQp, &value), Ret::Nok) << "read twice";
            mpp_meta_get_frame(meta, MetaKey::InputFrame, &c.frame);
        }
        mpp_packet_deinit(&packet);
        return {ret, c};
    }

    /// One frame in, what came of it out.
    Coded code(Buffer *buffer, int64_t pts = 0)
    {
        EXPECT_EQ(put(buffer, pts), Ret::Ok);
        const auto [ret, coded] = get();
        EXPECT_EQ(ret, Ret::Ok);
        EXPECT_TRUE(coded) << "no packet";
        return coded.value_or(Coded{});
    }
    Coded code(const Capture &capture, int64_t pts = 0)
    {
        Buffer *const buffer = capture.imported();
        const Coded coded = code(buffer, pts);
        mpp_buffer_put_with_caller(buffer, "test");
        return coded;
    }

    int number(const char *key)
    {
        int32_t value = -1;
        EXPECT_EQ(mpp_enc_cfg_get_s32(cfg, key, &value), Ret::Ok) << key;
        return value;
    }

    Context *context = nullptr;
    Api *api = nullptr;
    EncCfg *cfg = nullptr;

private:
    int width_ = 1280, height_ = 720, stride_ = 1280, lines_ = 720;
    FrameFormat format_ = FrameFormat::Nv12;
};

inline std::array<int, MPP_STANDIN_KINDS> counts()
{
    std::array<int, MPP_STANDIN_KINDS> n{};
    mpp_standin_counts(n.data());
    return n;
}

/// A picture that differs in each direction, and moves: planes of 4:2:0, of even sizes.
struct Picture {
    int width, height;
    std::vector<uint8_t> y, u, v;

    explicit Picture(int w, int h, int step = 0)
        : width{w}, height{h}, y(size_t(w * h)), u(size_t(w * h / 4)), v(size_t(w * h / 4))
    {
        for (int j = 0, at = 0; j < h; ++j)
            for (int i = 0; i < w; ++i, ++at)
                y[size_t(at)] = uint8_t(40 + (i + 4 * step) * 140 / (w + 64) +
                                        ((i / 16 + j / 16 + step) % 2) * 40);
        for (int j = 0, at = 0; j < h / 2; ++j)
            for (int i = 0; i < w / 2; ++i, ++at) {
                u[size_t(at)] = uint8_t(64 + i * 256 / w);
                v[size_t(at)] = uint8_t(192 - j * 256 / h);
            }
    }

    /// With `lines` up to the chroma; what lies between is of another colour.
    std::vector<uint8_t> nv12(int lines = 0) const
    {
        const auto chroma = size_t(width) * size_t(lines ? lines : height);
        std::vector<uint8_t> out(chroma * 3 / 2, 0xff);
        memcpy(out.data(), y.data(), y.size());
        for (size_t i = 0; i < u.size(); ++i)
            out[chroma + 2 * i] = u[i], out[chroma + 2 * i + 1] = v[i];
        return out;
    }

    std::vector<uint8_t> nv16() const
    {
        std::vector<uint8_t> out = y;
        for (int j = 0; j < height; ++j)
            for (int i = 0; i < width / 2; ++i) {
                const auto at = size_t(j / 2 * (width / 2) + i);
                out.push_back(u[at]);
                out.push_back(v[at]);
            }
        return out;
    }

    std::vector<uint8_t> yuyv() const
    {
        std::vector<uint8_t> out;
        for (int j = 0; j < height; ++j)
            for (int i = 0; i < width / 2; ++i) {
                const auto luma = size_t(j * width + 2 * i);
                const auto at = size_t(j / 2 * (width / 2) + i);
                out.insert(out.end(), {y[luma], u[at], y[luma + 1], v[at]});
            }
        return out;
    }
};

} // namespace panto::mpp::test
