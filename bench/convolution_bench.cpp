// The convolutions of the VGG for DVS Gesture (models/dvs-gesture-vgg-stllr.json), layer by layer:
// carrying signals back at several densities, delivering spikes and adding gradients at several
// activities. Items are multiply-accumulates: of carrying back, those of the dense convolution,
// whatever the density. Where oneDNN is installed (libdnnl-dev), its own convolution in turn.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "base/random.hpp"
#include "kernels/convolution.hpp"

#ifdef SYNFIRE_ONEDNN
#include <oneapi/dnnl/dnnl.hpp>
#endif

using namespace synfire;

namespace {

struct Layer {
    const char* name;
    std::uint32_t channels, targets, side;
};
constexpr Layer layers[] = {{"conv2", 64, 128, 32},  {"conv3", 128, 256, 16},
                            {"conv4", 256, 256, 16}, {"conv5", 256, 512, 8},
                            {"conv6", 512, 512, 8},  {"conv8", 512, 512, 4}};

struct Subject {
    const Layer& layer;
    Convolution convolution;
    Matrix weights;

    explicit Subject(benchmark::State& state)
        : layer(layers[state.range(0)]),
          convolution({{layer.channels, layer.side, layer.side},
                       {layer.targets, layer.side, layer.side},
                       3,
                       1,
                       1}),
          weights(9 * layer.channels, layer.targets) {
        Random random(1, Stream::weights, 0, 0);
        for (std::uint32_t r = 0; r < weights.rows; ++r)
            for (float& w : weights.values(r)) w = random.uniform(-1, 1);
        state.SetLabel(layer.name);
    }
    double macs() const {
        return static_cast<double>(convolution.pixel_pairs()) * layer.channels * layer.targets;
    }
    std::vector<std::uint32_t> spikes(double share, std::uint32_t tick) const {
        Random random(2, Stream::scene, tick, 0);
        std::vector<std::uint32_t> list;
        for (std::uint32_t j = 0; j < convolution.in().size(); ++j)
            if (random.uniform() < share) list.push_back(j);
        return list;
    }
};

AlignedVector<float> signals(const MapShape& map, double share) {
    Random random(3, Stream::scene, 0, 0);
    AlignedVector<float> values(padded(map.size()));
    for (std::size_t i = 0; i < map.size(); ++i)
        if (random.uniform() < share) values[i] = random.uniform(-1, 1);
    return values;
}

// Layer and percent of signals that are not 0.
void convolution_back(benchmark::State& state) {
    const Subject s(state);
    Matrix packed;
    s.convolution.pack(s.weights, packed);
    const auto post = signals(s.convolution.out(), static_cast<double>(state.range(1)) / 100);
    AlignedVector<float> pre(padded(s.convolution.in().size()));
    for (auto _ : state) {
        s.convolution.backproject(packed, post.data(), pre.data());
        benchmark::DoNotOptimize(pre.data());
    }
    state.counters["mac"] = benchmark::Counter(s.macs() * static_cast<double>(state.iterations()),
                                               benchmark::Counter::kIsRate);
}
BENCHMARK(convolution_back)->ArgsProduct({{0, 1, 2, 3, 4, 5}, {100, 25, 5}});

#ifdef SYNFIRE_ONEDNN
// The same, dense, by oneDNN, which may lay its maps and weights out as it likes.
void convolution_back_onednn(benchmark::State& state) {
    const Subject s(state);
    using dims = dnnl::memory::dims;
    using tag = dnnl::memory::format_tag;
    const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    dnnl::stream stream(engine);
    const dims in{1, s.layer.channels, s.layer.side, s.layer.side},
        out{1, s.layer.targets, s.layer.side, s.layer.side},
        kernel{s.layer.targets, s.layer.channels, 3, 3}, one{1, 1};
    auto any = [](const dims& d) {
        return dnnl::memory::desc(d, dnnl::memory::data_type::f32, tag::any);
    };
    const dnnl::convolution_forward::primitive_desc forward(
        {dnnl::prop_kind::forward, dnnl::algorithm::convolution_direct, any(in), any(kernel),
         any(out), one, one, one},
        engine);
    const dnnl::convolution_backward_data::primitive_desc backward(
        {dnnl::algorithm::convolution_direct, any(in), any(kernel), any(out), one, one, one},
        engine, forward);
    dnnl::memory pre(backward.diff_src_desc(), engine), weights(backward.weights_desc(), engine),
        post(backward.diff_dst_desc(), engine);
    for (const dnnl::memory* memory : {&pre, &weights, &post})
        std::fill_n(static_cast<float*>(memory->get_data_handle()),
                    memory->get_desc().get_size() / sizeof(float), 0.5f);
    const dnnl::convolution_backward_data convolution(backward);
    for (auto _ : state) {
        convolution.execute(
            stream,
            {{DNNL_ARG_DIFF_SRC, pre}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DIFF_DST, post}});
        stream.wait();
    }
    state.counters["mac"] = benchmark::Counter(s.macs() * static_cast<double>(state.iterations()),
                                               benchmark::Counter::kIsRate);
}
BENCHMARK(convolution_back_onednn)->ArgsProduct({{0, 1, 2, 3, 4, 5}});
#endif

// Layer and percent of source neurons that fire.
void convolution_deliver(benchmark::State& state) {
    const Subject s(state);
    const auto spikes = s.spikes(static_cast<double>(state.range(1)) / 100, 0);
    AlignedVector<float> input(padded(s.convolution.out().size()));
    double macs = 0;
    for (const std::uint32_t j : spikes) macs += s.convolution.pixels_that_see(j);
    for (auto _ : state) {
        s.convolution.deliver(s.weights, spikes, input.data());
        benchmark::DoNotOptimize(input.data());
    }
    state.counters["mac"] =
        benchmark::Counter(macs * s.layer.targets * static_cast<double>(state.iterations()),
                           benchmark::Counter::kIsRate);
}
BENCHMARK(convolution_deliver)->ArgsProduct({{0, 1, 2, 3, 4, 5}, {2, 8}});

// Rows of 16 ticks, for the spikes of each.
void convolution_gradient(benchmark::State& state) {
    const Subject s(state);
    constexpr std::uint32_t ticks = 16;
    const auto row = signals(s.convolution.out(), 1);
    Matrix gradient(s.weights.rows, s.weights.columns);
    GradientRows rows(static_cast<std::uint32_t>(s.convolution.in().size()),
                      static_cast<std::uint32_t>(s.convolution.out().size()), ticks);
    std::uint64_t macs = 0;
    for (std::uint32_t t = 0; t < ticks; ++t)
        rows.add(s.spikes(static_cast<double>(state.range(1)) / 100, t), row.data());
    for (auto _ : state) {
        macs += s.convolution.add_rows(gradient, rows);
        benchmark::DoNotOptimize(gradient.data.data());
    }
    state.counters["mac"] =
        benchmark::Counter(static_cast<double>(macs), benchmark::Counter::kIsRate);
}
BENCHMARK(convolution_gradient)->ArgsProduct({{0, 1, 2, 3, 4, 5}, {2, 8}});

}  // namespace
