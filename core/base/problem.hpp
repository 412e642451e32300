// What is wrong with a user's input: each problem says where, what, and what is allowed. Checks
// collect every problem of an input before they give up on it.
#pragma once

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace synfire {

struct Problem {
    std::string pointer;  // JSON pointer, "" for the whole document or for a plain file
    std::string message;  // one sentence
    std::string file;     // "" where the problem is not in a file
    int line = 0;         // 0: unknown
};

// "file:line: /pointer: message", with control characters from the file spelt out.
std::string to_text(const Problem& problem);

using Problems = std::vector<Problem>;

// Bad input. The command line answers with every problem and exit status 2.
class InputError : public std::exception {
  public:
    explicit InputError(Problems problems);
    // One problem that is not a place in a JSON document.
    explicit InputError(std::string message)
        : InputError(Problems{{"", std::move(message), "", 0}}) {}

    const Problems& problems() const { return problems_; }
    const char* what() const noexcept override { return text_.c_str(); }

  private:
    Problems problems_;
    std::string text_;
};

}  // namespace synfire
