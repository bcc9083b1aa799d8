// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/codec/codec.h"

#include <turbojpeg.h>

namespace panto::standin
{

std::vector<uint8_t> encode_jpeg(int quality, const I420 &picture)
{
    const uint8_t *planes[] = {picture.y.data(), picture.u.data(), picture.v.data()};
    const int strides[] = {picture.width, picture.chroma_width(), picture.chroma_width()};
    std::vector<uint8_t> out(tjBufSize(picture.width, picture.height, TJSAMP_420));
    unsigned char *memory = out.data();
    unsigned long size = out.size();
    const tjhandle compressor = tjInitCompress();
    const int failed =
        tjCompressFromYUVPlanes(compressor, planes, picture.width, strides, picture.height,
                                TJSAMP_420, &memory, &size, quality, TJFLAG_NOREALLOC);
    tjDestroy(compressor);
    out.resize(failed ? 0 : size);
    return out;
}

} // namespace panto::standin
