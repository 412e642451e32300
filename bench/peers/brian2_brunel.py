#!/usr/bin/python3
"""The network of models/brunel.json in Brian2 (Debian's python3-brian, C++ standalone): seconds of wall
time for a stretch of biological time after building, to set beside

    synfire run models/brunel.json --duration 1s --threads 1

on the same machine:

    bench/peers/brian2_brunel.py --duration 0.2
"""
import argparse
import json
import os
import shutil
import tempfile

# Brian2 looks for numpy names that newer numpy no longer has; quiet where they are there.
import brian2 as b


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--duration", type=float, default=0.2, help="biological seconds")
    parser.add_argument("--threads", type=int, default=0, help="OpenMP threads; 0: none")
    arguments = parser.parse_args()

    folder = tempfile.mkdtemp(prefix="brian2-brunel-")
    b.set_device("cpp_standalone", directory=folder, build_on_run=False)
    b.prefs.devices.cpp_standalone.openmp_threads = arguments.threads
    b.prefs.codegen.cpp.extra_compile_args_gcc = ["-O3", "-march=native", "-ffast-math"]
    b.defaultclock.dt = 0.1 * b.ms
    b.seed(1)

    excitatory, inhibitory = 10000, 2500
    cells = b.NeuronGroup(
        excitatory + inhibitory, "dv/dt = -v / (20*ms) : 1 (unless refractory)",
        threshold="v >= 20", reset="v = 0", refractory=2 * b.ms, method="exact")
    noise = b.PoissonInput(cells, "v", 1000, 20 * b.Hz, 0.1)
    objects = [cells, noise]
    for first, count, degree, weight in ((0, excitatory, 1000, 0.1),
                                         (excitatory, inhibitory, 250, -0.5)):
        source = cells[first:first + count]
        synapses = b.Synapses(source, cells, on_pre=f"v_post += {weight}", delay=1.5 * b.ms)
        synapses.connect(p=degree / count)
        objects.append(synapses)
    counter = b.SpikeMonitor(cells, record=False)
    objects.append(counter)

    network = b.Network(*objects)
    network.run(arguments.duration * b.second)
    b.device.build(directory=folder, compile=True, run=True, debug=False)
    rate = counter.num_spikes / len(cells) / arguments.duration
    wall = float(b.device._last_run_time)
    print(json.dumps({"run_wall_s": wall, "mean_rate_hz": rate,
                      "wall_s_per_biological_s": wall / arguments.duration}))
    shutil.rmtree(folder)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
