// Folders of class folders: a folder a class, a file a recording. Names that begin with a dot, as
// systems and tools leave them, stand for neither; they and other files are passed over and
// counted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cameras/listing.hpp"

namespace synfire {

struct FileKind {
    // Whether the file of that name, there, is a recording.
    bool (*wanted)(std::string_view name, const std::string& path);
    std::string_view expected;  // such a file, in words
};
// In any container: files that are none are passed over where their name says so (is_foreign).
extern const FileKind any_recording;

struct ClassFolders {
    std::vector<std::string> classes;  // in alphabetical order; a label is the index
    // The first of every class, then the second of every class, ..., so that the first N of them
    // are of all classes alike. In a class, in alphabetical order.
    std::vector<RecordingPlace> recordings;
    PassedOver passed_over;
};

// Throws InputError where there are no classes or one has no recording.
ClassFolders list_class_folders(const std::string& folder, const FileKind& kind);

// Every n-th recording of each class goes to the test.
void split_every(Listing& listing, std::vector<RecordingPlace> recordings, std::uint32_t n);

// Of two folders, one a split. Throws InputError where they are not of the same classes.
Listing listing_of(ClassFolders train, const std::string& train_folder, ClassFolders test,
                   const std::string& test_folder);

}  // namespace synfire
