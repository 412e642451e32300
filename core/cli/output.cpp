#include "cli/output.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/note.hpp"
#include "cli/command.hpp"

namespace synfire::cli {
namespace {

int first_error = 0;  // of standard output

void remember(bool done) noexcept {
    if (!done && first_error == 0) first_error = errno ? errno : EIO;
}

}  // namespace

void guard_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(stream, F_GETFD) >= 0) continue;
        // Opened the wrong way round, so that using it fails as it does with a closed one.
        const int made = ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        if (made == stream) continue;
        note("error: /dev/null cannot be opened in the place of a closed standard stream.");
        std::_Exit(failed);
    }
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
}

void say_text(std::string_view text) noexcept {
    errno = 0;
    remember(std::fwrite(text.data(), 1, text.size(), stdout) == text.size());
}

int finish_output(int status) noexcept {
    errno = 0;
    const bool flushed = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    remember(flushed);
    errno = 0;
    remember(std::fclose(stdout) == 0);
    if (first_error == 0) return status;
    char line[200];
    std::snprintf(line, sizeof line, "error: standard output could not be written to its end (%s).",
                  std::strerror(first_error));
    note(line);
    return status == done ? failed : status;
}

}  // namespace synfire::cli
