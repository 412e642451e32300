// The containers that recordings come in, told apart by what is in the file.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "recordings/byte_source.hpp"
#include "recordings/decoder.hpp"

namespace synfire {

struct Container {
    std::string_view name;
    std::string_view doc;
    // Whether a file that begins so can be one. name: of the file, for containers that only it
    // tells apart.
    bool (*begins)(std::span<const unsigned char> beginning, std::uint64_t size,
                   std::string_view name);
    std::unique_ptr<Decoder> (*open)(ByteSource source);
};

// A file in no container that is known.
class NoRecording : public InputError {
  public:
    using InputError::InputError;
};

// All of them, those with an unmistakable beginning first.
std::span<const Container> containers();

// name: of the container, or "" to tell it by the file's content. Throws InputError where the file
// cannot be read, is none of them, or could be several.
std::unique_ptr<Decoder> open_recording(const std::string& path, std::string_view name = "");
std::unique_ptr<Decoder> open_recording(ByteSource source, std::string_view name = "");

// Whether a file is in a container that is known, or could be; false also where it is damaged
// beyond that. Throws InputError where it cannot be read.
bool is_recording(const std::string& path);
// Whether a file that is no recording was not meant to be one, by its name: a text, a picture, a
// table, an archive. Others are damaged recordings, or in a container that is not known.
bool is_foreign(std::string_view name);

// All events of a recording.
std::vector<CameraEvent> events_of(Decoder& decoder);

// How many bytes of the beginning tell a container.
inline constexpr std::size_t beginning_bytes = std::size_t{1} << 14;

// One for each file of this folder.
extern const Container aedat_1_and_2, aedat_3, aedat_4, dat, evt_2, evt_2_1, evt_3, event_stream,
    atis_bin, slayer_1d, slayer_3d, hdf5_events, mat_events, event_text;

}  // namespace synfire
