"""Smoothscape's CPU engine beside PyTorch: the same networks, interleaved, in one go; prints a table of ratios in Markdown.

    /usr/bin/python3 trainer/testdata/torch/compare.py                            everything that the README shows (half an hour)
    /usr/bin/python3 trainer/testdata/torch/compare.py --models resnet8 --rounds 1 --seconds 0.5
    /usr/bin/python3 trainer/testdata/torch/compare.py --workers 1,2 --models convnet,resnet18

It needs Go, Linux and a PyTorch (Debian: python3-torch), and works from a clean clone: the program is built in a temporary folder.

What is fair, and what is not:

- Both sides do the same: a training step is zero_grad, forward, cross-entropy, backward and an SGD step without momentum; a forward pass is evaluation mode
  without gradients, up to the loss. Images are random, made before the clock starts; nothing is loaded. Each is warmed up.
- Each measurement is a process of its own; within a round they take turns, with the order reversed every other round, so that whatever else the machine does
  meets all of them. The ratio of a round is ours over PyTorch's; the table has the median of the rounds. Beside it stand the ratios of the least times of all and of
  the processor times (all cores together, with the waiting of threads that spin), which other load disturbs less. Below 1 we are faster.
- PyTorch gets its better memory format. NCHW is its default, channels_last is what oneDNN likes for convolutions; both are measured and
  the ratio is to the faster one. ReLUs work in place, as torchvision's do, and gradients are set to None rather than to zero.
- Both get the same cores (sched_setaffinity, as taskset does) and as many threads as cores: GOMAXPROCS here; torch.set_num_threads, OMP_NUM_THREADS,
  OPENBLAS_NUM_THREADS and MKL_NUM_THREADS there.
- Linear layers of PyTorch run on the BLAS that libblas.so.3 points to. Debian's reference BLAS would make them ten times slower: install
  libopenblas0-pthread. The header of the table says which BLAS was loaded, which oneDNN, and which instruction sets it uses.
- PyTorch is run eagerly, as most people run it: no torch.compile (there is none in 1.13), no frozen graph, glibc's malloc. --torch-env sets variables for
  it alone, for example LD_PRELOAD=…/libjemalloc.so.2 or ATEN_CPU_CAPABILITY=avx512.
- Free cores: processor time over wall time of one spinning thread a core, before and after each measurement; the least of all is shown. A figure measured with less
  than 0.95 of each is no figure. Theft by a hypervisor's host shows as steal only.
- Memory is the largest resident size of the process (VmHWM); PyTorch's includes its libraries, some 200 MB.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import platform
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
MODELS = ["softmax", "mlp", "convnet", "resnet8", "resnet20", "resnet18"]
MIN_STEPS = 5
FREE = 0.95  # of a core; with less, a warning stands above the tables
LAYOUTS = {"nchw": "PyTorch, NCHW", "channels_last": "PyTorch, channels_last"}


def free_cores(n, seconds=0.1):
    """Processor time over wall time of n processes that spin for some time: 0 … n."""
    total, pipes = 0.0, []
    for _ in range(n):
        read, write = os.pipe()
        if os.fork() == 0:
            start, used = time.perf_counter(), time.process_time()
            while time.perf_counter() - start < seconds:
                pass
            os.write(write, str((time.process_time() - used) / (time.perf_counter() - start)).encode())
            os._exit(0)
        os.close(write)
        pipes.append(read)
    for read in pipes:
        total += float(os.read(read, 64))
        os.close(read)
        os.wait()
    return total


def peak_memory():
    """Largest resident size of this process, in bytes. ru_maxrss would count the parent's, from before exec."""
    with open("/proc/self/status", encoding="ascii") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmHWM:"))


def measure_torch(task):
    """One measurement in this process."""
    before = free_cores(task["workers"])
    import torch

    from net import Net, parameter_count, read_spec

    torch.set_num_threads(task["workers"])
    torch.set_num_interop_threads(1)
    torch.manual_seed(0)
    spec = read_spec(task["spec"])
    layout = torch.channels_last if task["layout"] == "channels_last" else torch.contiguous_format
    net = Net(spec, inplace=True).to(memory_format=layout)
    shape = spec["input"]
    images = torch.randn(task["batch"], shape["c"], shape["h"], shape["w"]).to(memory_format=layout)
    labels = torch.randint(spec["classes"], (task["batch"],))
    loss_of = torch.nn.functional.cross_entropy

    if task["mode"] == "train":
        net.train()
        sgd = torch.optim.SGD(net.parameters(), lr=1e-3)

        def step():
            sgd.zero_grad(set_to_none=True)
            loss = loss_of(net(images), labels)
            loss.backward()
            sgd.step()
            return loss

    else:
        net.eval()

        def step():
            with torch.inference_mode():
                return loss_of(net(images), labels)

    for _ in range(2):
        step()
    times, used, start = [], time.process_time(), time.perf_counter()
    last = start
    while True:
        loss = step()
        now = time.perf_counter()
        times.append(now - last)
        last = now
        if len(times) >= MIN_STEPS and now - start >= task["seconds"]:
            break
    used = time.process_time() - used
    memory = peak_memory()
    return {
        "medianMs": 1e3 * statistics.median(times), "minMs": 1e3 * min(times), "steps": len(times), "loss": float(loss), "parameters": parameter_count(net),
        "coresUsed": used / (last - start), "processorMs": 1e3 * used / len(times), "coresBefore": before, "coresAfter": free_cores(task["workers"]), "peakMemory": memory,
    }


def about_torch():
    """What PyTorch is made of, in words; run in a process of its own."""
    import ctypes

    import torch

    torch.nn.functional.conv2d(torch.ones(16, 64, 16, 16), torch.ones(64, 64, 3, 3))  # large enough for oneDNN, which then tells its instructions
    torch.ones(64, 64) @ torch.ones(64, 64)
    lines = [line.strip(" -") for line in torch.__config__.show().splitlines()]
    dnn = next((line.split(" (")[0] for line in lines if "MKL-DNN" in line), "no oneDNN")
    capability = next((line for line in lines if line.startswith("CPU capability")), "")
    with open("/proc/self/maps", encoding="utf-8") as f:
        files = {line.split()[-1] for line in f if line.rstrip().endswith((".so", ".so.0", ".so.2", ".so.3")) or ".so." in line}
    blas = sorted(f for f in files if any(word in f for word in ("blas", "libmkl", "libblis")))
    names = []
    for file in blas:
        try:
            config = ctypes.CDLL(file).openblas_get_config
            config.restype = ctypes.c_char_p
            names.append(config().decode())
        except (AttributeError, OSError):
            names.append(os.path.basename(file))
    return f"PyTorch {torch.__version__}; {dnn}; {capability}; BLAS: {', '.join(dict.fromkeys(names)) or 'none'}"


ANSWER = "answer: "  # begins the line of a child that is for us; libraries print too


def child(arguments, env):
    """Runs this script again, and gives its answer, and all that it printed."""
    out = subprocess.run([sys.executable, __file__, *arguments], env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(next(line for line in out.splitlines() if line.startswith(ANSWER))[len(ANSWER):]), out


def steal():
    """Processor time that the host took from this machine since it started, in seconds of one core."""
    with open("/proc/stat", encoding="ascii") as f:
        return int(f.readline().split()[8]) / os.sysconf("SC_CLK_TCK")


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        return next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), platform.machine())


def numbers(text):
    return [int(word) for word in text.split(",")]


def words(text):
    return [word for word in text.split(",") if word]


def parse():
    p = argparse.ArgumentParser(description="Smoothscape's CPU engine beside PyTorch.", epilog="The top of this file says what is measured, and how.")
    p.add_argument("--models", type=words, default=MODELS, help="comma-separated, of `smoothscape train --model` (default: %(default)s)")
    p.add_argument("--spec", action="append", default=[], metavar="FILE", help="measure the network in this file too")
    p.add_argument("--batch", type=int, default=128, help="images of a step (default: %(default)s)")
    p.add_argument("--workers", type=numbers, default=[1], help="cores, comma-separated for several tables (default: 1)")
    p.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    p.add_argument("--seconds", type=float, default=2, help="of each measurement; at least 5 steps (default: %(default)s)")
    p.add_argument("--modes", type=words, default=["train", "forward"], help="default: train,forward")
    p.add_argument("--engine", default="cpu", help="of Smoothscape (default: %(default)s)")
    p.add_argument("--input", default="3x32x32", help="images (default: %(default)s)")
    p.add_argument("--classes", type=int, default=100, help="default: %(default)s")
    p.add_argument("--cpus", type=numbers, help="which cores to use (default: the first ones allowed)")
    p.add_argument("--torch-env", action="append", default=[], metavar="NAME=VALUE", help="set for PyTorch alone")
    p.add_argument("--raw", metavar="FILE", help="write all measurements there, as JSON")
    p.add_argument("--task", type=json.loads, help=argparse.SUPPRESS)
    p.add_argument("--about", action="store_true", help=argparse.SUPPRESS)
    a = p.parse_args()
    if importlib.util.find_spec("torch") is None:
        p.error(f"expected a Python that has PyTorch, found {sys.executable} without; on Debian: apt install python3-torch libopenblas0-pthread, and run this with /usr/bin/python3")
    if shutil.which("go") is None:
        p.error("expected Go in PATH, found none; it builds Smoothscape")
    allowed = sorted(os.sched_getaffinity(0))
    a.cpus = a.cpus or allowed
    for problem, wrong in {
        f"--workers: expected 1 to {len(a.cpus)} cores, which is what may be used here, found {a.workers}": not a.workers or min(a.workers) < 1 or max(a.workers) > len(a.cpus),
        f"--cpus: expected some of {allowed}, found {a.cpus}": not set(a.cpus) <= set(allowed),
        f"--modes: expected train, forward or both, found {a.modes}": not a.modes or not set(a.modes) <= {"train", "forward"},
        f"--rounds, --batch: expected at least 1, found {a.rounds}, {a.batch}": a.rounds < 1 or a.batch < 1,
        f"--torch-env: expected NAME=VALUE, found {a.torch_env}": any("=" not in e for e in a.torch_env),
    }.items():
        if wrong:
            p.error(problem)
    return a


def measure_all(a, program, specs, torch_env):
    """All measurements: {(workers, network, mode, contender): [result of round 1, …]}."""
    results = {}
    total = len(a.workers) * a.rounds * len(specs) * len(a.modes) * (1 + len(LAYOUTS))
    done, start = 0, time.monotonic()
    for r in range(a.rounds):
        for workers in a.workers:
            os.sched_setaffinity(0, a.cpus[:workers])
            threads = {name: str(workers) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
            for name, spec in specs.items():
                for mode in a.modes:
                    turns = ["ours", *LAYOUTS]
                    for who in turns if r % 2 == 0 else turns[::-1]:
                        if who == "ours":
                            command = [program, "train", "--bench", "--json", "--spec", spec, "--engine", a.engine, "--batch", str(a.batch),
                                       "--workers", str(workers), "--duration", f"{a.seconds}s"] + (["--forward"] if mode == "forward" else [])
                            result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
                        else:
                            task = {"spec": spec, "layout": who, "mode": mode, "batch": a.batch, "workers": workers, "seconds": a.seconds}
                            result, _ = child(["--task", json.dumps(task)], {**os.environ, **threads, **torch_env})
                        results.setdefault((workers, name, mode, who), []).append(result)
                        done += 1
                        if sys.stderr.isatty():
                            left = (time.monotonic() - start) / done * (total - done)
                            print(f"\r{done}/{total}, {left / 60:.0f} min left  ", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return results


def table(a, workers, specs, results):
    """The lines of one table."""
    lines = [
        "| network | | ours, ms | " + ", ms | ".join(LAYOUTS.values()) + ", ms | **ours / better PyTorch** (range) | of least times | of processor times | ours, GFLOP/s | of peak | free cores, ours; PyTorch | memory, MB, ours; PyTorch |",
        "|---|---|" + "---|" * (8 + len(LAYOUTS)),
    ]
    for name in specs:
        for mode in a.modes:
            of = {who: results[workers, name, mode, who] for who in ("ours", *LAYOUTS)}
            if len({r["parameters"] for rs in of.values() for r in rs}) != 1:
                raise SystemExit(f"{name}: the two sides do not build the same network: {({who: rs[0]['parameters'] for who, rs in of.items()})} parameters")
            median = {who: statistics.median(r["medianMs"] for r in rs) for who, rs in of.items()}
            least = {who: min(r["minMs"] for r in rs) for who, rs in of.items()}
            best = min(LAYOUTS, key=median.get)
            processor = {who: statistics.median(r["processorMs"] for r in rs) for who, rs in of.items()}
            ratios = [o["medianMs"] / t["medianMs"] for o, t in zip(of["ours"], of[best])]
            free = [min(min(r["coresBefore"], r["coresAfter"]) for r in rs) for rs in (of["ours"], of[best])]
            memory = [max(r.get("peakMemory", 0) for r in rs) / 1e6 for rs in (of["ours"], of[best])]
            gflops = statistics.median(r["gflops"] for r in of["ours"])
            share = statistics.median(r.get("peakShare", 0) for r in of["ours"])
            cells = [
                name, mode, *(f"{median[who]:.4g} ({least[who]:.4g})" for who in of),
                f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f}–{max(ratios):.2f})", f"{least['ours'] / min(least[w] for w in LAYOUTS):.2f}", f"{processor['ours'] / processor[best]:.2f}",
                f"{gflops:.3g}", f"{100 * share:.0f} %" if share else "–", "; ".join(f"{x:.2f}" for x in free), "; ".join(f"{x:.0f}" for x in memory),
            ]
            lines.append("| " + " | ".join(cells) + " |")
    return lines


def main():
    a = parse()
    if a.task:
        print(ANSWER + json.dumps(measure_torch(a.task)))
        return
    if a.about:
        print(ANSWER + json.dumps(about_torch()))
        return
    torch_env = dict(e.split("=", 1) for e in a.torch_env)
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "smoothscape")
        subprocess.run(["go", "build", "-o", program, "./server"], cwd=ROOT, check=True, env={**os.environ, "CGO_ENABLED": "0"})
        specs = {}
        for network in [["--model", m] for m in a.models] + [["--spec", f] for f in a.spec]:
            size = ["--input", a.input, "--classes", str(a.classes)] if network[0] == "--model" else []
            text = subprocess.run([program, "train", "--dump-spec", *network, *size], check=True, stdout=subprocess.PIPE, text=True).stdout
            file = os.path.join(folder, f"{len(specs)}.json")
            pathlib.Path(file).write_text(text, encoding="utf-8")
            specs[json.loads(text)["name"] or network[1]] = file
        about, verbose = child(["--about"], {**os.environ, "DNNL_VERBOSE": "1", "ONEDNN_VERBOSE": "1", **torch_env})
        isa = next((line.split("isa:", 1)[1] for line in verbose.splitlines() if "isa:" in line), "unknown instructions")
        load, stolen, start = os.getloadavg(), steal(), time.time()
        results = measure_all(a, program, specs, torch_env)
        version = subprocess.run([program, "version"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    path = next(r[0]["path"] for (_, _, _, who), r in results.items() if who == "ours")
    print(f"""Batch {a.batch}, median of {a.rounds} rounds, in brackets the least time; {time.strftime('%Y-%m-%d', time.gmtime(start))}, {(time.time() - start) / 60:.0f} min.
`{sys.executable} trainer/testdata/torch/compare.py {shlex.join(sys.argv[1:])}`

- {cpu_name()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}; load {load[0]:.2f} before, {os.getloadavg()[0]:.2f} after; {steal() - stolen:.1f} s stolen by the host
- ours: {version}, engine path {path}
- {about}; oneDNN uses {isa}{'; with ' + ' '.join(a.torch_env) if a.torch_env else ''}""")
    least = min(min(r["coresBefore"], r["coresAfter"]) / w for (w, _, _, _), rs in results.items() for r in rs)
    if least < FREE:
        print(f"\n**The cores were not free: down to {100 * least:.0f} % of each. These figures say little; measure again on an idle machine.**")
    for workers in a.workers:
        print(f"\n{workers} {'core' if workers == 1 else 'cores'}:\n")
        print("\n".join(table(a, workers, specs, results)))
    if len(a.workers) > 1:
        print("\nSpeed of more cores against the first count, by our median times: " + "; ".join(
            f"{name} {mode} " + ", ".join(
                f"{statistics.median(r['medianMs'] for r in results[a.workers[0], name, mode, 'ours']) / statistics.median(r['medianMs'] for r in results[w, name, mode, 'ours']):.2f} on {w}"
                for w in a.workers[1:])
            for name in specs for mode in a.modes) + ".")
    if a.raw:
        rows = [{"workers": w, "network": n, "mode": m, "contender": who, "rounds": rs} for (w, n, m, who), rs in results.items()]
        pathlib.Path(a.raw).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
