#include "learning/weight_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/atomic_file.hpp"
#include "base/hdf5.hpp"
#include "base/hdf5_reader.hpp"
#include "base/problem.hpp"

namespace synfire {

WeightHistory::WeightHistory(const RecordedWeights& recorded, const Network& network,
                             std::string folder)
    : network_(network), path_(std::move(folder) + "/" + file_name) {
    for (std::size_t i = 0; i < recorded.in_training.size(); ++i) {
        const WeightsDescription& description = recorded.in_training[i];
        const Projection& projection = network.projections()[description.projection];
        Entry entry;
        entry.projection = description.projection;
        entry.every = description.every;
        entry.chosen = description.chosen(weights_of(projection).size(), projection.name,
                                          recorded.training_pointers[i]);
        if (projection.topology->own().kernel_shape().empty()) {
            const Synapses all = synapses_of(projection);
            for (const std::uint32_t synapse : entry.chosen) {
                entry.synapses.source.push_back(all.source[synapse]);
                entry.synapses.target.push_back(all.target[synapse]);
            }
        }
        entries_.push_back(std::move(entry));
    }
}

std::string WeightHistory::group(const Entry& entry) const {
    return "/weights/" + network_.projections()[entry.projection].name;
}

void WeightHistory::resume(std::uint32_t epoch) {
    std::error_code error;
    if (entries_.empty() || !std::filesystem::exists(path_, error)) return;
    Hdf5Reader file(path_);
    for (Entry& entry : entries_) {
        const std::string place = group(entry);
        if (!file.has(place + "/epoch")) continue;  // was not recorded before
        const std::vector<std::uint64_t> shape = file.shape(place + "/values");
        entry.epochs = file.whole_numbers(place + "/epoch");
        entry.values = file.real_numbers(place + "/values");
        bool same =
            shape.size() == 2 && shape[0] == entry.epochs.size() && shape[1] == entry.chosen.size();
        if (same && !entry.synapses.source.empty())
            for (const auto& [name, numbers] : {std::pair("/source", &entry.synapses.source),
                                                std::pair("/target", &entry.synapses.target)})
                same = same && std::ranges::equal(file.whole_numbers(place + name), *numbers);
        if (!same)
            throw InputError(fmt::format(
                "{}: other synapses of '{}' were recorded there; those of /record/weights are "
                "expected, or no such file.",
                path_, network_.projections()[entry.projection].name));
        const auto kept = std::ranges::upper_bound(entry.epochs, epoch) - entry.epochs.begin();
        entry.epochs.resize(static_cast<std::size_t>(kept));
        entry.values.resize(entry.epochs.size() * entry.chosen.size());
    }
}

void WeightHistory::record(std::uint32_t epoch) {
    bool read = false;
    for (Entry& entry : entries_) {
        if (epoch % entry.every != 0 || (!entry.epochs.empty() && entry.epochs.back() == epoch))
            continue;
        const std::vector<double> weights = weights_of(network_.projections()[entry.projection]);
        entry.epochs.push_back(epoch);
        for (const std::uint32_t number : entry.chosen) entry.values.push_back(weights[number]);
        read = true;
    }
    if (!read) return;
    replace_file(path_, [&](const std::string& temporary) {
        Hdf5File file = Hdf5File::create(temporary);
        for (const Entry& entry : entries_) {
            const std::string place = group(entry);
            if (!entry.synapses.source.empty()) {
                file.write<std::uint32_t>(place + "/source", entry.synapses.source);
                file.write<std::uint32_t>(place + "/target", entry.synapses.target);
            }
            file.write<std::uint64_t>(place + "/epoch", entry.epochs);
            file.write<double>(place + "/values", entry.values,
                               {entry.epochs.size(), entry.chosen.size()});
        }
        file.close();
    });
}

}  // namespace synfire
