"""
What training is measured against: an epoch of the CNN of Carter et al. (AISTATS 2019) in PyTorch.

    python trainPytorch.py FOLDER LENGTH THREADS

FOLDER holds codes.u8 [n, LENGTH] (A 0, C 1, G 2, T 3), labels.f32 [n] and splits.u8 [n] (0 train, 1 valid). The first
line printed names the version. Then each line on stdin trains a new network for an epoch (128 at a time, shuffled, Adam
at 0.001, balanced classes, dropout), scores the validation split, and is answered by a line of JSON: the losses.
"""

import json
import sys
from pathlib import Path

import numpy
import torch
from torch import nn

BATCH = 128


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.scan = nn.Conv1d(4, 128, 24)
        self.head = nn.Sequential(nn.Linear(128, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 1))

    def forward(self, x):
        """
        [n, 4, L] to logits [n]. The fastest of what was tried: amax(2) after the rectifier takes twice as long, since it
        shares its gradient out among equal positions; padding "same" copies the kernel where its size is even.
        """
        maxima = self.scan(nn.functional.pad(x, (11, 12))).max(2).values
        return self.head(torch.relu(maxima)).squeeze(1)


def epoch(inputs, labels, weights, train, valid):
    model = Cnn()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.001)
    order = train[torch.randperm(len(train))]
    total = 0.0
    model.train()
    for begin in range(0, len(order), BATCH):
        rows = order[begin : begin + BATCH]
        optimiser.zero_grad(set_to_none=True)
        loss = nn.functional.binary_cross_entropy_with_logits(
            model(inputs[rows]), labels[rows], weight=weights[rows]
        )
        loss.backward()
        optimiser.step()
        total += loss.item() * len(rows)
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(inputs[rows]) for rows in valid.split(512)])
    valid_loss = nn.functional.binary_cross_entropy_with_logits(
        logits, labels[valid], weight=weights[valid]
    )
    return {"trainLoss": total / len(train), "validLoss": valid_loss.item()}


def main():
    folder, length, threads = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    codes = numpy.fromfile(folder / "codes.u8", numpy.uint8).reshape(-1, length)
    labels = torch.from_numpy(numpy.fromfile(folder / "labels.f32", numpy.float32))
    splits = torch.from_numpy(numpy.fromfile(folder / "splits.u8", numpy.uint8))
    # Codes of unknown bases are 5: no letter of the four.
    letters = numpy.arange(4, dtype=numpy.uint8)[None, :, None]
    inputs = torch.from_numpy((codes[:, None, :] == letters).astype(numpy.float32))
    train, valid = (torch.nonzero(splits == split).squeeze(1) for split in (0, 1))
    shares = [(labels[train] == label).float().mean() for label in (0, 1)]
    weights = torch.where(labels == 1, 0.5 / shares[1], 0.5 / shares[0])
    print(torch.__version__, flush=True)
    for _ in sys.stdin:
        print(json.dumps(epoch(inputs, labels, weights, train, valid)), flush=True)


main()
