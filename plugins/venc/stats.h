// SPDX-License-Identifier: LGPL-2.1-or-later
/// Stats: what an encoder has done since it was opened.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace panto::venc
{

/// Threads  any
class Stats
{
public:
    struct Figures {
        uint64_t frames = 0; ///< encoded
        uint64_t idr = 0;
        uint64_t dropped = 0;          ///< by the encoder's rate control
        uint64_t late = 0;             ///< left out before they were encoded, by QoS
        uint64_t failed = 0;           ///< lost in the encoder
        uint64_t copies = 0;           ///< pictures that were copied first
        uint64_t reopened = 0;         ///< times that the encoder was opened anew after an error
        std::optional<int> average_qp; ///< of the last picture
        // Of the last kKept pictures, from giving one to the encoder to having its bytes, in us.
        uint64_t encode_p50_us = 0, encode_p95_us = 0, encode_p99_us = 0;
        uint64_t encode_max_us = 0; ///< of all
    };

    void note_frame(std::chrono::microseconds took, bool keyframe, bool copied,
                    std::optional<int> qp);
    void note_dropped();
    void note_late();
    void note_failed();
    void note_reopened();
    Figures figures() const;
    void reset();

private:
    static constexpr size_t kKept = 600; // ten seconds at 60 frames per second

    mutable std::mutex mutex_;
    Figures figures_;
    std::array<uint32_t, kKept> took_us_{};
};

} // namespace panto::venc
