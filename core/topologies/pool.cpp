#include <fmt/format.h>

#include <algorithm>

#include "topologies/topology_kinds.hpp"

namespace synfire {
namespace {

constexpr std::uint32_t no_window = HandedOn::nowhere;

struct WindowSize {
    std::uint32_t rows, columns;
};

WindowSize size_of(const nlohmann::json& pooling) {
    const std::uint32_t rows = pooling.at("size");
    return {rows, pooling.value("columns", rows)};
}

// The window that each source neuron lies in, as the neuron of the pooled map that stands for it;
// no_window for rows and columns left over at the end.
class Windows {
  public:
    Windows(const MapShape& source, const MapShape& pooled, WindowSize size)
        : channels_(source.channels), size_(size), source_(source), pooled_(pooled) {
        of_.assign(source.size(), no_window);
        for (std::uint32_t row = 0; row < pooled.rows * size.rows; ++row)
            for (std::uint32_t column = 0; column < pooled.columns * size.columns; ++column)
                for (std::uint32_t c = 0; c < channels_; ++c)
                    of_[source.neuron(c, row, column)] =
                        pooled.neuron(c, row / size.rows, column / size.columns);
    }
    std::uint32_t of(std::uint32_t neuron) const { return of_[neuron]; }
    std::span<const std::uint32_t> places() const { return of_; }
    std::uint32_t area() const { return size_.rows * size_.columns; }
    std::uint32_t pooled_count() const { return static_cast<std::uint32_t>(pooled_.size()); }
    // Member `part` of a window, in row order.
    std::uint32_t member(std::uint32_t window, std::uint32_t part) const {
        const std::uint32_t pixel = window / channels_;
        return source_.neuron(window % channels_,
                              pixel / pooled_.columns * size_.rows + part / size_.columns,
                              pixel % pooled_.columns * size_.columns + part % size_.columns);
    }

  private:
    std::uint32_t channels_;
    WindowSize size_;
    MapShape source_, pooled_;
    std::vector<std::uint32_t> of_;
};

Windows windows_of(const nlohmann::json& pooling, const Extent& source, const Extent& pooled) {
    return Windows(*source.shape, *pooled.shape, size_of(pooling));
}

// What both kinds of pooling share: one synapse a source neuron, nothing to learn.
class Pool : public Topology {
  public:
    Pool(const Extent& source, const Extent& pooled, Windows windows)
        : Topology(source.size, pooled.size), windows_(std::move(windows)) {}

    Matrix make_weights() const override { return {}; }
    float fan_in() const override { return static_cast<float>(windows_.area()); }
    std::uint32_t bias_count() const override { return 0; }
    std::uint64_t synapse_count() const override { return 0; }
    std::uint64_t synapses(std::span<const std::uint32_t> spikes) const override {
        return spikes.size();
    }
    void touch(std::span<const std::uint32_t> spikes, Frontier& frontier) const override {
        for (const std::uint32_t j : spikes)
            if (windows_.of(j) != no_window) frontier.insert(windows_.of(j));
    }
    void add_bias(const Matrix&, float*) const override {}
    std::uint64_t add_rows(Matrix&, GradientRows&) const override { return 0; }
    void add_bias_gradient(Matrix&, const float*) const override {}

  protected:
    Windows windows_;
};

// A window passes on a spike if any of its neurons fired.
class MaxPool final : public Pool {
  public:
    using Pool::Pool;

    void deliver(const Matrix&, std::span<const std::uint32_t> spikes,
                 float* input) const override {
        for (const std::uint32_t j : spikes)
            if (windows_.of(j) != no_window) input[windows_.of(j)] = 1.0f;
    }
    // To the first maximum in row order: the first neuron that fired, else the first.
    std::uint64_t backproject(const BackwardWeights& through, const float* post,
                              float* pre) const override {
        thread_local std::vector<std::uint32_t> winner;
        winner.assign(windows_.pooled_count(), no_window);
        for (const std::uint32_t j : through.pre_spikes)
            if (const std::uint32_t w = windows_.of(j); w != no_window && winner[w] == no_window)
                winner[w] = j;
        for (std::uint32_t w = 0; w < windows_.pooled_count(); ++w)
            pre[winner[w] == no_window ? windows_.member(w, 0) : winner[w]] += post[w];
        return windows_.pooled_count();
    }
};

// A window passes on the share of its neurons that fired.
class AvgPool final : public Pool {
  public:
    using Pool::Pool;

    void deliver(const Matrix&, std::span<const std::uint32_t> spikes,
                 float* input) const override {
        for (const std::uint32_t j : spikes)
            if (windows_.of(j) != no_window) input[windows_.of(j)] += 1.0f / fan_in();
    }
    std::uint64_t backproject(const BackwardWeights&, const float* post,
                              float* pre) const override {
        for (std::uint32_t j = 0; j < pre_count(); ++j)
            if (windows_.of(j) != no_window) pre[j] += post[windows_.of(j)] / fan_in();
        return pre_count();
    }
};

// Each neuron of the source stands for a window of the target, all of whose neurons fire with it:
// `windows` are those of the target, pooled to the source.
class Upsample final : public Topology {
  public:
    Upsample(const Extent& source, const Extent& target, Windows windows)
        : Topology(source.size, target.size), windows_(std::move(windows)) {}

    Matrix make_weights() const override { return {}; }
    float fan_in() const override { return 1; }
    std::uint32_t bias_count() const override { return 0; }
    std::uint64_t synapse_count() const override { return 0; }
    std::uint64_t synapses(std::span<const std::uint32_t> spikes) const override {
        return spikes.size() * windows_.area();
    }
    void deliver(const Matrix&, std::span<const std::uint32_t> spikes,
                 float* input) const override {
        for (const std::uint32_t j : spikes)
            for (std::uint32_t part = 0; part < windows_.area(); ++part)
                input[windows_.member(j, part)] = 1.0f;
    }
    void touch(std::span<const std::uint32_t> spikes, Frontier& frontier) const override {
        for (const std::uint32_t j : spikes)
            for (std::uint32_t part = 0; part < windows_.area(); ++part)
                frontier.insert(windows_.member(j, part));
    }
    void add_bias(const Matrix&, float*) const override {}
    std::uint64_t add_rows(Matrix&, GradientRows&) const override { return 0; }
    void add_bias_gradient(Matrix&, const float*) const override {}
    std::uint64_t backproject(const BackwardWeights&, const float* post,
                              float* pre) const override {
        for (std::uint32_t i = 0; i < post_count(); ++i) pre[windows_.of(i)] += post[i];
        return post_count();
    }

  private:
    Windows windows_;
};

Misfit pool_misfit(const nlohmann::json& projection, const Extent& pre, const Extent& post) {
    if (!pre.shape || !post.shape)
        return {
            fmt::format("Pooling joins feature maps; the {} needs a \"shape\" of [channels, "
                        "rows, columns].",
                        pre.shape ? "target" : "source")};
    const MapShape &in = *pre.shape, &out = *post.shape;
    const WindowSize size = size_of(projection);
    const std::string windows = fmt::format("Windows of {} x {}", size.rows, size.columns);
    if (out.channels != in.channels)
        return {
            fmt::format("Pooling keeps the channels: the source has {} and the target {}; they "
                        "should be equal.",
                        in.channels, out.channels)};
    if (size.rows > in.rows || size.columns > in.columns)
        return {fmt::format("{} are larger than the map of {} x {}.", windows, in.rows, in.columns),
                "size"};
    if (projection.at("remainder") == "refuse" &&
        (in.rows % size.rows || in.columns % size.columns))
        return {fmt::format("{} do not divide a map of {} x {}; choose another size, or "
                            "\"remainder\": \"drop\" to leave the last rows and columns out.",
                            windows, in.rows, in.columns),
                "size"};
    const std::uint32_t rows = in.rows / size.rows, columns = in.columns / size.columns;
    if (out.rows != rows || out.columns != columns)
        return {fmt::format(
            "{0} make {1} x {2} of a map of {3} x {4}, and the target is {5} x "
            "{6}; its \"shape\" should be [{7}, {1}, {2}].",
            windows, rows, columns, in.rows, in.columns, out.rows, out.columns, out.channels)};
    return {};
}

template <class Kind>
TopologyType pooling(std::string name, std::string doc) {
    TopologyType type{std::move(name),
                      std::move(doc),
                      {integer("size", "rows and columns of a window, and from one to the next")
                           .must()
                           .between(1, 1024),
                       integer("columns", "of a window, where it is not square").between(1, 1024),
                       choice("remainder", {"refuse", "drop"},
                              "what to do with rows and columns that fill no window")
                           .otherwise("refuse")},
                      &pool_misfit,
                      [](const nlohmann::json& projection, const Extent& pre, const Extent& post,
                         const Draws&) -> std::unique_ptr<Topology> {
                          return std::make_unique<Kind>(pre, post,
                                                        windows_of(projection, pre, post));
                      }};
    type.pools = true;
    type.amount = [](const nlohmann::json&, const Extent&, const Extent&) { return 0.0; };
    return type;
}

Misfit upsample_misfit(const nlohmann::json& projection, const Extent& pre, const Extent& post) {
    if (!pre.shape || !post.shape)
        return {
            fmt::format("Up-sampling joins feature maps; the {} needs a \"shape\" of "
                        "[channels, rows, columns].",
                        pre.shape ? "target" : "source")};
    const MapShape &in = *pre.shape, &out = *post.shape;
    const WindowSize size = size_of(projection);
    const std::uint64_t rows = std::uint64_t{in.rows} * size.rows,
                        columns = std::uint64_t{in.columns} * size.columns;
    if (out.channels != in.channels || out.rows != rows || out.columns != columns)
        return {
            fmt::format("Windows of {} x {} for each pixel of a map of {} x {} make {} x {} with "
                        "as many channels, and the target is {} x {} with {}; its \"shape\" "
                        "should be [{}, {}, {}].",
                        size.rows, size.columns, in.rows, in.columns, rows, columns, out.rows,
                        out.columns, out.channels, in.channels, rows, columns)};
    return {};
}

}  // namespace

TopologyType upsample_topology() {
    TopologyType type{
        "upsample",
        "onto a relay: each pixel becomes a window of pixels that fire with it (nearest, as "
        "torch.nn.Upsample)",
        {integer("size", "rows and columns of a window").must().between(1, 1024),
         integer("columns", "of a window, where it is not square").between(1, 1024)},
        &upsample_misfit,
        [](const nlohmann::json& projection, const Extent& pre, const Extent& post,
           const Draws&) -> std::unique_ptr<Topology> {
            return std::make_unique<Upsample>(pre, post, windows_of(projection, post, pre));
        }};
    type.pools = true;
    type.amount = [](const nlohmann::json&, const Extent&, const Extent&) { return 0.0; };
    return type;
}

TopologyType max_pool_topology() {
    return pooling<MaxPool>("max_pool",
                            "onto a relay: a window's neuron fires if any neuron of it fired");
}

TopologyType avg_pool_topology() {
    TopologyType type = pooling<AvgPool>(
        "avg_pool", "onto a relay: a window passes on the share of its neurons that fired");
    type.hands_on = [](const nlohmann::json& projection, const Extent& pre, const Extent& post) {
        const Windows windows = windows_of(projection, pre, post);
        return HandedOn{{windows.places().begin(), windows.places().end()}, windows.area()};
    };
    return type;
}

}  // namespace synfire
