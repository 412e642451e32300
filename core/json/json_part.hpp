// A JSON value that is kept and handed on, behind a pointer: headers that hold one do not need the
// type, which takes the compiler seconds a file. It is never changed.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

namespace synfire {

class JsonPart {
  public:
    JsonPart() = default;  // to be assigned to before it is looked at
    JsonPart(nlohmann::json value);

    const nlohmann::json& operator*() const { return *value_; }
    const nlohmann::json* operator->() const { return value_.get(); }

  private:
    std::shared_ptr<const nlohmann::json> value_;
};

}  // namespace synfire
