// A data set's recordings: where each is, its class, and which split it belongs to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "learning/input.hpp"

namespace synfire {

struct RecordingPlace {
    std::string path;
    std::uint32_t label = 0;
    // The part of the file's clock that is this recording, [first, second); none: all of it.
    std::optional<std::pair<std::int64_t, std::int64_t>> trial_us = {};
};

struct Listing {
    std::vector<std::string> classes;  // names, by label
    std::vector<RecordingPlace> train, test;
    PassedOver passed_over;
    std::vector<std::string> notes;  // what a user should know of the listing, a sentence each
};

}  // namespace synfire
