// Throws from its entry.
#include <stdexcept>

#include "sound.h"

const synfire_plugin* SYNFIRE_ENTRY(void) {
    throw std::runtime_error("no licence");
}
