#include "conformance/suite.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/guarded_process.hpp"
#include "base/problem.hpp"
#include "conformance/guarded_array.hpp"
#include "conformance/library.hpp"
#include "conformance/subject.hpp"
#include "plugins/probe.hpp"

namespace synfire::conformance {
namespace {

using json = nlohmann::json;

void send_json(int socket, const json& answer) {
    const std::string text = answer.dump(-1, ' ', false, json::error_handler_t::replace);
    const std::uint64_t size = text.size();
    send_or_exit(socket, std::as_bytes(std::span(&size, 1)));
    send_or_exit(socket, std::as_bytes(std::span(text)));
}

json receive_json(GuardedProcess& process) {
    std::uint64_t size = 0;
    process.receive(std::as_writable_bytes(std::span(&size, 1)));
    std::string text(size, ' ');
    process.receive(std::as_writable_bytes(std::span(text)));
    return json::parse(text);
}

// An exception that meets a function which lets none out ends here.
[[noreturn]] void say_terminate() {
    std::string words = "it calls std::terminate, as an exception does that nothing catches";
    if (const std::exception_ptr thrown = std::current_exception()) try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
            words += fmt::format(" ({})", error.what());
        } catch (...) {
        }
    if (Scene::current()) Scene::current()->say(words.c_str());
    std::abort();
}

// What a check's process does: body answers with an object.
void serve(int socket, const std::function<json()>& body) {
    explain_memory_faults();
    std::set_terminate(&say_terminate);
    json answer = json::object();
    try {
        answer = body();
        answer["verdict"] = "passed";
    } catch (const NotAsked& none) {
        answer = {{"verdict", "skipped"}, {"words", none.what()}};
    } catch (const Fault& fault) {
        answer = {{"verdict", "failed"}, {"words", fault.what()}};
    } catch (const std::bad_alloc&) {
        answer = {{"verdict", "failed"}, {"words", "it takes more memory than a check has"}};
    } catch (const std::exception& error) {
        answer = {{"verdict", "failed"},
                  {"words", fmt::format("the check could not be made: {}", error.what())}};
    }
    send_json(socket, answer);
    // Without the plugin's destructors, and without what this process copied from its parent.
    _exit(0);
}

// What stands in the scene of a process that has ended before it had answered.
std::string words_of_end(const Scene& scene, const ProcessLost& lost) {
    std::string words = scene.words();
    const std::string how = lost.what();
    if (words.empty() && how.starts_with("ended with signal"))
        words = "it crashes";
    else if (words.empty() && how.starts_with("ended"))
        words = "it ends the process";
    else if (words.empty())
        words = "it";
    std::string text = words == "it" ? "it " + how : fmt::format("{}: the process {}", words, how);
    if (!scene.call().empty()) text += fmt::format(", in '{}'", scene.call());
    if (!scene.values().empty()) text += fmt::format(", with {}", scene.values());
    return text;
}

class Suite {
  public:
    Suite(const std::filesystem::path& file, const std::vector<std::filesystem::path>& shipped,
          const Limits& limits, const std::function<void(const Outcome&)>& show)
        : file_(file), shipped_(shipped), limits_(limits), show_(show) {}

    std::vector<Outcome> run() {
        if (const auto reason = refusal_before_loading(file_)) {
            add({"", "", "file", file_promise, Verdict::failed, *reason, {}});
            return std::move(outcomes_);
        }
        add({"", "", "file", file_promise, Verdict::passed, "", {}});
        json models = json::array();
        const bool loaded = in_process(
            {"", "", "load", load_promise, {}, "", {}},
            [&] {
                json list = json::array();
                for (const Table& model : load_models(file_)) {
                    const synfire_description& d = description_of(model);
                    list.push_back({{"kind", kind_of(model)}, {"id", d.id ? d.id : ""}});
                }
                return json{{"models", list}};
            },
            &models);
        if (loaded)
            for (std::size_t k = 0; k < models.size(); ++k)
                check_model(k, models[k].at("kind"), models[k].at("id"));
        return std::move(outcomes_);
    }

  private:
    static constexpr const char* file_promise =
        "it is a shared object with the entry of a plugin for this program";
    static constexpr const char* load_promise =
        "it can be loaded, and its tables can be read by this host";

    void add(Outcome outcome) {
        show_(outcome);
        outcomes_.push_back(std::move(outcome));
    }

    // Whether it has passed.
    bool in_process(Outcome outcome, const std::function<json()>& body, json* models = nullptr) {
        scene_.clear();
        GuardedProcess process([&](int socket) { serve(socket, body); },
                               {.memory_bytes = std::uint64_t{4} << 30,
                                .busy_s = limits_.busy_s,
                                .quiet_s = 2 * limits_.busy_s});
        try {
            const json answer = receive_json(process);
            const std::string verdict = answer.at("verdict");
            outcome.verdict = verdict == "passed"    ? Verdict::passed
                              : verdict == "skipped" ? Verdict::skipped
                                                     : Verdict::failed;
            outcome.words = answer.value("words", "");
            for (const json& one : answer.value("measured", json::array()))
                outcome.measured.emplace_back(one[0].get<std::string>(), one[1].get<double>());
            if (models && answer.contains("models")) *models = answer.at("models");
        } catch (const ProcessLost& lost) {
            outcome.verdict = Verdict::failed;
            outcome.words = words_of_end(scene_, lost);
            endless_ = !std::string_view(lost.what()).starts_with("ended");
        }
        add(outcome);
        return outcomes_.back().verdict == Verdict::passed;
    }

    std::vector<Check> checks_of(std::size_t model, const std::string& kind) {
        std::vector<Check> all;
        const auto append = [&](std::span<const Check> some) {
            all.insert(all.end(), some.begin(), some.end());
        };
        append(common_checks());
        if (kind == "neuron") {
            append(neuron_checks());
            append(silence_checks());
            append(adjoint_checks());
        } else if (kind == "rule") {
            append(writes_weights(model) ? weight_rule_checks() : gradient_rule_checks());
        } else {
            append(kind == "release" ? release_checks() : loss_checks());
        }
        return all;
    }
    // Found out in a process, too.
    bool writes_weights(std::size_t model) {
        GuardedProcess process(
            [&](int socket) {
                serve(socket, [&] {
                    const Table table = load_models(file_).at(model);
                    const auto* const rule = std::get<const synfire_rule*>(table);
                    return json{{"writes", bool(rule->flags & SYNFIRE_RULE_WRITES_WEIGHTS)}};
                });
            },
            {.busy_s = limits_.busy_s});
        try {
            return receive_json(process).value("writes", false);
        } catch (const ProcessLost&) {
            return false;
        }
    }

    void check_model(std::size_t model, const std::string& kind, const std::string& id) {
        std::string hopeless;  // why the rest is not worth a try
        for (const Check& check : checks_of(model, kind)) {
            Outcome outcome{kind, id, check.name, check.promise, Verdict::skipped, hopeless, {}};
            if (!hopeless.empty()) {
                add(outcome);
                continue;
            }
            endless_ = false;
            const bool fine = in_process(outcome, [&] {
                Subject subject(load_models(file_).at(model), file_, shipped_);
                check.run(subject);
                return json{{"measured", subject.measured()}};
            });
            const std::string_view name = check.name;
            if (!fine && (name == "descriptors" || name == "create") &&
                outcomes_.back().verdict == Verdict::failed)
                hopeless = fmt::format("'{}' has failed", name);
            if (endless_) hopeless = fmt::format("'{}' did not come to an end", name);
        }
    }

    std::filesystem::path file_;
    std::vector<std::filesystem::path> shipped_;
    Limits limits_;
    const std::function<void(const Outcome&)>& show_;
    Scene scene_;
    std::vector<Outcome> outcomes_;
    bool endless_ = false;  // the last check
};

}  // namespace

std::vector<Outcome> check_plugin(const std::filesystem::path& file,
                                  const std::vector<std::filesystem::path>& shipped,
                                  const Limits& limits,
                                  const std::function<void(const Outcome&)>& show) {
    if (!std::filesystem::exists(file))
        throw InputError(fmt::format("{}: there is no such file.", file.string()));
    return Suite(std::filesystem::absolute(file), shipped, limits, show).run();
}

bool passed(const std::vector<Outcome>& outcomes) {
    return std::ranges::none_of(outcomes,
                                [](const Outcome& o) { return o.verdict == Verdict::failed; });
}

json to_json(const std::filesystem::path& file, const std::vector<Outcome>& outcomes) {
    static const char* const verdicts[] = {"passed", "failed", "skipped"};
    json checks = json::array();
    for (const Outcome& o : outcomes) {
        json one = {{"check", o.check},
                    {"promise", o.promise},
                    {"verdict", verdicts[static_cast<int>(o.verdict)]}};
        if (!o.kind.empty()) {
            one["kind"] = o.kind;
            one["id"] = o.id;
        }
        if (o.verdict == Verdict::failed) one["finding"] = o.words;
        if (o.verdict == Verdict::skipped) one["because"] = o.words;
        json measured = json::object();
        for (const auto& [what, value] : o.measured) measured[what] = value;
        if (!measured.empty()) one["measured"] = std::move(measured);
        checks.push_back(std::move(one));
    }
    return {{"file", file.string()}, {"passed", passed(outcomes)}, {"checks", std::move(checks)}};
}

}  // namespace synfire::conformance
