#include "oracle/golden_network.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "json/form.hpp"
#include "support/environment.hpp"

namespace synfire::testing {

using json = nlohmann::json;

namespace {

json lif_of(const GoldenCase& c) {
    const json& config = c.config();
    return {{"leak", config.at("leak")},
            {"threshold", std::max(0.5, config.at("threshold").get<double>())},
            {"reset", config.at("reset")},
            {"psi", c.json.at("psi")}};
}

json training_of(const GoldenCase& c, const char* optimiser) {
    const json& config = c.config();
    const auto factors = config.at("factors").get<std::vector<double>>();
    std::string feedback = config.at("feedback");
    std::ranges::transform(feedback, feedback.begin(), [](char l) { return std::tolower(l); });
    // A readout without memory learns from the spikes of the same tick alone.
    const double readout_trace = c.convolutional() ? 0.0 : config.at("readout_trace").get<double>();
    json training = {{"rule", c.rule()},
                     {"rules",
                      {{"stllr",
                        {{"lambda_post", factors[0]},
                         {"lambda_pre", factors[1]},
                         {"alpha_post", factors[2]},
                         {"alpha_pre", factors[3]},
                         {"readout_trace", readout_trace}}}}},
                     {"readout", "out"},
                     {"feedback", feedback},
                     {"batch", config.at("batch")},
                     {"optimiser", {{"type", optimiser}, {"rate", 0.01}}}};
    if (c.rule() == "bptt")
        training["loss"] = "cross_entropy_of_sum";
    else
        training["window_ticks"] = config.at("delay_ls");
    return training;
}

// The element of [channel][row][column] that a neuron is.
std::size_t map_place(const MapShape& shape, std::size_t neuron) {
    const std::size_t channel = neuron % shape.channels, pixel = neuron / shape.channels;
    return channel * shape.pixels() + pixel;
}

}  // namespace

GoldenNetwork::GoldenNetwork(const GoldenCase& golden, const char* optimiser) : golden_(golden) {
    if (golden.convolutional())
        describe_convolutional();
    else
        describe_dense();
    Problems problems;
    check_and_complete(network_form(plugins()), network_json_, "/network", problems);
    for (const Problem& problem : problems) FAIL(to_text(problem));
    description = read_network(network_json_, plugins(), "/network", problems);
    json training_json = training_of(golden, optimiser);
    check_and_complete(training_form(plugins()), training_json, "/training", problems);
    for (const Problem& problem : problems) FAIL(to_text(problem));
    training =
        read_training(training_json, plugins(), description, golden.size("T"), 0, "", problems);
    for (const Problem& problem : problems) FAIL(to_text(problem));
    network = std::make_unique<Network>(description, 1, trained_populations(description));
    for (const Parameter& parameter : network->parameters()) {
        REQUIRE(names_.contains(parameter.name));
        put(parameter.name, *parameter.value,
            flattened(golden.json.at("parameters").at(names_.at(parameter.name))));
    }
    network->refresh();
    read_events();
}

void GoldenNetwork::describe_dense() {
    const json& config = golden_.config();
    const bool backward = golden_.rule() == "bptt";
    json populations = {{{"name", "in"}, {"size", config.at("n_in")}, {"neuron", "input"}}};
    json projections = json::array();
    auto join = [&](const std::string& source, const std::string& target, bool hidden) {
        projections.push_back(
            {{"source", source}, {"target", target}, {"bias", true}, {"standardise", hidden}});
        const std::string ours = source + "->" + target;
        for (const char* kind : {"weight", "bias", "gain"})
            names_[ours + " " + kind] = target + "." + kind;
        if (hidden) layers.push_back({target, ours});
    };
    auto lif = [&](const char* name, const char* size) {
        populations.push_back({{"name", name},
                               {"size", config.at(size)},
                               {"neuron", "lif"},
                               {"parameters", lif_of(golden_)}});
    };
    lif("l1", "n_hid");
    join("in", "l1", true);
    std::string last = "l1";
    if (config.contains("n_hid2")) {
        lif("l2", "n_hid2");
        join("l1", "l2", true);
        last = "l2";
    } else {
        projections.push_back(
            {{"source", "l1"}, {"target", "l1"}, {"delay_ticks", 1}, {"standardise", true}});
        names_["l1->l1 weight"] = backward ? "rec_.weight" : "l1.weight_rec";
        names_["l1->l1 gain"] = backward ? "rec_.gain" : "l1.gain_rec";
        layers.back().recurrent = true;
    }
    populations.push_back({{"name", "out"},
                           {"size", config.at("n_out")},
                           {"neuron", "leaky_readout"},
                           {"parameters", {{"leak", config.at("leak_out")}}}});
    join(last, "out", false);
    network_json_ = {{"populations", populations}, {"projections", projections}};
}

void GoldenNetwork::describe_convolutional() {
    const json& config = golden_.config();
    MapShape shape{config.at("in_shape")[0], config.at("in_shape")[1], config.at("in_shape")[2]};
    const std::uint32_t stride = config.at("stride");
    auto shape_json = [](const MapShape& s) { return json{s.channels, s.rows, s.columns}; };
    json populations = {{{"name", "in"}, {"shape", shape_json(shape)}, {"neuron", "input"}}};
    json projections = json::array();
    std::string last = "in";
    for (std::size_t k = 1; k <= config.at("channels").size(); ++k) {
        const std::string layer = fmt::format("c{}", k), pool = fmt::format("p{}", k);
        shape = {config.at("channels")[k - 1], (shape.rows - 1) / stride + 1,
                 (shape.columns - 1) / stride + 1};
        populations.push_back({{"name", layer},
                               {"shape", shape_json(shape)},
                               {"neuron", "lif"},
                               {"parameters", lif_of(golden_)}});
        projections.push_back({{"source", last},
                               {"target", layer},
                               {"topology", "conv2d"},
                               {"kernel", 3},
                               {"stride", stride},
                               {"padding", 1},
                               {"bias", true},
                               {"standardise", true}});
        for (const char* kind : {"weight", "bias", "gain"})
            names_[fmt::format("{}->{} {}", last, layer, kind)] = layer + "." + kind;
        layers.push_back({layer, last + "->" + layer});
        shape.rows /= 2;
        shape.columns /= 2;
        populations.push_back({{"name", pool}, {"shape", shape_json(shape)}, {"neuron", "relay"}});
        projections.push_back({{"source", layer},
                               {"target", pool},
                               {"topology", config.at("pool").get<std::string>() + "_pool"},
                               {"size", 2},
                               {"remainder", "drop"}});
        last = pool;
    }
    populations.push_back(
        {{"name", "out"}, {"size", config.at("n_out")}, {"neuron", "linear_readout"}});
    projections.push_back({{"source", last}, {"target", "out"}, {"bias", true}});
    names_[last + "->out weight"] = "fc.weight";
    names_[last + "->out bias"] = "fc.bias";
    network_json_ = {{"populations", populations}, {"projections", projections}};
}

void GoldenNetwork::read_events() {
    const PopulationDescription& input = description.populations[0];
    set.units = input.size;
    set.ticks = golden_.size("T");
    const json& given = golden_.json.at("input");
    for (std::size_t b = 0; b < golden_.size("batch"); ++b) {
        std::vector<std::uint32_t> keys;
        for (std::uint32_t t = 0; t < set.ticks; ++t) {
            const std::vector<double> values = flattened(given[t][b]);
            REQUIRE(values.size() == set.units);
            for (std::uint32_t i = 0; i < set.units; ++i)
                if (values[input.shape ? map_place(*input.shape, i) : i] != 0)
                    keys.push_back(t * set.units + i);
        }
        set.add(keys, golden_.json.at("labels")[b]);
    }
}

std::uint32_t GoldenNetwork::find_projection(const std::string& parameter) const {
    const std::string name = parameter.substr(0, parameter.rfind(' '));
    const auto& projections = description.projections;
    const auto found = std::ranges::find(projections, name, &ProjectionDescription::name);
    return static_cast<std::uint32_t>(found - projections.begin());
}

// The element of the reference's weights that one of ours is.
std::size_t GoldenNetwork::place(const Projection& projection, std::uint32_t row,
                                 std::uint32_t column) const {
    const ProjectionDescription& d =
        description.projections[find_projection(projection.name + " ")];
    const auto& shape = description.populations[d.source].shape;
    const std::uint32_t rows = projection.weights.rows;
    if (d.json->at("topology") == "conv2d") {
        const std::uint32_t area = rows / shape->channels;
        return (std::size_t{column} * shape->channels + row % shape->channels) * area +
               row / shape->channels;
    }
    return std::size_t{column} * rows + (shape ? map_place(*shape, row) : row);
}

void GoldenNetwork::put(const std::string& parameter, Matrix& value,
                        const std::vector<double>& numbers) const {
    REQUIRE(numbers.size() == std::size_t{value.rows} * value.columns);
    const Projection& projection = network->projections()[find_projection(parameter)];
    const bool weights = parameter.ends_with(" weight");
    for (std::uint32_t r = 0; r < value.rows; ++r)
        for (std::uint32_t c = 0; c < value.columns; ++c)
            value.row(r)[c] = static_cast<float>(numbers[weights ? place(projection, r, c) : c]);
}

std::vector<double> GoldenNetwork::taken(const std::string& parameter, const Matrix& value) const {
    std::vector<double> numbers(std::size_t{value.rows} * value.columns);
    const Projection& projection = network->projections()[find_projection(parameter)];
    const bool weights = parameter.ends_with(" weight");
    for (std::uint32_t r = 0; r < value.rows; ++r)
        for (std::uint32_t c = 0; c < value.columns; ++c)
            numbers[weights ? place(projection, r, c) : c] = value.row(r)[c];
    return numbers;
}

std::string GoldenNetwork::reference_name(const std::string& parameter) const {
    const auto found = names_.find(parameter);
    return found == names_.end() ? "" : found->second;
}

std::vector<double> GoldenNetwork::in_order(std::uint32_t population,
                                            const std::vector<double>& values) const {
    const auto& shape = description.populations[population].shape;
    if (!shape) return values;
    std::vector<double> ordered(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) ordered[map_place(*shape, i)] = values[i];
    return ordered;
}

void GoldenNetwork::put_feedback(FeedbackWeights& feedback) const {
    const json& parameters = golden_.json.at("parameters");
    for (std::uint32_t p = 0; p < feedback.of.size(); ++p) {
        Matrix& weights = feedback.of[p];
        if (weights.rows == 0) continue;
        // The reference's hook of layer l1 is h1 where there are two layers, "hook" where there is
        // one, and k1 behind the pooling p1.
        const PopulationDescription& d = description.populations[p];
        std::string key =
            fmt::format("{}{}.fixed_fb_weights", d.relay ? 'k' : 'h', d.name.substr(1));
        if (!parameters.contains(key)) key = "hook.fixed_fb_weights";
        const std::vector<double> numbers = flattened(parameters.at(key));
        REQUIRE(numbers.size() == std::size_t{weights.rows} * weights.columns);
        for (std::uint32_t k = 0; k < weights.rows; ++k)
            for (std::uint32_t i = 0; i < weights.columns; ++i)
                weights.row(k)[i] = static_cast<float>(
                    numbers[std::size_t{k} * weights.columns +
                            (d.shape ? map_place(*d.shape, i) : std::size_t{i})]);
    }
}

}  // namespace synfire::testing
