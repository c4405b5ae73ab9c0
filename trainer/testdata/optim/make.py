"""Writes golden.json: what torch.optim does with a few parameters, for optim_test.go.

    python3 make.py > golden.json

Two parameters, five updates by gradients that do not depend on them, in float64; and the learning rates of PyTorch's
schedulers over 20 epochs, from 0.1.
"""
import json

import torch
from torch.optim import SGD, lr_scheduler

START = [1.0, -0.3]
GRADIENTS = [[0.5, -2.0], [-1.25, 0.75], [0.0, 0.1], [3.0, -0.6], [-0.4, 0.2]]
SETTINGS = [
    dict(momentum=0.0, nesterov=False, weight_decay=0.0),
    dict(momentum=0.0, nesterov=False, weight_decay=0.05),
    dict(momentum=0.9, nesterov=False, weight_decay=0.0),
    dict(momentum=0.9, nesterov=False, weight_decay=0.05),
    dict(momentum=0.9, nesterov=True, weight_decay=0.0),
    dict(momentum=0.6, nesterov=True, weight_decay=0.05),
]


def updates(setting):
    theta = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = SGD([theta], lr=0.1, dampening=0, **setting)
    path = []
    for gradient in GRADIENTS:
        theta.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        path.append(theta.tolist())
    return path


def rates(make):
    optimizer = SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = make(optimizer)
    path = []
    for _ in range(20):
        path.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return path


print(json.dumps({
    "torch": torch.__version__,
    "start": START,
    "gradients": GRADIENTS,
    "updates": [{**s, "path": updates(s)} for s in SETTINGS],
    "rates": {
        "step": rates(lambda o: lr_scheduler.StepLR(o, 6, 0.7)),
        "exponential": rates(lambda o: lr_scheduler.ExponentialLR(o, 0.9)),
        "polynomial": rates(lambda o: lr_scheduler.PolynomialLR(o, 20, 0.5)),
        "cosine": rates(lambda o: lr_scheduler.CosineAnnealingLR(o, 20)),
    },
}, indent=1))
