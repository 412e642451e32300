// Experiments: JSON text, its forms and what read_experiment checks, with the shipped plugins.
#include <cstdint>

#include "formats.hpp"
#include "json/document.hpp"
#include "learning/experiment.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synfire;
    static const PluginRegistry plugins({SYNFIRE_PLUGIN_FOLDER});
    try {
        const Document document =
            Document::from_text({reinterpret_cast<const char*>(data), size}, "experiment");
        read_experiment(document, plugins, input_formats());
    } catch (const InputError&) {
    }
    return 0;
}
