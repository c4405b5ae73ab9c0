"""Writes pil.json: what Pillow makes of a few images with the operations that torchvision's transforms call.

    python3 pil.py > pil.json        (any Pillow from 6.0 on; written with 9.4.0)

Pixel k of an image (channel by channel, row by row) has the value (k*k + 7*k + 1) % 251 + 1, so that no pixel is black.
"""
import json
import sys

import PIL
from PIL import Image, ImageOps

CASES = [  # channels, height, width, padding, top and left in the padded image, flip, degrees counterclockwise
    (3, 32, 32, 4, 4, 4, False, 15.0),
    (3, 32, 32, 4, 1, 7, True, -11.380859375),
    (1, 32, 32, 4, 8, 0, True, 3.7),
    (1, 28, 28, 4, 0, 5, False, -14.999),
    (3, 9, 14, 4, 6, 3, True, 7.25),
    (1, 14, 9, 2, 0, 4, False, -160.0),
    (1, 8, 8, 4, 4, 4, False, 45.0),
    (1, 8, 8, 3, 5, 2, True, 90.0),
    (3, 5, 7, 4, 4, 4, True, 0.001),
    (1, 5, 7, 4, 3, 6, True, 0.0),
    (3, 2, 3, 4, 0, 8, True, 10.0),
    (1, 1, 1, 0, 0, 0, False, 12.0),
]


def image(c, h, w):
    planes = []
    for channel in range(c):
        first = channel * h * w
        values = bytes((k * k + 7 * k + 1) % 251 + 1 for k in range(first, first + h * w))
        planes.append(Image.frombytes("L", (w, h), values))
    return planes[0] if c == 1 else Image.merge("RGB", planes)


out = []
for c, h, w, padding, top, left, flip, degrees in CASES:
    black = 0 if c == 1 else (0, 0, 0)
    img = ImageOps.expand(image(c, h, w), border=padding, fill=black)
    img = img.crop((left, top, left + w, top + h))
    if flip:
        img = img.transpose(Image.FLIP_LEFT_RIGHT)
    img = img.rotate(degrees, Image.NEAREST, False, None, fillcolor=black)
    out.append({
        "channels": c, "height": h, "width": w, "top": top - padding, "left": left - padding, "flip": flip, "degrees": degrees,
        "pixels": b"".join(plane.tobytes() for plane in img.split()).hex(),
    })
sys.stdout.write('{"pillow": "%s", "cases": [\n' % PIL.__version__ + ",\n".join(json.dumps(case) for case in out) + "\n]}\n")
