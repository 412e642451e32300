#include "json/json_part.hpp"

#include <nlohmann/json.hpp>

namespace synfire {

JsonPart::JsonPart(nlohmann::json value)
    : value_(std::make_shared<const nlohmann::json>(std::move(value))) {}

}  // namespace synfire
