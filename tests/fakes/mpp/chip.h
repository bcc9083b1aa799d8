// SPDX-License-Identifier: LGPL-2.1-or-later
/// One encoder as the library's own thread runs it: what a frame becomes, and what controls change.
///
/// Threads  the context's own, except where it says so
#pragma once

#include "tests/fakes/mpp/cfg.h"
#include "tests/fakes/mpp/colour.h"
#include "tests/fakes/mpp/frame.h"
#include "tests/fakes/mpp/knobs.h"

#include <chrono>

namespace panto::standin
{

class Chip
{
public:
    Chip(const Knobs &knobs, mpp::Coding coding);

    mpp::Ret control(mpp::Command command, void *parameter);
    void reset() { idr_ = true; }

    struct Done {
        mpp::Packet *packet;
        bool failed; ///< in the hardware: nothing is known of the frame
    };
    /// Takes the time that the hardware takes.
    Done code(mpp::Frame &frame);

    /// Ends every hang so far. From any thread.
    static void release_hangs();

private:
    mpp::Ret set_cfg(mpp::EncCfg &cfg);
    mpp::Ret write_headers(mpp::Packet &packet);
    void check_layout(const mpp::Frame &frame) const;
    bool read(const mpp::Frame &frame);
    bool wants_idr();
    bool code_h264(mpp::Packet &packet);
    bool code_picture(const mpp::Frame &frame, mpp::Packet &packet);
    std::chrono::milliseconds time_of_frame() const;
    static void hang();

    const Knobs knobs_;
    const mpp::Coding coding_;
    Values values_;
    H264 h264_;
    I420 picture_;
    int64_t frames_ = 0;
    int64_t since_idr_ = 0;
    bool reopen_ = true;        ///< the next frame begins a stream
    bool idr_ = false;          ///< the next frame is asked to be an IDR
    bool headers_due_ = true;   ///< the next frame carries them
    bool headers_told_ = false; ///< they were asked for, so that the first IDR has none
    mpp::HeaderMode header_mode_ = mpp::HeaderMode::FirstFrame;
    mpp::SeiMode sei_mode_ = mpp::SeiMode::OneSequence;
};

} // namespace panto::standin
