// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace panto::hid
{

/// Dialect: turns a client's input messages into reports.
///
/// Binary: first byte 0 heartbeat, 1 keyboard (8 more bytes), 2 pointer (4 relative, 6 absolute),
/// 3 consumer key (2: the usage of page 0x0c that is down, low byte first; 0 for none).
/// JSON arrays, of older clients: `[1,code,ctrl,shift,alt,meta]` and `[2,event,button,x,y]`, whose
/// event numbers mean two different things (P and S); which one is found out as messages come.
///
/// Errors   what is neither is ignored, as these clients expect
class Dialect
{
public:
    using Report = std::vector<uint8_t>;

    explicit Dialect(std::string_view user_agent = "");

    /// The reports that a message stands for, in order; none for a heartbeat or nonsense.
    std::vector<Report> decode(std::span<const uint8_t> message);
    /// Whether it is a client that never reads and sends no heartbeat: so its user agent says,
    /// until it sends a binary report, or a message in JSON has come.
    bool speaks_json() const { return json_; }

private:
    enum class Mouse { Unknown, P, S };

    std::vector<Report> decode_json(std::string_view text);
    std::vector<Report> mouse(int event, int button, int x, int y);
    void button(std::vector<Report> &out, int number, bool down, int x, int y);
    Report absolute(int x, int y);
    Report step(int dx, int dy);

    Mouse mouse_ = Mouse::Unknown;
    bool json_ = false;
    uint8_t buttons_ = 0;
    bool placed_ = false; // where the pointer is: not after a relative step
    uint16_t x_ = 0, y_ = 0;
};

} // namespace panto::hid
