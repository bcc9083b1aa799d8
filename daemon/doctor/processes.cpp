// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/doctor/processes.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace panto::doctor
{

namespace
{

namespace fs = std::filesystem;

constexpr char kListening[] = "0A"; // Source: TCP_LISTEN, include/net/tcp_states.h

std::vector<Holder> holders_of_any(const std::set<std::string> &targets)
{
    std::vector<Holder> found;
    std::error_code ignored; // processes come and go, and not all are ours to look into
    for (const auto &process : fs::directory_iterator{"/proc", ignored}) {
        const std::string pid = process.path().filename();
        if (pid.find_first_not_of("0123456789") != std::string::npos)
            continue;
        for (fs::directory_iterator i{process.path() / "fd", ignored}, end; !ignored && i != end;
             i.increment(ignored)) {
            if (!targets.contains(fs::read_symlink(i->path(), ignored)))
                continue;
            std::string name;
            std::getline(std::ifstream{process.path() / "comm"}, name);
            found.push_back({std::stoi(pid), name});
            break;
        }
        ignored.clear();
    }
    return found;
}

/// The sockets of one /proc/net/tcp that listen on the port, as their links read.
void add_listening(const char *table, unsigned port, std::set<std::string> &to)
{
    std::ifstream lines{table};
    std::string line;
    std::getline(lines, line); // the headings
    while (std::getline(lines, line)) {
        std::istringstream words{line};
        std::string slot, local, remote, state, queues, timer, retransmits, user, timeout, inode;
        words >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
            timeout >> inode;
        const auto colon = local.find(':');
        if (state == kListening && colon != std::string::npos &&
            std::stoul(local.substr(colon + 1), nullptr, 16) == port)
            to.insert("socket:[" + inode + "]");
    }
}

} // namespace

std::vector<Holder> holders_of(const std::string &target)
{
    return holders_of_any({target});
}

std::vector<Holder> listeners_on(unsigned port)
{
    std::set<std::string> sockets;
    add_listening("/proc/net/tcp", port, sockets);
    add_listening("/proc/net/tcp6", port, sockets);
    return sockets.empty() ? std::vector<Holder>{} : holders_of_any(sockets);
}

std::string text_of(const std::vector<Holder> &holders)
{
    std::string out;
    for (size_t i = 0; i < holders.size(); ++i) {
        out += i == 0 ? "" : i + 1 < holders.size() ? ", " : " and ";
        out += holders[i].name + " (pid " + std::to_string(holders[i].pid) + ")";
    }
    return out;
}

} // namespace panto::doctor
