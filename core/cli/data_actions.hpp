// What `synfire data` does with recordings and data sets. Each throws InputError, says or prints
// what came out, and returns the exit status.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "cameras/data_set.hpp"
#include "cli/command.hpp"
#include "recordings/summary.hpp"

namespace synfire::cli {

struct DataOptions {
    std::string action, path, container, format;
    Options experiment;  // --model, --set and --plugin-dir
    std::string out;
    std::string sensor;                    // COLUMNSxROWS, or ""
    unsigned frames = 0;                   // 0: as many as the kind of file has by default
    unsigned trial = 0;                    // 0: not given
    std::int64_t from_ms = 0, to_ms = -1;  // after the first event; -1: to the last
    bool json = false;
};

// What a recording holds; of a folder, a data set's classes and splits.
int data_info(const DataOptions& options);
// Every recording of a folder is read.
int data_check(const DataOptions& options);
// A recording as PNG, GIF or HTML.
int data_view(const DataOptions& options);
// A recording as AEDAT 4; it, or a folder of class folders, as HDF5 in the layout of SHD.
int data_convert(const DataOptions& options);

// A note on what the recording has that is not events, or has lost; verb: what was not done to it.
void note_lost(const std::string& path, const RecordingSummary& summary, const char* verb);

// Where to write, with an ending that is one of these. Throws InputError.
std::string wanted_ending(const DataOptions& options, std::initializer_list<const char*> endings);

// The data set that --model or --format names, and its "input", completed. data_folder: of the
// request.
struct NamedDataSet {
    const CameraDataSet& set;
    InputRequest request;
};
NamedDataSet named_data_set(const DataOptions& options, const std::string& data_folder);

}  // namespace synfire::cli
