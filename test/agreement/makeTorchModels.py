"""Exports PyTorch models of DNA to ONNX, with inputs and PyTorch's own scores beside each: NAME.onnx and NAME.json.

    python makeTorchModels.py DIRECTORY [NAME ...]

Needs torch >= 2.5, onnx and onnxscript. Everything is seeded. The fixtures of test/fixtures/models were made with it.
"""

import json
import sys
import warnings
from pathlib import Path

import onnx
import torch
from torch import nn

L = 60
warnings.filterwarnings("ignore")


class Lambda(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def paper(pool=lambda: [nn.AdaptiveMaxPool1d(1), nn.Flatten()]):
    """The convolutional net of the paper, narrow: one convolution, global maximum, one hidden layer."""
    return nn.Sequential(
        nn.Conv1d(4, 8, 24), nn.ReLU(), *pool(),
        nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 1), nn.Sigmoid(),
    )


def paper_reduced():
    """The dynamo exporter of PyTorch 2.5 has no adaptive maximum."""
    return paper(lambda: [Lambda(lambda x: x.amax(dim=2))])


def basset():
    """Basset (Kelley 2016), narrow: batch normalisation, ReLU, pooling three times, two dense layers."""
    return nn.Sequential(
        nn.Conv1d(4, 12, 19, padding=9), nn.BatchNorm1d(12), nn.ReLU(), nn.MaxPool1d(3),
        nn.Conv1d(12, 10, 11, padding=5), nn.BatchNorm1d(10), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(10, 8, 7, padding=3), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(2),
        nn.Flatten(), nn.Linear(8 * 5, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3),
    )


class Dilated(nn.Module):
    """A stem, residual blocks of growing dilation, one that changes the channels, a global average."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv1d(4, 8, 10, padding="same")
        self.blocks = nn.ModuleList([
            nn.Sequential(
                nn.BatchNorm1d(8), nn.GELU(), nn.Conv1d(8, 8, 3, dilation=d, padding=d),
                nn.GELU(), nn.Conv1d(8, 8, 1),
            )
            for d in (1, 2, 4)
        ])
        self.widen = nn.Conv1d(8, 12, 1)
        self.wide = nn.Sequential(nn.Conv1d(8, 12, 3, padding=1), nn.ELU())
        self.head = nn.Linear(12, 2)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = x + block(x)
        x = self.widen(x) + self.wide(x)
        return self.head(x.mean(dim=2))


class Recurrent(nn.Module):
    """A convolution and a bidirectional LSTM (DanQ): no network of ours."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 8)
        self.lstm = nn.LSTM(6, 5, batch_first=True, bidirectional=True)
        self.head = nn.Linear(10, 1)

    def forward(self, x):
        x = torch.relu(self.conv(x)).transpose(1, 2)
        return torch.sigmoid(self.head(self.lstm(x)[0].amax(dim=1)))


class MultiTask(nn.Module):
    """Two heads, each an output of its own: three classes, and two values of which the maximum and mean are read."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 8, 12)
        self.classes = nn.Linear(16, 3)
        self.values = nn.Sequential(nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 2))

    def forward(self, x):
        x = torch.relu(self.conv(x))
        both = torch.cat([x.amax(dim=2), x.mean(dim=2)], dim=1)
        return torch.softmax(self.classes(both), dim=1), self.values(both)


def deepsea():
    """As DeepSEA's public PyTorch port: 2-D convolutions over [n, 4, 1, L], flattened through a view."""
    return nn.Sequential(
        nn.Conv2d(4, 10, (1, 8)), nn.ReLU(), nn.MaxPool2d((1, 4), (1, 4)), nn.Dropout(0.2),
        nn.Conv2d(10, 8, (1, 5)), nn.ReLU(), nn.MaxPool2d((1, 2), (1, 2)),
        Lambda(lambda x: x.view(x.size(0), -1)), nn.Linear(8 * 4, 12), nn.ReLU(), nn.Linear(12, 2), nn.Sigmoid(),
    )


def rows():
    """Position by position, [n, L, 4], permuted inside; pooled twice over."""
    return nn.Sequential(
        Lambda(lambda x: x.permute(0, 2, 1)), nn.Conv1d(4, 8, 9, padding=4), nn.ReLU(), nn.AvgPool1d(2),
        nn.Conv1d(8, 8, 5, dilation=2), nn.Tanh(), nn.Flatten(), nn.Linear(8 * 22, 2),
    )


def image():
    """[n, 1, 4, L]: the first kernel is as high as the alphabet."""
    return nn.Sequential(
        nn.Conv2d(1, 8, (4, 10)), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d((1, 3)),
        nn.Flatten(), nn.Linear(8 * 17, 1),
    )


def lines():
    """[n, L, 4, 1] turned into an image."""
    return nn.Sequential(
        Lambda(lambda x: x.permute(0, 3, 2, 1)), nn.Conv2d(1, 6, (4, 7)), nn.ReLU(),
        Lambda(lambda x: x.squeeze(2)), nn.MaxPool1d(54), Lambda(lambda x: x[:, :, 0]), nn.Linear(6, 1),
    )


def flat():
    """[n, 4 L], channel by channel: only a view tells."""
    return nn.Sequential(
        Lambda(lambda x: x.view(-1, 4, L)), nn.Conv1d(4, 6, 8), nn.ReLU(), nn.AdaptiveAvgPool1d(1),
        nn.Flatten(), nn.Linear(6, 1),
    )


def dense():
    """[n, 4 L], dense layers only: nothing tells the order."""
    return nn.Sequential(nn.Linear(4 * L, 8), nn.ReLU(), nn.Linear(8, 1))


class Pointwise(nn.Module):
    """nn.Linear at every position, layers of constants (scaling, shifting), padding by hand, depthwise and strided."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(4, 6)
        self.depthwise = nn.Conv1d(6, 6, 5, groups=6, padding=2)
        self.strided = nn.Conv1d(6, 8, 4, stride=2)
        self.register_buffer("shift", torch.randn(8, 1))
        self.pad = nn.ConstantPad1d((3, 1), 0.0)
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        x = torch.relu(self.embed(x.transpose(1, 2))).transpose(1, 2)
        x = self.strided(self.pad(self.depthwise(x)))
        x = torch.relu((x - self.shift) / 1.7 * 0.9 + 0.1)
        return torch.exp(self.head(x.sum(dim=2) / 20)).squeeze(-1)


class Branches(nn.Module):
    """Convolutions of three widths side by side (as in DeepHistone, inception nets), flattened and joined again."""

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv1d(4, 4, k, padding=k // 2) for k in (3, 7, 11)])
        self.after = nn.Conv1d(12, 4, 3)
        self.head = nn.Linear(4 * 14 + 12, 1)

    def forward(self, x):
        x = torch.relu(torch.cat([conv(x) for conv in self.convs], dim=1))
        pooled = nn.functional.max_pool1d(self.after(x), 4, ceil_mode=False)
        return self.head(torch.cat([pooled.flatten(1), x.amax(dim=2)], dim=1))


# name: model, sizes of one input after the batch, what torch.onnx.export is told
MODELS = {
    "paper": (paper, [4, L], {}),
    "paper-dynamo": (paper_reduced, [4, L], {"dynamo": True}),
    "paper-fixed-batch": (paper, [4, L], {"fixed": True}),
    "paper-any-length": (paper_reduced, [4, L], {"length": True}),
    "basset": (basset, [4, L], {}),
    "basset-dynamo": (basset, [4, L], {"dynamo": True}),
    "dilated": (Dilated, [4, L], {}),
    "dilated-dynamo": (Dilated, [4, L], {"dynamo": True}),
    "recurrent": (Recurrent, [4, L], {}),
    "multitask": (MultiTask, [4, L], {"outputs": ["classes", "values"]}),
    "deepsea": (deepsea, [4, 1, L], {}),
    "rows": (rows, [L, 4], {}),
    "image": (image, [1, 4, L], {"folding": False}),
    "lines": (lines, [L, 4, 1], {}),
    "flat": (flat, [4 * L], {}),
    "dense": (dense, [4 * L], {}),
    "pointwise": (Pointwise, [4, L], {}),
    "branches": (Branches, [4, L], {}),
    "branches-dynamo": (Branches, [4, L], {"dynamo": True}),
}


def without_traces(file):
    """The dynamo exporter keeps where in which file each operator comes from; paths of a machine are nobody's business."""
    model = onnx.load(file)
    for part in [model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output]:
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, file)


def one_hot(rows, dims, order):
    codes = torch.randint(0, 4, (rows, L))
    channels = torch.nn.functional.one_hot(codes, 4).float()  # [n, L, 4]
    values = channels if order == "NWC" else channels.transpose(1, 2)
    return codes, values.reshape(rows, *dims).contiguous()


def make(name, directory):
    build, dims, options = MODELS[name]
    torch.manual_seed(sum(name.encode()))
    model = build().eval()
    with torch.no_grad():  # statistics as after training: no batch normalisation is the identity
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.running_mean.normal_(0, 0.3)
                module.running_var.uniform_(0.5, 2)
                module.weight.normal_(1, 0.3)
                module.bias.normal_(0, 0.3)
    order = "NWC" if name in ("rows", "lines") else "NCW"
    codes, inputs = one_hot(6, dims, order)
    with torch.no_grad():
        scores = model(inputs)
    outputs = options.get("outputs", ["scores"])
    results = scores if isinstance(scores, tuple) else (scores,)
    file = directory / f"{name}.onnx"
    trial = inputs[:1] if options.get("fixed") else inputs[:2]
    if options.get("dynamo"):
        batch = torch.export.Dim("batch", min=1, max=100_000)
        program = torch.onnx.export(
            model, (trial,), dynamo=True, dynamic_shapes=({0: batch},), input_names=["dna"], output_names=outputs,
        )
        if hasattr(program, "optimize"):
            program.optimize()
        program.save(str(file))
        without_traces(file)
    else:
        axes = {} if options.get("fixed") else {"dna": {0: "batch"}, **{output: {0: "batch"} for output in outputs}}
        if options.get("length"):
            axes["dna"][2] = "length"
        torch.onnx.export(
            model, (trial,), str(file), dynamo=False, input_names=["dna"], output_names=outputs, opset_version=17,
            dynamic_axes=axes, do_constant_folding=options.get("folding", True),
        )
    about = {
        "dims": dims,
        "order": order,
        "sequences": ["".join("ACGT"[c] for c in row) for row in codes.tolist()],
        "scores": {output: result.reshape(len(codes), -1).tolist() for output, result in zip(outputs, results)},
    }
    (directory / f"{name}.json").write_text(json.dumps(about) + "\n")


def main():
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or MODELS:
        make(name, directory)


if __name__ == "__main__":
    main()
