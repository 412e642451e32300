#include "learning/training_description.hpp"

#include <fmt/format.h>

#include "base/suggest.hpp"
#include "json/form.hpp"
#include "plugins/instance.hpp"

namespace synfire {

using json = nlohmann::json;

Form training_form(const PluginRegistry& plugins) {
    std::vector<std::string> names;
    Form rules;
    for (const RuleModel& rule : plugins.rules()) {
        if (rule.plastic()) continue;  // changes weights while a network runs, by itself
        names.emplace_back(rule.id());
        rules.fields.push_back(object(names.back(), parameter_form(*rule.table->description),
                                      rule.table->description->doc)
                                   .otherwise(json::object()));
    }
    Form form;
    form.fields = {
        choice("rule", names, "learning rule of every projection that learns")
            .unless(plugins.refusals())
            .must(),
        object("rules", rules, "parameters of the rules; only those of \"rule\" are used")
            .otherwise(json::object()),
        text("readout", "population whose output is compared with the label").must(),
        choice("loss", {"cross_entropy", "cross_entropy_of_sum"},
               "softmax cross-entropy of the output at each tick of the window, or of the output "
               "summed over the window, which only a rule that learns backward can use")
            .otherwise("cross_entropy"),
        choice("feedback", {"bp", "dfa", "sdfa"},
               "what carries the error to hidden populations: the weights, fixed random weights, "
               "or fixed random weights from its sign")
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
    };
    return form;
}

namespace {

class TrainingReader {
  public:
    TrainingReader(const NetworkDescription& network, std::string pointer, Problems& problems)
        : network_(network), pointer_(std::move(pointer)), problems_(problems) {}

    void complain(const std::string& place, std::string message) {
        problems_.push_back({pointer_ + place, std::move(message), "", 0});
    }

    void read_readout(TrainingDescription& training, const std::string& name) {
        const std::int32_t readout = network_.find(name);
        if (readout < 0) {
            const auto names = network_.population_names();
            const std::string hint = did_you_mean(name, names);
            return complain("/readout",
                            fmt::format("There is no population '{}'{} Defined are {}.", name,
                                        hint.empty() ? "." : hint, list_of(names)));
        }
        training.readout = static_cast<std::uint32_t>(readout);
        const PopulationDescription& population = network_.populations[training.readout];
        if (!population.has_neurons() || population.model->spikes())
            complain("/readout", fmt::format("'{}' is no readout; a population of a neuron that "
                                             "never spikes is expected, such as leaky_readout.",
                                             name));
    }

    // Every population that learns has to have a secondary activation or be the readout.
    void check_learned(const TrainingDescription& training) {
        const std::vector<bool> trained = trained_populations(network_);
        for (std::uint32_t p = 0; p < trained.size(); ++p) {
            const PopulationDescription& population = network_.populations[p];
            if (!trained[p] || !population.has_neurons()) continue;
            if (population.integration == Integration::event)
                complain("", fmt::format("'{}' is trained and so is seen at every tick, which "
                                         "\"integration\": \"event\" forbids; allowed: 'auto' or "
                                         "'tick'.",
                                         population.name));
            if (population.model->spikes() ? !population.model->has_psi() : p != training.readout)
                complain("", fmt::format("'{}' cannot be trained: its neuron '{}' has no secondary "
                                         "activation; set \"learn\": false for what feeds it, or "
                                         "use a neuron that has one.",
                                         population.name, population.model->id()));
            else if (training.rule->backward() && !population.model->has_adjoint())
                complain("",
                         fmt::format("'{}' cannot be trained by '{}': its neuron '{}' has no "
                                     "adjoint to go back through time with; another rule can.",
                                     population.name, training.rule->id(), population.model->id()));
        }
    }

    // Which of the two inputs a projection feeds is settled before weights change, and gradients
    // are of sums in single precision.
    void check_signs() {
        for (const ProjectionDescription& p : network_.projections) {
            const PopulationDescription& target = network_.populations[p.target];
            if (p.learn && target.has_neurons() && target.model->input_is_signed())
                complain("", fmt::format("'{}' cannot be trained: '{}' ('{}') tells excitation and "
                                         "inhibition apart, and training may change the sign of a "
                                         "weight; set \"learn\": false for it.",
                                         p.name, target.name, target.model->id()));
            else if (p.learn && target.has_neurons() && target.model->input_is_double())
                complain("", fmt::format("'{}' cannot be trained: '{}' ('{}') sums its input in "
                                         "double precision; set \"learn\": false for it.",
                                         p.name, target.name, target.model->id()));
        }
    }

    void check_loss(const TrainingDescription& training) {
        if (training.loss == LossKind::of_sum && !training.rule->backward())
            complain("/loss", fmt::format("'{}' learns tick by tick and needs a loss at each; "
                                          "allowed: 'cross_entropy'.",
                                          training.rule->id()));
    }

    void check_augmentation(const Augmentation& a, std::int32_t input) {
        const bool on_sensor = a.shift_rows || a.shift_columns;
        if (on_sensor && input >= 0 && !network_.populations[static_cast<std::size_t>(input)].shape)
            complain("/augmentation",
                     fmt::format("Rows and columns can be shifted only where the input has them; "
                                 "'{}' needs a \"shape\" of [channels, rows, columns].",
                                 network_.populations[static_cast<std::size_t>(input)].name));
    }

  private:
    const NetworkDescription& network_;
    std::string pointer_;
    Problems& problems_;
};

}  // namespace

TrainingDescription read_training(const json& completed, const PluginRegistry& plugins,
                                  const NetworkDescription& network, std::uint32_t ticks,
                                  std::int32_t input, const std::string& pointer,
                                  Problems& problems) {
    TrainingReader reader(network, pointer, problems);
    TrainingDescription training;
    training.rule = plugins.rule(completed.at("rule").get<std::string>());
    training.rule_parameters =
        parameter_values(*training.rule->table->description,
                         completed.at("rules").at(std::string(training.rule->id())));
    const std::string feedback = completed.at("feedback");
    training.feedback = feedback == "bp"    ? FeedbackKind::bp
                        : feedback == "dfa" ? FeedbackKind::dfa
                                            : FeedbackKind::sdfa;
    training.loss =
        completed.at("loss") == "cross_entropy" ? LossKind::each_tick : LossKind::of_sum;
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
    reader.read_readout(training, completed.at("readout"));
    reader.check_learned(training);
    reader.check_signs();
    reader.check_loss(training);
    reader.check_augmentation(training.augmentation, input);
    return training;
}

void check_rule(const TrainingDescription& training, const NetworkDescription& network,
                const std::string& pointer) {
    for (const ProjectionDescription& p : network.projections) {
        const PopulationDescription& post = network.populations[p.target];
        if (!p.learn || !post.has_neurons()) continue;
        const synfire_rule_site site{sizeof site,
                                     network.populations[network.emitter(p.source)].size, post.size,
                                     post.model->spikes() ? 1u : 0u, network.dt_ms};
        try {
            RuleInstance(training.rule->table, training.rule_parameters, site);
        } catch (const PluginError& error) {
            throw InputError({{fmt::format("{}/rules/{}", pointer, training.rule->id()),
                               fmt::format("Projection '{}': {}.", p.name, error.what()), "", 0}});
        }
    }
}

std::vector<bool> trained_populations(const NetworkDescription& network) {
    std::vector<bool> trained(network.populations.size());
    for (const ProjectionDescription& p : network.projections)
        if (p.learn) trained[p.target] = true;
    for (bool grew = true; grew;) {
        grew = false;
        for (const ProjectionDescription& p : network.projections)
            if (trained[p.source] && !trained[p.target]) trained[p.target] = grew = true;
    }
    return trained;
}

}  // namespace synfire
