/* Never returns from its entry. */
#include "sound.h"

const synfire_plugin* SYNFIRE_ENTRY(void) {
    volatile int on = 1;
    while (on) {
    }
    return 0;
}
