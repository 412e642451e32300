// How a recording is given its class: the JSON's "decoder", checked. By a readout, the output with
// the largest sum, which has a loss; or by votes of neurons that were never told of classes
// (learning/votes.hpp), which has none.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "experiment/description.hpp"

namespace synfire {

struct Form;

// Whether a neuron votes for every class by how much it responds to it, or for one, or a spike for
// a class by how likely it is there.
enum class VoteKind { spread, one, likelihood };

struct DecoderDescription {
    bool by_votes = false;
    // Of votes.
    std::uint32_t population = 0;
    VoteKind kind = VoteKind::spread;
};

Form decoder_form();

// Votes are those of a population whose neurons spike, and which others than itself make spike.
DecoderDescription read_decoder(const nlohmann::json& completed, const NetworkDescription& network,
                                const std::string& pointer, Problems& problems);

}  // namespace synfire
