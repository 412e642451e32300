// HDF5 files to write, behind a few calls that own their handles; hdf5_reader.hpp reads them. What
// cannot be written is a std::runtime_error that names the file and the system's reason. The
// library is used from one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace synfire {

class Hdf5File {
  public:
    static Hdf5File create(const std::string& path);  // replaces what is there
    ~Hdf5File();
    Hdf5File(Hdf5File&&) noexcept;

    // Groups on the way are made.
    template <class Element>
    void write(const std::string& dataset, std::span<const Element> values,
               std::vector<std::uint64_t> shape = {});
    template <class Element>
    void write_ragged(const std::string& dataset, const std::vector<std::vector<Element>>& rows);
    // A list of texts, at least one, all as wide as the longest.
    void write_texts(const std::string& dataset, const std::vector<std::string>& texts);
    void write_text(const std::string& dataset, const std::string& text);
    // Of the file as a whole.
    void write_attribute(const std::string& name, double value);
    void write_attribute(const std::string& name, const std::string& text);

    // Makes an empty dataset of rows of `width` values, which stays open and grows.
    template <class Element>
    void grow(const std::string& dataset, std::uint64_t width);
    // Adds whole rows to it. The file on the disk keeps the rows of the last flush until the next:
    // after a failure all growing datasets go back to these, so that what is there can be read.
    template <class Element>
    void append(const std::string& dataset, std::span<const Element> values);
    // Hands everything to the system; the file can be read from now on whatever happens.
    void flush();

    // Ends writing: everything is on its way to the disk. Throws where that fails.
    void close();

  private:
    struct Handles;
    explicit Hdf5File(std::unique_ptr<Handles> handles);
    std::unique_ptr<Handles> handles_;
};

}  // namespace synfire
