// One learner with all that it refers to, for tests that look at single samples.
#pragma once

#include "learning/trainer.hpp"
#include "support/experiments.hpp"

namespace synfire::testing {

struct Trial {
    Experiment experiment;
    Network network;
    RuleInstances rules;
    FeedbackWeights feedback;
    Gradients gradients;
    Learner learner;

    explicit Trial(const nlohmann::json& e)
        : experiment(synfire::testing::experiment(e)),
          network(experiment.network, experiment.seed, trained_populations(experiment.network)),
          rules(network),
          feedback(network, *experiment.training, 1),
          gradients(network, rules.sites()),
          learner(network, *experiment.training, rules, feedback, 0, gradients) {}
};

inline SampleEvents sample_of(const EventSet& set, std::size_t i) {
    SampleEvents sample;
    sample.assign(set.recording(i), set.units, set.ticks);
    sample.label = set.labels[i];
    return sample;
}

}  // namespace synfire::testing
