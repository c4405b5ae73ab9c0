"""Writes golden/NAME.json for every cases/NAME.json: what PyTorch makes of a network in float64.

    /usr/bin/python3 golden.py            (seconds; minutes if it must search for seeds; needs PyTorch and NumPy)

A case is {"name", "batch", "spec"}; Go writes them (go test ./trainer/engine/golden -run Cases -update). Parameters, running statistics, images,
labels and a direction v are drawn in this order from a seed (draw.py). A golden holds

    seed        one for which no ReLU, no maximum and no hit is a close call: see margin()
    training    loss, images classified rightly and gradient with the statistics of the batch
    evaluation  the same with the given running statistics (left out without batch norm, as it is the same)
    statistics  mean and unbiased variance of the batch, tensor by tensor

A tensor of a small network (FULL parameters or fewer) is stored whole, another one as its norm ‖g‖, its sum, its product with v, and SAMPLES
entries spread evenly. Beside the goldens it prints how far PyTorch's own float32 is from its float64 (part of the norm of a tensor, or of a
thousandth of the whole gradient's, the worst tensor of a case): the scale against which another float32 engine has to be judged.
"""

import json
import math
import pathlib
import sys

import torch
from torch import nn

sys.dont_write_bytecode = True
from draw import Draw
from net import Net, loss_of

HERE = pathlib.Path(__file__).parent
FULL = 1000
MARGIN = 2e-5  # some 300 units of rounding of float32
SAMPLES = 6
DIGITS = 13  # decimal digits kept: 5e-14 of a value, far below the tolerance of the comparison


def rounded(x):
    return float(f"{float(x):.{DIGITS}g}")


def summary(tensor, v, full):
    """A tensor as the golden holds it; v is the part of the direction that belongs to it."""
    flat = tensor.reshape(-1)
    n = flat.numel()
    if full or n <= SAMPLES:
        return {"values": [rounded(x) for x in flat]}
    return {
        "norm": rounded(flat.norm()),
        "sum": rounded(flat.sum()),
        "dot": rounded(flat @ v.reshape(-1)),
        "samples": [rounded(flat[k * n // SAMPLES]) for k in range(SAMPLES)],
    }


def prepare(case, seed, dtype):
    """The network with its parameters, images, labels, and the direction v by tensor."""
    spec, draw = case["spec"], Draw(seed)
    net = Net(spec).to(dtype)
    with torch.no_grad():
        for named in (net.tensors(), net.state_tensors()):
            for name, tensor in named.items():
                tensor.copy_(torch.from_numpy(draw.tensor(name, tuple(tensor.shape))))
    shape = spec["input"]
    images = torch.from_numpy(2 * draw.values(case["batch"] * shape["c"] * shape["h"] * shape["w"])).to(dtype)
    images = images.reshape(case["batch"], shape["c"], shape["h"], shape["w"])
    labels = torch.from_numpy(draw.labels(case["batch"], spec["classes"]))
    direction = {name: torch.from_numpy(draw.values(t.numel())) for name, t in net.tensors().items()}
    for part in net.modules():
        if hasattr(part, "momentum"):
            part.momentum = 1.0  # in training mode the running statistics become those of the batch
    return net, images, labels, direction


def margin(case, seed):
    """How close the closest call is, in float64 and in either mode: the least distance of a ReLU's input from 0, of the two largest values in a
    window and of the two largest logits, as a part of the root mean square of the values concerned. Where float32 decides otherwise, a gradient
    jumps, which says nothing about it. Exact zeros and ties do not count: they come from an earlier ReLU, which lets nothing back through."""
    net, images, labels, _ = prepare(case, seed, torch.float64)
    least = math.inf

    def watch(gaps, values):
        nonlocal least
        gaps = gaps[gaps > 0]
        if gaps.numel():
            least = min(least, float(gaps.min() / values.square().mean().sqrt()))

    def relu(part, inputs, output):
        watch(inputs[0].abs(), inputs[0])

    def maximum(part, inputs, output):
        x = inputs[0]
        windows = nn.functional.unfold(x.reshape(-1, 1, *x.shape[2:]), part.kernel_size, stride=part.stride)
        if windows.shape[1] > 1:
            top = windows.topk(2, 1).values
            watch(top[:, 0] - top[:, 1], x)

    for part in net.modules():
        if isinstance(part, nn.ReLU):
            part.register_forward_hook(relu)
        elif isinstance(part, nn.MaxPool2d):
            part.register_forward_hook(maximum)
    with torch.no_grad():
        for training in (False, True):
            net.train(training)
            logits = net(images)
            top = logits.topk(2, 1).values
            watch(top[:, 0] - top[:, 1], logits)
    return least


def run(case, seed, dtype):
    """Loss, hits and gradient by mode, {mode: (loss, correct, {name: gradient})}; the statistics of the batch; the direction."""
    net, images, labels, direction = prepare(case, seed, dtype)
    tensors, state = net.tensors(), net.state_tensors()

    def gradient():
        net.zero_grad()
        loss, correct = loss_of(net, images, labels)
        loss.backward()
        zero = torch.zeros(1, dtype=dtype)  # of a layer that nobody reads
        return loss.item(), correct, {name: (t.grad if t.grad is not None else zero.expand(t.shape)).clone() for name, t in tensors.items()}

    modes = {}
    if state:
        net.eval()
        modes["evaluation"] = gradient()
    net.train()
    modes["training"] = gradient()
    return modes, {name: t.clone() for name, t in state.items()}, direction


def known_seed(name):
    """The seed of the last golden of that name, else 1: the search for a seed takes most of the time."""
    file = HERE / "golden" / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8"))["seed"] if file.exists() else 1


def golden(case):
    seed = known_seed(case["name"])
    while margin(case, seed) < MARGIN:
        seed += 1
    modes, statistics, direction = run(case, seed, torch.float64)
    full = sum(v.numel() for v in direction.values()) <= FULL
    out = {"name": case["name"], "seed": seed}
    for mode in ("training", "evaluation"):
        if mode in modes:
            loss, correct, gradients = modes[mode]
            out[mode] = {"loss": rounded(loss), "correct": correct, "gradient": {n: summary(g, direction[n], full) for n, g in gradients.items()}}
    if statistics:
        ones = lambda t: torch.ones(t.numel(), dtype=torch.float64)
        out["statistics"] = {n: summary(s, ones(s), full) for n, s in statistics.items()}
    single, _, _ = run(case, seed, torch.float32)
    worst = {}
    for mode, (_, _, gradients) in modes.items():
        whole = math.sqrt(sum(float(g.square().sum()) for g in gradients.values()))
        errors = {n: float((single[mode][2][n].double() - g).norm() / max(g.norm(), 1e-3 * whole)) for n, g in gradients.items()}
        name = max(errors, key=errors.get)
        worst[mode] = f"{mode} {errors[name]:.1e} ({name})"
    print(f"{case['name']}: {sum(v.numel() for v in direction.values())} parameters, seed {seed}, loss {out['training']['loss']:.6g}; float32 errs by {', '.join(worst.values())}")
    return out


def main():
    torch.manual_seed(0)
    torch.use_deterministic_algorithms(True)
    (HERE / "golden").mkdir(exist_ok=True)
    wanted = set()
    for file in sorted((HERE / "cases").glob("*.json")):
        case = json.loads(file.read_text(encoding="utf-8"))
        wanted.add(file.name)
        text = json.dumps(golden(case), separators=(",", ":")).replace('"gradient"', '\n"gradient"').replace("},", "},\n")
        (HERE / "golden" / file.name).write_text(text + "\n", encoding="utf-8")
    for file in (HERE / "golden").glob("*.json"):
        if file.name not in wanted:
            file.unlink()


if __name__ == "__main__":
    main()
