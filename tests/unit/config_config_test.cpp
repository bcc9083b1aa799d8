// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/config/config.h"
#include "lib/base/file.h"

#include <cstdlib>
#include <gtest/gtest.h>

using namespace panto;
using namespace panto::config;

namespace
{

/// The problems in text, or "" when there are none.
std::string problems(const std::string &text)
{
    auto config = parse(text, "server.yaml");
    return config ? "" : config.error().message;
}

/// What text says, and the lines about what of it was left out.
Config read(const std::string &text)
{
    auto config = parse(text, "server.yaml");
    EXPECT_TRUE(config) << config.error().message;
    return config ? *config : Config{};
}

std::string left_out(const std::string &text)
{
    std::string all;
    for (const std::string &line : read(text).left_out)
        all += (all.empty() ? "" : "\n") + line;
    return all;
}

/// The same of a text whose every word counts.
Config good(const std::string &text)
{
    EXPECT_EQ(left_out(text), "");
    return read(text);
}

std::string source_file(const char *path)
{
    auto text = read_file(std::string{std::getenv("PANTOGRAPH_SOURCE")} + "/" + path);
    EXPECT_TRUE(text);
    return text ? *text : "";
}

} // namespace

TEST(Config, IsTheDefaultsWhenTheFileIsMissing)
{
    auto config = load("/nonexistent/server.yaml");
    ASSERT_TRUE(config);
    EXPECT_EQ(config->server.http_port, 80u);
    EXPECT_EQ(config->ice.stun, "");
    EXPECT_EQ(config->security.login_lockout_duration, 60u);
}

TEST(Config, IsWrongWhenAFileThatHasToBeThereIsMissing)
{
    auto config = load("/nonexistent/server.yaml", Missing::IsWrong);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().kind, Kind::Invalid);
    EXPECT_EQ(config.error().message,
              "cannot read /nonexistent/server.yaml: No such file or directory");
}

TEST(Config, RefusesWhatIsNoText)
{
    using namespace std::string_literals;
    EXPECT_EQ(problems("\0\0\0"s), "server.yaml:1: a NUL byte: this is no text");
    EXPECT_EQ(problems("host: \"\"\nproto: http\0"s), "server.yaml:2: a NUL byte: this is no text");
}

TEST(Config, SaysWhyAFileCannotBeRead)
{
    auto config = load("/dev");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().kind, Kind::Invalid);
    EXPECT_EQ(config.error().message, "cannot read /dev: not a regular file");
}

TEST(Config, ReadsEveryKeyOfTheWire)
{
    const Config c = good("proto: https\n"
                          "host: 192.168.1.9\n"
                          "port:\n  http: 8080\n  https: 8443\n"
                          "cert:\n  crt: a.crt\n  key: a.key\n"
                          "logger:\n  level: debug\n  file: /var/log/kvm\n"
                          "authentication: disable\n"
                          "jwt:\n  secretKey: s3cret\n  refreshTokenDuration: 60\n"
                          "  revokeTokensOnLogout: false\n"
                          "stun: stun.example.org:3478\n"
                          "turn:\n  turnAddr: t.example.org:3478\n  turnUser: u\n  turnCred: c\n"
                          "security:\n  loginLockoutDuration: 0\n  loginMaxFailures: 3\n");
    EXPECT_EQ(c.server.proto, "https");
    EXPECT_EQ(c.server.host, "192.168.1.9");
    EXPECT_EQ(c.server.http_port, 8080u);
    EXPECT_EQ(c.server.https_port, 8443u);
    EXPECT_EQ(c.server.cert_crt, "a.crt");
    EXPECT_EQ(c.server.cert_key, "a.key");
    EXPECT_EQ(c.logger.level, "debug");
    EXPECT_EQ(c.logger.file, "/var/log/kvm");
    EXPECT_EQ(c.security.authentication, "disable");
    EXPECT_EQ(c.security.secret_key, "s3cret");
    EXPECT_EQ(c.security.refresh_token_duration, 60u);
    EXPECT_FALSE(c.security.revoke_tokens_on_logout);
    EXPECT_EQ(c.ice.stun, "stun.example.org:3478");
    EXPECT_EQ(c.ice.turn_addr, "t.example.org:3478");
    EXPECT_EQ(c.ice.turn_user, "u");
    EXPECT_EQ(c.ice.turn_cred, "c");
    EXPECT_EQ(c.security.login_lockout_duration, 0u);
    EXPECT_EQ(c.security.login_max_failures, 3u);
}

TEST(Config, ReadsOurOwnSections)
{
    const Config c =
        good("video: {device: /dev/video0, width: 640, height: 480, fps: 60,\n"
             "        bitrate_kbps: 8000, quality: 50, encoder: h264-x264,\n"
             "        stamp: yes, pipelines_dir: /x}\n"
             "hid: {keyboard: /dev/hidg0, relative: /dev/hidg1, absolute: /dev/hidg2}\n"
             "power: {backend: none}\n");
    EXPECT_EQ(c.video.device, "/dev/video0");
    EXPECT_EQ(c.video.width, 640u);
    EXPECT_EQ(c.video.height, 480u);
    EXPECT_EQ(c.video.fps, 60u);
    EXPECT_EQ(c.video.bitrate_kbps, 8000u);
    EXPECT_EQ(c.video.quality, 50u);
    EXPECT_EQ(c.video.encoder, "h264-x264");
    EXPECT_TRUE(c.video.stamp);
    EXPECT_EQ(c.video.pipelines_dir, "/x");
    EXPECT_EQ(c.hid.keyboard, "/dev/hidg0");
    EXPECT_EQ(c.hid.relative, "/dev/hidg1");
    EXPECT_EQ(c.hid.absolute, "/dev/hidg2");
    EXPECT_EQ(c.power.backend, "none");
}

TEST(Config, ReadsTheFrontPanelsLines)
{
    const Config c = good("power:\n  backend: gpio\n  power_button: gpiochip0/3\n"
                          "  reset_button: reset-btn\n  power_led: gpiochip0/4 active-low\n"
                          "  disk_led: gpiochip1/hdd active-low\n");
    EXPECT_EQ(c.power.power_button, "gpiochip0/3");
    EXPECT_EQ(c.power.reset_button, "reset-btn");
    EXPECT_EQ(c.power.power_led, "gpiochip0/4 active-low");
    EXPECT_EQ(c.power.disk_led, "gpiochip1/hdd active-low");
}

TEST(Config, LeavesOutTheFrontPanelsWrongLines)
{
    EXPECT_EQ(left_out("power:\n  backend: gpio\n"),
              "server.yaml:2: power.backend: gpio needs power.power_button or power.reset_button; "
              "none is used");
    EXPECT_EQ(left_out("power:\n  power_button: 507\n"),
              "server.yaml:2: power.power_button: needs its chip, as in \"gpiochip0/3\": a number "
              "alone means another line on each chip, not \"507\"; \"\" is used");
    EXPECT_EQ(left_out("power:\n  backend: gpio\n  power_button: gpiochip0/3\n"
                       "  power_led: gpiochip0/3 active-low\n"),
              "server.yaml:4: power.power_led: is the line of power.power_button; \"\" is used");
    EXPECT_EQ(left_out("power:\n  backend: gpio\n  power_button: gpiochip0/3\n"
                       "  reset_button: /dev/gpiochip0/3 active-low\n"),
              "server.yaml:4: power.reset_button: is the line of power.power_button; \"\" is used");
    EXPECT_EQ(
        left_out("power: {disk_led: /dev/gpiochip0}\n"),
        "server.yaml:1: power.disk_led: must be chip/offset, chip/name or a line's name, as in "
        "\"gpiochip0/3\" or \"power-led active-low\", not \"/dev/gpiochip0\"; \"\" is used");
}

TEST(Config, PressesNoButtonWhoseLineIsWrong)
{
    const Config c = read("power:\n  backend: gpio\n  power_button: 507\n");
    EXPECT_EQ(c.power.power_button, "");
    EXPECT_EQ(c.power.backend, "none");
    EXPECT_EQ(c.left_out.size(), 2u);
}

TEST(Config, TakesTheSynonymsOfOldFiles)
{
    const Config c = good("protocol: https\nport: 8081\nhttps_port: 8444\nlog_level: warn\n"
                          "secretKey: old\n");
    EXPECT_EQ(c.server.proto, "https");
    EXPECT_EQ(c.server.http_port, 8081u);
    EXPECT_EQ(c.server.https_port, 8444u);
    EXPECT_EQ(c.logger.level, "warn");
    EXPECT_EQ(c.security.secret_key, "old");
    EXPECT_EQ(good("logger: error\n").logger.level, "error");
}

TEST(Config, ForgivesTheTrailingCommasOfTheWellKnownSample)
{
    const Config c = good("security:\n  loginLockoutDuration: 0,\n  loginMaxFailures: 5,\n");
    EXPECT_EQ(c.security.login_lockout_duration, 0u);
    EXPECT_EQ(c.security.login_max_failures, 5u);
}

TEST(Config, TakesAKeyWithNothingBehindItForTheDefault)
{
    EXPECT_EQ(good("jwt:\n  secretKey:\nport:\n").server.http_port, 80u);
    EXPECT_EQ(good("").server.http_port, 80u);
    EXPECT_EQ(good("# only a comment\n").server.http_port, 80u);
}

TEST(Config, TakesANumberAndASwitchInQuotesForWhatTheyAre)
{
    const Config c = good("port:\n  http: \"81\"\nvideo: {stamp: 'true'}\n");
    EXPECT_EQ(c.server.http_port, 81u);
    EXPECT_TRUE(c.video.stamp);
}

TEST(Config, TakesStunDisableForNone)
{
    EXPECT_EQ(good("stun: disable\n").ice.stun, "");
}

TEST(Config, NamesFileAndLineOfAWrongValueAndWhatIsUsed)
{
    EXPECT_EQ(left_out("proto: http\nport:\n  http: eighty\n"),
              "server.yaml:3: port.http: must be 1..65535, not \"eighty\"; 80 is used");
    EXPECT_EQ(left_out("port:\n  http: 0\n"),
              "server.yaml:2: port.http: must be 1..65535, not \"0\"; 80 is used");
    EXPECT_EQ(
        left_out("port:\n  http: 99999999999999999999\n"),
        "server.yaml:2: port.http: must be 1..65535, not \"99999999999999999999\"; 80 is used");
    EXPECT_EQ(left_out("host: [a]\n"),
              "server.yaml:1: host: must be text, not a list; 127.0.0.1 is used");
    EXPECT_EQ(left_out("proto: ftp\n"),
              "server.yaml:1: proto: must be http or https, not \"ftp\"; https is used");
    EXPECT_EQ(
        left_out("logger:\n  level: bogus\n"),
        "server.yaml:2: logger.level: must be trace, debug, info, warn, warning, error, fatal "
        "or panic, not \"bogus\"; info is used");
    EXPECT_EQ(left_out("video:\n  stamp: maybe\n"),
              "server.yaml:2: video.stamp: must be true or false, not \"maybe\"; false is used");
    EXPECT_EQ(left_out("cert: a.crt\n"),
              "server.yaml:1: cert: must be a section, not \"a.crt\"; left out");
    EXPECT_EQ(left_out("video:\n  width: 641\n"),
              "server.yaml:2: video.width: must be even; 1280 is used");
}

TEST(Config, UsesTheDefaultForAWrongValueAndTheRestAsItStands)
{
    const Config c = read("port:\n  http: 0\n  https: 8443\nlogger:\n  level: bogus\n"
                          "video: {width: 641, height: 480}\ncolour: red\n");
    EXPECT_EQ(c.server.http_port, 80u);
    EXPECT_EQ(c.server.https_port, 8443u);
    EXPECT_EQ(c.logger.level, "info");
    EXPECT_EQ(c.video.width, 1280u);
    EXPECT_EQ(c.video.height, 480u);
}

TEST(Config, LetsEverybodyInForTheOneExactWordOnly)
{
    for (const char *word : {"Disable", "disabled", "off", "false", "[disable]", "\"disable \""})
        EXPECT_EQ(read(std::string{"authentication: "} + word + "\n").security.authentication,
                  "enable")
            << word;
    EXPECT_EQ(read("authentication: disable\n").security.authentication, "disable");
    EXPECT_EQ(left_out("authentication: Disable\n"),
              "server.yaml:1: authentication: must be enable or disable, not \"Disable\"; enable "
              "is used");
}

TEST(Config, LetsOnlyThisMachineInForAHostThatIsNoAddress)
{
    EXPECT_EQ(good("host: localhost\n").server.host, "127.0.0.1");
    EXPECT_EQ(read("host: not-an-ip\n").server.host, "127.0.0.1");
    EXPECT_EQ(left_out("proto: http\nhost: not-an-ip\n"),
              "server.yaml:2: host: must be an IP address, not \"not-an-ip\"; 127.0.0.1 is used");
}

TEST(Config, NamesFileAndLineOfAnAddressThatIsNone)
{
    EXPECT_EQ(
        left_out("\nstun: stun:stun.example.org\n"),
        "server.yaml:2: stun: must be host:port, not \"stun:stun.example.org\"; \"\" is used");
    EXPECT_EQ(left_out("turn:\n  turnUser: u\n  turnCred: c\n  turnAddr: http://t/\n"),
              "server.yaml:4: turn.turnAddr: must be host:port, not \"http://t/\"; no TURN server "
              "is used");
    EXPECT_EQ(left_out("\nice: {address: kvm.example.org}\n"),
              "server.yaml:2: ice.address: must be an IP address, not \"kvm.example.org\"; \"\" is "
              "used");
}

TEST(Config, TakesAddressesOfEveryKind)
{
    EXPECT_EQ(left_out("host: \"::1\"\nstun: \"[::1]:3478\"\n"), "");
    EXPECT_EQ(left_out("host: \"\"\n"), "");
    EXPECT_EQ(left_out("turn: {turnAddr: \"t:3478?transport=tcp\", turnUser: u, turnCred: c}\n"),
              "");
}

TEST(Config, RemembersWhereAKeyStands)
{
    const Config c = good("proto: http\nlogger:\n  file: /x\n");
    EXPECT_EQ(c.place("logger.file"), "server.yaml:3: logger.file");
    EXPECT_EQ(c.place("host"), "host") << "the file does not set it";
}

TEST(Config, ListsAllThatIsLeftOutInTheOrderOfTheFile)
{
    EXPECT_EQ(
        left_out("colour: red\nport:\n  http: x\n  smtp: 25\nvideo:\n  height: 481\nproto: 7\n"),
        "server.yaml:1: colour: unknown key; left out\n"
        "server.yaml:3: port.http: must be 1..65535, not \"x\"; 80 is used\n"
        "server.yaml:4: port.smtp: unknown key; left out\n"
        "server.yaml:6: video.height: must be even; 720 is used\n"
        "server.yaml:7: proto: must be http or https, not \"7\"; https is used");
}

TEST(Config, RefusesAKeyThatComesTwice)
{
    EXPECT_EQ(problems("host: 10.0.0.1\nhost: 10.0.0.2\n"),
              "server.yaml:2: host: is already set on line 1");
}

TEST(Config, TakesTheFirstOfTwoNamesOfOneKey)
{
    EXPECT_EQ(read("proto: http\nprotocol: https\n").server.proto, "http");
    EXPECT_EQ(left_out("proto: http\nprotocol: https\n"),
              "server.yaml:2: protocol: is already set on line 1; left out");
}

TEST(Config, WantsAllOfTurnOrNothing)
{
    EXPECT_EQ(read("turn:\n  turnAddr: t:3478\n").ice.turn_addr, "");
    EXPECT_EQ(left_out("turn:\n  turnAddr: t:3478\n"),
              "server.yaml:2: turn: turnAddr, turnUser and turnCred are needed together; no TURN "
              "server is used");
}

TEST(Config, TakesNoTurnCredentialThatWouldEndALine)
{
    const std::string odd =
        "turn: {turnAddr: \"t:3478\", turnUser: u, turnCred: \"c\\r\\nX: y\"}\n";
    EXPECT_EQ(read(odd).ice.turn_addr, "");
    EXPECT_EQ(left_out(odd), "server.yaml:1: turn.turnCred: must have no control characters; no "
                             "TURN server is used");
}

TEST(Config, SaysWhereYamlIsBroken)
{
    EXPECT_EQ(problems("proto: http\n\tport: 1\n").substr(0, 14), "server.yaml:2:");
    EXPECT_EQ(problems("- a\n- b\n"), "server.yaml:1: must hold `key: value` lines, not a list");
    EXPECT_EQ(problems("host: ::1\n---\nhost: ::1\n"),
              "server.yaml:3: a second document is not read");
    EXPECT_EQ(problems("[a]: b\n"), "server.yaml:1: a key must be text, not a list");
    EXPECT_NE(problems("host: [unfinished\n"), "");
    EXPECT_NE(problems(std::string(20000, '[')), "");
    EXPECT_NE(problems("host: *nowhere\n"), "");
}

TEST(Config, PutsNoControlCharacterIntoAMessage)
{
    EXPECT_EQ(left_out("proto: \"a\\e[31m\"\n\"\\e[2J\": 1\n"),
              "server.yaml:1: proto: must be http or https, not \"a?[31m\"; https is used\n"
              "server.yaml:2: ?[2J: unknown key; left out");
}

TEST(Config, ShipsAFileThatSaysTheDefaults)
{
    EXPECT_EQ(source_file("data/server.yaml"), default_text())
        << "write it anew with: pantographd --print-config > data/server.yaml";
    const Config c = good(source_file("data/server.yaml"));
    const Config defaults;
    EXPECT_EQ(c.server.http_port, defaults.server.http_port);
    EXPECT_EQ(c.security.secret_key, defaults.security.secret_key);
    EXPECT_EQ(c.video.encoder, defaults.video.encoder);
    EXPECT_EQ(c.power.backend, defaults.power.backend);
}

TEST(Config, HasNoDefaultOutsideItsRange)
{
    EXPECT_EQ(left_out(default_text()), ""); // the reader judges each default by its field
}

TEST(Config, TakesFromAFileReadAgainOnlyWhatCanChange)
{
    Config running = good("port:\n  http: 81\nlogger:\n  level: warn\nstun: a.example:1\n");
    const Config again = read("port:\n  http: 82\nlogger:\n  level: debug\nstun: a.example:1\n"
                              "security:\n  loginMaxFailures: 9\nnosuch: 1\n");
    std::string changes;
    for (const auto &[key, live] : update(running, again))
        changes += key + (live ? " now; " : " later; ");
    EXPECT_EQ(changes, "port.http later; logger.level now; security.loginMaxFailures now; ");
    EXPECT_EQ(running.server.http_port, 81u);
    EXPECT_EQ(running.logger.level, "debug");
    EXPECT_EQ(running.security.login_max_failures, 9u);
    EXPECT_EQ(running.left_out, again.left_out);
    EXPECT_EQ(update(running, again).size(), 1u) << "what waits for a start is told again";
}
