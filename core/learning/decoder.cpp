#include "learning/decoder.hpp"

#include <fmt/format.h>

#include "base/suggest.hpp"
#include "json/form.hpp"

namespace synfire {

Form decoder_form() {
    Form form;
    form.tag = "type";
    form.tag_alone = true;
    form.fields = {choice("type", {"readout", "votes"},
                          "the readout's output with the largest sum, or votes: each neuron of a "
                          "population for the classes that it responds to on the training "
                          "recordings, which needs neither a readout nor a loss")
                       .otherwise("readout")};
    form.variants = {
        {"readout", {}},
        {"votes",
         {text("population", "population whose neurons vote, a vote a spike").must(),
          choice("vote", {"spread", "one", "likelihood"},
                 "a spike's vote: spread over all classes in proportion to its neuron's mean "
                 "response to each; all of it for the one with the largest, where a class counts "
                 "the mean of its neurons; or for each class the logarithm of how often a spike "
                 "of the class is this neuron's")
              .otherwise("spread")}}};
    return form;
}

namespace {

// Why the neurons of a population cannot vote; "" where they can.
std::string refusal_of_voters(const PopulationDescription& population) {
    constexpr const char* expected =
        "a population of neurons that spike and that the input reaches is expected";
    if (population.is_input())
        return fmt::format("'{}' is an input, whose spikes no training changes; {}.",
                           population.name, expected);
    if (!population.has_neurons())
        return fmt::format("'{}' is a relay, which has no neurons; {}.", population.name, expected);
    if (!population.model->spikes())
        return fmt::format("'{}' never spikes (neuron '{}'), and votes are spikes; {}.",
                           population.name, population.model->id(), expected);
    return "";
}

}  // namespace

DecoderDescription read_decoder(const nlohmann::json& completed, const NetworkDescription& network,
                                const std::string& pointer, Problems& problems) {
    DecoderDescription decoder;
    decoder.by_votes = completed.at("type") == "votes";
    if (!decoder.by_votes) return decoder;
    decoder.kind = completed.at("vote") == "one"      ? VoteKind::one
                   : completed.at("vote") == "spread" ? VoteKind::spread
                                                      : VoteKind::likelihood;
    const std::string name = completed.at("population");
    const std::int32_t population = network.find(name);
    auto complain = [&](std::string message) {
        problems.push_back({pointer + "/population", std::move(message), "", 0});
    };
    if (population < 0) {
        const auto names = network.population_names();
        const std::string hint = did_you_mean(name, names);
        complain(fmt::format("There is no population '{}'{} Defined are {}.", name,
                             hint.empty() ? "." : hint, list_of(names)));
        return decoder;
    }
    decoder.population = static_cast<std::uint32_t>(population);
    const std::string refusal = refusal_of_voters(network.populations[decoder.population]);
    if (!refusal.empty()) complain(refusal);
    return decoder;
}

}  // namespace synfire
