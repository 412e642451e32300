// A JSON file as a user wrote it: the values, and the line where each of them stands.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "base/problem.hpp"

namespace synfire {

class Document {
  public:
    // Throws InputError: a file that cannot be read, text that is no JSON (with line and column), a
    // key given twice, or more than 64 brackets within each other.
    static Document from_file(const std::string& path);
    static Document from_text(std::string text, std::string name);

    // Applies "/json/pointer=value". The value is read as JSON, and as a string where it is none.
    // Throws InputError where the text has no such form or the pointer leads through a value that
    // cannot hold it. option: what messages name as the place where the value was given, if not the
    // assignment.
    void set(const std::string& assignment, const std::string& option = "");

    const nlohmann::json& value() const { return value_; }
    // Hands the value over; problems can still be located.
    nlohmann::json take() { return std::move(value_); }
    const std::string& name() const { return name_; }

    // Adds file and line to problems that have only a pointer, so far as they are known; what an
    // option gave has the option for a file and no line.
    Problems located(Problems problems) const;

  private:
    std::string name_;
    std::string text_;  // read once more where a problem is to be located
    nlohmann::json value_;
    std::map<std::string, std::string> overridden_;  // pointer -> option
};

}  // namespace synfire
