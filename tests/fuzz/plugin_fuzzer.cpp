// Plugin files: what is looked at before anything of them is loaded. Nothing is executed.
#include <cstdint>

#include "plugins/probe.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    synfire::refusal_of_image({reinterpret_cast<const char*>(data), size});
    return 0;
}
