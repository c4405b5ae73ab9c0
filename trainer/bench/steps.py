# The same measurement in PyTorch: reads {"spec": …, "batch": …, "forward": …, "seconds": …, "steps": …} from standard input and prints one JSON object.
import json, sys, time
import torch
from torch import nn

ask = json.load(sys.stdin)
spec, batch = ask["spec"], ask["batch"]
cuda, mps = torch.cuda.is_available(), getattr(torch.backends, "mps", None)
where = "cuda" if cuda else "mps" if mps and mps.is_available() else "cpu"
if where == "cpu":
    torch.set_num_threads(ask["workers"])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.plan, self.parts, places = [], nn.ModuleList(), {"input": 0}
        shapes = [(spec["input"]["c"], spec["input"]["h"], spec["input"]["w"])]
        for i, l in enumerate(spec["layers"]):
            source = places[l["from"]] if l.get("from") else i
            (c, h, w), kind = shapes[source], l["kind"]
            k, s, p, bias = l.get("kernel", 1), l.get("stride", 1), l.get("padding", 0), not l.get("noBias", False)
            out = [c, h, w]
            part = nn.Identity()
            if kind == "conv":
                part, out = nn.Conv2d(c, l["channels"], k, s, p, bias=bias), [l["channels"], (h + 2 * p - k) // s + 1, (w + 2 * p - k) // s + 1]
            elif kind == "maxpool":
                part, out = nn.MaxPool2d(k, s), [c, (h - k) // s + 1, (w - k) // s + 1]
            elif kind == "relu":
                part = nn.ReLU()
            elif kind == "batchnorm":
                part = nn.BatchNorm2d(c)
            elif kind == "gap":
                part, out = nn.AdaptiveAvgPool2d(1), [c, 1, 1]
            elif kind == "flatten":
                out = [c * h * w, 1, 1]
            elif kind == "linear":
                part, out = nn.Linear(c * h * w, l["units"], bias=bias), [l["units"], 1, 1]
            self.plan.append((kind, source, places.get(l.get("with"))))
            self.parts.append(part)
            shapes.append(tuple(out))
            if l.get("name"):
                places[l["name"]] = i + 1

    def forward(self, x):
        values = [x]
        for (kind, source, other), part in zip(self.plan, self.parts):
            v = values[source]
            if kind == "add":
                v = v + values[other]
            elif kind == "flatten":
                v = v.reshape(len(v), -1, 1, 1)
            elif kind == "linear":
                v = part(v.flatten(1))[:, :, None, None]
            else:
                v = part(v)
            values.append(v)
        return values[-1].flatten(1)


def wait():
    if where == "cuda":
        torch.cuda.synchronize()
    elif where == "mps":
        torch.mps.synchronize()


def measure(layout):
    net = Net().to(where).to(memory_format=layout)
    x = torch.randn(batch, spec["input"]["c"], spec["input"]["h"], spec["input"]["w"], device=where).to(memory_format=layout)
    y = torch.randint(spec["classes"], (batch,), device=where)
    sgd = torch.optim.SGD(net.parameters(), lr=0.01)
    net.train(not ask["forward"])

    def step():
        if ask["forward"]:
            with torch.no_grad():
                return nn.functional.cross_entropy(net(x), y)
        sgd.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        sgd.step()

    for _ in range(3):
        step()
    wait()
    times, began = [], time.perf_counter()
    while (len(times) < ask["steps"]) if ask["steps"] else (len(times) < 5 or time.perf_counter() - began < ask["seconds"]):
        start = time.perf_counter()
        step()
        wait()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


best = min((measure(layout), name) for layout, name in ((torch.contiguous_format, "NCHW"), (torch.channels_last, "channels_last")))
print(json.dumps({
    "version": torch.__version__, "device": torch.cuda.get_device_name() if where == "cuda" else where,
    "layout": best[1], "medianMs": 1e3 * best[0], "imagesPerSecond": batch / best[0],
}))
