/* Aborts in its entry. */
#include <stdlib.h>

#include "sound.h"

const synfire_plugin* SYNFIRE_ENTRY(void) {
    abort();
}
