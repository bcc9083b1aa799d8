// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/program.h"

#include "lib/glib/source.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <pwd.h>
#include <set>
#include <unistd.h>

PANTO_COUNTED(GSubprocessLauncher, g_object_ref, g_object_unref)

namespace panto::system
{

namespace
{

constexpr size_t kMostOutput = 1 << 20;
constexpr size_t kBlock = 16 << 10;
constexpr int kFileAt = 3;
/// What it left running may hold its output open; what it said itself is here by then.
constexpr std::chrono::milliseconds kLastWords{200};

struct Person {
    uid_t uid;
    gid_t gid;
    std::string home, shell;
};

/// Whoever `user` is; nothing when it is as we are.
Result<std::optional<Person>> other_person(const std::string &user)
{
    if (user.empty() || geteuid() != 0)
        return std::optional<Person>{};
    const passwd *entry = getpwnam(user.c_str());
    if (!entry)
        return Error{Kind::NotFound, "there is no user " + user};
    return std::optional<Person>{
        Person{entry->pw_uid, entry->pw_gid, entry->pw_dir, entry->pw_shell}};
}

/// The words that run a program in a session of its own, as its user.
std::vector<std::string> session_of(const Program &program, const std::optional<Person> &person)
{
    std::vector<std::string> words{"setsid"};
    if (program.terminal)
        words.push_back("--ctty");
    if (person)
        words.insert(words.end(), {"setpriv", "--reuid=" + std::to_string(person->uid),
                                   "--regid=" + std::to_string(person->gid), "--init-groups"});
    words.insert(words.end(), program.arguments.begin(), program.arguments.end());
    return words;
}

std::vector<std::string> environment_of(const Program &program, const std::optional<Person> &person)
{
    const char *path = person ? nullptr : g_getenv("PATH"); // ours may lead where only we may go
    return {std::string{"PATH="} + (path ? path : "/usr/local/bin:/usr/bin:/bin"),
            std::string{"HOME="} + (person ? person->home : std::string{g_get_home_dir()}),
            std::string{"USER="} + (person ? program.user : std::string{g_get_user_name()}),
            "LANG=C.UTF-8", program.terminal ? "TERM=xterm-256color" : "TERM=dumb"};
}

/// The descriptors that it has beside its output.
void hand_over(const Program &program, GSubprocessLauncher *to)
{
    const auto copy = [](const Fd &fd) { return fcntl(fd.get(), F_DUPFD_CLOEXEC, kFileAt); };
    if (program.file)
        g_subprocess_launcher_take_fd(to, copy(*program.file), kFileAt);
    if (!program.terminal)
        return;
    g_subprocess_launcher_take_stdin_fd(to, copy(*program.terminal));
    g_subprocess_launcher_take_stdout_fd(to, copy(*program.terminal));
    g_subprocess_launcher_take_stderr_fd(to, copy(*program.terminal));
}

Result<Ref<GSubprocess>> launch(const Program &program, int flags)
{
    const std::string &name = program.arguments.front();
    const Owned<char, g_free> found{g_find_program_in_path(name.c_str())};
    if (!found && !name.starts_with("/proc/"))
        return Error{Kind::NotFound, "there is no program " + name};
    PANTO_TRY(person, other_person(program.user));
    const auto words = session_of(program, person);
    const auto environment = environment_of(program, person);
    const auto pointers = [](const std::vector<std::string> &texts) {
        std::vector<char *> out;
        for (const std::string &text : texts)
            out.push_back(const_cast<char *>(text.c_str()));
        out.push_back(nullptr);
        return out;
    };
    const auto launcher =
        Ref<GSubprocessLauncher>::adopt(g_subprocess_launcher_new(GSubprocessFlags(flags)));
    g_subprocess_launcher_set_environ(launcher.get(), pointers(environment).data());
    g_subprocess_launcher_set_cwd(launcher.get(), "/");
    hand_over(program, launcher.get());
    GError *raw = nullptr;
    auto made = Ref<GSubprocess>::adopt(
        g_subprocess_launcher_spawnv(launcher.get(), pointers(words).data(), &raw));
    const Owned<GError, g_error_free> error{raw};
    if (!made)
        return Error{Kind::Unavailable, "cannot run " + name + ": " + error->message};
    return made;
}

/// The groups of programs that are not to outlive this process.
struct Groups {
    ~Groups()
    {
        for (const pid_t group : all)
            kill(-group, SIGKILL);
    }
    std::set<pid_t> all;
};

Groups &groups()
{
    static Groups those;
    return those;
}

/// One program on its way to its end; kept by its callbacks.
class Running : public std::enable_shared_from_this<Running>
{
public:
    Running(const Program &program, Ref<GSubprocess> process, Done<Ended> done)
        : name_{program.arguments.front()}, process_{std::move(process)}, done_{std::move(done)},
          cancel_{Ref<GCancellable>::adopt(g_cancellable_new())}
    {
        const char *id = g_subprocess_get_identifier(process_.get());
        group_ = id ? pid_t(std::atoi(id)) : 0;
        if (program.ends_with_us && group_ > 0)
            groups().all.insert(group_);
    }

    void begin(std::chrono::milliseconds longest)
    {
        deadline_ =
            after(longest, [self = shared_from_this(), longest] { self->give_up(longest); });
        g_subprocess_wait_async(process_.get(), nullptr, exited, keep());
        read();
    }

private:
    using Kept = std::shared_ptr<Running>;
    Kept *keep() { return new Kept{shared_from_this()}; }
    static Kept release(gpointer data)
    {
        const std::unique_ptr<Kept> kept{static_cast<Kept *>(data)};
        return *kept;
    }

    void read()
    {
        g_input_stream_read_bytes_async(g_subprocess_get_stdout_pipe(process_.get()), kBlock,
                                        G_PRIORITY_DEFAULT, cancel_.get(), said, keep());
    }
    static void said(GObject *stream, GAsyncResult *result, gpointer data)
    {
        const Kept self = release(data);
        GBytes *bytes = g_input_stream_read_bytes_finish(G_INPUT_STREAM(stream), result, nullptr);
        const size_t size = bytes ? g_bytes_get_size(bytes) : 0;
        if (size > 0) {
            const auto *text = static_cast<const char *>(g_bytes_get_data(bytes, nullptr));
            std::string &out = self->ended_.output;
            out.append(text, std::min(size, kMostOutput - std::min(out.size(), kMostOutput)));
        }
        g_clear_pointer(&bytes, g_bytes_unref);
        if (size > 0)
            return self->read();
        self->silent_ = true;
        self->finish();
    }
    static void exited(GObject *process, GAsyncResult *result, gpointer data)
    {
        const Kept self = release(data);
        (void)g_subprocess_wait_finish(G_SUBPROCESS(process), result, nullptr);
        if (g_subprocess_get_if_exited(G_SUBPROCESS(process)))
            self->ended_.status = g_subprocess_get_exit_status(G_SUBPROCESS(process));
        self->exited_ = true;
        groups().all.erase(self->group_);
        self->last_words_ =
            after(kLastWords, [kept = self] { g_cancellable_cancel(kept->cancel_.get()); });
        self->finish();
    }
    void give_up(std::chrono::milliseconds longest)
    {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest).count();
        failed_ = Error{Kind::Timeout, name_ + " took longer than " + std::to_string(seconds) +
                                           " s and was killed"};
        if (!exited_ && group_ > 0)
            kill(-group_, SIGKILL);
        g_cancellable_cancel(cancel_.get());
    }
    void finish()
    {
        if (!exited_ || !silent_)
            return;
        deadline_ = {};
        last_words_ = {};
        if (auto done = std::exchange(done_, nullptr))
            done(failed_ ? Result<Ended>{std::move(ended_)} : std::move(failed_.error()));
    }

    std::string name_;
    Ref<GSubprocess> process_;
    Done<Ended> done_;
    Ref<GCancellable> cancel_;
    pid_t group_ = 0;
    Ended ended_;
    Result<> failed_ = ok;
    bool exited_ = false, silent_ = false;
    Source deadline_, last_words_;
};

} // namespace

void run(const Program &program, Done<Ended> done)
{
    auto process = launch(program, G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                       (program.with_errors ? G_SUBPROCESS_FLAGS_STDERR_MERGE
                                                            : G_SUBPROCESS_FLAGS_STDERR_SILENCE));
    if (!process)
        return done(std::move(process.error()));
    std::make_shared<Running>(program, std::move(*process), std::move(done))
        ->begin(program.longest);
}

Result<Ref<GSubprocess>> spawn(const Program &program)
{
    return launch(program, program.terminal ? G_SUBPROCESS_FLAGS_NONE
                                            : G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
                                                  G_SUBPROCESS_FLAGS_STDERR_SILENCE);
}

void run_well(const Program &program, Done<std::string> done)
{
    Program all = program;
    all.with_errors = true;
    run(all, [name = program.arguments.front(), done = std::move(done)](Result<Ended> ended) {
        if (!ended)
            return done(std::move(ended.error()));
        if (ended->status == 0)
            return done(std::move(ended->output));
        std::string said = ended->output.substr(0, 400);
        while (!said.empty() && g_ascii_isspace(said.back()))
            said.pop_back();
        done(Error{Kind::Internal, name + (said.empty() ? " failed" : ": " + said), ended->status});
    });
}

} // namespace panto::system
