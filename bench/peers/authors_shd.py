#!/usr/bin/python3
"""The S-TLLR authors' own PyTorch code for SHD: milliseconds a training sample, to set beside
`synfire train models/shd-stllr.json` (or shd-bptt.json) on the same recordings and threads.

    git clone https://github.com/mapolinario94/S-TLLR
    bench/peers/authors_shd.py --code S-TLLR --data DIR --rule bptt

Their networks and the steps of their training loop with the settings of their README for SHD; no
data loader. Their S-TLLR takes about 50 s a batch of 128. Needs what torch_snn.py needs.
"""
import argparse
import json
import statistics
import sys
import time
from types import SimpleNamespace

import torch

from torch_snn import read

WINDOW = 90


def train(network, rule, x, labels, cross_entropy):
    network.reset_states()
    total = 0
    for t in range(x.shape[0]):
        output = network(x[t], None)
        total = total + (output if rule == "bptt" else output.detach())
        if rule == "stllr" and x.shape[0] - t <= WINDOW:
            cross_entropy(output, labels).backward()
    if rule == "bptt":
        cross_entropy(total, labels).backward()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--code", required=True, help="a checkout of the authors' repository")
    parser.add_argument("--data", required=True)
    parser.add_argument("--rule", choices=["stllr", "bptt"], default="bptt")
    parser.add_argument("--ticks", type=int, default=100)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--batches", type=int, default=3, help="measured, after one to warm up")
    arguments = parser.parse_args()
    sys.path.insert(0, arguments.code)
    import models

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    settings = SimpleNamespace(factors_stdp=[0.5, 1, 1, 1], feedback_mode="BP",
                               pretrained_model=None, activation="STLLRLinearRecGradNorm")
    network = getattr(models, arguments.rule + "_shd_net")(settings, torch.device("cpu"))
    optimiser = torch.optim.Adam(network.parameters(), lr=2e-4)
    x, labels = read(arguments.data + "/train.h5", arguments.ticks,
                     arguments.batch * (arguments.batches + 1))
    times = []
    for begin in range(0, x.shape[1] - arguments.batch + 1, arguments.batch):
        part = slice(begin, begin + arguments.batch)
        start = time.perf_counter()
        optimiser.zero_grad()
        train(network, arguments.rule, x[:, part], labels[part], torch.nn.CrossEntropyLoss())
        optimiser.step()
        times.append((time.perf_counter() - start) / arguments.batch * 1000)
        print(f"{times[-1]:.2f} ms a sample", file=sys.stderr)
    print(json.dumps({"rule": arguments.rule, "batch": arguments.batch, "ticks": arguments.ticks,
                      "ms_per_sample": statistics.median(times[1:] or times)}))


if __name__ == "__main__":
    main()
