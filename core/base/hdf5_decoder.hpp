// The half of reading HDF5 that touches the file. libhdf5 can crash or hang on a damaged file, so
// this half runs in a process of its own and answers what hdf5_reader.hpp asks.
//
// A request is an Hdf5Request and the dataset's name. An answer begins with an Hdf5Status; where it
// is not `fine`, a sentence follows in place of the rest, and the next request may be sent.
//   open     nothing (it is asked first, with the path as the name)
//   has      a byte, 0 or 1
//   shape    the number of extents, then these
//   text     its length, then its bytes
//   numbers  StoredType, the number of blocks, and each block: Hdf5Status, length, numbers
//   ragged   the same, a block a row
//   attribute  of the file as a whole, as text: numbers with blanks between, "" where there is none
// The dataset of `numbers` may be NAME@MEMBER: of records, the numbers of one member.
// Lengths are 64-bit, texts are a length and bytes.
#pragma once

#include <cstdint>

namespace synfire {

enum class Hdf5Question : std::uint32_t { open, has, shape, text, numbers, ragged, attribute };

struct Hdf5Request {
    Hdf5Question question;
    std::uint32_t name_bytes;
    std::uint64_t rows;   // at most so many, of numbers and ragged: along the first extent
    std::uint64_t first;  // of numbers: the row that they begin with
};

enum class Hdf5Status : std::uint8_t { fine, refused };

// Answers requests on the socket until there are no more.
void serve_hdf5(int socket);

}  // namespace synfire
