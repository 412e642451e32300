// Writes a recording as AEDAT 4.0 (aedat4.cpp has the layout): one stream of events, packets of at
// most 10,000 of them as frames of LZ4, without the table of packets, which readers make anew.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/output_file.hpp"
#include "recordings/compression.hpp"
#include "recordings/event.hpp"

namespace synfire {

class Aedat4Writer {
  public:
    // columns, rows: of the sensor. source: what recorded.
    Aedat4Writer(const std::string& path, std::uint32_t columns, std::uint32_t rows,
                 const std::string& source, Compression compression = Compression::lz4);

    // Coordinates of at most 32,767.
    void add(std::span<const CameraEvent> events);
    // Ends the file. Throws where anything could not be written.
    void close();

  private:
    void write_packet();

    OutputFile file_;
    Compression compression_;
    std::vector<CameraEvent> waiting_;
};

}  // namespace synfire
