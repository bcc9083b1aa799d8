// SPDX-License-Identifier: LGPL-2.1-or-later
/// How the picture is sent, and the capture's switch. What is set counts for all who watch, and
/// until the daemon ends; the switch and the idle time are kept.
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "lib/base/alive.h"
#include "lib/glib/offload.h"
#include "lib/glib/source.h"

#include <algorithm>
#include <charconv>
#include <list>

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;
using media::Media;
using state::Notes;

constexpr char kOff[] = "hdmi_disable"; // there while the capture is switched off
constexpr char kIdle[] = "hdmi_idle_timeout";
constexpr std::chrono::seconds kOffTime{1};
constexpr std::chrono::seconds kGlanceTime{3};
constexpr unsigned kMostMinutes = 10080;
constexpr unsigned kNever = 0;    // the capture ends, or a still picture is sent again
constexpr unsigned kUnchosen = 1; // told of what is 3 s: the wire has whole minutes, and 0 is never
constexpr unsigned kUsualPause_s = 10;
constexpr std::chrono::seconds kLongestPause = std::chrono::hours{1};
constexpr size_t kMostPauses = 64;
constexpr int kLeastFps = 10, kMostFps = 60;
constexpr int kMostGop = 100, kUsualGop = 30;
constexpr int kMostQuality = 100, kUsualQuality = 80,
              kMostKbps = 20000; // a value above the first is a bit rate

struct Size {
    int height;
    const char *caps;
};
constexpr Size kSizes[] = {
    {0, "video/x-raw"},
    {1080, "video/x-raw,width=1920,height=1080"},
    {720, "video/x-raw,width=1280,height=720"},
    {600, "video/x-raw,width=800,height=600"},
    {480, "video/x-raw,width=640,height=480"},
};

struct ScreenBody {
    std::string type;
    int value = 0;
};
constexpr Field<ScreenBody> kScreen[] = {
    required<ScreenBody>(one_of<ScreenBody>("type|resolution|fps|quality|gop", "type",
                                            "What is set", &ScreenBody::type)),
    {"value",
     "resolution: height in pixels, 0 as it comes; fps: 10 to 60; quality: of JPEG up to 100, "
     "above it H.264 in kbit/s; gop: pictures between key frames; type: 0 for JPEG",
     &ScreenBody::value},
};
struct DetectBody {
    bool enabled = false;
};
constexpr Field<DetectBody> kDetect[] = {
    {"enabled",
     "Whether a picture that stands still is not sent again; left out: no. With no body at all it "
     "is turned over",
     &DetectBody::enabled},
};
struct StopBody {
    unsigned duration_s = 0;
};
constexpr Field<StopBody> kStop[] = {
    {"duration", "For how long every picture is sent, in s, an hour at the most; 0 means 10",
     &StopBody::duration_s},
};
struct TimeoutBody {
    unsigned minutes = 0;
};
constexpr Field<TimeoutBody> kTimeout[] = {
    {"minutes", "How long the capture goes on with no viewer, in minutes; 0: for ever",
     &TimeoutBody::minutes, 0, kMostMinutes},
};

/// Sets a value of each encoder that takes it; NotFound when none does. The low stream's bit rate
/// is its own.
Result<> set_all(Media &media, const std::string &key, const std::string &value)
{
    Result<> last = Error{Kind::NotFound, "no encoder here takes it"};
    for (const auto &[codec, encoder] : media.encoders())
        if (!(codec.ends_with(media::kLow) && key == "video.bitrate_kbps")) {
            auto done = encoder->set(key, value);
            if (done || done.error().kind != Kind::NotFound)
                last = std::move(done);
        }
    return last;
}

Result<> set_screen(Media &media, const ScreenBody &body)
{
    const int v = body.value;
    if (body.type == "type") // each viewer chooses for itself, by what it asks for
        return ok;
    if (body.type == "fps") {
        for (const auto &[codec, encoder] : media.encoders())
            if (!codec.ends_with(media::kLow))
                encoder->limit_rate(unsigned(std::clamp(v, kLeastFps, kMostFps)));
        return ok;
    }
    if (body.type == "gop")
        return set_all(media, "screen.gop",
                       std::to_string(v >= 1 && v <= kMostGop ? v : kUsualGop));
    if (body.type == "quality" && v > kMostQuality)
        return set_all(media, "video.bitrate_kbps", std::to_string(std::min(v, kMostKbps)));
    if (body.type == "quality")
        return set_all(media, "video.quality", std::to_string(v < 1 ? kUsualQuality : v));
    const auto *size = std::find_if(std::begin(kSizes), std::end(kSizes),
                                    [v](const Size &s) { return s.height == v; });
    if (size == std::end(kSizes))
        return Error{Kind::Invalid, "resolution must be 0, 480, 600, 720 or 1080"};
    return set_all(media, "screen.size", size->caps);
}

/// Frame detection: whether what stands still is sent again.
class Detect
{
public:
    explicit Detect(Media &media) : media_{media} {}

    bool on() const { return on_; }
    Result<> set(bool on)
    {
        on_ = on;
        ++turn_;
        media::Encoder *encoder = media_.encoder("mjpeg");
        return encoder
                   ? encoder->set("screen.still_ms", std::to_string(on ? kNever : config::kStillMs))
                   : Result<>{Error{Kind::NotFound, "nothing here makes JPEG"}};
    }
    /// Off, and on again after that time. Of very many that wait the one who came first waits no
    /// longer.
    void pause(std::chrono::seconds time, std::function<void()> then)
    {
        (void)set(false);
        if (pauses_.size() >= kMostPauses)
            end(pauses_.begin());
        const auto pause = pauses_.insert(pauses_.end(), {turn_, std::move(then), {}});
        pause->limit = after(time, [this, pause] { end(pause); });
    }

private:
    struct Pause {
        unsigned turn;
        std::function<void()> then;
        Source limit;
    };
    void end(std::list<Pause>::iterator pause)
    {
        const Pause ended = std::move(*pause);
        pauses_.erase(pause);
        if (ended.turn == turn_) // else somebody has decided since
            (void)set(true);
        ended.then();
    }

    Media &media_;
    bool on_ = false;
    unsigned turn_ = 0; // of those that switched it
    std::list<Pause> pauses_;
};

std::vector<http::Route> detect_routes(Media &media)
{
    const auto detect = std::make_shared<Detect>(media);
    const auto tell = [detect](const Request &, Reply reply) {
        reply(success(json::Object{}.add("enabled", detect->on())));
    };
    const http::Call set = [detect](const Request &rq, Reply reply) {
        const auto refuse = [&](const Error &e) { reply(failure(-1, "invalid parameters", e)); };
        bool on = !detect->on();
        auto body = Body::parse(rq);
        if (!body && !rq.body.empty())
            return refuse(body.error());
        if (body && body->has_fields()) {
            auto wish = body->read(kDetect);
            if (!wish)
                return refuse(wish.error());
            on = wish->enabled;
        }
        if (auto done = detect->set(on); !done)
            return reply(failure(-1, done.error().message));
        reply(success(json::Object{}.add("enabled", on)));
    };
    const auto stop = [detect](const StopBody &body, const Request &, Reply reply) {
        const std::chrono::seconds wished{body.duration_s ? body.duration_s : kUsualPause_s};
        detect->pause(std::min(wished, kLongestPause), [reply] { reply(success()); });
    };
    return {
        {"GET", "/api/stream/mjpeg/detect", Role::User,
         "Tells whether a JPEG picture that stands still is not sent again", tell},
        {"POST", "/api/stream/mjpeg/detect", Role::User, "Switches that",
         http::Handler{set, documented(kDetect)}},
        {"POST", "/api/stream/mjpeg/detect/stop", Role::User, "Switches it off for some seconds",
         with_body(kStop, stop, {-1, "invalid parameters"})},
    };
}

/// What somebody has chosen.
std::optional<unsigned> minutes_of(const Notes &notes)
{
    const std::string text = notes.text(kIdle);
    unsigned minutes = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), minutes).ec != std::errc{})
        return std::nullopt;
    return std::min(minutes, kMostMinutes);
}

/// How long the capture goes on with no viewer.
class Rest
{
public:
    explicit Rest(Media &media) : media_{media} {}

    void after_minutes(std::optional<unsigned> minutes)
    {
        media_.capture().linger(std::chrono::minutes{minutes.value_or(0)});
        begin_ = {};
        if (minutes == kNever) // once all is wired
            begin_ = after(std::chrono::milliseconds{0}, [this] { use_ = media_.capture().use(); });
        else
            use_ = nullptr;
    }

private:
    Media &media_;
    media::Demand::Use use_; // held while it never rests
    Source begin_;
};

/// What the device says while nobody captures. Whoever asks while it is asked gets its answer, too.
class Glance
{
public:
    using Seen = std::function<void(const media::Signal &)>;
    explicit Glance(LookAtSignal look) : look_{std::move(look)} {}

    void ask(Seen seen)
    {
        waiting_.push_back(std::move(seen));
        if (waiting_.size() == 1) // a driver that is stuck tells of no signal
            limit_ = after(kGlanceTime, [this] { answer({}); });
        if (std::exchange(looking_, true))
            return;
        offload(Lane::Media, look_, [weak = self_.weak()](const media::Signal &signal) {
            auto *self = alive(weak);
            if (!self)
                return;
            self->looking_ = false;
            self->answer(signal);
        });
    }

private:
    void answer(const media::Signal &signal)
    {
        limit_ = {};
        for (const Seen &seen : std::exchange(waiting_, {}))
            seen(signal);
    }

    LookAtSignal look_;
    std::vector<Seen> waiting_;
    bool looking_ = false;
    Source limit_;
    Self<Glance> self_{this};
};

void tell_hdmi(bool on, const media::Signal &signal, const Notes &notes, const Reply &reply)
{
    const bool there = signal.state == "ok";
    reply(success(json::Object{}
                      .add("enabled", on)
                      .add("signal", on && there)
                      .add("idleTimeout", int64_t(minutes_of(notes).value_or(kUnchosen)))
                      .add("state", on && there ? 1 : 0)
                      .add("width", int64_t(signal.width))
                      .add("height", int64_t(signal.height))));
}

std::vector<http::Route> hdmi_routes(Media &media, Notes &notes, LookAtSignal look)
{
    const auto glance = std::make_shared<Glance>(std::move(look));
    const auto tell = [&media, &notes, glance](const Request &, Reply reply) {
        const media::Capture &capture = media.capture();
        const bool known = capture.used() && capture.signal().state != "unknown";
        if (known || !capture.enabled())
            return tell_hdmi(capture.enabled(), capture.signal(), notes, reply);
        glance->ask([&capture, &notes, reply](const media::Signal &seen) {
            tell_hdmi(capture.enabled(), seen, notes, reply);
        });
    };
    // A reset gives back what was wanted last, also when that changes meanwhile.
    const auto wanted = std::make_shared<bool>(media.capture().enabled());
    const auto reset = [&media, wanted](const Request &, Reply reply) {
        if (!*wanted)
            return reply(success());
        media.capture().enable(false);
        after(kOffTime, [&media, wanted, reply] {
            media.capture().enable(*wanted);
            reply(success());
        }).detach();
    };
    const auto choose = [&media, &notes, wanted](bool on) {
        return without_fields([&media, &notes, wanted, on](const Request &, Reply reply) {
            const Done<> kept = [&media, wanted, on, reply](Result<> done) {
                if (!done)
                    return reply(failure(-1, done.error().message));
                *wanted = on;
                media.capture().enable(on);
                reply(success());
            };
            on ? notes.remove(kOff, kept) : notes.write(kOff, "1", kept);
        });
    };
    const auto rest = std::make_shared<Rest>(media);
    rest->after_minutes(minutes_of(notes));
    const auto wait = [rest, &notes](const TimeoutBody &body, const Request &, Reply reply) {
        const unsigned minutes = body.minutes;
        notes.write(kIdle, std::to_string(minutes), [rest, minutes, reply](Result<> done) {
            if (!done)
                return reply(failure(-1, done.error().message));
            rest->after_minutes(minutes);
            reply(success());
        });
    };
    return {
        {"GET", "/api/vm/hdmi", Role::User, "Tells how the capture stands", tell},
        {"POST", "/api/vm/hdmi/reset", Role::User, "Switches the capture off and on again",
         without_fields(reset)},
        {"POST", "/api/vm/hdmi/enable", Role::Admin, "Switches the capture on", choose(true)},
        {"POST", "/api/vm/hdmi/disable", Role::Admin, "Switches the capture off", choose(false)},
        {"POST", "/api/vm/hdmi/timeout", Role::Admin,
         "Sets how long the capture goes on with no viewer", with_body(kTimeout, wait)},
    };
}

} // namespace

std::vector<http::Route> screen_routes(Media &media, Notes &notes, LookAtSignal look)
{
    media.capture().enable(!notes.read(kOff));
    const auto set = [&media](const ScreenBody &body, const Request &, Reply reply) {
        const auto done = set_screen(media, body);
        if (done)
            return reply(success());
        const Error &e = done.error();
        reply(e.kind == Kind::Invalid ? failure(-1, "invalid arguments", e)
                                      : failure(-2, "update screen failed", e));
    };
    std::vector<http::Route> routes = {
        {"POST", "/api/vm/screen", Role::User, "Sets how the picture is sent to all who watch",
         with_body(kScreen, set)},
    };
    for (auto &&some : {detect_routes(media), hdmi_routes(media, notes, std::move(look))})
        routes.insert(routes.end(), some.begin(), some.end());
    return routes;
}

} // namespace panto::api
