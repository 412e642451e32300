#include "experiment/neuron_values.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "experiment/number_file.hpp"
#include "json/form.hpp"

namespace synfire {
namespace {

using json = nlohmann::json;

// Draws that may miss the bounds one after the other before the distribution is refused.
constexpr int most_misses = 100000;

double draw(const json& form, Random& random) {
    const std::string kind = form.at("distribution");
    auto number = [&](const char* key) { return form.at(key).get<double>(); };
    if (kind == "normal") return number("mean") + number("std") * random.normal64();
    if (kind == "lognormal") return std::exp(number("mu") + number("sigma") * random.normal64());
    if (kind == "uniform")
        return number("low") + (number("high") - number("low")) * random.uniform64();
    return -number("mean") * std::log1p(-random.uniform64());  // exponential
}

}  // namespace

std::vector<double> NeuronValues::values(std::uint32_t count, Random random) const {
    if (!listed.empty()) return listed;
    const double low = distribution->value("min", -INFINITY),
                 high = distribution->value("max", INFINITY);
    std::vector<double> drawn(count);
    for (double& value : drawn) {
        int misses = 0;
        while (value = draw(*distribution, random), !(value >= low && value <= high))
            if (++misses == most_misses)
                throw InputError(fmt::format(
                    "{} draws in a row lie outside \"min\" and \"max\"; bounds are expected within "
                    "which the distribution has more of its values.",
                    most_misses));
    }
    return drawn;
}

std::shared_ptr<const Form> neuron_values_form() {
    static const auto form = [] {
        auto made = std::make_shared<Form>();
        made->tag = "distribution";
        auto bounded = [](std::vector<Field> fields) {
            fields.push_back(real("min", "values below are drawn anew"));
            fields.push_back(real("max", "values above are drawn anew"));
            return fields;
        };
        made->variants = {
            {"normal", bounded({real("mean", "mean of the distribution").must(),
                                real("std", "standard deviation").must().at_least(0)})},
            {"lognormal",
             bounded({real("mu", "mean of the logarithm").must(),
                      real("sigma", "standard deviation of the logarithm").must().at_least(0)})},
            {"uniform",
             bounded({real("low", "lower bound").must(), real("high", "upper bound").must()})},
            {"exponential", bounded({real("mean", "mean of the distribution").must().above(0)})},
            {"file",
             {text("file",
                   "CSV file whose first line names its columns, or HDF5 file; relative to where "
                   "the program is called")
                  .must(),
              text("column", "column of the CSV file, or dataset: a number for each neuron")
                  .must()}},
        };
        made->implied = {{"file", "file"}};
        std::vector<std::string> names;
        for (const auto& [name, _] : made->variants) names.push_back(name);
        made->fields = {choice("distribution", names,
                               "what the value of each neuron is drawn from, keyed by the seed, "
                               "the population and the neuron")
                            .must()};
        return made;
    }();
    return form;
}

std::optional<NeuronValues> read_neuron_values(const json& completed, std::uint32_t index,
                                               std::uint32_t count, bool whole,
                                               const std::string& pointer, Problems& problems) {
    if (!completed.is_structured()) return std::nullopt;
    NeuronValues values;
    values.index = index;
    auto complain = [&](std::string message) {
        problems.push_back({pointer, std::move(message), "", 0});
        return values;
    };
    std::string source = "are listed";
    if (completed.is_array()) {
        values.listed = completed.get<std::vector<double>>();
    } else if (completed.at("distribution") == "file") {
        const std::string file = completed.at("file"), column = completed.at("column");
        source = fmt::format("stand in column '{}' of {}", column, file);
        try {
            values.listed = read_column(file, column);
        } catch (const InputError& error) {
            return complain(error.problems().front().message);
        }
    } else {
        values.distribution = JsonPart(completed);
        const double low = completed.value("min", -INFINITY),
                     high = completed.value("max", INFINITY);
        if (whole)
            return complain(
                "A distribution gives fractions, and whole numbers are expected; "
                "allowed: a number, or a list of one for each neuron.");
        if (low > high)
            return complain(fmt::format("\"min\" is {} and \"max\" is {}; no value lies between.",
                                        number_text(low), number_text(high)));
        if (completed.at("distribution") == "uniform") {
            const double first = completed.at("low"), last = completed.at("high");
            if (first > last)
                return complain(
                    fmt::format("\"low\" is {} and \"high\" is {}; \"low\" may not be "
                                "above \"high\".",
                                number_text(first), number_text(last)));
            if (last < low || first > high)
                return complain(
                    "No value from \"low\" to \"high\" lies between \"min\" and "
                    "\"max\".");
        }
        return values;
    }
    if (values.listed.size() != count)
        return complain(
            fmt::format("{} values {}, and the population has {} neurons; one for each "
                        "is expected.",
                        values.listed.size(), source, count));
    if (whole)
        for (const double value : values.listed)
            if (!exact_whole(value))
                return complain(
                    fmt::format("{} is no whole number, which is expected.", number_text(value)));
    return values;
}

}  // namespace synfire
