// What a subcommand takes on the command line, declared piece by piece. CLI11 stands behind
// arguments.cpp alone: a file that includes it takes the compiler seconds longer.
//
// Variables are set when the line is parsed, so they have to live until the program ends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace synfire::cli {

// The arguments of one subcommand.
class Arguments {
  public:
    explicit Arguments(CLI::App& command) : command_(command) {}

    // The experiment, or another argument that has no name and cannot be left out.
    void positional(const char* name, std::string& value, const char* doc);
    void positional(const char* name, std::vector<std::string>& values, const char* doc, int least,
                    int most);

    // --name VALUE, which is not empty. type: what stands for the value in the help.
    void option(const char* name, std::string& value, const char* doc, const char* type = "TEXT");
    // The same, as often as wanted.
    void option(const char* name, std::vector<std::string>& values, const char* doc,
                const char* type = "TEXT");
    // --name N, a whole number from `least` to `most`, written as JSON writes one. Each is at most
    // largest_whole.
    template <class Whole>
    void option(const char* name, Whole& value, const char* doc, std::int64_t least,
                std::int64_t most) {
        whole(name, doc, least, most, [&value](std::int64_t n) { value = static_cast<Whole>(n); });
    }
    void flag(const char* name, bool& value, const char* doc);

    // Of options declared before.
    void require(const char* name);
    void exclude(const char* one, const char* other);
    void describe(const char* name, const char* doc);

  private:
    void whole(const char* name, const char* doc, std::int64_t least, std::int64_t most,
               std::function<void(std::int64_t)> set);

    CLI::App& command_;
};

// The program's line of commands.
class CommandLine {
  public:
    using Body = std::function<int()>;

    CommandLine(const char* doc, const std::string& version);
    ~CommandLine();

    // A subcommand: what it takes is to be declared on the answer; run: what it does.
    Arguments add(const char* name, const char* doc, Body run);

    // Parses the line and does what it says. Returns the exit status; bad_input for a line that
    // cannot be understood, which is explained on standard error, and with --json as an object,
    // too.
    int run(int argc, char** argv, int bad_input);

  private:
    void require_known(const std::string& name) const;

    std::unique_ptr<CLI::App> app_;
    Body chosen_;
};

}  // namespace synfire::cli
