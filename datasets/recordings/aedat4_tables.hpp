// The FlatBuffers that AEDAT 4.0 is made of (iniVation's schema: IOHeader, EventPacket).
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <string_view>

namespace synfire {

inline constexpr std::string_view aedat4_mark = "#!AER-DAT4.0\r\n";

constexpr flatbuffers::voffset_t table_field(unsigned field) {
    return static_cast<flatbuffers::voffset_t>(4 + 2 * field);
}

struct IoHeader : flatbuffers::Table {
    static constexpr auto compression_field = table_field(0), table_at_field = table_field(1),
                          info_field = table_field(2);
    std::int32_t compression() const { return GetField<std::int32_t>(compression_field, 0); }
    std::int64_t table_at() const { return GetField<std::int64_t>(table_at_field, -1); }
    const flatbuffers::String* info() const {
        return GetPointer<const flatbuffers::String*>(info_field);
    }
    bool Verify(flatbuffers::Verifier& verifier) const {
        return VerifyTableStart(verifier) &&
               VerifyField<std::int32_t>(verifier, compression_field, 4) &&
               VerifyField<std::int64_t>(verifier, table_at_field, 8) &&
               VerifyOffset(verifier, info_field) && verifier.VerifyString(info()) &&
               verifier.EndTable();
    }
};

FLATBUFFERS_MANUALLY_ALIGNED_STRUCT(8) StoredEvent {
    std::int64_t t;  // microseconds
    std::int16_t x, y;
    std::uint8_t on;
    std::uint8_t padding[3];
};
FLATBUFFERS_STRUCT_END(StoredEvent, 16);

struct EventPacket : flatbuffers::Table {
    using Events = flatbuffers::Vector<const StoredEvent*>;
    static constexpr auto events_field = table_field(0);
    const Events* events() const { return GetPointer<const Events*>(events_field); }
    bool Verify(flatbuffers::Verifier& verifier) const {
        return VerifyTableStart(verifier) && VerifyOffset(verifier, events_field) &&
               verifier.VerifyVector(events()) && verifier.EndTable();
    }
};

}  // namespace synfire
