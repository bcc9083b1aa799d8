// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/mpp/codec.h"

#include <algorithm>
#include <turbojpeg.h>

namespace panto::standin
{

std::vector<uint8_t> encode_jpeg(const Values &values, const I420 &picture)
{
    const int64_t factor = values["jpeg:q_factor"];
    const auto quality = factor ? std::clamp(factor, values["jpeg:qf_min"], values["jpeg:qf_max"])
                                : std::clamp<int64_t>(values["jpeg:quant"], 1, 10) * 8;
    const uint8_t *planes[] = {picture.y.data(), picture.u.data(), picture.v.data()};
    const int strides[] = {picture.width, picture.chroma_width(), picture.chroma_width()};
    std::vector<uint8_t> out(tjBufSize(picture.width, picture.height, TJSAMP_420));
    unsigned char *memory = out.data();
    unsigned long size = out.size();
    const tjhandle compressor = tjInitCompress();
    const int failed =
        tjCompressFromYUVPlanes(compressor, planes, picture.width, strides, picture.height,
                                TJSAMP_420, &memory, &size, int(quality), TJFLAG_NOREALLOC);
    tjDestroy(compressor);
    out.resize(failed ? 0 : size);
    return out;
}

} // namespace panto::standin
