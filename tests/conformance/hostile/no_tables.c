/* Has no tables. */
#include "sound.h"

const synfire_plugin* SYNFIRE_ENTRY(void) {
    return 0;
}
