#include "cli/shipped_models.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <filesystem>

#include "base/printable.hpp"
#include "base/problem.hpp"
#include "base/suggest.hpp"

namespace synfire::cli {

namespace fs = std::filesystem;

std::vector<ShippedModel> shipped_models() {
    const fs::path program = boost::dll::program_location().string();
    const fs::path folder = program.parent_path().parent_path() / "share" / "synfire" / "models";
    std::vector<ShippedModel> models;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().extension() == ".json")
            models.push_back({entry.path().stem().string(), entry.path().string()});
    std::ranges::sort(models, {}, &ShippedModel::name);
    return models;
}

std::string find_model(const std::string& model) {
    std::error_code error;
    const bool is_path = model.find('/') != std::string::npos;
    if (is_path || fs::exists(model, error)) return model;
    const std::vector<ShippedModel> models = shipped_models();
    const std::string name = model.ends_with(".json") ? model.substr(0, model.size() - 5) : model;
    const auto found = std::ranges::find(models, name, &ShippedModel::name);
    if (found != models.end()) return found->path;
    std::vector<std::string> names;
    for (const ShippedModel& one : models) names.push_back(one.name);
    const std::string hint = did_you_mean(name, names);
    throw InputError(
        fmt::format("{}: there is no such file, and no shipped model of that name{} "
                    "`synfire models` lists them.",
                    printable(model), hint.empty() ? "." : hint));
}

}  // namespace synfire::cli
