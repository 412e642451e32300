// An event set in a file of this program's own, that is read as memory is needed: the mark
// "synfire-events-2"; every recording's keys, 32 bits each; every recording's target, as its kind
// says, 32 bits a number; every recording's number of keys, then every recording's label, 32 bits
// each; a JSON text; the numbers of recordings, of keys, of a target's numbers and of the text's
// bytes, and the text's fingerprint, 64 bits each; the mark again. In the machine's own byte order:
// such a file is a cache, and no format to exchange.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/fingerprint.hpp"
#include "base/output_file.hpp"
#include "cached_set.hpp"
#include "learning/event_set.hpp"

namespace synfire {

class EventFileWriter {
  public:
    // Targets are in a file beside it until it ends.
    EventFileWriter(const std::string& path, const SetForm& form);
    ~EventFileWriter();

    // Adds a set's recordings to those of the file.
    void add(const EventSet& recordings);
    // Ends the file. extra: an object, kept with it.
    void close(const nlohmann::json& extra);

  private:
    OutputFile file_;
    std::optional<OutputFile> targets_;
    EventSet counts_;  // labels and numbers only
    Fingerprint fingerprint_;
    std::vector<std::uint32_t> sizes_;
    std::uint64_t keys_ = 0;
};

// The set, and what close() was given; nothing where the file is not whole, or its events are not
// those that were written. Reads all of it once. Throws std::runtime_error where the file cannot be
// opened.
std::optional<EventSet> open_event_file(const std::string& path, nlohmann::json& extra);

}  // namespace synfire
