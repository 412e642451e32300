#include <doctest/doctest.h>

#include <algorithm>

#include "base/random.hpp"
#include "network/frontier.hpp"
#include "network/topology.hpp"

using namespace synfire;

namespace {

std::unique_ptr<Topology> make(const std::string& name, std::uint32_t pre, std::uint32_t post) {
    return std::ranges::find(topology_types(), name, &TopologyType::name)->make({}, pre, post);
}

Matrix random_weights(const Topology& topology) {
    Matrix w = topology.make_weights();
    Random random(1, Stream::weights, 0, 0);
    for (std::uint32_t r = 0; r < w.rows; ++r)
        for (float& value : w.values(r)) value = random.uniform(-1, 1);
    return w;
}

// weight(j, i) as the topology means it.
double weight(const std::string& name, const Matrix& w, std::uint32_t j, std::uint32_t i) {
    if (name == "one_to_one") return i == j ? w.row(0)[i] : 0.0;
    return w.row(j)[i];
}

}  // namespace

TEST_CASE("every topology's primitives agree with sums over single synapses") {
    struct Case {
        std::string name;
        std::uint32_t pre, post;
    };
    for (const Case& c :
         {Case{"dense", 40, 300}, Case{"dense", 3, 5}, Case{"one_to_one", 77, 77}}) {
        CAPTURE(c.name);
        CAPTURE(c.post);
        const auto topology = make(c.name, c.pre, c.post);
        const Matrix w = random_weights(*topology);
        Random random(2, Stream::weights, 0, 0);

        std::vector<std::uint32_t> spikes;
        for (std::uint32_t j = 0; j < c.pre; ++j)
            if (random.uniform() < 0.4f) spikes.push_back(j);
        AlignedVector<float> input(padded(c.post));
        topology->deliver(w, spikes, input.data());
        for (std::uint32_t i = 0; i < c.post; ++i) {
            double sum = 0;
            for (const std::uint32_t j : spikes) sum += weight(c.name, w, j, i);
            CHECK(input[i] == doctest::Approx(sum).epsilon(1e-5));
        }
        Frontier frontier(c.post);
        topology->touch(spikes, frontier);
        std::vector<std::uint32_t> touched;
        frontier.take(touched);
        CHECK(touched.size() == (c.name == "one_to_one" ? spikes.size() : c.post));

        AlignedVector<float> post(padded(c.post)), back(padded(c.pre));
        for (std::uint32_t i = 0; i < c.post; ++i) post[i] = random.uniform(-1, 1);
        topology->backproject(w, post.data(), back.data());
        for (std::uint32_t j = 0; j < c.pre; ++j) {
            double sum = 0;
            for (std::uint32_t i = 0; i < c.post; ++i) sum += weight(c.name, w, j, i) * post[i];
            CHECK(back[j] == doctest::Approx(sum).epsilon(1e-4).scale(1));
        }

        constexpr std::uint32_t ticks = 5;
        const std::size_t stride = padded(c.post);
        AlignedVector<float> rows(ticks * stride), carry(stride), scale(padded(c.pre));
        for (std::uint32_t t = 0; t < ticks; ++t)
            for (std::uint32_t i = 0; i < c.post; ++i) rows[t * stride + i] = random.uniform(-1, 1);
        for (std::uint32_t i = 0; i < c.post; ++i) carry[i] = random.uniform(-1, 1);
        std::vector<std::uint32_t> mask(c.pre);
        for (std::uint32_t j = 0; j < c.pre; ++j) {
            mask[j] = random.below(1u << ticks);
            scale[j] = random.below(2) ? random.uniform() : 0.0f;
        }
        Matrix gradient = topology->make_weights();
        topology->add_rows(gradient, mask.data(), rows.data(), stride, scale.data(), carry.data());
        for (std::uint32_t j = 0; j < c.pre; ++j)
            for (std::uint32_t i = 0; i < c.post; ++i) {
                if (c.name == "one_to_one" && i != j) continue;
                double sum = scale[j] * carry[i];
                for (std::uint32_t t = 0; t < ticks; ++t)
                    if (mask[j] >> t & 1) sum += rows[t * stride + i];
                CHECK(weight(c.name, gradient, j, i) ==
                      doctest::Approx(sum).epsilon(1e-5).scale(1));
            }
    }
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
