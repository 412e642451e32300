#include "learning/training_description.hpp"

#include <fmt/format.h>

#include "base/suggest.hpp"
#include "experiment/weight_range.hpp"
#include "json/form.hpp"
#include "plugins/instance.hpp"

namespace synfire {

using json = nlohmann::json;

namespace {

constexpr std::string_view default_loss = "cross_entropy";

Form loss_form(const PluginRegistry& plugins) {
    Form form;
    form.tag = "name";
    form.tag_alone = true;
    std::vector<std::string> names;
    for (const LossModel& loss : plugins.losses()) {
        names.emplace_back(loss.id());
        form.variants[names.back()] = {object("parameters",
                                              parameter_form(*loss.table->description),
                                              loss.table->description->doc)
                                           .otherwise(json::object())};
    }
    form.fields = {choice("name", names, "loss plugin").unless(plugins.refusals()).must()};
    return form;
}

}  // namespace

Form training_form(const PluginRegistry& plugins) {
    std::vector<std::string> names;
    Form rules;
    for (const RuleModel& rule : plugins.rules()) {
        names.emplace_back(rule.id());
        rules.fields.push_back(object(names.back(), parameter_form(*rule.table->description),
                                      rule.table->description->doc)
                                   .otherwise(json::object()));
    }
    Form form;
    form.fields = {
        choice("rule", names, "learning rule of every projection that learns and names no other")
            .unless(plugins.refusals())
            .must(),
        object("rules", rules, "parameters of the rules; only those of \"rule\" are used")
            .otherwise(json::object()),
        object("decoder", decoder_form(), "how a recording is given its class")
            .otherwise("readout"),
        text("readout",
             "population whose output is compared with the label: needed by the decoder of that "
             "name, and by rules that follow a gradient"),
        list("heads", text("", "population"),
             "further readouts of a flow, of 1 / n of the rows and columns, which the same loss "
             "judges at their own scale; losses are added up")
            .otherwise(json::array()),
        object("loss", loss_form(plugins),
               "what becomes less: a loss plugin, of the readout's output in the window; a rule "
               "that learns forward, which cannot know the rest of the window yet, is given the "
               "error of the window so far")
            .otherwise(std::string(default_loss)),
        choice("feedback", {"bp", "dfa", "sdfa", "adaptive"},
               "what carries the error to hidden populations: the weights, fixed random weights, "
               "fixed random weights from its sign, or random weights that change with the same "
               "gradients and the same decay as those of the readout")
            .otherwise("bp"),
        integer("window_ticks", "last ticks of a sample that have a learning signal; all if absent")
            .at_least(1)
            .fits<std::uint32_t>()
            .in("ticks"),
        integer("epochs", "passes over the training recordings").otherwise(10).between(1, 1e6),
        integer("batch", "recordings between two changes of the weights")
            .otherwise(32)
            .between(1, 1e6),
        object("optimiser", optimiser_form(), "how weights follow their gradients")
            .otherwise(json::object()),
        object("augmentation", augmentation_form(), "random changes to training recordings")
            .otherwise(json::object()),
        object("reward", reward_form(),
               "what the end of a sample releases to rules with \"modulator\": \"reward\"; others "
               "do not use it")
            .otherwise(json::object()),
    };
    return form;
}

namespace {

class TrainingReader {
  public:
    TrainingReader(NetworkDescription& network, std::string pointer, Problems& problems)
        : network_(network), pointer_(std::move(pointer)), problems_(problems) {}

    void complain(const std::string& place, std::string message) {
        problems_.push_back({pointer_ + place, std::move(message), "", 0});
    }

    // What a loss can judge, as a clause names it.
    static std::string readout_of(const LossModel& loss) {
        if (!loss.judges(false)) return "a population of a neuron that spikes";
        return loss.judges(true)
                   ? "a population of neurons"
                   : "a population of a neuron that never spikes, such as leaky_readout,";
    }

    void read_loss(TrainingDescription& training, const PluginRegistry& plugins, const json& loss) {
        training.loss.model = plugins.loss(loss.at("name").get<std::string>());
        training.loss.parameters =
            parameter_values(*training.loss.model->table->description, loss.at("parameters"));
    }

    void read_readout(TrainingDescription& training, const std::string& name) {
        training.readout = find_readout(training, name, "/readout");
    }

    void read_heads(TrainingDescription& training, const json& heads) {
        for (std::size_t i = 0; i < heads.size(); ++i) {
            const std::string name = heads[i], place = fmt::format("/heads/{}", i);
            const auto head = find_readout(training, name, place);
            if (!head) continue;
            if (training.judges(*head))
                complain(place,
                         fmt::format("'{}' is judged already, as the readout or a head.", name));
            training.heads.push_back(*head);
        }
        if (!heads.empty() && !training.readout)
            complain("/heads", "Heads stand beside a \"readout\", which is missing.");
        if (!heads.empty() && training.feedback != FeedbackKind::bp)
            complain("/feedback",
                     "Errors of heads are carried back by the network's own weights; allowed: "
                     "'bp', or no \"heads\".");
    }

    // A population that a loss can judge, or nothing.
    std::optional<std::uint32_t> find_readout(const TrainingDescription& training,
                                              const std::string& name, const std::string& place) {
        const std::int32_t readout = network_.find(name);
        if (readout < 0) {
            const auto names = network_.population_names();
            const std::string hint = did_you_mean(name, names);
            complain(place, fmt::format("There is no population '{}'{} Defined are {}.", name,
                                        hint.empty() ? "." : hint, list_of(names)));
            return std::nullopt;
        }
        const auto index = static_cast<std::uint32_t>(readout);
        const PopulationDescription& population = network_.populations[index];
        const LossModel& loss = *training.loss.model;
        if (!population.has_neurons())
            complain(place, fmt::format("'{}' is no readout: it has no neurons; {} is expected.",
                                        name, readout_of(loss)));
        else if (!loss.judges(population.model->spikes()))
            complain(place,
                     fmt::format("'{}' is no readout for the loss '{}': its neuron '{}' {}; {} is "
                                 "expected, or another loss.",
                                 name, loss.id(), population.model->id(),
                                 population.model->spikes() ? "spikes" : "never spikes",
                                 readout_of(loss)));
        else if (population.size == 1)
            complain(place, fmt::format("'{}' has one output, and so is right whatever it "
                                        "says; 2 or more are expected, one a class.",
                                        name));
        return index;
    }

    void choose_rules(const TrainingDescription& training) {
        for (ProjectionDescription& p : network_.projections) {
            if (!p.learn) continue;
            p.training_rule = p.rule ? *p.rule : training.rule;
            p.learn =
                refusal_of_rule(*p.training_rule->model, network_.populations[p.target]).empty();
            if (!p.learn) p.training_rule.reset();
        }
    }

    // Who asks for a readout, or for what votes cannot give.
    void check_decoder(const TrainingDescription& training, bool has_readout) {
        if (!has_readout && !training.decoder.by_votes)
            complain("",
                     "'readout' is missing: the population whose output is compared with the label "
                     "(a string); without one, \"decoder\" may be 'votes'.");
        for (const ProjectionDescription& p : network_.projections) {
            if (!p.learn || !training.decoder.by_votes) continue;
            if (follows_gradient(p) && !has_readout)
                complain("", fmt::format("'{}' cannot learn by '{}', which follows the gradient of "
                                         "an error: votes have none; expected: a \"readout\", a "
                                         "population whose output is compared with the label, or "
                                         "a rule that writes weights, such as stdp.",
                                         p.name, p.training_rule->model->id()));
            if (p.training_rule->reward)
                complain("", fmt::format("'{}' cannot learn by '{}' from whether a recording is "
                                         "classified right: votes are counted after an epoch; "
                                         "expected: a population as its modulator, or "
                                         "\"decoder\": \"readout\".",
                                         p.name, p.training_rule->model->id()));
        }
    }

    // Every population with learning signals has to have a secondary activation or be judged.
    void check_learned(const TrainingDescription& training) {
        const std::vector<bool> trained = trained_populations(network_);
        const std::vector<bool> taught = taught_populations(network_);
        const RuleKinds kinds = rule_kinds(network_);
        for (std::uint32_t p = 0; p < trained.size(); ++p) {
            const PopulationDescription& population = network_.populations[p];
            if (!trained[p] || !population.has_neurons()) continue;
            if (population.integration == Integration::event)
                complain("", fmt::format("'{}' is trained and so is seen at every tick, which "
                                         "\"integration\": \"event\" forbids; allowed: 'auto' or "
                                         "'tick'.",
                                         population.name));
            if (!taught[p]) continue;
            if (population.model->spikes() ? !population.model->has_psi() : !training.judges(p))
                complain("", fmt::format("'{}' cannot be trained: its neuron '{}' has no secondary "
                                         "activation; set \"learn\": false for what feeds it, or "
                                         "use a neuron that has one.",
                                         population.name, population.model->id()));
            else if (kinds.taped() && !population.model->has_adjoint())
                complain("",
                         fmt::format("'{}' cannot be trained by a rule that learns backward: its "
                                     "neuron '{}' has no adjoint to go back through time with; "
                                     "another rule can.",
                                     population.name, population.model->id()));
        }
    }

    // A release makes a spike count for more or less, which neither gradients nor the signals that
    // go back through its weights see.
    void check_releases(const TrainingDescription& training) {
        const std::vector<bool> taught = taught_populations(network_);
        const bool backward = rule_kinds(network_).backward;
        for (const ProjectionDescription& p : network_.projections) {
            if (!p.release) continue;
            const bool through = training.feedback == FeedbackKind::bp ? backward || p.delay == 0
                                                                       : backward && p.delay > 0;
            if (follows_gradient(p))
                complain("", fmt::format("'{}' cannot learn by '{}': its \"release\" scales what a "
                                         "spike delivers, which no gradient sees; allowed: a rule "
                                         "that writes weights, \"learn\": false, or \"release\": "
                                         "\"{}\".",
                                         p.name, p.training_rule->model->id(), no_release));
            else if (through && taught[p.source] && taught[p.target])
                complain("", fmt::format("Learning signals would go back through '{}', whose "
                                         "\"release\" scales what a spike delivers, which they do "
                                         "not see; allowed: \"release\": \"{}\", or nothing in "
                                         "front of it that learns along a gradient.",
                                         p.name, no_release));
        }
    }

    // What a local rule brings to a population is the error at the input of a readout that has no
    // past of spikes.
    void check_local(const TrainingDescription& training) {
        for (const JudgedOutput& judged : judged_outputs(network_, training))
            check_local_readout(network_.populations[judged.population]);
    }
    void check_local_readout(const PopulationDescription& readout) {
        if (!readout.has_neurons() || !readout.model->spikes()) return;
        for (const ProjectionDescription& p : network_.projections)
            if (follows_gradient(p) && p.training_rule->model->local())
                return complain("/readout",
                                fmt::format("'{}' learns by '{}', which brings errors back from a "
                                            "readout that never spikes, and '{}' does; allowed: "
                                            "another readout, such as leaky_readout, or another "
                                            "rule.",
                                            p.name, p.training_rule->model->id(), readout.name));
    }

    void check_feedback(const TrainingDescription& training) {
        if (training.feedback != FeedbackKind::bp)
            for (std::uint32_t p = 0; p < network_.populations.size(); ++p)
                if (network_.adds(p))
                    complain("/feedback",
                             fmt::format("'{}' adds what several populations fire, to which no "
                                         "feedback weights of its own could speak; allowed: 'bp'.",
                                         network_.populations[p].name));
        if (training.feedback != FeedbackKind::adaptive) return;
        const std::vector<bool> taught = taught_populations(network_);
        for (std::uint32_t p = 0; p < taught.size(); ++p)
            if (training.readout && taught[p] && p != training.readout &&
                readout_projection(network_, *training.readout, p) < 0)
                complain("/feedback",
                         fmt::format("'{}' leads to the readout by no dense projection without "
                                     "delay that learns along a gradient, so there is nothing that "
                                     "adaptive feedback could follow; allowed: 'bp', 'dfa' or "
                                     "'sdfa'.",
                                     network_.populations[p].name));
    }

    void check_augmentation(const Augmentation& a, std::int32_t input) {
        if (a.moves_on_sensor() && input >= 0 &&
            !network_.populations[static_cast<std::size_t>(input)].shape)
            complain("/augmentation",
                     fmt::format("Rows and columns can be shifted, mirrored or turned only where "
                                 "the input has them; "
                                 "'{}' needs a \"shape\" of [channels, rows, columns].",
                                 network_.populations[static_cast<std::size_t>(input)].name));
    }

  private:
    NetworkDescription& network_;
    std::string pointer_;
    Problems& problems_;
};

}  // namespace

TrainingDescription read_training(const json& completed, const PluginRegistry& plugins,
                                  NetworkDescription& network, std::uint32_t ticks,
                                  std::int32_t input, const std::string& pointer,
                                  Problems& problems) {
    TrainingReader reader(network, pointer, problems);
    TrainingDescription training;
    training.rule.model = plugins.rule(completed.at("rule").get<std::string>());
    training.rule.parameters =
        parameter_values(*training.rule.model->table->description,
                         completed.at("rules").at(std::string(training.rule.model->id())));
    training.rule.reward = training.rule.model->needs_modulator();
    reader.choose_rules(training);
    const std::string feedback = completed.at("feedback");
    training.feedback = feedback == "bp"     ? FeedbackKind::bp
                        : feedback == "dfa"  ? FeedbackKind::dfa
                        : feedback == "sdfa" ? FeedbackKind::sdfa
                                             : FeedbackKind::adaptive;
    reader.read_loss(training, plugins, completed.at("loss"));
    const std::uint64_t window = completed.value("window_ticks", std::uint64_t{ticks});
    if (window > ticks)
        reader.complain("/window_ticks",
                        fmt::format("The window of {} ticks is longer than a sample "
                                    "(/input/ticks, {}); 1 to {} are allowed.",
                                    window, ticks, ticks));
    training.window = static_cast<std::uint32_t>(std::min<std::uint64_t>(window, ticks));
    training.epochs = completed.at("epochs");
    training.batch = completed.at("batch");
    training.optimiser = read_optimiser(completed.at("optimiser"));
    training.augmentation = read_augmentation(completed.at("augmentation"));
    training.reward = read_reward(completed.at("reward"));
    training.decoder =
        read_decoder(completed.at("decoder"), network, pointer + "/decoder", problems);
    const bool has_readout = completed.contains("readout");
    if (has_readout) reader.read_readout(training, completed.at("readout"));
    reader.read_heads(training, completed.at("heads"));
    reader.check_decoder(training, has_readout);
    if (!has_readout && completed.contains("window_ticks"))
        reader.complain(
            "/window_ticks",
            "There is no \"readout\", so there is no loss that has a window; expected: a "
            "readout, or no \"window_ticks\".");
    if (!has_readout && training.loss.model && training.loss.model->id() != default_loss)
        reader.complain("/loss", fmt::format("There is no \"readout\" whose output could have the "
                                             "loss '{}'; expected: a readout, or no \"loss\".",
                                             training.loss.model->id()));
    reader.check_learned(training);
    reader.check_local(training);
    reader.check_feedback(training);
    reader.check_releases(training);
    reader.check_augmentation(training.augmentation, input);
    return training;
}

void check_rules(const NetworkDescription& network, const std::string& pointer) {
    for (const ProjectionDescription& p : network.projections) {
        const PopulationDescription& post = network.populations[p.target];
        if (!p.training_rule || p.rule || !post.has_neurons()) continue;
        const RuleModel& model = *p.training_rule->model;
        const synfire_rule_site site{sizeof site, network.emitting(p.source), post.size,
                                     post.model->spikes() ? 1u : 0u, network.dt_ms};
        try {
            RuleInstance(model.table, p.training_rule->parameters, site);
        } catch (const PluginError& error) {
            throw InputError({{fmt::format("{}/rules/{}", pointer, model.id()),
                               fmt::format("Projection '{}': {}.", p.name, error.what()), "", 0}});
        }
    }
}

std::vector<JudgedOutput> judged_outputs(const NetworkDescription& network,
                                         const TrainingDescription& training) {
    std::vector<JudgedOutput> all;
    if (!training.readout) return all;
    std::size_t first = 0;
    auto add = [&](std::uint32_t population) {
        all.push_back({population, first, network.populations[population].size});
        first += all.back().size;
    };
    add(*training.readout);
    for (const std::uint32_t head : training.heads) add(head);
    return all;
}

bool follows_gradient(const ProjectionDescription& p) {
    return p.learn && p.training_rule && !p.training_rule->model->writes_weights();
}

std::int32_t readout_projection(const NetworkDescription& network, std::uint32_t readout,
                                std::uint32_t population) {
    const auto found = std::ranges::find_if(network.projections, [&](const auto& p) {
        return p.source == population && p.target == readout && p.delay == 0 &&
               follows_gradient(p) && !network.populations[population].relay &&
               p.json->at("topology") == "dense";
    });
    if (found == network.projections.end()) return -1;
    return static_cast<std::int32_t>(found - network.projections.begin());
}

RuleKinds rule_kinds(const NetworkDescription& network) {
    RuleKinds kinds;
    for (const ProjectionDescription& p : network.projections) {
        if (!p.learn || !p.training_rule) continue;
        const RuleModel& model = *p.training_rule->model;
        (model.writes_weights() ? kinds.weights
         : model.local()        ? kinds.local
         : model.backward()     ? kinds.backward
                                : kinds.forward) = true;
    }
    return kinds;
}

namespace {

// The targets of some projections, and populations further on.
template <class Is>
std::vector<bool> targets_and_beyond(const NetworkDescription& network, Is is) {
    std::vector<bool> reached(network.populations.size());
    for (const ProjectionDescription& p : network.projections)
        if (is(p)) reached[p.target] = true;
    for (bool grew = true; grew;) {
        grew = false;
        for (const ProjectionDescription& p : network.projections)
            if (reached[p.source] && !reached[p.target]) reached[p.target] = grew = true;
    }
    return reached;
}

}  // namespace

std::vector<bool> trained_populations(const NetworkDescription& network) {
    return targets_and_beyond(network, [](const ProjectionDescription& p) { return p.learn; });
}

std::vector<bool> taught_populations(const NetworkDescription& network) {
    return targets_and_beyond(network, follows_gradient);
}

}  // namespace synfire
