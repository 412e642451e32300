#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "base/random.hpp"
#include "kernels/frontier.hpp"
#include "topologies/topology.hpp"
#include "topologies/topology_type.hpp"

using namespace synfire;
using json = nlohmann::json;

namespace {

// One synapse as the topology's definition says, apart from its implementation: its weight is
// element (row, column) of the matrix times `part`.
struct Link {
    std::uint32_t pre, post, row, column;
    float part = 1;
};

struct Joined {
    std::string name;
    std::unique_ptr<Topology> topology;
    std::vector<Link> links;
};

std::unique_ptr<Topology> make(const json& projection, const Extent& pre, const Extent& post) {
    const TopologyType& type = topology_type(projection);
    REQUIRE(type.misfit(projection, pre, post).reason == "");
    return type.make(projection, pre, post, {7, 0});
}

Extent flat(std::uint32_t size) {
    return {size, {}};
}
Extent map(const MapShape& shape) {
    return {static_cast<std::uint32_t>(shape.size()), shape};
}

Joined dense(std::uint32_t pre, std::uint32_t post) {
    Joined j{"dense", make({{"topology", "dense"}}, flat(pre), flat(post)), {}};
    for (std::uint32_t a = 0; a < pre; ++a)
        for (std::uint32_t b = 0; b < post; ++b) j.links.push_back({a, b, a, b});
    return j;
}

Joined one_to_one(std::uint32_t size) {
    Joined j{"one_to_one", make({{"topology", "one_to_one"}}, flat(size), flat(size)), {}};
    for (std::uint32_t a = 0; a < size; ++a) j.links.push_back({a, a, 0, a});
    return j;
}

Joined sparse() {
    const json list = {{4, 1}, {0, 3}, {4, 0}, {0, 0}, {4, 1}, {2, 5}};
    Joined j{"sparse",
             make({{"topology", "sparse"}, {"synapses", list}, {"source", "a"}, {"target", "b"}},
                  flat(6), flat(7)),
             {}};
    // Rows by source, then by target.
    const std::uint32_t sorted[][2] = {{0, 0}, {0, 3}, {2, 5}, {4, 0}, {4, 1}, {4, 1}};
    for (std::uint32_t s = 0; s < 6; ++s) j.links.push_back({sorted[s][0], sorted[s][1], 0, s});
    return j;
}

std::vector<Link> convolution_links(const MapShape& in, const MapShape& out, std::uint32_t kernel,
                                    std::uint32_t stride, std::uint32_t padding) {
    std::vector<Link> links;
    for (std::uint32_t oy = 0; oy < out.rows; ++oy)
        for (std::uint32_t ox = 0; ox < out.columns; ++ox)
            for (std::uint32_t ky = 0; ky < kernel; ++ky)
                for (std::uint32_t kx = 0; kx < kernel; ++kx) {
                    const std::int64_t y = std::int64_t{oy} * stride + ky - padding;
                    const std::int64_t x = std::int64_t{ox} * stride + kx - padding;
                    if (y < 0 || x < 0 || y >= in.rows || x >= in.columns) continue;
                    for (std::uint32_t c = 0; c < in.channels; ++c)
                        for (std::uint32_t d = 0; d < out.channels; ++d)
                            links.push_back({in.neuron(c, static_cast<std::uint32_t>(y),
                                                       static_cast<std::uint32_t>(x)),
                                             out.neuron(d, oy, ox),
                                             (ky * kernel + kx) * in.channels + c, d});
                }
    return links;
}

json convolution(std::uint32_t kernel, std::uint32_t stride, std::uint32_t padding) {
    return {{"topology", "conv2d"}, {"kernel", kernel}, {"stride", stride}, {"padding", padding}};
}

Joined conv2d(const MapShape& in, const MapShape& out, std::uint32_t kernel, std::uint32_t stride,
              std::uint32_t padding) {
    return {"conv2d", make(convolution(kernel, stride, padding), map(in), map(out)),
            convolution_links(in, out, kernel, stride, padding)};
}

// Each source pixel reaches a window of the target.
Joined conv_transpose2d(const MapShape& in, const MapShape& out, std::uint32_t kernel,
                        std::uint32_t stride, std::uint32_t padding, std::uint32_t output_padding) {
    json projection = convolution(kernel, stride, padding);
    projection["topology"] = "conv_transpose2d";
    projection["output_padding"] = output_padding;
    Joined j{"conv_transpose2d", make(projection, map(in), map(out)), {}};
    // Those of the convolution from the target to the source, turned round.
    for (const Link& link : convolution_links(out, in, kernel, stride, padding)) {
        const std::uint32_t offset = link.row / out.channels, d = link.row % out.channels,
                            c = link.column;
        j.links.push_back({link.post, link.pre, offset * in.channels + c, d});
    }
    return j;
}

Joined upsample(const MapShape& in, const MapShape& out, std::uint32_t rows,
                std::uint32_t columns) {
    const json projection = {{"topology", "upsample"}, {"size", rows}, {"columns", columns}};
    Joined j{"upsample", make(projection, map(in), map(out)), {}};
    for (std::uint32_t y = 0; y < out.rows; ++y)
        for (std::uint32_t x = 0; x < out.columns; ++x)
            for (std::uint32_t c = 0; c < out.channels; ++c)
                j.links.push_back({in.neuron(c, y / rows, x / columns), out.neuron(c, y, x), 0, 0});
    return j;
}

// For each neuron of `in`, the neuron of the pooled map whose window it lies in.
std::vector<std::int64_t> windows(const MapShape& in, const MapShape& pooled, std::uint32_t size) {
    std::vector<std::int64_t> window(in.size(), -1);
    for (std::uint32_t y = 0; y < pooled.rows * size; ++y)
        for (std::uint32_t x = 0; x < pooled.columns * size; ++x)
            for (std::uint32_t c = 0; c < in.channels; ++c)
                window[in.neuron(c, y, x)] = pooled.neuron(c, y / size, x / size);
    return window;
}

json pooling(const char* kind, std::uint32_t size) {
    return {{"topology", kind}, {"size", size}, {"remainder", "drop"}};
}

// A global average over a map that is not square.
Joined global(const MapShape& in) {
    json projection = pooling("avg_pool", in.rows);
    projection["columns"] = in.columns;
    Joined j{"avg_pool", make(projection, map(in), map({in.channels, 1, 1})), {}};
    for (std::uint32_t a = 0; a < in.size(); ++a)
        j.links.push_back(
            {a, a % in.channels, 0, 0, 1.0f / static_cast<float>(in.rows * in.columns)});
    return j;
}

Joined avg_pool(const MapShape& in, const MapShape& pooled, std::uint32_t size) {
    Joined j{"avg_pool", make(pooling("avg_pool", size), map(in), map(pooled)), {}};
    const auto window = windows(in, pooled, size);
    for (std::uint32_t a = 0; a < in.size(); ++a)
        if (window[a] >= 0)
            j.links.push_back({a, static_cast<std::uint32_t>(window[a]), 0, 0,
                               1.0f / static_cast<float>(size * size)});
    return j;
}

HandedOn handed_on(const json& projection, const MapShape& in, const MapShape& relay) {
    return topology_type(projection).hands_on(projection, map(in), map(relay));
}

// A convolution behind a relay of pools of `size`, and where that is to add, of each neuron of a
// map of its own: an event of a pool counts for a part of its window, each other one for all parts.
Joined behind(const MapShape& in, const MapShape& pooled, const MapShape& out, std::uint32_t size,
              bool adds) {
    std::vector<HandedOn> parts{handed_on(pooling("avg_pool", size), in, pooled)};
    if (adds) parts.push_back(handed_on({{"topology", "identity"}}, pooled, pooled));
    CHECK(most_times(parts) == (adds ? size * size : 1));
    Joined j{"conv2d behind relay",
             behind_relay(parts, make(convolution(3, 1, 1), map(pooled), map(out))),
             {}};
    const auto window = windows(in, pooled, size);
    const auto inner = convolution_links(pooled, out, 3, 1, 1);
    for (std::uint32_t a = 0; a < in.size(); ++a)
        for (const Link& link : inner)
            if (window[a] == link.pre) j.links.push_back({a, link.post, link.row, link.column});
    if (adds)
        for (const Link& link : inner)
            for (std::uint32_t time = 0; time < size * size; ++time)
                j.links.push_back({static_cast<std::uint32_t>(in.size()) + link.pre, link.post,
                                   link.row, link.column});
    return j;
}

Joined identity(std::uint32_t size) {
    Joined j{"identity", make({{"topology", "identity"}}, flat(size), flat(size)), {}};
    for (std::uint32_t a = 0; a < size; ++a) j.links.push_back({a, a, 0, 0});
    return j;
}

std::vector<Joined> every_topology() {
    std::vector<Joined> all;
    all.push_back(dense(40, 300));
    all.push_back(dense(3, 5));
    all.push_back(one_to_one(77));
    all.push_back(sparse());
    all.push_back(conv2d({2, 5, 6}, {3, 5, 6}, 3, 1, 1));
    all.push_back(conv2d({3, 7, 6}, {21, 3, 2}, 3, 2, 0));
    all.push_back(conv2d({70, 4, 4}, {35, 4, 4}, 3, 1, 1));
    all.push_back(conv2d({1, 3, 3}, {2, 1, 1}, 3, 1, 0));
    all.push_back(conv_transpose2d({3, 4, 5}, {2, 8, 10}, 3, 2, 1, 1));
    all.push_back(conv_transpose2d({20, 3, 3}, {70, 7, 7}, 3, 2, 0, 0));
    all.push_back(conv_transpose2d({5, 4, 4}, {6, 4, 4}, 3, 1, 1, 0));
    all.push_back(upsample({3, 4, 2}, {3, 8, 6}, 2, 3));
    all.push_back(avg_pool({3, 6, 8}, {3, 3, 4}, 2));
    all.push_back(global({5, 3, 4}));
    all.push_back(behind({2, 7, 8}, {2, 3, 4}, {5, 3, 4}, 2, false));
    all.push_back(behind({2, 7, 8}, {2, 3, 4}, {5, 3, 4}, 2, true));
    all.push_back(identity(70));
    return all;
}

AlignedVector<float> random_vector(std::size_t size, Random& random, float zeros = 0) {
    AlignedVector<float> v(padded(size));
    for (std::size_t i = 0; i < size; ++i)
        v[i] = random.uniform() < zeros ? 0.0f : random.uniform(-1, 1);
    return v;
}

float weight(const Matrix& w, const Link& link) {
    return w.rows == 0 ? link.part : w.row(link.row)[link.column] * link.part;
}

void check_close(float actual, double expected) {
    CHECK(actual == doctest::Approx(expected).epsilon(1e-4).scale(1));
}

}  // namespace

TEST_CASE("every topology's primitives agree with sums over single synapses") {
    for (const Joined& j : every_topology()) {
        const Topology& topology = *j.topology;
        const std::uint32_t pre = topology.pre_count(), post = topology.post_count();
        CAPTURE(j.name);
        CAPTURE(post);
        Random random(2, Stream::weights, 0, 0);
        Matrix w = topology.make_weights();
        for (std::uint32_t r = 0; r < w.rows; ++r)
            for (float& value : w.values(r)) value = random.uniform(-1, 1);

        std::vector<std::uint32_t> spikes;
        for (std::uint32_t a = 0; a < pre; ++a)
            if (random.uniform() < 0.4f) spikes.push_back(a);
        std::vector<bool> fired(pre);
        for (const std::uint32_t a : spikes) fired[a] = true;

        if (j.name == "avg_pool" || j.name == "upsample" || j.name == "identity")
            CHECK(topology.synapse_count() == 0);
        else if (j.name.starts_with("conv2d behind"))  // those from the relay
            CHECK(topology.synapse_count() ==
                  convolution_links({2, 3, 4}, {5, 3, 4}, 3, 1, 1).size());
        else
            CHECK(topology.synapse_count() == j.links.size());

        AlignedVector<float> input(padded(post));
        topology.deliver(w, spikes, input.data());
        std::vector<double> factors;
        for (std::size_t k = 0; k < spikes.size(); ++k) factors.push_back(random.uniform(-1, 2));
        if (w.rows > 0) {
            AlignedVector<float> scaled(padded(post)), expected(padded(post));
            topology.deliver_scaled(w, {spikes, factors}, scaled.data());
            for (std::size_t k = 0; k < spikes.size(); ++k) {
                AlignedVector<float> one(padded(post));
                topology.deliver(w, std::span(spikes).subspan(k, 1), one.data());
                for (std::uint32_t b = 0; b < post; ++b)
                    expected[b] += static_cast<float>(factors[k]) * one[b];
            }
            for (std::uint32_t b = 0; b < post; ++b) check_close(scaled[b], expected[b]);
        }
        // Apart by sign, with and without factors; a weight of 0 is not below 0. Of all targets,
        // and of those of the last part of a population, where there are so many.
        if (w.rows > 0 && topology.amplitude() == 1.0f) {
            w.row(0)[0] = 0;
            for (const bool scaled : {false, true}) {
                const std::uint32_t first = scaled && post > 512 ? 512 : 0;
                std::vector<double> above(post - first), below(post - first), of_above = above,
                                                                              of_below = below;
                topology.deliver_by_sign({&w}, {spikes, scaled ? factors : std::vector<double>()},
                                         {{above.data()}, {below.data()}}, {first, post});
                for (const Link& link : j.links) {
                    if (!fired[link.pre] || link.post < first) continue;
                    const auto k = std::ranges::lower_bound(spikes, link.pre) - spikes.begin();
                    const double factor = scaled ? factors[static_cast<std::size_t>(k)] : 1;
                    const double by = weight(w, link);
                    (by < 0 ? of_below : of_above)[link.post - first] += factor * by;
                }
                for (std::uint32_t b = 0; b < post - first; ++b) {
                    CHECK(above[b] == doctest::Approx(of_above[b]).epsilon(1e-6));
                    CHECK(below[b] == doctest::Approx(of_below[b]).epsilon(1e-6));
                }
            }
            std::fill_n(input.begin(), post, 0.0f);
            topology.deliver(w, spikes, input.data());
        }
        Frontier frontier(post);
        topology.touch(spikes, frontier);
        std::vector<std::uint32_t> touched;
        frontier.take(touched);
        std::vector<double> sum(post), reached(post);
        std::uint64_t synapses = 0;
        for (const Link& link : j.links)
            if (fired[link.pre]) {
                sum[link.post] += weight(w, link);
                reached[link.post] = 1;
                ++synapses;
            }
        for (std::uint32_t b = 0; b < post; ++b) check_close(input[b], sum[b]);
        CHECK(topology.synapses(spikes) == synapses);
        if (topology.reaches_all())
            CHECK(touched.size() == post);
        else
            CHECK(touched.size() ==
                  static_cast<std::size_t>(std::accumulate(reached.begin(), reached.end(), 0.0)));

        for (const float zeros : {0.0f, 0.95f}) {
            const AlignedVector<float> signal = random_vector(post, random, zeros);
            AlignedVector<float> back(padded(pre));
            Matrix transposed;
            topology.transpose(w, transposed);
            const std::uint64_t products =
                topology.backproject({w, transposed, spikes}, signal.data(), back.data());
            std::vector<double> expected(pre);
            std::uint64_t through = 0;
            for (const Link& link : j.links) {
                expected[link.pre] += double{weight(w, link)} * signal[link.post];
                through += signal[link.post] != 0;
            }
            for (std::uint32_t a = 0; a < pre; ++a) check_close(back[a], expected[a]);
            if (w.rows > 0 && topology.amplitude() == 1.0f && j.name != "one_to_one")
                CHECK(products == through);
        }

        // Several at once, more than any kernel takes together, agree with one by one.
        for (std::size_t count = 1; count <= 7; ++count) {
            Matrix transposed;
            topology.transpose(w, transposed);
            std::vector<AlignedVector<float>> signals, together(count), single(count);
            std::vector<Backprojection> many;
            std::uint64_t products = 0;
            for (std::size_t k = 0; k < count; ++k) {
                signals.push_back(random_vector(post, random, k % 2 ? 0.5f : 0.0f));
                together[k].resize(padded(pre));
                single[k].resize(padded(pre));
                if (k % 3 == 1) std::fill_n(together[k].begin(), pre, 7.0f);  // to be replaced
            }
            for (std::size_t k = 0; k < count; ++k) {
                products += topology.backproject({w, transposed, spikes}, signals[k].data(),
                                                 single[k].data());
                many.push_back(
                    {{w, transposed, spikes}, signals[k].data(), together[k].data(), k % 3 == 1});
            }
            CHECK(topology.backproject_many(many) == products);
            CHECK(together == single);
        }
        {
            const std::vector<std::span<const std::uint32_t>> lists = {spikes, {}, spikes};
            Matrix inputs(3, post);
            std::ranges::fill(inputs.data, 1.0f);
            const AlignedVector<float> start(padded(post));
            topology.deliver_ticks(w, lists, start, inputs);
            for (std::uint32_t b = 0; b < post; ++b) {
                check_close(inputs.row(0)[b], sum[b]);
                CHECK(inputs.row(1)[b] == 0);
                CHECK(inputs.row(2)[b] == inputs.row(0)[b]);
            }
        }
        if (w.rows == 0) continue;

        constexpr std::uint32_t ticks = 4;  // as many rows as always have room
        GradientRows rows(pre, post, 256);
        Matrix gradient = topology.make_weights();
        std::vector<double> expected(gradient.data.size());
        for (const bool again : {false, true}) {
            CAPTURE(again);
            std::vector<std::vector<bool>> brings(ticks, std::vector<bool>(pre));
            std::vector<AlignedVector<float>> row_values;
            for (std::uint32_t t = 0; t < ticks; ++t) {
                std::vector<std::uint32_t> sources;
                for (std::uint32_t a = 0; a < pre; ++a)
                    if (random.uniform() < 0.4f) {
                        brings[t][a] = true;
                        sources.push_back(a);
                    }
                row_values.push_back(random_vector(post, random));
                rows.add(sources, row_values.back().data());
            }
            std::vector<float> scale(pre);
            for (float& s : scale) s = random.below(2) ? random.uniform() : 0.0f;
            const AlignedVector<float> outer = random_vector(post, random);
            rows.add_outer(scale, outer.data());
            const std::uint64_t macs = topology.add_rows(gradient, rows);
            rows.clear();
            CHECK(rows.empty());
            std::uint64_t additions = 0;
            for (const Link& link : j.links) {
                double& g = expected[link.row * gradient.stride + link.column];
                g += scale[link.pre] * outer[link.post];
                additions += scale[link.pre] != 0;
                for (std::uint32_t t = 0; t < ticks; ++t)
                    if (brings[t][link.pre]) {
                        g += row_values[t][link.post];
                        ++additions;
                    }
            }
            for (std::size_t k = 0; k < expected.size(); ++k)
                check_close(gradient.data[k], expected[k]);
            if (topology.amplitude() == 1.0f) CHECK(macs == additions);
        }
    }
}

TEST_CASE("max pooling passes on a spike once and sends signals back to the first that fired") {
    const MapShape in{2, 4, 4}, out{2, 2, 2};
    const auto pool = make(pooling("max_pool", 2), map(in), map(out));
    std::vector<std::uint32_t> spikes = {in.neuron(0, 0, 1), in.neuron(0, 1, 0),
                                         in.neuron(1, 2, 3)};
    std::ranges::sort(spikes);
    AlignedVector<float> input(padded(out.size()));
    pool->deliver({}, spikes, input.data());
    for (std::uint32_t w = 0; w < out.size(); ++w)
        CHECK(input[w] == (w == out.neuron(0, 0, 0) || w == out.neuron(1, 1, 1) ? 1.0f : 0.0f));

    AlignedVector<float> signal(padded(out.size())), back(padded(in.size()));
    for (std::uint32_t w = 0; w < out.size(); ++w) signal[w] = static_cast<float>(w + 1);
    pool->backproject({{}, {}, spikes}, signal.data(), back.data());
    std::vector<float> expected(in.size());
    for (std::uint32_t c = 0; c < 2; ++c)
        for (std::uint32_t y = 0; y < 2; ++y)
            for (std::uint32_t x = 0; x < 2; ++x) {
                std::uint32_t to = in.neuron(c, 2 * y, 2 * x);  // the first, where none fired
                if (c == 0 && y == 0 && x == 0) to = in.neuron(0, 0, 1);
                if (c == 1 && y == 1 && x == 1) to = in.neuron(1, 2, 3);
                expected[to] = signal[out.neuron(c, y, x)];
            }
    for (std::size_t i = 0; i < expected.size(); ++i) CHECK(back[i] == expected[i]);
}

TEST_CASE("sparse projections with a fixed in-degree are drawn as asked for") {
    constexpr std::uint32_t pre = 50, post = 400, degree = 20;
    auto targets_of = [](const Topology& topology) {
        // Unit weights: what one spike delivers is the number of synapses onto each target.
        Matrix ones = topology.make_weights();
        std::ranges::fill(ones.values(0), 1.0f);
        std::vector<std::vector<float>> counts;
        for (std::uint32_t j = 0; j < topology.pre_count(); ++j) {
            AlignedVector<float> input(padded(topology.post_count()));
            topology.deliver(ones, std::span(&j, 1), input.data());
            counts.emplace_back(input.begin(), input.end());
        }
        return counts;
    };
    json projection = {{"topology", "sparse"}, {"in_degree", degree}, {"autapses", true},
                       {"multapses", false},   {"source", "a"},       {"target", "b"}};
    const auto once = targets_of(*make(projection, flat(pre), flat(post)));
    std::vector<double> out_degree(pre);
    for (std::uint32_t i = 0; i < post; ++i) {
        float sum = 0;
        for (std::uint32_t j = 0; j < pre; ++j) {
            CHECK(once[j][i] <= 1);
            sum += once[j][i];
            out_degree[j] += once[j][i];
        }
        CHECK(sum == degree);
    }
    // Out-degrees are binomial: 400 draws of 0.4, standard deviation 9.8.
    for (const double d : out_degree) CHECK(std::abs(d - 160) < 60);

    projection["multapses"] = true;
    const auto many = targets_of(*make(projection, flat(pre), flat(post)));
    CHECK(std::ranges::any_of(many, [](const auto& row) {
        return std::ranges::any_of(row, [](float n) { return n > 1; });
    }));

    projection["target"] = "a";
    projection["autapses"] = false;
    const auto recurrent = targets_of(*make(projection, flat(pre), flat(pre)));
    for (std::uint32_t i = 0; i < pre; ++i) CHECK(recurrent[i][i] == 0);
    CHECK(targets_of(*make(projection, flat(pre), flat(pre))) == recurrent);
}

TEST_CASE("a frontier gives its members once, in order, and is then empty") {
    Frontier frontier(10000);
    for (const std::uint32_t i : {9999u, 0u, 4096u, 63u, 64u, 0u, 4096u}) frontier.insert(i);
    std::vector<std::uint32_t> list;
    frontier.take(list);
    CHECK(list == std::vector<std::uint32_t>{0, 63, 64, 4096, 9999});
    CHECK(frontier.empty());
    frontier.take(list);
    CHECK(list.empty());
}
