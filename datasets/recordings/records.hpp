// Recordings that are records of one size, an event or less each.
#pragma once

#include <algorithm>

#include "recordings/byte_source.hpp"
#include "recordings/decoder.hpp"

namespace synfire {

// Hands records to read(bytes), as many as there is room for events. False at the end, where bytes
// of a record that is not whole are counted as cut off.
template <std::size_t size, class Read>
bool decode_records(ByteSource& source, EventBlock& block, RecordingInfo& info, const Read& read) {
    const auto bytes = source.ahead(size);
    if (bytes.size() < size) {
        info.cut_bytes = bytes.size();
        source.take(bytes.size());
        return false;
    }
    const std::size_t count = std::min(bytes.size() / size, block.room());
    const unsigned char* record = bytes.data();
    for (std::size_t i = 0; i < count; ++i, record += size) read(record);
    source.take(count * size);
    return true;
}

}  // namespace synfire
