#!/usr/bin/python3
"""The network of models/dvs-gesture-vgg-stllr.json in PyTorch: milliseconds a training sample, to set
beside `synfire train models/dvs-gesture-vgg-stllr.json` (--set /training/rule=bptt) on the same threads.

    bench/peers/torch_vgg.py --rule bptt --batch 16 --threads 2 --activity 0.02

--rule bptt   back-propagation through time by autograd
--rule stllr  S-TLLR as the authors have it: convolutions a tick, errors back in space at the ticks of the
              window alone, weights by traces of the source's spikes and of Psi
--activity    share of the hidden neurons that fire a tick: weights' gain is set so before time is taken

Input is random events as dense as those of the gestures. Needs Debian's python3-torch, whose
convolutions are oneDNN's. Weights are standardised as in the model, once a batch. Prints a line of JSON:
milliseconds a sample (median of the steps after the first), the activity, and the peak memory.
"""
import argparse
import json
import resource
import statistics
import time

import torch
from torch.nn import functional

CHANNELS = [64, 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512]
TICKS, WINDOW, OUTPUTS, SIDE = 20, 5, 11, 32
LEAK, THRESHOLD = 0.5, 0.6
LAMBDA_POST, LAMBDA_PRE, ALPHA_POST = 0.2, 0.75, -1.0


def psi(v):
    return 0.3 * torch.clamp(1 - v.abs(), min=0)


class Spike(torch.autograd.Function):
    @staticmethod
    def forward(context, v):
        context.save_for_backward(v)
        return (v > 0).float()

    @staticmethod
    def backward(context, gradient):
        return gradient * psi(context.saved_tensors[0])


class ThreeFactor(torch.autograd.Function):
    """A convolution whose weights learn from traces: of the source's spikes, and of Psi."""

    @staticmethod
    def forward(context, spikes, weight, bias, pre_trace, post_ratio):
        context.save_for_backward(spikes, weight, pre_trace, post_ratio)
        return functional.conv2d(spikes, weight, bias, padding=1)

    @staticmethod
    def backward(context, gradient):
        spikes, weight, pre_trace, post_ratio = context.saved_tensors
        need = context.needs_input_grad
        back = torch.nn.grad.conv2d_input(spikes.shape, weight, gradient, padding=1) if need[0] else None
        by_pre = torch.nn.grad.conv2d_weight(pre_trace, weight.shape, gradient, padding=1)
        by_post = torch.nn.grad.conv2d_weight(spikes, weight.shape, gradient * post_ratio, padding=1)
        return back, by_pre + ALPHA_POST * by_post, gradient.sum((0, 2, 3)), None, None


class Network:
    def __init__(self, gain):
        torch.manual_seed(1)
        self.layers, channels = [], 2
        for width in CHANNELS:
            if width == "pool":
                self.layers.append("pool")
                continue
            self.layers.append({
                "weight": torch.randn(width, channels, 3, 3, requires_grad=True),
                "gain": torch.full((width, 1, 1, 1), gain, requires_grad=True),
                "bias": torch.zeros(width, requires_grad=True)})
            channels = width
        self.out = (torch.randn(OUTPUTS, channels) * (2 / channels) ** 0.5).requires_grad_()
        self.out_bias = torch.zeros(OUTPUTS, requires_grad=True)

    def parameters(self):
        for layer in self.layers:
            if layer != "pool":
                yield from layer.values()
        yield from (self.out, self.out_bias)

    def standardised(self):
        made = []
        for layer in self.layers:
            if layer == "pool":
                continue
            w = layer["weight"]
            fan_in = w[0].numel()
            mean, var = w.mean((1, 2, 3), keepdim=True), w.var((1, 2, 3), keepdim=True)
            made.append((w - mean) / torch.sqrt(var * fan_in + 1e-4) * layer["gain"])
        return made

    def run(self, samples, labels, rule):
        """The loss, summed over the window's ticks; for stllr its gradient is added a tick."""
        weights = self.standardised()
        if rule == "stllr":  # each tick goes back to these, the last one to the parameters
            leaves = [w.detach().requires_grad_() for w in weights]
        else:
            leaves = weights
        state, pre, post = {}, {}, {}
        readout, loss, fired, neurons = 0, 0, 0.0, 0
        for t in range(TICKS):
            in_window = t >= TICKS - WINDOW
            with torch.set_grad_enabled(rule == "bptt" or in_window):
                x, at = samples[t], 0
                for layer in self.layers:
                    if layer == "pool":
                        x = functional.max_pool2d(x, 2)
                        continue
                    w, u = leaves[at], state.get(at, 0)
                    if rule == "stllr":
                        source = x.detach()
                        pre[at] = source + LAMBDA_PRE * pre.get(at, 0)
                        ratio = post.get(at, torch.zeros(()))  # of Psi's trace to Psi, as of before
                        current = ThreeFactor.apply(x, w, layer["bias"], pre[at], ratio)
                    else:
                        current = functional.conv2d(x, w, layer["bias"], padding=1)
                    u = LEAK * u + current
                    x = Spike.apply(u - THRESHOLD)
                    u = u - THRESHOLD * x.detach()
                    if rule == "stllr":
                        now = psi((u + THRESHOLD * x).detach() - THRESHOLD)
                        old = post.get((at, "trace"), 0)
                        post[at] = LAMBDA_POST * old / now.clamp(min=1e-6)
                        post[(at, "trace")] = now + LAMBDA_POST * old
                        u = u.detach()
                    state[at] = u
                    fired += float(x.detach().sum())
                    neurons += x.numel()
                    at += 1
                here = functional.linear(x.mean((2, 3)), self.out, self.out_bias)
                readout = readout + here if rule == "bptt" else getattr(readout, "detach", lambda: 0)() + here
                if in_window:
                    tick_loss = functional.cross_entropy(readout, labels)
                    if rule == "stllr":
                        tick_loss.backward()
                    loss = loss + tick_loss
        if rule == "stllr":
            torch.autograd.backward(weights, [leaf.grad for leaf in leaves])
        return loss, fired / neurons


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rule", choices=["bptt", "stllr"], default="bptt")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--activity", type=float, default=0.02)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(2)
    samples = (torch.rand(TICKS, arguments.batch, 2, SIDE, SIDE) < 0.235).float()
    labels = torch.randint(OUTPUTS, (arguments.batch,))

    low, high = 0.05, 20.0
    for _ in range(12):  # of the gain
        gain = (low * high) ** 0.5
        with torch.no_grad():
            _, activity = Network(gain).run(samples[:, :1], labels[:1], "bptt")
        low, high = (gain, high) if activity < arguments.activity else (low, gain)
    network = Network(gain)
    optimiser = torch.optim.Adam(list(network.parameters()), lr=1e-6)  # activity stays
    times = []
    for _ in range(arguments.steps + 1):
        start = time.perf_counter()
        optimiser.zero_grad()
        loss, activity = network.run(samples, labels, arguments.rule)
        if arguments.rule == "bptt":
            loss.backward()
        optimiser.step()
        times.append(1000 * (time.perf_counter() - start) / arguments.batch)
    print(json.dumps({"rule": arguments.rule, "batch": arguments.batch, "threads": arguments.threads,
                      "ms_a_sample": round(statistics.median(times[1:]), 1), "gain": round(gain, 4),
                      "activity": round(activity, 4),
                      "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


if __name__ == "__main__":
    main()
