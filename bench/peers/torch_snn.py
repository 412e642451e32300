#!/usr/bin/python3
"""The network of models/shd-stllr.json in PyTorch: milliseconds a training sample, to set beside
`synfire train models/shd-stllr.json` (or shd-bptt.json) on the same recordings and threads.

    bench/peers/torch_snn.py --data DIR --rule stllr --batch 128 --threads 1

--rule bptt   back-propagation through time by autograd, one cross-entropy on the summed output
--rule stllr  S-TLLR as matrix products: two [out x batch] [batch x in] products a tick and layer

DIR/train.h5 has the layout of SHD. Needs Debian's python3-torch, python3-h5py and libopenblas0:
with the reference BLAS, which python3-torch alone brings, it is twenty times slower. Weights are
standardised as in the model, at every forward pass.
"""
import argparse
import json
import statistics
import sys
import time

import h5py
import numpy
import torch

INPUTS, HIDDEN, OUTPUTS = 700, 450, 20
DECAY = torch.sigmoid(torch.tensor(5.0))
THRESHOLD = 0.6
LAMBDA_POST, LAMBDA_PRE, ALPHA_POST, ALPHA_PRE, READOUT_TRACE = 0.5, 1.0, 1.0, 1.0, 0.99


def psi(v):
    return 1.0 / (100.0 * v.abs() + 1.0) ** 2


class Spike(torch.autograd.Function):
    @staticmethod
    def forward(context, v):
        context.save_for_backward(v)
        return (v > 0).float()

    @staticmethod
    def backward(context, gradient):
        return gradient * psi(context.saved_tensors[0])


def standardised(weight, gain):
    fan_in = weight.shape[1]
    mean = weight.mean(dim=1, keepdim=True)
    variance = weight.var(dim=1, keepdim=True)
    return (weight - mean) / torch.sqrt(variance * fan_in + 1e-4) * gain


class Network:
    def __init__(self):
        torch.manual_seed(1)
        self.w_in = torch.randn(HIDDEN, INPUTS, requires_grad=True)
        self.w_rec = torch.randn(HIDDEN, HIDDEN, requires_grad=True)
        self.gain_in = torch.ones(HIDDEN, 1, requires_grad=True)
        self.gain_rec = torch.ones(HIDDEN, 1, requires_grad=True)
        self.bias = torch.zeros(HIDDEN, requires_grad=True)
        self.w_out = (torch.randn(OUTPUTS, HIDDEN) * (2 / HIDDEN) ** 0.5).requires_grad_()
        self.bias_out = torch.zeros(OUTPUTS, requires_grad=True)

    def parameters(self):
        return [self.w_in, self.w_rec, self.gain_in, self.gain_rec, self.bias, self.w_out,
                self.bias_out]


def train_bptt(network, x, labels):
    w_in = standardised(network.w_in, network.gain_in)
    w_rec = standardised(network.w_rec, network.gain_rec)
    batch = x.shape[1]
    u = s = torch.zeros(batch, HIDDEN)
    y = total = torch.zeros(batch, OUTPUTS)
    for t in range(x.shape[0]):
        u = DECAY * u + x[t] @ w_in.t() + network.bias + s @ w_rec.t()
        s = Spike.apply(u - THRESHOLD)
        u = u - THRESHOLD * s.detach()
        y = DECAY * y + s @ network.w_out.t() + network.bias_out
        total = total + y
    loss = torch.nn.functional.cross_entropy(total, labels)
    loss.backward()
    return loss.item()


def train_stllr(network, x, labels, window):
    ticks, batch = x.shape[0], x.shape[1]
    with torch.enable_grad():
        used = [standardised(network.w_in, network.gain_in),
                standardised(network.w_rec, network.gain_rec)]
    loss = 0.0
    with torch.no_grad():
        w_in, w_rec = used[0].detach(), used[1].detach()
        g_in, g_rec = torch.zeros_like(w_in), torch.zeros_like(w_rec)
        g_out = torch.zeros_like(network.w_out)
        g_bias, g_bias_out = torch.zeros(HIDDEN), torch.zeros(OUTPUTS)
        onehot = torch.nn.functional.one_hot(labels, OUTPUTS).float()
        u = s = q = torch.zeros(batch, HIDDEN)
        trace, trace_rec, trace_out = torch.zeros(batch, INPUTS), s.clone(), s.clone()
        y = torch.zeros(batch, OUTPUTS)
        for t in range(ticks):
            trace = LAMBDA_PRE * trace + x[t]
            trace_rec = LAMBDA_PRE * trace_rec + s
            u = DECAY * u + x[t] @ w_in.t() + network.bias + s @ w_rec.t()
            before, v = s, u - THRESHOLD
            s, secondary = (v > 0).float(), psi(v)
            u = u - THRESHOLD * s
            trace_out = READOUT_TRACE * trace_out + s
            y = DECAY * y + s @ network.w_out.t() + network.bias_out
            if ticks - t <= window:
                probability = torch.softmax(y, dim=1)
                loss -= torch.log((probability * onehot).sum(1)).mean().item()
                error = (probability - onehot) / batch
                signal = error @ network.w_out
                causal, acausal = ALPHA_PRE * signal * secondary, ALPHA_POST * signal * q
                g_in += causal.t() @ trace + acausal.t() @ x[t]
                g_rec += causal.t() @ trace_rec + acausal.t() @ before
                g_bias += (signal * secondary).sum(0)
                g_out += error.t() @ trace_out
                g_bias_out += error.sum(0)
            q = LAMBDA_POST * q + secondary
    torch.autograd.backward(used, [g_in, g_rec])
    network.bias.grad, network.w_out.grad, network.bias_out.grad = g_bias, g_out, g_bias_out
    return loss / window


def read(path, ticks, count):
    """Dense [ticks x recordings x inputs] and labels of the first recordings."""
    with h5py.File(path, "r") as file:
        count = min(count, len(file["labels"]))
        x = numpy.zeros((ticks, count, INPUTS), dtype=numpy.float32)
        for i in range(count):
            tick = (file["spikes/times"][i].astype(numpy.float64) * 100).astype(int)
            unit = file["spikes/units"][i].astype(int)
            inside = tick < ticks
            x[tick[inside], i, unit[inside]] = 1
        return torch.from_numpy(x), torch.from_numpy(file["labels"][:count].astype(numpy.int64))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--rule", choices=["stllr", "bptt"], default="bptt")
    parser.add_argument("--ticks", type=int, default=100)
    parser.add_argument("--window", type=int, default=90)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batches", type=int, default=3, help="measured, after one to warm up")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    x, labels = read(arguments.data + "/train.h5", arguments.ticks,
                     arguments.batch * (arguments.batches + 1))
    network = Network()
    optimiser = torch.optim.Adam(network.parameters(), lr=2e-4)
    times = []
    for begin in range(0, x.shape[1] - arguments.batch + 1, arguments.batch):
        part = slice(begin, begin + arguments.batch)
        start = time.perf_counter()
        optimiser.zero_grad()
        if arguments.rule == "bptt":
            loss = train_bptt(network, x[:, part], labels[part])
        else:
            loss = train_stllr(network, x[:, part], labels[part], arguments.window)
        optimiser.step()
        times.append((time.perf_counter() - start) / arguments.batch * 1000)
        print(f"loss {loss:.3f}  {times[-1]:.2f} ms a sample", file=sys.stderr)
    print(json.dumps({"rule": arguments.rule, "batch": arguments.batch,
                      "ticks": arguments.ticks, "threads": arguments.threads,
                      "ms_per_sample": statistics.median(times[1:] or times)}))


if __name__ == "__main__":
    main()
