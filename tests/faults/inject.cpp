// Preloaded into the program: makes one call of a kind fail, as a full disk, a dying one or a short
// memory would.
//   FAULT_KIND   write, sync, rename, open, close, room or new
//   FAULT_AT     the number of the call that fails, from 1; 0: none. Of new, the number
//   of
//                the place in the program that calls, of which the first call fails
//   FAULT_LASTS  set: all later calls of the kind fail too
//   FAULT_COUNT  file that the number of calls, or places, is written to
// Calls are counted while main runs. Memory that the system's libraries ask for themselves is left
// alone: HDF5 and the C++ library end the program without it.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#define EXPORTED extern "C" __attribute__((visibility("default")))
#define REPLACEMENT __attribute__((visibility("default")))

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

std::atomic<bool> armed{false};
std::atomic<long> calls{0};
const char* wanted_kind = "";
long wanted_call = 0;
bool lasts = false;

bool fails(const char* kind) {
    if (!armed.load(std::memory_order_relaxed) || std::strcmp(kind, wanted_kind) != 0) return false;
    const long call = ++calls;
    return wanted_call > 0 && (call == wanted_call || (lasts && call > wanted_call));
}

// Whether this is the first call from the wanted place.
bool fails_at(const char* kind, void* place) {
    if (!armed.load(std::memory_order_relaxed) || std::strcmp(kind, wanted_kind) != 0) return false;
    Dl_info info;
    if (!dladdr(place, &info) || std::strstr(info.dli_fname, ".so.")) return false;
    constexpr std::size_t slots = 1 << 16;
    static std::atomic<void*> seen[slots];
    for (std::size_t k = (reinterpret_cast<std::size_t>(place) * 0x9e3779b97f4a7c15ull) >> 48;;
         k = (k + 1) % slots) {
        void* there = seen[k].load();
        if (there == place) return false;
        if (there) continue;
        if (seen[k].compare_exchange_strong(there, place)) return ++calls == wanted_call;
        if (there == place) return false;
    }
}

template <class Function>
Function real(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

long refuse(int error) {
    errno = error;
    return -1;
}

bool own(const char* path) {
    for (const char* system : {"/proc", "/sys", "/dev", "/etc", "/usr", "/lib"})
        if (std::strncmp(path, system, std::strlen(system)) == 0) return false;
    return true;
}

using Main = int (*)(int, char**, char**);
Main program;

int watched_main(int count, char** arguments, char** environment) {
    if (const char* kind = std::getenv("FAULT_KIND")) wanted_kind = kind;
    if (const char* at = std::getenv("FAULT_AT")) wanted_call = std::atol(at);
    lasts = std::getenv("FAULT_LASTS") != nullptr;
    armed = true;
    const int status = program(count, arguments, environment);
    armed = false;
    if (const char* path = std::getenv("FAULT_COUNT")) {
        const int file = static_cast<int>(
            syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0666));
        char text[32];
        const int length = std::snprintf(text, sizeof text, "%ld", calls.load());
        syscall(SYS_write, file, text, length);
        syscall(SYS_close, file);
    }
    return status;
}

}  // namespace

EXPORTED int __libc_start_main(Main main, int count, char** arguments, void (*init)(),
                               void (*fini)(), void (*loader_fini)(), void* stack) {
    program = main;
    using Start = int (*)(Main, int, char**, void (*)(), void (*)(), void (*)(), void*);
    return real<Start>("__libc_start_main")(&watched_main, count, arguments, init, fini,
                                            loader_fini, stack);
}

EXPORTED ssize_t write(int file, const void* data, size_t size) {
    if (file > 2 && fails("write")) return refuse(ENOSPC);
    return syscall(SYS_write, file, data, size);
}
EXPORTED ssize_t writev(int file, const iovec* pieces, int count) {
    if (file > 2 && fails("write")) return refuse(ENOSPC);
    return syscall(SYS_writev, file, pieces, count);
}
EXPORTED ssize_t pwrite64(int file, const void* data, size_t size, off64_t at) {
    if (fails("write")) return refuse(ENOSPC);
    return syscall(SYS_pwrite64, file, data, size, at);
}
EXPORTED ssize_t pwrite(int file, const void* data, size_t size, off_t at) {
    return pwrite64(file, data, size, at);
}
EXPORTED int fsync(int file) {
    if (fails("sync")) return static_cast<int>(refuse(EIO));
    return static_cast<int>(syscall(SYS_fsync, file));
}
EXPORTED int fflush(FILE* file) {
    if (file == stdout && fails("sync")) return static_cast<int>(refuse(EIO));
    return real<int (*)(FILE*)>("fflush")(file);
}
EXPORTED int rename(const char* from, const char* to) {
    if (fails("rename")) return static_cast<int>(refuse(EIO));
    return static_cast<int>(syscall(SYS_rename, from, to));
}
EXPORTED int open64(const char* path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
    va_end(list);
    if (own(path) && fails("open")) return static_cast<int>(refuse(EMFILE));
    return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}
EXPORTED int open(const char* path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open64(path, flags, mode);
}
EXPORTED FILE* fopen64(const char* path, const char* mode) {
    if (own(path) && fails("open")) return refuse(EMFILE), nullptr;
    return real<FILE* (*)(const char*, const char*)>("fopen64")(path, mode);
}
EXPORTED FILE* fopen(const char* path, const char* mode) {
    return fopen64(path, mode);
}
EXPORTED int mkdir(const char* path, mode_t mode) {
    if (fails("open")) return static_cast<int>(refuse(ENOSPC));
    return static_cast<int>(syscall(SYS_mkdir, path, mode));
}
EXPORTED int close(int file) {
    const bool refused = file > 2 && fails("close");
    const int status = static_cast<int>(syscall(SYS_close, file));
    return refused ? static_cast<int>(refuse(EIO)) : status;
}
EXPORTED int fallocate64(int file, int mode, off64_t begin, off64_t size) {
    if (fails("room")) return static_cast<int>(refuse(ENOSPC));
    return static_cast<int>(syscall(SYS_fallocate, file, mode, begin, size));
}
EXPORTED int fallocate(int file, int mode, off_t begin, off_t size) {
    return fallocate64(file, mode, begin, size);
}
EXPORTED int ftruncate64(int file, off64_t size) {
    if (fails("room")) return static_cast<int>(refuse(EIO));
    return static_cast<int>(syscall(SYS_ftruncate, file, size));
}
EXPORTED int ftruncate(int file, off_t size) {
    return ftruncate64(file, size);
}

EXPORTED void* aligned_alloc(size_t alignment, size_t size) {
    if (fails_at("new", __builtin_return_address(0))) return refuse(ENOMEM), nullptr;
    return __libc_memalign(alignment, size);
}

REPLACEMENT void* operator new(std::size_t size) {
    if (fails_at("new", __builtin_return_address(0))) throw std::bad_alloc();
    if (void* block = __libc_malloc(size ? size : 1)) return block;
    throw std::bad_alloc();
}
REPLACEMENT void* operator new(std::size_t size, std::align_val_t alignment) {
    if (fails_at("new", __builtin_return_address(0))) throw std::bad_alloc();
    if (void* block = __libc_memalign(static_cast<std::size_t>(alignment), size)) return block;
    throw std::bad_alloc();
}
