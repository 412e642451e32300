// The plugins that this process has: found in folders, checked, loaded once and never unloaded.
//
// Libraries are found in the folder beside the program (../lib/synfire/plugins), in the folders of
// SYNFIRE_PLUGIN_PATH (separated by colons) and in those given with --plugin-dir. One bad file
// never hides the others: it is listed in refused() with the reason. The first library that brings
// an id keeps it; folders of --plugin-dir come first, then SYNFIRE_PLUGIN_PATH.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "synfire/abi.h"

namespace synfire {

// Tables are in the layout of this host (plugins/tables.hpp).
struct NeuronModel {
    const synfire_neuron* table;
    std::filesystem::path library;
    std::string_view id() const { return table->description->id; }
    bool spikes() const { return table->flags & SYNFIRE_NEURON_SPIKES; }
    bool has_psi() const { return table->flags & SYNFIRE_NEURON_PSI; }
    // Whether it can be kept lazily: it says what silent ticks do and when they end.
    bool has_closed_form() const { return table->decay && table->fires_alone; }
    bool has_adjoint() const { return table->adjoint; }
    bool input_is_double() const { return table->flags & SYNFIRE_NEURON_INPUT_F64; }
    bool input_is_signed() const { return table->flags & SYNFIRE_NEURON_SIGNED_INPUT; }
    bool adjoint_reads_state() const { return table->flags & SYNFIRE_NEURON_ADJOINT_STATE; }
    bool is_source() const { return table->flags & SYNFIRE_NEURON_SOURCE; }
    // The variables that survive from sample to sample, by number.
    std::vector<std::uint32_t> kept_variables() const {
        std::vector<std::uint32_t> kept;
        for (std::uint32_t v = 0; v < table->description->variable_count; ++v)
            if (table->description->variables[v].flags & SYNFIRE_VARIABLE_KEPT) kept.push_back(v);
        return kept;
    }
};

struct RuleModel {
    const synfire_rule* table;
    std::filesystem::path library;
    std::string_view id() const { return table->description->id; }
    bool backward() const { return table->flags & SYNFIRE_RULE_BACKWARD; }
    // Learns backward, through the dynamics of each neuron alone.
    bool local() const { return table->flags & SYNFIRE_RULE_LOCAL; }
    bool joins() const { return table->flags & SYNFIRE_RULE_JOINS; }
    bool writes_weights() const { return table->flags & SYNFIRE_RULE_WRITES_WEIGHTS; }
    bool needs_target_spikes() const { return table->flags & SYNFIRE_RULE_NEEDS_TARGET_SPIKES; }
    bool needs_modulator() const { return table->flags & SYNFIRE_RULE_NEEDS_MODULATOR; }
};

struct ReleaseModel {
    const synfire_release* table;
    std::filesystem::path library;
    std::string_view id() const { return table->description->id; }
};

struct LossModel {
    const synfire_loss* table;
    std::filesystem::path library;
    std::string_view id() const { return table->description->id; }
    bool judges(bool spikes) const {
        return table->flags & (spikes ? SYNFIRE_LOSS_OF_SPIKES : SYNFIRE_LOSS_OF_VALUES);
    }
    bool takes_class() const { return table->flags & SYNFIRE_LOSS_TAKES_CLASS; }
    bool takes_values() const { return table->flags & SYNFIRE_LOSS_TAKES_VALUES; }
    bool takes_frames() const { return table->flags & SYNFIRE_LOSS_TAKES_FRAMES; }
    bool takes_events() const { return table->flags & SYNFIRE_LOSS_TAKES_EVENTS; }
};

struct RefusedLibrary {
    std::filesystem::path library;
    std::string reason;   // a clause that follows "because"
    bool in_use = false;  // it was loaded; only an id of it was taken already
};

class PluginRegistry {
  public:
    // Loads every library (*.so) of the folders, in that order. Folders that do not exist are
    // refused like bad files.
    explicit PluginRegistry(const std::vector<std::filesystem::path>& folders);

    // Null where no plugin has that id.
    const NeuronModel* neuron(std::string_view id) const;
    const RuleModel* rule(std::string_view id) const;
    const ReleaseModel* release(std::string_view id) const;
    const LossModel* loss(std::string_view id) const;

    // All of them by id.
    const std::vector<NeuronModel>& neurons() const { return neurons_; }
    const std::vector<RuleModel>& rules() const { return rules_; }
    const std::vector<ReleaseModel>& releases() const { return releases_; }
    const std::vector<LossModel>& losses() const { return losses_; }
    const std::vector<RefusedLibrary>& refused() const { return refused_; }
    // "Refused: FILE, because ..." for the libraries that could not be loaded, or "".
    std::string refusals() const;

  private:
    void load_folder(const std::filesystem::path& folder);
    void load_library(const std::filesystem::path& file);
    void refuse(const std::filesystem::path& file, std::string reason);
    // False where a table is unsound, which refuses the file.
    template <class Model, class Table>
    bool add_models(const std::filesystem::path& file, const char* kind, std::vector<Model>& models,
                    std::span<const Table* const> tables);

    std::vector<NeuronModel> neurons_;
    std::vector<RuleModel> rules_;
    std::vector<ReleaseModel> releases_;
    std::vector<LossModel> losses_;
    std::vector<RefusedLibrary> refused_;
};

// The folders that a program searches: those given, SYNFIRE_PLUGIN_PATH, the one beside it. Throws
// InputError where one that is given is no folder.
std::vector<std::filesystem::path> plugin_folders(const std::vector<std::string>& given);

}  // namespace synfire
