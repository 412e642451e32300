/* Has no models. */
#include "sound.h"

const synfire_plugin* SYNFIRE_ENTRY(void) {
    static const synfire_plugin plugin = {sizeof(synfire_plugin),
                                          SYNFIRE_ABI_VERSION,
                                          SYNFIRE_ABI_VERSION,
                                          0,
                                          0,
                                          0,
                                          0,
                                          0,
                                          0,
                                          0,
                                          0,
                                          0};
    return &plugin;
}
