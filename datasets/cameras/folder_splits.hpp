// Splits that folders name: one for training and one for the test, or every so many-th recording of
// one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cameras/class_folders.hpp"
#include "json/form.hpp"

namespace synfire {

// --data; throws InputError where it is not given. what: the folder it should be, in words.
std::string data_folder(const InputRequest& request, std::string_view what);
// The folder of that name in `folder`, or `folder` where there is none: as what was unpacked, or
// what it holds, is given.
std::string folder_or_inner(const std::string& folder, std::string_view name);

// "train", "test" and "test_every".
std::vector<Field> split_fields(const char* train, const char* test);

// By those fields. Throws InputError.
Listing list_splits(const InputRequest& request, const FileKind& kind);
// Every so many-th recording of one folder's classes is for the test.
Listing list_one_folder(const std::string& folder, std::uint32_t test_every, const FileKind& kind);
// A folder a split. training: whether its split is wanted.
Listing list_two_folders(const std::string& train, const std::string& test, bool training,
                         const FileKind& kind);

// first, then second.
std::vector<Field> joined(std::vector<Field> first, std::vector<Field> second);

}  // namespace synfire
