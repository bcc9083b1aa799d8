// SPDX-License-Identifier: LGPL-2.1-or-later
/// A context: the queue between one producer and the library's thread, which codes frames and
/// serves controls in the order in which they came.
///
/// In synchronous mode a put returns when its frame is coded, and the frame stays its caller's; in
/// asynchronous mode, which a timeout of 0 before mpp_init chooses, the frame belongs to the
/// library and comes back with its packet.
///
/// Threads  put, get and reset from one at a time; control from any
#pragma once

#include "tests/fakes/mpp/chip.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace panto::mpp
{

struct Context : standin::Live<standin::Kind::Context> {
    Context();
    /// Ends what runs; waits for ever where that hangs.
    ~Context();

    Api *api() const;
    Ret init(CtxType type, Coding coding);
    Ret control(Command command, void *parameter);
    Ret put(Frame *frame);
    Ret get(Packet **packet);
    Ret poll(Port port, Poll timeout);
    Ret reset();

private:
    struct Job {
        enum class What { Code, Control, Reset } what;
        Frame *frame = nullptr;
        Command command = {};
        void *parameter = nullptr;
        Ret ret = Ret::Ok;
        bool done = false;
    };

    void work();
    void code(Job &job);
    void wait_for(const std::shared_ptr<Job> &job, std::unique_lock<std::mutex> &hold);
    bool wait_for_packet(int timeout_ms, std::unique_lock<std::mutex> &hold);
    bool may_put(std::unique_lock<std::mutex> &hold);
    void note_producer(const char *caller);

    const standin::Knobs knobs_;
    Coding coding_ = {};
    bool async_ = false;                  // fixed by init, as coding_ is
    std::unique_ptr<standin::Chip> chip_; // the thread's, once it runs

    std::mutex lock_;
    std::condition_variable changed_;
    std::deque<std::shared_ptr<Job>> jobs_;
    std::deque<Packet *> packets_;
    Packet *stalled_ = nullptr;
    int in_flight_ = 0;    // put, and not got
    bool several_ = false; // of them there were several at the last put
    bool drop_next_ = false;
    bool stopping_ = false;
    int output_timeout_ms_ = -1;
    int64_t puts_ = 0;
    std::optional<std::thread::id> producer_;
    std::thread thread_;
};

} // namespace panto::mpp
