// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/mpp/context.h"

#include <chrono>
#include <utility>

namespace panto::mpp
{

using standin::fatal;
using standin::live;
using standin::log;
using std::chrono::milliseconds;

namespace
{

constexpr milliseconds kFullWait{10};

/// Frames that may be put and not got: the chip's tasks and two more.
int depth_of(Coding coding)
{
    return (coding == Coding::Mjpeg ? 4 : 2) + 2;
}

/// The library reads 32 bits of what is given as 64.
int timeout_of(const void *parameter)
{
    return *static_cast<const int *>(parameter);
}

} // namespace

Context::Context() : knobs_{standin::Knobs::read()} {}

Context::~Context()
{
    {
        const std::lock_guard hold{lock_};
        stopping_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable())
        thread_.join();
    if (stalled_)
        packets_.push_back(stalled_);
    for (const auto &job : jobs_)
        if (async_)
            delete job->frame;
    for (Packet *const packet : packets_) {
        if (const auto frame =
                packet->meta ? packet->meta->take<Frame *>(MetaKey::InputFrame) : std::nullopt)
            delete *frame;
        delete packet;
    }
}

Ret Context::init(CtxType type, Coding coding)
{
    log("init type=%d coding=0x%x", int(type), unsigned(coding));
    // As a chip that has no encoder for it.
    if (thread_.joinable() || type != CtxType::Encoder ||
        (coding != Coding::Avc && coding != Coding::Mjpeg))
        return Ret::Nok;
    if (knobs_.init != Ret::Ok)
        return knobs_.init;
    coding_ = coding;
    chip_ = std::make_unique<standin::Chip>(knobs_, coding);
    thread_ = std::thread{[this] { work(); }};
    return Ret::Ok;
}

Ret Context::control(Command command, void *parameter)
{
    if (command == Command::SetInputTimeout || command == Command::SetOutputTimeout) {
        if (!parameter)
            return Ret::NullPointer;
        const std::lock_guard hold{lock_};
        const bool input = command == Command::SetInputTimeout;
        log("control %s %d", input ? "SET_INPUT_TIMEOUT" : "SET_OUTPUT_TIMEOUT",
            timeout_of(parameter));
        if (!input)
            output_timeout_ms_ = timeout_of(parameter);
        else if (!thread_.joinable())
            async_ = timeout_of(parameter) == int(Poll::NonBlock);
        return Ret::Ok;
    }
    if (!thread_.joinable())
        fatal("control", "an encoder's command before mpp_init");
    std::unique_lock hold{lock_};
    const auto job = std::make_shared<Job>(
        Job{.what = Job::What::Control, .command = command, .parameter = parameter});
    wait_for(job, hold);
    return job->ret;
}

void Context::wait_for(const std::shared_ptr<Job> &job, std::unique_lock<std::mutex> &hold)
{
    jobs_.push_back(job);
    changed_.notify_all();
    changed_.wait(hold, [&] { return job->done; });
}

void Context::note_producer(const char *caller)
{
    const auto now = std::this_thread::get_id();
    if (producer_.value_or(now) != now)
        fatal(caller, "called from a second thread");
    producer_ = now;
}

bool Context::may_put(std::unique_lock<std::mutex> &hold)
{
    if (knobs_.put_busy_every > 0 && ++puts_ % knobs_.put_busy_every == 0)
        return false;
    return !async_ ||
           changed_.wait_for(hold, kFullWait, [this] { return in_flight_ < depth_of(coding_); });
}

Ret Context::put(Frame *frame)
{
    Frame &f = live(frame, "encode_put_frame");
    if (!thread_.joinable())
        fatal("encode_put_frame", "before mpp_init");
    if (!f.buffer && !f.eos)
        return Ret::NullPointer;
    std::unique_lock hold{lock_};
    note_producer("encode_put_frame");
    if (!may_put(hold)) {
        log("put pts=%lld = -1", (long long)f.pts);
        return Ret::Nok;
    }
    log("put pts=%lld%s", (long long)f.pts, f.eos ? " eos" : "");
    if (stalled_)
        packets_.push_back(std::exchange(stalled_, nullptr));
    several_ = ++in_flight_ > 1;
    const auto job = std::make_shared<Job>(Job{.what = Job::What::Code, .frame = &f});
    if (!async_) {
        wait_for(job, hold);
        return Ret::Ok;
    }
    jobs_.push_back(job);
    changed_.notify_all();
    return Ret::Ok;
}

bool Context::wait_for_packet(int timeout_ms, std::unique_lock<std::mutex> &hold)
{
    const auto there = [this] { return !packets_.empty(); };
    if (timeout_ms >= 0)
        return changed_.wait_for(hold, milliseconds{timeout_ms}, there);
    changed_.wait(hold, there);
    return true;
}

Ret Context::get(Packet **packet)
{
    if (!packet)
        return Ret::NullPointer;
    if (*packet)
        fatal("encode_get_packet", "the pointer is not null before, and stays what it was where "
                                   "there is no packet");
    std::unique_lock hold{lock_};
    if (!wait_for_packet(output_timeout_ms_, hold))
        return async_ ? Ret::Timeout : Ret::Ok;
    *packet = packets_.front();
    packets_.pop_front();
    --in_flight_;
    changed_.notify_all();
    log("get pts=%lld length=%zu%s", (long long)(*packet)->pts, (*packet)->length,
        (*packet)->eos ? " eos" : "");
    return Ret::Ok;
}

Ret Context::poll(Port port, Poll timeout)
{
    std::unique_lock hold{lock_};
    return port == Port::Input || wait_for_packet(int(timeout), hold) ? Ret::Ok : Ret::Timeout;
}

Ret Context::reset()
{
    log("reset");
    if (!thread_.joinable())
        return Ret::Ok;
    std::unique_lock hold{lock_};
    producer_.reset();
    for (const auto &job : std::exchange(jobs_, {})) {
        if (job->what != Job::What::Code) {
            jobs_.push_back(job);
            continue;
        }
        auto *const empty = new Packet{size_t{0}};
        empty->pts = job->frame->pts;
        empty->notes().set(MetaKey::InputFrame, job->frame);
        packets_.push_back(empty);
    }
    wait_for(std::make_shared<Job>(Job{.what = Job::What::Reset}), hold);
    return Ret::Ok;
}

void Context::work()
{
    std::unique_lock hold{lock_};
    for (;;) {
        changed_.wait(hold, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_)
            return;
        const auto job = jobs_.front();
        jobs_.pop_front();
        hold.unlock();
        if (job->what == Job::What::Control)
            job->ret = chip_->control(job->command, job->parameter);
        else if (job->what == Job::What::Reset)
            chip_->reset();
        else
            code(*job);
        hold.lock();
        job->done = true;
        changed_.notify_all();
    }
}

void Context::code(Job &job)
{
    const bool dropped = std::exchange(drop_next_, false);
    const auto done =
        dropped ? standin::Chip::Done{new Packet{size_t{0}}, false} : chip_->code(*job.frame);
    done.packet->pts = job.frame->pts;
    const std::lock_guard hold{lock_};
    // The frame of one that failed is not handed back, which its owner has to know.
    if (async_ && !done.failed)
        done.packet->notes().set(MetaKey::InputFrame, job.frame);
    if (async_ && done.failed && !jobs_.empty())
        drop_next_ = true;
    const bool stalls = knobs_.stall && async_ && coding_ == Coding::Mjpeg && several_;
    if (stalls && jobs_.empty())
        stalled_ = done.packet;
    else
        packets_.push_back(done.packet);
}

} // namespace panto::mpp
