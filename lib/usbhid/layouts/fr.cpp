// SPDX-License-Identifier: LGPL-2.1-or-later
/// French, AZERTY, as Windows and Linux have it: circumflex and diaeresis are dead. Tilde and grave
/// are dead on Windows alone, and typed once: before most signs both show the same.
#include "lib/usbhid/layouts/layouts.h"

namespace panto::hid
{

static constexpr Key kKeys[] = {
    {0x04, U'q', U'Q'},           {0x05, U'b', U'B'},
    {0x06, U'c', U'C'},           {0x07, U'd', U'D'},
    {0x08, U'e', U'E', U'€'},     {0x09, U'f', U'F'},
    {0x0a, U'g', U'G'},           {0x0b, U'h', U'H'},
    {0x0c, U'i', U'I'},           {0x0d, U'j', U'J'},
    {0x0e, U'k', U'K'},           {0x0f, U'l', U'L'},
    {0x10, U',', U'?'},           {0x11, U'n', U'N'},
    {0x12, U'o', U'O'},           {0x13, U'p', U'P'},
    {0x14, U'a', U'A'},           {0x15, U'r', U'R'},
    {0x16, U's', U'S'},           {0x17, U't', U'T'},
    {0x18, U'u', U'U'},           {0x19, U'v', U'V'},
    {0x1a, U'z', U'Z'},           {0x1b, U'x', U'X'},
    {0x1c, U'y', U'Y'},           {0x1d, U'w', U'W'},
    {0x1e, U'&', U'1'},           {0x1f, U'é', U'2', U'~'},
    {0x20, U'"', U'3', U'#'},     {0x21, U'\'', U'4', U'{'},
    {0x22, U'(', U'5', U'['},     {0x23, U'-', U'6', U'|'},
    {0x24, U'è', U'7', U'`'},     {0x25, U'_', U'8', U'\\'},
    {0x26, U'ç', U'9', U'^'},     {0x27, U'à', U'0', U'@'},
    {0x2d, U')', U'°', U']'},     {0x2e, U'=', U'+', U'}'},
    {0x2f, U'\u0302', U'\u0308'}, {0x30, U'$', U'£', U'¤'},
    {0x32, U'*', U'µ'},           {0x33, U'm', U'M'},
    {0x34, U'ù', U'%'},           {0x35, U'²'},
    {0x36, U';', U'.'},           {0x37, U':', U'/'},
    {0x38, U'!', U'§'},           {0x64, U'<', U'>'},
};

constinit const Layout kLayoutFr{"fr", "French", kKeys};

} // namespace panto::hid
