#include "recordings/compression.hpp"

#include <fmt/format.h>
#include <lz4frame.h>
#include <zstd.h>

#include <algorithm>
#include <new>

namespace synfire {

struct Decompressor::Contexts {
    LZ4F_dctx* lz4 = nullptr;
    ZSTD_DCtx* zstd = nullptr;
    ~Contexts() {
        LZ4F_freeDecompressionContext(lz4);
        ZSTD_freeDCtx(zstd);
    }
};

Decompressor::Decompressor(Compression kind)
    : kind_(kind), contexts_(std::make_unique<Contexts>()) {
    if (kind == Compression::lz4 &&
        LZ4F_isError(LZ4F_createDecompressionContext(&contexts_->lz4, LZ4F_VERSION)))
        throw std::bad_alloc();
    if (kind == Compression::zstd && !(contexts_->zstd = ZSTD_createDCtx())) throw std::bad_alloc();
}
Decompressor::~Decompressor() = default;
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;

std::optional<std::span<const unsigned char>> Decompressor::whole(
    std::span<const unsigned char> frame, std::size_t most) {
    fault_.clear();
    if (kind_ == Compression::none) {
        content_.assign(frame.begin(), frame.end());
        return content_;
    }
    if (contexts_->lz4) LZ4F_resetDecompressionContext(contexts_->lz4);
    if (contexts_->zstd) ZSTD_DCtx_reset(contexts_->zstd, ZSTD_reset_session_only);
    if (content_.size() < 4 * frame.size())
        content_.resize(std::min(most, std::max<std::size_t>(4 * frame.size(), 1 << 16)));
    std::size_t done = 0;
    while (some(frame, done)) {
        if (done < content_.size()) continue;
        if (done >= most) {
            fault_ = fmt::format("it holds more than {} bytes", most);
            break;
        }
        content_.resize(std::min(most, 2 * content_.size()));
    }
    if (!fault_.empty()) return std::nullopt;
    return std::span<const unsigned char>(content_).first(done);
}

bool Decompressor::some(std::span<const unsigned char>& rest, std::size_t& done) {
    std::size_t left = 0;  // a hint of what the frame still needs; 0 at its end
    std::size_t taken = 0, written = 0;
    const char* error = nullptr;
    if (kind_ == Compression::lz4) {
        written = content_.size() - done;
        taken = rest.size();
        left = LZ4F_decompress(contexts_->lz4, content_.data() + done, &written, rest.data(),
                               &taken, nullptr);
        if (LZ4F_isError(left)) error = LZ4F_getErrorName(left);
    } else {
        ZSTD_inBuffer in{rest.data(), rest.size(), 0};
        ZSTD_outBuffer out{content_.data() + done, content_.size() - done, 0};
        left = ZSTD_decompressStream(contexts_->zstd, &out, &in);
        if (ZSTD_isError(left)) error = ZSTD_getErrorName(left);
        taken = in.pos;
        written = out.pos;
    }
    if (error) {
        fault_ = error;
        return false;
    }
    rest = rest.subspan(taken);
    done += written;
    if (left != 0 && taken == 0 && written == 0) fault_ = "it ends within its frame";
    return left != 0 && fault_.empty();
}

std::vector<unsigned char> compressed(std::span<const unsigned char> bytes, Compression kind) {
    if (kind == Compression::none) return {bytes.begin(), bytes.end()};
    const bool lz4 = kind == Compression::lz4;
    std::vector<unsigned char> frame(lz4 ? LZ4F_compressFrameBound(bytes.size(), nullptr)
                                         : ZSTD_compressBound(bytes.size()));
    const std::size_t size =
        lz4 ? LZ4F_compressFrame(frame.data(), frame.size(), bytes.data(), bytes.size(), nullptr)
            : ZSTD_compress(frame.data(), frame.size(), bytes.data(), bytes.size(), 1);
    if (lz4 ? LZ4F_isError(size) : ZSTD_isError(size)) throw std::bad_alloc();
    frame.resize(size);
    return frame;
}

}  // namespace synfire
