"""A Smoothscape specification as a torch.nn.Module.

A specification is the JSON of smoothscape/trainer/engine.Spec: an input shape, a number of classes and a list of layers, each of which reads
the layer before it, or the one that "from" names ("input" is the images). "add" has a second summand, "with". PyTorch serves as an
independent witness here, so each layer is the plain torch.nn module of that name and nothing is taken over from the Go code but the format.
"""

import json

import torch
from torch import nn

BATCH_NORM_EPSILON = 1e-5
BATCH_NORM_MOMENTUM = 0.1


class Net(nn.Module):
    """The network of a specification; forward takes [n, C, H, W] and gives the logits, [n, classes]."""

    def __init__(self, spec, inplace=False):
        """inplace: a ReLU overwrites what it reads, where nobody else reads that (faster; hooks then see the output as input)."""
        super().__init__()
        self.spec = spec
        self.plan = []  # (layer, place of what it reads, place of the other summand); place 0 is the images, place i+1 the output of layer i
        self.parts = nn.ModuleList()
        shapes = [(spec["input"]["c"], spec["input"]["h"], spec["input"]["w"])]
        places = {"input": 0}
        for i, layer in enumerate(spec["layers"]):
            source = places[layer["from"]] if layer.get("from") else i
            other = places[layer["with"]] if layer.get("with") else None
            part, shape = build(layer, shapes[source])
            self.plan.append((layer["kind"], source, other))
            self.parts.append(part)
            shapes.append(shape)
            if layer.get("name"):
                places[layer["name"]] = i + 1
        if shapes[-1] != (spec["classes"], 1, 1):
            raise ValueError(f"expected {spec['classes']} logits, found an output of shape {shapes[-1]}")
        readers = {}
        self.last = {}  # place: the last layer that reads it, so that forward need not keep more than PyTorch does
        for i, (_, source, other) in enumerate(self.plan):
            for place in (source, other):
                if place is not None:
                    readers[place] = readers.get(place, 0) + 1
                    self.last[place] = i
        for (_, source, _), part in zip(self.plan, self.parts):
            if isinstance(part, nn.ReLU):
                part.inplace = inplace and source > 0 and readers[source] == 1

    def forward(self, images):
        values = {0: images}
        for i, (kind, source, other) in enumerate(self.plan):
            x = values[source]
            if kind in ("conv", "maxpool", "gap") and x.dim() == 2:
                x = x[:, :, None, None]
            elif kind in ("flatten", "linear") and x.dim() == 4:
                x = x.flatten(1)
            if kind == "add":
                out = x + values[other].reshape(x.shape)
            else:
                out = self.parts[i](x)
            values[i + 1] = out
            for place in {source, other} - {None}:
                if self.last[place] == i:
                    del values[place]
        return out.flatten(1)

    def tensors(self):
        """Parameters by Smoothscape's names, in the order of its flat vector: layer by layer, weight before bias."""
        return self._named("weight", "bias")

    def state_tensors(self):
        """Running statistics by Smoothscape's names, in the order of its state vector."""
        return self._named("running_mean", "running_var")

    def _named(self, *attributes):
        found = {}
        for i, (layer, part) in enumerate(zip(self.spec["layers"], self.parts)):
            for attribute in attributes:
                tensor = getattr(part, attribute, None)
                if tensor is not None:
                    found[f"{layer.get('name') or i}.{attribute}"] = tensor
        return found


def build(layer, shape):
    """The module of one layer and the shape (C, H, W) of its output."""
    kind = layer["kind"]
    c, h, w = shape
    if kind == "conv":
        k, stride, padding = layer["kernel"], layer["stride"], layer.get("padding", 0)
        part = nn.Conv2d(c, layer["channels"], k, stride, padding, bias=not layer.get("noBias", False))
        return part, (layer["channels"], (h + 2 * padding - k) // stride + 1, (w + 2 * padding - k) // stride + 1)
    if kind == "maxpool":
        k, stride = layer["kernel"], layer["stride"]
        return nn.MaxPool2d(k, stride), (c, (h - k) // stride + 1, (w - k) // stride + 1)
    if kind == "relu":
        return nn.ReLU(), shape
    if kind == "flatten":
        return nn.Identity(), (c * h * w, 1, 1)
    if kind == "linear":
        return nn.Linear(c * h * w, layer["units"], bias=not layer.get("noBias", False)), (layer["units"], 1, 1)
    if kind == "batchnorm":
        return BatchNorm(c, BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM), shape
    if kind == "gap":
        return nn.AdaptiveAvgPool2d(1), (c, 1, 1)
    if kind == "add":
        return nn.Identity(), shape
    raise ValueError(f"expected a layer of a known kind, found {kind!r}")


class BatchNorm(nn.modules.batchnorm._BatchNorm):
    """BatchNorm1d and BatchNorm2d in one: over images and, where there are any, pixels."""

    def _check_input_dim(self, x):
        if x.dim() not in (2, 4):
            raise ValueError(f"expected [n, C] or [n, C, H, W], found {tuple(x.shape)}")


def read_spec(file):
    with open(file, encoding="utf-8") as f:
        return json.load(f)


def loss_of(net, images, labels):
    """Mean cross-entropy, and how many images are classified rightly."""
    logits = net(images)
    return nn.functional.cross_entropy(logits, labels), int((logits.argmax(1) == labels).sum())


def parameter_count(net):
    return sum(t.numel() for t in net.tensors().values())
