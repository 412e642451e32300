// The experiments that come with the program, which commands find by name wherever it stands: in
// share/synfire/models beside its folder.
#pragma once

#include <string>
#include <vector>

namespace synfire::cli {

struct ShippedModel {
    std::string name, path;
};

// By name; nothing where the folder is missing.
std::vector<ShippedModel> shipped_models();

// The file that MODEL stands for: one of that path or, where there is none, the shipped model of that
// name. Throws InputError where there is neither.
std::string find_model(const std::string& model);

}  // namespace synfire::cli
