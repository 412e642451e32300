#pragma once

#include <hdf5.h>

#include <utility>

namespace synfire {

// Owns one HDF5 identifier; a negative one, which a failed call gives, is not released.
class Hdf5Id {
  public:
    Hdf5Id(hid_t id, herr_t (*release)(hid_t)) : id_(id), release_(release) {}
    Hdf5Id(Hdf5Id&& other) noexcept : id_(std::exchange(other.id_, -1)), release_(other.release_) {}
    Hdf5Id& operator=(Hdf5Id&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(release_, other.release_);
        return *this;
    }
    ~Hdf5Id() {
        if (id_ >= 0) release_(id_);
    }
    operator hid_t() const { return id_; }
    hid_t release() { return std::exchange(id_, -1); }

  private:
    hid_t id_;
    herr_t (*release_)(hid_t);
};

}  // namespace synfire
