// One call fails, wherever in the program it stands: a write, a sync, a rename, an opening, a
// closing, a piece of memory. Whatever it is, the program answers with 0 only where its results are
// whole, otherwise with 1 or 2 and a reason, and never leaves half a file under a final name.
//
// SYNFIRE_FAULTS=all tries every call and place in the place of a choice.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "support/environment.hpp"
#include "support/saved_file.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// Runs the program in a folder; the exit status, or 1000 + the signal that ended it.
int call(const std::string& folder, std::vector<std::string> arguments,
         const std::vector<std::string>& environment) {
    std::vector<std::string> with = environment;
    for (char** e = environ; *e; ++e) with.emplace_back(*e);
    arguments.insert(arguments.begin(), SYNFIRE_PROGRAM);
    std::vector<char*> argv, envp;
    for (std::string& a : arguments) argv.push_back(a.data());
    for (std::string& e : with) envp.push_back(e.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    posix_spawn_file_actions_t streams;
    posix_spawn_file_actions_init(&streams);
    posix_spawn_file_actions_addchdir_np(&streams, folder.c_str());
    posix_spawn_file_actions_addopen(&streams, 1, "stdout", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_addopen(&streams, 2, "stderr", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    pid_t child = 0;
    const int error =
        posix_spawn(&child, SYNFIRE_PROGRAM, &streams, nullptr, argv.data(), envp.data());
    posix_spawn_file_actions_destroy(&streams);
    if (error) return -1;
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

// A command, a folder that it begins in, and what is wrong with what it leaves ("" where nothing
// is). clean: the folder after a run without faults.
struct Scenario {
    std::string name;
    std::vector<std::string> arguments;
    std::string start;
    std::string (*wrong)(const fs::path& folder, const fs::path& clean, bool done);
};

std::string copy_of(const std::string& folder) {
    static std::mutex one_at_a_time;
    const std::scoped_lock lock(one_at_a_time);
    std::string copy = scratch_folder();
    fs::copy(folder, copy, fs::copy_options::recursive);
    return copy;
}

std::string shared_checks(const fs::path& folder) {
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.path().extension() == ".tmp") return entry.path().string() + " is left";
    return "";
}

std::string wrong_csv(const fs::path& folder, const fs::path& clean, bool done) {
    for (const char* name : {"spikes-in.csv", "spikes-n.csv", "state-n-V_m.csv"}) {
        const std::string got = content(folder / "out" / name);
        const std::string wanted = content(clean / "out" / name);
        if (done ? got != wanted : !wanted.starts_with(got)) return fmt::format("{} differs", name);
        if (!got.empty() && got.back() != '\n') return fmt::format("{} ends in half a line", name);
    }
    return "";
}

std::string wrong_hdf5(const fs::path& folder, const fs::path& clean, bool done) {
    const std::string got = folder / "out/record.h5";
    if (!done && !fs::exists(got)) return "";
    try {
        const SavedFile file = SavedFile::open(got),
                        whole = SavedFile::open(clean / "out/record.h5");
        std::size_t rows = 0;
        for (const char* name : {"/spikes/in/tick", "/spikes/in/neuron", "/spikes/n/tick",
                                 "/spikes/n/neuron", "/state/n/V_m/tick", "/state/n/V_m/values"}) {
            const auto a = file.read<double>(name), b = whole.read<double>(name);
            const bool begins = a.size() <= b.size() && std::equal(a.begin(), a.end(), b.begin());
            if (!begins || (done && a.size() != b.size())) return fmt::format("{} differs", name);
            if (std::string(name).ends_with("neuron") && rows != a.size())
                return fmt::format("{} is not as long as its ticks", name);
            rows = a.size();
        }
    } catch (const std::exception& error) {
        return error.what();
    }
    return "";
}

std::vector<double> recorded_weights(const fs::path& folder) {
    return SavedFile::open(folder / "weights.h5").read<double>("/weights/hidden->out/values");
}

std::string wrong_training(const fs::path& folder, const fs::path& clean, bool done) {
    const fs::path out = folder / "out";
    for (const char* name : {"experiment.json", "summary.json"})
        if (fs::exists(out / name) && !json::accept(content(out / name)))
            return fmt::format("{} is no JSON", name);
    if (const std::string curves = content(out / "curves.csv");
        !curves.empty() && !content(clean / "out/curves.csv").empty() && curves.back() != '\n')
        return "curves.csv ends in half a line";
    if (done) {
        const json a = json::parse(content(out / "summary.json"));
        const json b = json::parse(content(clean / "out/summary.json"));
        if (a.at("fingerprint") != b.at("fingerprint")) return "the weights differ";
        if (recorded_weights(out) != recorded_weights(clean / "out"))
            return "the weights that were recorded differ";
    }
    std::vector<std::string> eval = {"eval",      "e.json", "--checkpoint", "out/checkpoint.h5",
                                     "--threads", "1"};
    if (fs::exists(folder / "data")) eval.insert(eval.end(), {"--data", "data"});
    const int status = call(folder, eval, {"XDG_CACHE_HOME=" + (clean / "cache").string()});
    return status == 0 ? "" : "the checkpoint cannot be read: " + content(folder / "stderr");
}

// The folder of a new plugin is there with all of its files, or not at all; an error after the last
// step leaves it whole.
std::string wrong_project(const fs::path& folder, const fs::path& clean, bool done) {
    if (!done && !fs::exists(folder / "cell")) return "";
    for (const auto& entry : fs::directory_iterator(clean / "cell"))
        if (content(folder / "cell" / entry.path().filename()) != content(entry.path()))
            return entry.path().filename().string() + " differs";
    return "";
}

constexpr const char* simulated = R"({"name": "faults", "network": {"dt_ms": 0.5,
  "populations": [{"name": "in", "size": 40, "neuron": "poisson", "parameters": {"rate_hz": 300}},
                  {"name": "n", "size": 30, "neuron": "iaf_psc_exp"}],
  "projections": [{"source": "in", "target": "n", "topology": "sparse", "in_degree": 10,
                   "delay_ticks": 1, "weights": {"distribution": "constant", "value": 300}}]},
  "record": {"format": "FORMAT", "spikes": ["in", "n"],
             "state": [{"population": "n", "variable": "V_m"}]}})";

constexpr const char* trained = R"({"network": {"dt_ms": 10, "populations": [
   {"name": "in", "shape": [2, 8, 8], "neuron": "input"},
   {"name": "hidden", "size": 8, "neuron": "lif"},
   {"name": "out", "size": 11, "neuron": "leaky_readout"}],
  "projections": [{"source": "in", "target": "hidden"}, {"source": "hidden", "target": "out"}]},
 "input": {"format": "gestures", "population": "in", "ticks": 5, "train": 22, "test": 11,
           "duration_ms": 50},
 "record": {"weights": [{"projection": "hidden->out", "every_epochs": 1}]},
 "training": {"rule": "stllr", "readout": "out", "epochs": 1, "batch": 11}})";

Scenario simulation(const char* format) {
    Scenario s;
    s.name = fmt::format("run, {}", format);
    s.arguments = {"run", "e.json", "--ticks", "2000", "--out", "out", "--threads", "1"};
    s.start = scratch_folder();
    std::string text = simulated;
    text.replace(text.find("FORMAT"), 6, format);
    std::ofstream(s.start + "/e.json") << text;
    s.wrong = std::string(format) == "csv" ? &wrong_csv : &wrong_hdf5;
    return s;
}

// The training goes on from a checkpoint, which has to outlive whatever happens.
Scenario training(bool cold_cache) {
    Scenario s;
    s.name = cold_cache ? "train, recordings are made" : "train";
    s.arguments = {"train",  "e.json", "--out",    "out",       "--epochs", "2",
                   "--seed", "3",      "--resume", "--threads", "1"};
    s.start = scratch_folder();
    std::ofstream(s.start + "/e.json") << trained;
    REQUIRE(call(s.start, {"train", "e.json", "--out", "out", "--seed", "3", "--threads", "1"},
                 {"XDG_CACHE_HOME=" + s.start + "/cache"}) == 0);
    if (cold_cache) fs::remove_all(s.start + "/cache");
    s.wrong = &wrong_training;
    return s;
}

// A camera's recordings, whose events in ticks go to the cache and are read from there.
Scenario training_on_recordings() {
    Scenario s;
    s.name = "train, recordings of a camera";
    s.arguments = {"train", "e.json", "--out", "out",      "--epochs",  "2", "--data",
                   "data",  "--seed", "3",     "--resume", "--threads", "1"};
    s.start = scratch_folder();
    std::string text = trained;
    text.replace(text.find("gestures"), 8, "event_folders");
    const std::size_t begin = text.find(", \"train\": 22");
    text.erase(begin, text.find("}", begin) - begin);
    std::ofstream(s.start + "/e.json") << text;
    for (const char* split : {"train", "test"})
        for (const char* label : {"left", "right"})
            for (int k = 0; k < 3; ++k) {
                const fs::path folder = fs::path(s.start) / "data" / split / label;
                fs::create_directories(folder);
                std::ofstream recording(folder / fmt::format("{}.txt", k));
                for (int e = 0; e < 40; ++e)
                    recording << fmt::format("{} {} {} {}\n", 1000 * e, (e * 7 + k) % 8,
                                             *label == 'l' ? e % 4 : 4 + e % 4, e % 2);
            }
    REQUIRE(
        call(s.start,
             {"train", "e.json", "--out", "out", "--data", "data", "--seed", "3", "--threads", "1"},
             {"XDG_CACHE_HOME=" + s.start + "/cache"}) == 0);
    fs::remove_all(s.start + "/cache");
    s.wrong = &wrong_training;
    return s;
}

// Recordings that are made with targets beside their events, which go to the cache.
Scenario training_on_scenes() {
    Scenario s;
    s.name = "train, scenes that move";
    s.arguments = {"train",  "e.json", "--out",    "out",       "--epochs", "2",
                   "--seed", "3",      "--resume", "--threads", "1"};
    s.start = scratch_folder();
    std::ofstream(s.start + "/e.json") << R"({"network": {"dt_ms": 10, "populations": [
   {"name": "in", "shape": [2, 16, 16], "neuron": "input"},
   {"name": "hidden", "shape": [2, 16, 16], "neuron": "lif"},
   {"name": "out", "shape": [2, 16, 16], "neuron": "leaky_readout"}],
  "projections": [{"source": "in", "target": "hidden", "topology": "conv2d", "kernel": 3, "padding": 1},
                  {"source": "hidden", "target": "out", "topology": "conv2d", "kernel": 3, "padding": 1}]},
 "input": {"format": "moving_scenes", "population": "in", "ticks": 5, "train": 12, "test": 5},
 "record": {"weights": [{"projection": "hidden->out", "every_epochs": 1}]},
 "training": {"rule": "stllr", "readout": "out", "loss": "endpoint_error", "epochs": 1, "batch": 4}})";
    REQUIRE(call(s.start, {"train", "e.json", "--out", "out", "--seed", "3", "--threads", "1"},
                 {"XDG_CACHE_HOME=" + s.start + "/cache"}) == 0);
    fs::remove_all(s.start + "/cache");
    s.wrong = &wrong_training;
    return s;
}

Scenario new_plugin() {
    Scenario s;
    s.name = "plugin new";
    s.start = scratch_folder();
    s.arguments = {"plugin", "new", "neuron", "cell"};
    s.wrong = &wrong_project;
    return s;
}

struct Fault {
    std::string kind;
    long at;
    bool lasts;
};

std::vector<std::string> environment_of(const Fault& fault, const std::string& folder) {
    std::vector<std::string> e = {"LD_PRELOAD=" SYNFIRE_INJECTOR, "FAULT_KIND=" + fault.kind,
                                  fmt::format("FAULT_AT={}", fault.at),
                                  "FAULT_COUNT=" + folder + "/count",
                                  "XDG_CACHE_HOME=" + folder + "/cache"};
    if (fault.lasts) e.emplace_back("FAULT_LASTS=1");
    return e;
}

std::string complaint(const Scenario& s, const Fault& fault, const std::string& clean) {
    const std::string folder = copy_of(s.start);
    const int status = call(folder, s.arguments, environment_of(fault, folder));
    const std::string words = content(folder + "/stderr");
    std::string wrong;
    if (status < 0 || status > 2)
        wrong = fmt::format("exit status {}", status);
    else if (status != 0 && words.find("error: ") == words.npos)
        wrong = "no reason is given";
    // Where a disk takes nothing any more, HDF5 can stop between two of its own records.
    const bool said = fault.lasts && words.find("the file may be damaged") != words.npos;
    if (wrong.empty() && !said) wrong = s.wrong(folder, clean, status == 0);
    if (wrong.empty()) wrong = shared_checks(folder);
    fs::remove_all(folder);
    if (wrong.empty()) return "";
    return fmt::format("{}, {} {}{}: {} (exit {}, {})", s.name, fault.kind, fault.at,
                       fault.lasts ? " and later" : "", wrong, status, words);
}

}  // namespace

TEST_CASE("whatever fails, results are whole or the program says why") {
    const char* choice = std::getenv("SYNFIRE_FAULTS");
    const bool all = choice && std::string(choice) == "all";
    for (const Scenario& s :
         {simulation("csv"), simulation("hdf5"), training(false), training(true),
          training_on_recordings(), training_on_scenes(), new_plugin()}) {
        std::vector<Fault> faults;
        std::string clean;
        for (const char* kind : {"write", "sync", "rename", "open", "close", "room", "new"}) {
            clean = copy_of(s.start);
            const int status = call(clean, s.arguments, environment_of({kind, 0, false}, clean));
            CAPTURE(content(clean + "/stderr"));
            REQUIRE(status == 0);
            const long count = std::stol(content(clean + "/count"));
            const std::string k = kind;
            const long most = k == "new" ? 12 : 6;
            const long step = all ? 1 : std::max(1L, count / most);
            for (long at = 1; at <= count; at += step) faults.push_back({k, at, false});
            if (k == "write" || k == "room")
                for (long at = 1; at <= count; at += 2 * step) faults.push_back({k, at, true});
        }
        std::atomic<std::size_t> next{0};
        std::mutex telling;
        std::vector<std::string> complaints;
        auto work = [&] {
            for (std::size_t k = next++; k < faults.size(); k = next++)
                if (std::string c = complaint(s, faults[k], clean); !c.empty()) {
                    const std::scoped_lock lock(telling);
                    complaints.push_back(std::move(c));
                }
        };
        std::vector<std::thread> workers;
        for (unsigned k = 0; k < std::max(1u, std::thread::hardware_concurrency()); ++k)
            workers.emplace_back(work);
        for (std::thread& worker : workers) worker.join();
        CHECK(faults.size() > 20);
        for (const std::string& c : complaints) FAIL_CHECK(c);
    }
}
