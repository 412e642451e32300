#include "cli/arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/numbers.hpp"
#include "base/printable.hpp"
#include "base/suggest.hpp"
#include "cli/command.hpp"

namespace synfire::cli {
namespace {

constexpr std::string_view json_flag = "--json";

// "" is no name of a file and no value of anything.
CLI::Validator not_empty() {
    return CLI::Validator(
        [](std::string& text) -> std::string {
            return text.empty() ? "a value is expected, and it is empty." : "";
        },
        "");
}

}  // namespace

void Arguments::positional(const char* name, std::string& value, const char* doc) {
    command_.add_option(name, value, doc)->required()->check(not_empty());
}

void Arguments::positional(const char* name, std::vector<std::string>& values, const char* doc,
                           int least, int most) {
    command_.add_option(name, values, doc)->required()->expected(least, most)->check(not_empty());
}

void Arguments::option(const char* name, std::string& value, const char* doc, const char* type) {
    command_.add_option(name, value, doc)->type_name(type)->check(not_empty());
}

void Arguments::option(const char* name, std::vector<std::string>& values, const char* doc,
                       const char* type) {
    command_.add_option(name, values, doc)->type_name(type)->check(not_empty());
}

void Arguments::whole(const char* name, const char* doc, std::int64_t least, std::int64_t most,
                      std::function<void(std::int64_t)> set) {
    const auto take = [=, set = std::move(set)](const std::string& text) {
        constexpr std::size_t shown = 40;  // characters
        const auto value = whole_from(text);
        if (!value || *value < least || *value > most)
            throw CLI::ValidationError(fmt::format(
                "{} {}: a whole number of {} to {} is expected.", name, text.substr(0, shown),
                number_text(static_cast<double>(least)), number_text(static_cast<double>(most))));
        set(*value);
    };
    command_.add_option_function<std::string>(name, take, doc)->type_name("N");
}

void Arguments::flag(const char* name, bool& value, const char* doc) {
    command_.add_flag(name, value, doc);
}

void Arguments::require(const char* name) {
    command_.get_option(name)->required();
}

void Arguments::exclude(const char* one, const char* other) {
    command_.get_option(one)->excludes(command_.get_option(other));
}

void Arguments::describe(const char* name, const char* doc) {
    command_.get_option(name)->description(doc);
}

CommandLine::CommandLine(const char* doc, const std::string& version)
    : app_(std::make_unique<CLI::App>(doc)) {
    app_->set_version_flag("--version", version);
    app_->require_subcommand(1);
}

CommandLine::~CommandLine() = default;

Arguments CommandLine::add(const char* name, const char* doc, Body run) {
    CLI::App* command = app_->add_subcommand(name, doc);
    command->callback([this, run = std::move(run)] { chosen_ = run; });
    return Arguments(*command);
}

void CommandLine::require_known(const std::string& name) const {
    std::vector<std::string> names;
    for (const CLI::App* command : app_->get_subcommands(nullptr)) {
        if (command->get_name() == name) return;
        names.push_back(command->get_name());
    }
    const std::string hint = did_you_mean(name, names);
    throw CLI::ValidationError(fmt::format("There is no command '{}'{} Defined are {}.",
                                           printable(name), hint.empty() ? "." : hint,
                                           list_of(names)));
}

int CommandLine::run(int argc, char** argv, int bad_input) {
    try {
        if (argc > 1 && argv[1][0] != '-') require_known(argv[1]);
        app_->parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app_->exit(error);
        if (code == 0) return 0;
        // The flag counts, though the line as a whole was not understood.
        if (std::any_of(argv + 1, argv + argc, [](const char* a) { return a == json_flag; }))
            print_json({{"problems", to_json({{"", error.what(), "", 0}})}});
        return bad_input;
    }
    return chosen_();
}

}  // namespace synfire::cli
