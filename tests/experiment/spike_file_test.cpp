#include "experiment/spike_file.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;

namespace {

const std::vector<SpikeEvent> two = {{1, 0}, {2, 1}};

std::vector<SpikeEvent> read(std::string_view text) {
    std::vector<SpikeEvent> events;
    CHECK(read_spike_text(text, 3, events) == "");
    return events;
}

std::string csv_refusal(std::string_view text) {
    std::vector<SpikeEvent> events;
    return read_spike_text(text, 3, events);
}

bool has(const std::string& text, const std::string& part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) MESSAGE(text);
    return found;
}

}  // namespace

TEST_CASE("spike files are read as recorders and other programs write them") {
    for (const char* text : {
             "tick,neuron\n1,0\n2,1\n",
             "tick,neuron\n1,0\n2,1",
             "tick,neuron\r\n1,0\r\n2,1\r\n",
             "\xef\xbb\xbftick,neuron\n1,0\n2,1\n",
             "\xef\xbb\xbf"
             "1,0\n2,1\n",
             "1,0\n2,1\n",
             "\n\ntick,neuron\n\n1,0\n \t\n2,1\n\n",
             " tick,neuron \n1, 0\n\t2 ,1 \r\n",
         }) {
        CAPTURE(text);
        CHECK(read(text) == two);
    }
    CHECK(read("tick,neuron\n").empty());
    CHECK(read("4611686018427387903,2")[0].tick == 4611686018427387903);
}

TEST_CASE("lines that are no events are refused with the line, what it is, and what is allowed") {
    CHECK(has(csv_refusal("tick,neuron\n1,3\n"),
              "line 2: '1,3' is no event; expected tick,neuron with a tick of 0 to "
              "4611686018427387903 and a neuron of 0 to 2."));
    for (const char* line : {"4611686018427387904,0", "18446744073709551616,0", "-1,0", "1.5,0",
                             "1;0", "1,0,5", "1,", ",0", "1 2,0", "0x1,0", "+1,0", "# x"}) {
        CAPTURE(line);
        CHECK(has(csv_refusal("tick,neuron\n1,0\n\n" + std::string(line) + "\n2,0\n"),
                  "line 4: '" + std::string(line) + "' is no event"));
    }
    CHECK(has(csv_refusal(std::string_view("1,0\0", 4)), "line 1: '1,0\\x00' is no event"));
    CHECK(has(csv_refusal("time,id\n1,0\n"), "line 1: 'time,id' is no event"));
    CHECK(has(csv_refusal("tick,neuron1,0\n2,0\n"), "alone on the first line"));
    CHECK(has(csv_refusal("1,0\ntick,neuron\n"), "line 2: 'tick,neuron' is no event"));
    CHECK(has(csv_refusal("tick,neuron\r1,0\r2,1\r"),
              "line 1: 'tick,neuron\\r1,0\\r2,1' has carriage returns within it"));
    CHECK(has(csv_refusal(std::string_view("\xff\xfet\0i\0", 6)), "UTF-16"));
    const std::string escaped = csv_refusal("\x1b[31m,0\n" + std::string(1000, 'x'));
    CHECK(has(escaped, "line 1: '\\x1b[31m,0' is no event"));
    CHECK(has(csv_refusal(std::string(1000, 'x')), "xxx...' is no event"));
    for (const char* nothing : {"", "\n\n", "\xef\xbb\xbf", " \r\n"}) {
        CAPTURE(nothing);
        CHECK(has(csv_refusal(nothing), "the file is empty"));
    }
}

TEST_CASE("what is no file is named as what it is, and events that repeat are counted") {
    const std::string folder = scratch_folder();
    auto of = [&](const std::string& path) {
        std::vector<SpikeEvent> events;
        return read_spike_file(path, 3, events);
    };
    CHECK(has(of(folder), folder + ": this is a folder; a CSV file is expected."));
    CHECK(has(of(folder + "/none.csv"), "there is no such file"));
    const std::string file = folder + "/s.csv";
    std::ofstream(file) << "tick,neuron\n1,0\n4,1\n1,0\n";
    CHECK(of(file) == "");
    const NetworkDescription n = network({{"populations",
                                           {{{"name", "s"},
                                             {"size", 3},
                                             {"neuron", "spike_source"},
                                             {"events", {{4, 1}, {9, 2}, {9, 2}}},
                                             {"file", file}}}},
                                          {"projections", nlohmann::json::array()}});
    CHECK(n.populations[0].schedule->merged() == 3);
    CHECK(n.populations[0].schedule->next_tick(1) == 4);
}
