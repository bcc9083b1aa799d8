// SPDX-License-Identifier: LGPL-2.1-or-later
/// Decodes what the stand-in codes, with another program's parts, and compares pictures.
#pragma once

#include "tests/unit/mpp_fixture.h"

#include <cmath>
#include <turbojpeg.h>
#include <wels/codec_api.h>

namespace panto::mpp::test
{

/// OpenH264's decoder.
class Decoder
{
public:
    Decoder()
    {
        EXPECT_EQ(WelsCreateDecoder(&decoder_), 0);
        int quiet = WELS_LOG_QUIET;
        decoder_->SetOption(DECODER_OPTION_TRACE_LEVEL, &quiet);
        SDecodingParam p{};
        p.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
        EXPECT_EQ(decoder_->Initialize(&p), 0);
    }
    ~Decoder()
    {
        decoder_->Uninitialize();
        WelsDestroyDecoder(decoder_);
    }
    Decoder(const Decoder &) = delete;
    Decoder &operator=(const Decoder &) = delete;

    /// Of one whole packet; empty, and a failure, if there is none.
    std::optional<Picture> decode(const std::vector<uint8_t> &packet)
    {
        uint8_t *planes[3] = {};
        SBufferInfo info{};
        const auto state =
            decoder_->DecodeFrameNoDelay(packet.data(), int(packet.size()), planes, &info);
        EXPECT_EQ(state, dsErrorFree);
        if (state == dsErrorFree && info.iBufferStatus != 1) // it waits for what may come before
            decoder_->FlushFrame(planes, &info);
        if (state != dsErrorFree || info.iBufferStatus != 1)
            return {};
        const SSysMEMBuffer &m = info.UsrData.sSystemBuffer;
        Picture p{0, 0};
        p.width = m.iWidth, p.height = m.iHeight;
        const auto copy = [](std::vector<uint8_t> &to, const uint8_t *from, int stride, int w,
                             int h) {
            for (int j = 0; j < h; ++j)
                to.insert(to.end(), from + j * stride, from + j * stride + w);
        };
        copy(p.y, planes[0], m.iStride[0], p.width, p.height);
        copy(p.u, planes[1], m.iStride[1], p.width / 2, p.height / 2);
        copy(p.v, planes[2], m.iStride[1], p.width / 2, p.height / 2);
        return p;
    }

private:
    ISVCDecoder *decoder_ = nullptr;
};

inline std::optional<Picture> decode_jpeg(const std::vector<uint8_t> &jpeg)
{
    const tjhandle handle = tjInitDecompress();
    int width = 0, height = 0, sampling = -1, space = -1;
    const bool failed = tjDecompressHeader3(handle, jpeg.data(), jpeg.size(), &width, &height,
                                            &sampling, &space) != 0 ||
                        sampling != TJSAMP_420;
    Picture p{failed ? 0 : width, failed ? 0 : height};
    uint8_t *planes[] = {p.y.data(), p.u.data(), p.v.data()};
    const bool decoded = !failed && tjDecompressToYUVPlanes(handle, jpeg.data(), jpeg.size(),
                                                            planes, 0, nullptr, 0, 0) == 0;
    tjDestroy(handle);
    return decoded ? std::optional{p} : std::nullopt;
}

/// dB; of one plane.
inline double psnr(const std::vector<uint8_t> &a, const std::vector<uint8_t> &b)
{
    if (a.size() != b.size() || a.empty())
        return 0;
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i)
        sum += (double(a[i]) - double(b[i])) * (double(a[i]) - double(b[i]));
    return 10 * std::log10(255. * 255 / (sum / double(a.size()) + 1e-9));
}

/// The worst plane's.
inline double psnr(const std::optional<Picture> &a, const Picture &b)
{
    if (!a)
        return 0;
    return std::min({psnr(a->y, b.y), psnr(a->u, b.u), psnr(a->v, b.v)});
}

} // namespace panto::mpp::test
