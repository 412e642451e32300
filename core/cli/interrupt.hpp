// Ctrl-C and SIGTERM as a request to stop: the first sets a flag that long work looks at, the
// second ends the program at once.
#pragma once

namespace synfire::cli {

void watch_for_interrupts();
bool interrupt_requested();

}  // namespace synfire::cli
