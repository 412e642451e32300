// End-to-end cases: each file of tests/cases says what the program is called with and what it must
// answer. A case is a list of steps that share one folder:
//   files      {name: JSON or text} written into the folder first
//   arguments  of the program; $DIR is the folder, $MODELS the project's, $DATA the shared data, $HOSTILE plugins
//              that break their contract, a folder each
//   exit       its status
//   out, err   texts that standard output and error have to contain
//   json       members that the JSON on standard output has to have; [low, high] is a range
//   exists     files that have to be there afterwards; missing: those that must not
//   contents   {file: texts that it has to contain}
//   keep       {name: /pointer} values to remember; same: the same, to be equal to those kept
// A case with "needs": "folder" is skipped where the shared data has no such folder, one with
// "long": true where SYNFIRE_LONG_CASES is "skip", as under the sanitizers.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/environment.hpp"

using namespace synfire::testing;
using json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// The member of that name, or nothing to go through.
const json& member(const json& step, const char* name) {
    static const json nothing = json::object();
    return step.contains(name) ? step.at(name) : nothing;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

struct CaseRun {
    std::string folder = scratch_folder();
    json kept = json::object();

    std::string expanded(std::string text) const {
        replace_all(text, "$DIR", folder);
        replace_all(text, "$MODELS", SYNFIRE_SOURCE_DIR "/models");
        replace_all(text, "$FIXTURES", SYNFIRE_FIXTURE_FOLDER);
        replace_all(text, "$HOSTILE", SYNFIRE_HOSTILE_FOLDER);
        replace_all(text, "$DATA", data_folder());
        return text;
    }

    void step(const json& s) {
        for (const auto& [name, value] : member(s, "files").items()) {
            fs::create_directories((fs::path(folder) / name).parent_path());
            std::ofstream(fs::path(folder) / name)
                << (value.is_string() ? value.get<std::string>() : value.dump(2));
        }
        std::string command =
            fmt::format("cd '{}' && {} '{}'", folder, s.value("prefix", ""), SYNFIRE_PROGRAM);
        for (const std::string argument : s.at("arguments")) {
            std::string quoted = expanded(argument);
            replace_all(quoted, "'", "'\\''");
            command += fmt::format(" '{}'", quoted);
        }
        command += fmt::format(" >'{0}/.out' 2>'{0}/.err'", folder);
        const int status = std::system(command.c_str());
        const std::string out = content(folder + "/.out"), err = content(folder + "/.err");
        CAPTURE(command);
        CAPTURE(out);
        CAPTURE(err);
        CHECK(WEXITSTATUS(status) == s.value("exit", 0));
        for (const std::string text : member(s, "out"))
            CHECK(out.find(expanded(text)) != std::string::npos);
        for (const std::string text : member(s, "err"))
            CHECK(err.find(expanded(text)) != std::string::npos);
        for (const std::string file : member(s, "exists")) CHECK(fs::exists(expanded(file)));
        for (const std::string file : member(s, "missing")) CHECK(!fs::exists(expanded(file)));
        for (const auto& [name, texts] : member(s, "contents").items()) {
            const std::string file = name;
            CAPTURE(file);
            const std::string held = content(fs::path(folder) / file);
            CAPTURE(held);
            for (const std::string text : texts) CHECK(held.find(text) != std::string::npos);
        }
        if (s.contains("json") || s.contains("keep") || s.contains("same"))
            check_json(s, json::parse(out));
    }

    void check_json(const json& s, const json& answer) {
        for (const auto& item : member(s, "json").items()) {
            const std::string pointer = item.key();
            const json& wanted = item.value();
            CAPTURE(pointer);
            const json::json_pointer at(pointer);
            REQUIRE(answer.contains(at));
            if (wanted.is_array()) {
                CHECK(answer.at(at) >= wanted[0]);
                CHECK(answer.at(at) <= wanted[1]);
            } else {
                CHECK(answer.at(at) == wanted);
            }
        }
        for (const auto& [name, pointer] : member(s, "keep").items())
            kept[name] = answer.at(json::json_pointer(pointer.get<std::string>()));
        for (const auto& [name, pointer] : member(s, "same").items())
            CHECK(answer.at(json::json_pointer(pointer.get<std::string>())) == kept.at(name));
    }
};

}  // namespace

TEST_CASE("end-to-end cases") {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(SYNFIRE_SOURCE_DIR "/tests/cases"))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    REQUIRE(!files.empty());
    for (const fs::path& file : files) {
        const std::string name = file.filename().string();
        CAPTURE(name);
        std::ifstream stream(file);
        const json description = json::parse(stream);
        if (description.contains("needs") &&
            !fs::is_directory(data_folder() + "/" + description.at("needs").get<std::string>())) {
            MESSAGE(fmt::format("skipped {}: no {}; set SYNFIRE_DATA", name,
                                description.at("needs").dump()));
            continue;
        }
        if (description.value("long", false) && text_variable("SYNFIRE_LONG_CASES") == "skip") {
            MESSAGE(fmt::format("skipped {}: long, and SYNFIRE_LONG_CASES is 'skip'", name));
            continue;
        }
        CaseRun run;
        for (const json& s : description.at("steps")) run.step(s);
    }
}
