// SPDX-License-Identifier: LGPL-2.1-or-later
/// Whatever operators and networks do, nothing stays down: many made-up sessions in made-up time,
/// each from a number that a failure names.
#include "daemon/control/channel.h"
#include "lib/usbhid/report.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

using namespace panto;
using namespace std::chrono_literals;

namespace
{

using Message = std::vector<uint8_t>;
using std::chrono::milliseconds;

constexpr unsigned kSessions = 1500;
constexpr auto kStep = 10ms;
constexpr auto kSession = 2500ms;
constexpr auto kLimit = 500ms; // from the last sign of life to all up

/// The timers of the code under test, due in made-up time. They have all the same interval.
class Timers
{
public:
    Timers() { g_main_context_push_thread_default(context_); }
    ~Timers()
    {
        g_main_context_pop_thread_default(context_);
        g_main_context_unref(context_);
    }
    void advance(Time now)
    {
        look(now);
        while (GSource *source = find(running_)) {
            if (due_ > now)
                return;
            g_source_set_ready_time(source, 0);
            while (g_main_context_iteration(context_, FALSE)) {
            }
            due_ += kInterval;
            look(now);
        }
    }

private:
    static constexpr auto kInterval = 50ms;

    GSource *find(guint id) const
    {
        return id ? g_main_context_find_source_by_id(context_, id) : nullptr;
    }
    /// A timer that was started since the last look is due an interval from now.
    void look(Time now)
    {
        GSource *last = g_idle_source_new();
        const guint end = g_source_attach(last, context_);
        g_source_destroy(last);
        g_source_unref(last);
        for (; looked_ < end; ++looked_)
            if (find(looked_)) {
                running_ = looked_;
                due_ = now + kInterval;
            }
    }

    GMainContext *context_ = g_main_context_new();
    guint looked_ = 1, running_ = 0;
    Time due_{};
};

/// What the computer believes to be held.
class Computer
{
public:
    void take(std::span<const uint8_t> report)
    {
        const bool keys =
            report.size() == hid::kKeyboardSize || report.size() == hid::kConsumerSize;
        const size_t counted = keys ? report.size() : 1;
        held_[report.size()] = std::any_of(report.begin(), report.begin() + counted,
                                           [](uint8_t byte) { return byte != 0; });
        ++reports;
    }
    bool all_up() const
    {
        return std::none_of(held_.begin(), held_.end(), [](const auto &h) { return h.second; });
    }
    uint64_t reports = 0;

private:
    std::map<size_t, bool> held_;
};

/// An operator at the far end of a line that may lose, double, delay and overtake.
class Operator
{
public:
    /// A data channel's line is unreliable, and the client repeats itself while it holds anything.
    /// A socket's neither loses nor overtakes, and the kernel tells whether the peer is there.
    Operator(std::mt19937 &random, hid::Input &input, control::Board &board, const Time &now,
             unsigned number)
        : random_{random}, now_{now}, reliable_{one_in(2)}, name_{"operator" +
                                                                  std::to_string(number)}
    {
        std::function<bool()> proves_life;
        if (reliable_)
            proves_life = [this] {
                if (there_)
                    last_sign = now_;
                return there_;
            };
        channel_ = std::make_unique<control::Channel>(
            input, board, name_, "", [](const std::string &) {}, proves_life,
            hid::Input::Origin{one_in(2) ? "one session" : "", [this] { return !there_; }});
        ends_ = now_ + milliseconds{uniform(0, 2000)};
        if (!one_in(3))
            introduce(number / 2); // two of three are lines of one console, perhaps
    }

    void step()
    {
        if (channel_ && there_ && now_ >= ends_)
            end();
        if (channel_ && there_)
            act();
        deliver();
    }

    Time last_sign{};
    uint64_t lost = 0, doubled = 0, ended = 0, introduced = 0;

private:
    enum class End { Closes, FallsSilent, LetsGo };
    static constexpr size_t kSizes[] = {hid::kKeyboardSize, hid::kRelativeSize, hid::kAbsoluteSize,
                                        hid::kConsumerSize};

    static Message all_up(size_t size)
    {
        Message message(1 + size);
        message[0] = size == hid::kKeyboardSize ? 1 : size == hid::kConsumerSize ? 3 : 2;
        return message;
    }

    bool one_in(unsigned n) { return uniform(1, n) == 1; }
    unsigned uniform(unsigned least, unsigned most)
    {
        return std::uniform_int_distribution<unsigned>{least, most}(random_);
    }

    /// As a console does when its line opens, and again whenever it likes: from then on its words
    /// alone say that it is there.
    void introduce(unsigned console)
    {
        introduction_ = R"({"client":"the console number )" + std::to_string(console) + "\"}";
        send(Message(introduction_.begin(), introduction_.end()));
        ++introduced;
    }
    void act()
    {
        if (!introduction_.empty() && one_in(50))
            send(Message(introduction_.begin(), introduction_.end()));
        if (one_in(6))
            send(some_report());
        else if (holds_ && now_ - sent_ >= 100ms)
            send({0});
    }
    Message some_report()
    {
        const size_t size = kSizes[uniform(0, std::size(kSizes) - 1)];
        Message message = all_up(size);
        holds_ = one_in(2);
        if (holds_)
            message[size == hid::kKeyboardSize ? 3 : 1] = uint8_t(uniform(1, 31));
        return message;
    }
    void end()
    {
        ++ended;
        there_ = false;
        const End how = End(uniform(0, 2));
        if (how == End::LetsGo)
            for (const size_t size : kSizes)
                send(all_up(size)); // which may be lost
        if (how == End::Closes)
            channel_.reset();
    }
    void send(const Message &message)
    {
        sent_ = now_;
        if (!reliable_ && one_in(4)) {
            ++lost;
            return;
        }
        const bool twice = !reliable_ && one_in(5);
        doubled += twice;
        for (int copies = twice ? 2 : 1; copies > 0; --copies) {
            const Time at = now_ + milliseconds{uniform(0, 200)};
            arrival_ = std::max(arrival_, at);
            under_way_.emplace(reliable_ ? arrival_ : at, message);
        }
    }
    void deliver()
    {
        while (!under_way_.empty() && under_way_.begin()->first <= now_) {
            const Message message = under_way_.begin()->second;
            under_way_.erase(under_way_.begin());
            if (!channel_)
                continue;
            last_sign = now_;
            channel_->message(message);
        }
    }

    std::mt19937 &random_;
    const Time &now_;
    const bool reliable_;
    const std::string name_;
    std::string introduction_; // "" for one that never says who it is
    std::unique_ptr<control::Channel> channel_;
    bool there_ = true, holds_ = false;
    Time ends_{}, sent_{}, arrival_{};
    std::multimap<Time, Message> under_way_;
};

struct Totals {
    uint64_t reports = 0, lost = 0, doubled = 0, ended = 0, introduced = 0;
};

void run_session(unsigned seed, Totals &totals)
{
    Timers timers;
    std::mt19937 random{seed};
    Time now{1h};
    Computer computer;
    control::Board board;
    hid::Input input{[&](std::span<const uint8_t> r) { computer.take(r); }, [&] { return now; },
                     true};
    std::vector<std::unique_ptr<Operator>> operators;
    for (unsigned n = 0; n <= seed % 3; ++n)
        operators.push_back(std::make_unique<Operator>(random, input, board, now, n));

    Time last_sign{};
    for (const Time end = now + kSession + kLimit; now < end; now += kStep) {
        for (auto &one : operators) {
            one->step();
            last_sign = std::max(last_sign, one->last_sign);
        }
        timers.advance(now);
        for (auto &one : operators)
            last_sign = std::max(last_sign, one->last_sign);
        ASSERT_TRUE(computer.all_up() || now - last_sign <= kLimit)
            << "something is held without a sign of life, in session " << seed;
    }
    ASSERT_TRUE(computer.all_up()) << "session " << seed;
    totals.reports += computer.reports;
    for (auto &one : operators) {
        totals.lost += one->lost;
        totals.doubled += one->doubled;
        totals.ended += one->ended;
        totals.introduced += one->introduced;
    }
}

} // namespace

TEST(Lease, NothingStaysDownWhateverIsLostDoubledDelayedOrCutOff)
{
    Totals totals;
    for (unsigned seed = 0; seed < kSessions && !testing::Test::HasFatalFailure(); ++seed)
        run_session(seed, totals);
    EXPECT_GT(totals.reports, 10u * kSessions) << "there was something to let go of";
    EXPECT_GT(totals.lost, kSessions);
    EXPECT_GT(totals.doubled, kSessions);
    EXPECT_GT(totals.ended, kSessions);
    EXPECT_GT(totals.introduced, kSessions);
    std::printf("figure: lease_sessions %u sessions\nfigure: lease_reports %llu reports\n"
                "figure: lease_messages_lost %llu messages\n",
                kSessions, static_cast<unsigned long long>(totals.reports),
                static_cast<unsigned long long>(totals.lost));
}
