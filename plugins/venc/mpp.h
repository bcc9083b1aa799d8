// SPDX-License-Identifier: LGPL-2.1-or-later
/// MppSession: encodes with Rockchip's MPP.
///
/// In its synchronous mode, one picture at a time: a call returns when the picture is encoded. It
/// costs no latency, and is alike on every chip and version; the asynchronous mode is not.
///
/// Source   the library's own behaviour, as plugins/venc/README.md tells
#pragma once

#include "plugins/venc/mpp_config.h"
#include "plugins/venc/mpp_library.h"
#include "plugins/venc/session.h"

namespace panto::mpp
{

class MppSession : public venc::Session
{
public:
    explicit MppSession(venc::Note note) : note_{std::move(note)} {}
    ~MppSession() override;

    Result<venc::Capabilities> open(venc::Codec codec) override;
    Result<> configure(const venc::Video &video, const venc::Settings &settings) override;
    void adjust(const venc::Settings &settings) override;
    void request_idr() override { idr_wanted_ = codec_ != venc::Codec::Jpeg; }
    venc::Encoded encode(const venc::Picture &picture) override;

private:
    /// Memory that the encoder reads, referenced.
    struct Input {
        std::shared_ptr<Buffer> buffer;
        venc::Layout layout;
        bool copied = false;
    };

    Error failure(const std::string &what, Ret ret) const;
    Result<> set_modes(const venc::Settings &settings);
    Result<> use_layout(const venc::Layout &layout);
    void ask_for_idr();

    // mpp_input.cpp
    Result<Input> input_of(const venc::Picture &picture);
    std::shared_ptr<Buffer> imported(const venc::Direct &direct);
    Result<Input> copied(const venc::Picture &picture);
    Result<> allocate(size_t size);
    void begin_writing();
    void end_writing();

    Result<> put(const venc::Picture &picture, const Input &input);
    venc::Encoded packet_of(const venc::Picture &picture, bool copied);
    venc::Encoded taken(Packet *packet, bool copied);

    const venc::Note note_;
    const Library *lib_ = nullptr;
    Api *api_ = nullptr;
    Context *context_ = nullptr;
    std::unique_ptr<Config> config_;
    venc::Codec codec_{};
    venc::Video video_;
    venc::Settings settings_;
    venc::Layout layout_; // what the encoder was told last
    int gop_ = 0;         // likewise
    BufferGroup *group_ = nullptr;
    std::shared_ptr<Buffer> copy_; // where pictures are copied to
    bool idr_wanted_ = false;
    bool idr_asked_ = false;   // of the picture in the encoder
    bool idr_ignored_ = false; // this version does not make one when asked
    bool import_failed_ = false;
    std::optional<venc::Layout> refused_;
};

} // namespace panto::mpp
