// A golden case as a user would describe it, and the exchange of arrays with the reference, whose
// layouts differ: weights there are [out][in] and [out][in][row][column], maps
// [channel][row][column].
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "learning/trainer.hpp"
#include "oracle/golden_case.hpp"

namespace synfire::testing {

// One layer of spiking neurons.
struct GoldenLayer {
    std::string name;  // the population's, and the reference's
    std::string input_projection;
    bool recurrent = false;
};

class GoldenNetwork {
  public:
    // optimiser: "sgd" or "adam", with the reference's rate of 0.01. Fails the test on bad input.
    GoldenNetwork(const GoldenCase& golden, const char* optimiser);

    NetworkDescription description;
    std::unique_ptr<Network> network;
    TrainingDescription training;
    EventSet set;
    std::vector<GoldenLayer> layers;

    // Puts the case's fixed random weights into those of DFA and sDFA.
    void put_feedback(FeedbackWeights& feedback) const;

    // What the reference calls the parameter, or "".
    std::string reference_name(const std::string& parameter) const;
    // The elements of one of our parameters in the reference's order.
    std::vector<double> taken(const std::string& parameter, const Matrix& value) const;
    // Values over a population in the reference's order.
    std::vector<double> in_order(std::uint32_t population, const std::vector<double>& values) const;

  private:
    void describe_dense();
    void describe_convolutional();
    void read_events();
    std::size_t place(const Projection& projection, std::uint32_t row, std::uint32_t column) const;
    void put(const std::string& parameter, Matrix& value, const std::vector<double>& numbers) const;
    std::uint32_t find_projection(const std::string& parameter) const;

    const GoldenCase& golden_;
    nlohmann::json network_json_;
    std::map<std::string, std::string> names_;  // ours: theirs
};

}  // namespace synfire::testing
