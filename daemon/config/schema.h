// SPDX-License-Identifier: LGPL-2.1-or-later
/// The settings of every room, with their defaults, and how the configuration file spells them.
///
/// A room takes its struct by value and never sees the file. A Field's name is the key's path in
/// the file: "port.http" is `http:` inside `port:`.
#pragma once

#include "lib/base/fields.h"

#include <map>
#include <string>
#include <vector>

namespace panto::config
{

struct Server {
    std::string proto = "http";
    std::string host;
    unsigned http_port = 80;
    unsigned https_port = 443;
    std::string cert_crt = "server.crt";
    std::string cert_key = "server.key";
};

inline constexpr Field<Server> kServerFields[] = {
    one_of("http|https", "proto",
           "What pages are served over; https sends the http port's visitors on", &Server::proto),
    {"host", "Address to listen on; empty means every address", &Server::host},
    {"port.http", "Port for http", &Server::http_port, 1, 65535},
    {"port.https", "Port for https", &Server::https_port, 1, 65535},
    {"cert.crt",
     "TLS certificate, PEM, in the folder the daemon runs in or else the state folder; "
     "one is made when there is none",
     &Server::cert_crt},
    {"cert.key", "TLS private key, PEM", &Server::cert_key},
};

struct Logger {
    std::string level = "info";
    std::string file = "stdout";
};

inline constexpr Field<Logger> kLoggerFields[] = {
    one_of("trace|debug|info|warn|warning|error|fatal|panic", "logger.level",
           "Least important line that is written", &Logger::level),
    {"logger.file", "Where to: stdout, stderr, or a file that lines are added to", &Logger::file},
};

struct Security {
    std::string authentication = "enable";
    std::string secret_key;
    unsigned refresh_token_duration = 2678400;
    bool revoke_tokens_on_logout = true;
    unsigned login_lockout_duration = 60;
    unsigned login_max_failures = 5;
    bool allow_legacy_password_change = false;
    std::string allowed_hosts;
    unsigned connections_per_address = 400;
};

inline constexpr Field<Security> kSecurityFields[] = {
    one_of("enable|disable", "authentication", "disable lets EVERYONE in as admin",
           &Security::authentication),
    {"jwt.secretKey",
     "Key that signs sessions; empty: one is made and kept in the state folder's jwt.key",
     &Security::secret_key},
    {"jwt.refreshTokenDuration", "Life of a session, in seconds", &Security::refresh_token_duration,
     1, 315360000},
    {"jwt.revokeTokensOnLogout",
     "Signing out ends all sessions of that user; always so while jwt.secretKey is empty",
     &Security::revoke_tokens_on_logout},
    {"security.loginLockoutDuration",
     "How long an address is locked out after too many failures, in seconds; 0 never locks",
     &Security::login_lockout_duration, 0, 2678400},
    {"security.loginMaxFailures", "Failed logins that lock an address out",
     &Security::login_max_failures, 1, 1000},
    {"security.allowLegacyPasswordChange",
     "Accept {username, password} without the current password, as firmware up to 2.5.0 did",
     &Security::allow_legacy_password_change},
    {"security.allowedHosts",
     "With authentication: disable, names besides its own and addresses that pages reach this "
     "machine by, such as a proxy's; with commas between",
     &Security::allowed_hosts},
    {"security.connectionsPerAddress",
     "Connections that one address may have, of 800; all that come by a proxy are of its address",
     &Security::connections_per_address, 1, 800},
};

struct Ice {
    std::string stun; ///< host:port, or "" for none; load() turns "disable" into ""
    std::string turn_addr;
    std::string turn_user;
    std::string turn_cred;
    std::string address;
};

inline constexpr Field<Ice> kIceFields[] = {
    {"stun", "STUN server, host:port; empty or disable: none, nothing leaves the network",
     &Ice::stun},
    {"turn.turnAddr", "TURN server, host:port; needs user and credential too", &Ice::turn_addr},
    {"turn.turnUser", "TURN user name", &Ice::turn_user},
    {"turn.turnCred", "TURN credential", &Ice::turn_cred},
    {"ice.address",
     "Address of this machine that WebRTC viewers are told to come to; empty: the one that their "
     "request came to",
     &Ice::address},
};

struct Video {
    std::string device = "virtual";
    unsigned width = 1280;
    unsigned height = 720;
    unsigned fps = 30;
    unsigned bitrate_kbps = 4000;
    unsigned low_kbps = 1000;
    unsigned low_fps = 10;
    unsigned quality = 80;
    unsigned noise = 0;
    std::string encoder;
    bool stamp = false;
    std::string pipelines_dir = "/etc/kvm/pipelines.d";
};

inline constexpr Field<Video> kVideoFields[] = {
    {"video.device", "Capture node such as /dev/video0, or virtual", &Video::device},
    {"video.width", "Width of the virtual computer's screen, in pixels, even", &Video::width, 320,
     4096},
    {"video.height", "Height of the virtual computer's screen, in pixels, even", &Video::height,
     200, 2160},
    {"video.fps", "Pictures per second, at most", &Video::fps, 1, 120},
    {"video.bitrate_kbps", "Bit rate of the H.264 stream at most, in kbit/s", &Video::bitrate_kbps,
     100, 100000},
    {"video.low_kbps",
     "Bit rate at most of the second stream, which WebRTC viewers get whose network does not bear "
     "what the others get, in kbit/s",
     &Video::low_kbps, 100, 100000},
    {"video.low_fps", "Pictures per second of the second stream, at most", &Video::low_fps, 1, 120},
    {"video.quality", "JPEG quality", &Video::quality, 1, 100},
    {"video.noise",
     "Largest change of a spot of the picture that is noise and nothing new, in steps of 8-bit "
     "samples; 0: a picture stands still when it is the same to the bit",
     &Video::noise, 0, 255},
    {"video.encoder", "Name of the pipeline to use; empty: the best that works here",
     &Video::encoder},
    {"video.stamp", "Draw a machine-readable time stamp into the virtual screen", &Video::stamp},
    {"video.pipelines_dir", "Folder of pipeline files that add to or replace the built-in ones",
     &Video::pipelines_dir},
};

struct Audio {
    std::string device = "auto";
    unsigned bitrate = 64000;
};

inline constexpr Field<Audio> kAudioFields[] = {
    {"audio.device",
     "Sound card that hears the computer, as arecord -L lists them; auto: the capture device's "
     "own, "
     "if it has one; virtual: a bell; off: none",
     &Audio::device},
    {"audio.bitrate", "Bit rate of the sound, in bit/s", &Audio::bitrate, 6000, 510000},
};

struct Hid {
    std::string keyboard = "virtual";
    std::string relative = "virtual";
    std::string absolute = "virtual";
    std::string consumer = "off";
    unsigned stroke_ms = 10;
};

inline constexpr Field<Hid> kHidFields[] = {
    {"hid.keyboard", "Where key reports go: virtual, or a node such as /dev/hidg0", &Hid::keyboard},
    {"hid.relative", "Where relative pointer reports go: virtual, or a node", &Hid::relative},
    {"hid.absolute", "Where absolute pointer reports go: virtual, or a node", &Hid::absolute},
    {"hid.consumer",
     "Where consumer keys go (play, volume, browser keys): off, virtual, or a node such as "
     "/dev/hidg3, which the gadget has with usb.consumer",
     &Hid::consumer},
    {"hid.stroke_ms",
     "Shortest time from one character of a pasted text to the next; the computer may be slower",
     &Hid::stroke_ms, 0, 1000},
};

struct Usb {
    std::string gadget = "off";
    std::string udc = "auto";
    std::string profile = "normal";
    std::string network = "off";
    unsigned luns = 2;
    std::string consumer = "off";
};

inline constexpr Field<Usb> kUsbFields[] = {
    one_of("on|off", "usb.gadget",
           "Whether this machine's USB device port is made keyboard, "
           "pointers, drives and network card",
           &Usb::gadget),
    {"usb.udc", "USB device port, a name in /sys/class/udc; auto: the first that is free",
     &Usb::udc},
    one_of("normal|hid-only|boot-only|no-storage", "usb.profile",
           "What the computer sees until something else is chosen at run time", &Usb::profile),
    one_of("off|ncm|rndis", "usb.network",
           "Network card that the computer sees until something else is chosen at run time",
           &Usb::network),
    {"usb.luns", "Drives of the mass storage", &Usb::luns, 1, 8},
    one_of(
        "on|off", "usb.consumer",
        "Whether the computer sees one device more, for consumer keys, in the profiles normal and "
        "no-storage",
        &Usb::consumer),
};

struct Power {
    std::string backend = "virtual";
    std::string power_button; ///< as parse_gpio_line() reads it, or "": there is none; so are all
    std::string reset_button;
    std::string power_led;
    std::string disk_led;
};

inline constexpr Field<Power> kPowerFields[] = {
    one_of("virtual|gpio|none", "power.backend", "Who presses the front-panel buttons",
           &Power::backend),
    {"power.power_button",
     "GPIO line of the power button, by offset or name: gpiochip0/3, power-btn, "
     "gpiochip0/power-btn, "
     "each with active-low behind it if it is",
     &Power::power_button},
    {"power.reset_button", "GPIO line of the reset button; empty: none", &Power::reset_button},
    {"power.power_led", "GPIO line that the power LED is on; empty: none", &Power::power_led},
    {"power.disk_led", "GPIO line that the disk's LED is on; empty: none, never lit",
     &Power::disk_led},
};

struct Storage {
    std::string directory = "/data";
    std::string lun = "virtual";
    unsigned quota_mib = 0;
    unsigned reserve_mib = 64;
    unsigned url_timeout_s = 10;
};

inline constexpr Field<Storage> kStorageFields[] = {
    {"storage.directory", "Folder of the disc and disk images", &Storage::directory},
    {"storage.lun",
     "The computer's drives: virtual, none, or LUN folders of a USB gadget, with commas between",
     &Storage::lun},
    {"storage.quota_mib", "Most that images may take together, in MiB; 0 for no limit",
     &Storage::quota_mib, 0, 1u << 30},
    {"storage.reserve_mib", "What uploads leave free on the disk, in MiB", &Storage::reserve_mib, 0,
     1u << 30},
    {"storage.url_timeout_s", "Longest wait for the server of an image mounted from a URL, in s",
     &Storage::url_timeout_s, 1, 300},
};

struct Recording {
    std::string directory;
    unsigned window_s = 0;
    unsigned window_mib = 64;
    unsigned reserve_mib = 256;
    unsigned most_minutes = 240;
};

inline constexpr Field<Recording> kRecordingFields[] = {
    {"recording.directory", "Folder of the recordings; empty: recordings in the state folder",
     &Recording::directory},
    {"recording.window_s",
     "Seconds that are kept in memory, to be saved after the fact; 0: none. The picture is encoded "
     "all the time for it",
     &Recording::window_s, 0, 600},
    {"recording.window_mib", "Most memory for them, in MiB", &Recording::window_mib, 1, 1024},
    {"recording.reserve_mib", "What recordings leave free on the disk, in MiB",
     &Recording::reserve_mib, 0, 1u << 30},
    {"recording.most_minutes", "Longest recording, in minutes; 0 for no limit",
     &Recording::most_minutes, 0, 10080},
};

struct System {
    bool terminal = false;
    std::string user = "nobody";
    std::string shell = "/bin/sh";
    std::string swap_file = "/swapfile";
};

inline constexpr Field<System> kSystemFields[] = {
    {"system.terminal", "Whether admins get a terminal of this device in the browser",
     &System::terminal},
    {"system.user",
     "User that terminal and scripts run as when pantographd is root; empty: root itself",
     &System::user},
    {"system.shell", "What the terminal runs", &System::shell},
    {"system.swap_file", "File to swap to, where that is switched on", &System::swap_file},
};

struct Config {
    Server server;
    Logger logger;
    Security security;
    Ice ice;
    Video video;
    Audio audio;
    Hid hid;
    Usb usb;
    Power power;
    Storage storage;
    Recording recording;
    System system;
    /// Where the keys that the file sets stand in it: "host" -> "server.yaml:3: host".
    std::map<std::string, std::string> places;
    /// A line for each thing that the file says and that was not taken.
    std::vector<std::string> left_out;

    /// What a message about a key begins with, when only its use can tell that it is wrong.
    std::string place(const std::string &key) const
    {
        const auto found = places.find(key);
        return found == places.end() ? key : found->second;
    }
};

} // namespace panto::config
