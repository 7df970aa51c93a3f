"""
A network of ours as PyTorch modules, explained by Captum and by tangermeme: for agreement and for timing.

    python torchAttributions.py THREADS

Each line on stdin is a request, answered by a line of JSON; `network` gives the network that those after it are about, as
torchNetwork.ts writes it (the forward strand alone). Numbers are base64 of float32 little-endian.
"""

import base64
import contextlib
import importlib.metadata
import json
import sys
import time
import warnings

import numpy
import torch
from torch import nn

ACTIVATIONS = {
    "linear": nn.Identity,
    "relu": nn.ReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "gelu-tanh": lambda: nn.GELU(approximate="tanh"),
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "silu": nn.SiLU,
    "softplus": lambda: nn.Softplus(threshold=1e9),
    "softmax": lambda: nn.Softmax(1),
}


def numbers(text):
    return torch.from_numpy(numpy.frombuffer(base64.b64decode(text), dtype="<f4").copy())


def text(tensor):
    return base64.b64encode(tensor.detach().to(torch.float32).contiguous().numpy().astype("<f4").tobytes()).decode()


class Flatten(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 1).flatten(1) if x.dim() == 3 else x


class Mean(nn.Module):
    def forward(self, x):
        return x.mean(2)


class Squeeze(nn.Module):
    def forward(self, x):
        return x.squeeze(2)


class Apart(nn.Module):
    """Keeps two functions from sharing a tensor: Captum's rules then do not add up (findings/captum-deeplift-neighbours.sh)."""

    def forward(self, x):
        return x * 1.0


class Sum(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.first, self.second = first, second

    def forward(self, x):
        return self.first(x * 1.0) + self.second(x * 1.0)


class Concat(nn.Module):
    def __init__(self, branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([branch(x * 1.0) for branch in self.branches], 1)


class Builder:
    """Follows the shape through the layers: a global maximum is a pool as wide as the sequence."""

    def __init__(self, length, neighbours=False):
        self.length = length
        self.neighbours = neighbours

    def apart(self):
        return [] if self.neighbours else [Apart()]

    def sequence(self, layers):
        return nn.Sequential(*(self.layer(layer) for layer in layers))

    def branch(self, layers):
        inner = Builder(self.length, self.neighbours)
        built = inner.sequence(layers)
        return built, inner.length

    def layer(self, layer):
        kind = layer["kind"]
        if kind == "conv1d":
            size, filters = layer["kernelSize"], layer["filters"]
            kernel = numbers(layer["kernel"]).reshape(size, -1, filters).permute(2, 1, 0).contiguous()
            before, after = layer["pads"]
            same = before == after
            module = nn.Conv1d(
                kernel.shape[1], filters, size, dilation=layer["dilation"], padding=before if same else 0
            )
            module.weight.data, module.bias.data = kernel, numbers(layer["bias"])
            self.length += before + after - (size - 1) * layer["dilation"]
            return module if same else nn.Sequential(nn.ConstantPad1d((before, after), 0.0), module)
        if kind == "dense":
            kernel = numbers(layer["kernel"]).reshape(-1, layer["units"])
            module = nn.Linear(*kernel.shape)
            module.weight.data, module.bias.data = kernel.T.contiguous(), numbers(layer["bias"])
            return module
        if kind == "batchNorm":
            module = nn.BatchNorm1d(len(numbers(layer["gamma"])), eps=layer["epsilon"])
            module.weight.data, module.bias.data = numbers(layer["gamma"]), numbers(layer["beta"])
            module.running_mean, module.running_var = numbers(layer["mean"]), numbers(layer["variance"])
            return module
        if kind == "activation":
            return nn.Sequential(ACTIVATIONS[layer["function"]](), *self.apart())
        if kind in ("maxPool1d", "averagePool1d"):
            assert layer["pads"] == [0, 0], "padded pools are not compared"
            self.length = (self.length - layer["size"]) // layer["stride"] + 1
            pool = nn.MaxPool1d if kind == "maxPool1d" else nn.AvgPool1d
            return nn.Sequential(pool(layer["size"], layer["stride"]), *self.apart())
        if kind == "globalMaxPool":
            return nn.Sequential(nn.MaxPool1d(self.length), Squeeze())
        if kind == "globalAveragePool":
            return Mean()
        if kind == "dropout":
            return nn.Identity()
        if kind == "flatten":
            return Flatten()
        if kind == "residual":
            shortcut, _ = self.branch(layer["shortcut"])
            inner, self.length = self.branch(layer["layers"])
            return Sum(shortcut, inner)
        if kind == "concat":
            branches = [self.branch(branch) for branch in layer["branches"]]
            self.length = branches[0][1]
            return Concat([built for built, _ in branches])
        raise ValueError(kind)


def attribute(model, request):
    import captum.attr as captum

    dtype = getattr(torch, request["type"])
    length, target, method = request["length"], request["output"], request["method"]
    x = numbers(request["x"]).reshape(-1, 4, length).to(dtype)
    if method == "deep-shap":
        from tangermeme.deep_lift_shap import deep_lift_shap

        references = numbers(request["references"]).reshape(len(x), -1, 4, length).to(dtype)

        def explain():
            return deep_lift_shap(
                model, x, target=target, references=references, hypothetical=True, batch_size=request["batch"],
                device="cpu", warning_threshold=1e9,
            )  # fmt: skip

        return explain
    if method == "saliency":
        return lambda: captum.Saliency(model).attribute(x.clone().requires_grad_(True), target=target, abs=False)
    if method in ("guided-backpropagation", "deconvolution"):
        maker = captum.GuidedBackprop if method == "guided-backpropagation" else captum.Deconvolution
        return lambda: maker(model).attribute(x.clone().requires_grad_(True), target=target)
    baseline = numbers(request["references"]).reshape(-1, 4, length).to(dtype)
    if method == "integrated-gradients":
        return lambda: captum.IntegratedGradients(model).attribute(
            x, baseline, target=target, n_steps=request["steps"], method=request["quadrature"],
            internal_batch_size=request["batch"],
        )  # fmt: skip
    if method == "deeplift":
        # as tangermeme makes hypothetical contributions of multipliers
        def explain():
            maker = captum.DeepLift(model, multiply_by_inputs=False)
            multipliers = maker.attribute(x, baseline.expand_as(x).contiguous(), target=target)
            return multipliers - (multipliers * baseline).sum(1, keepdim=True)

        return explain
    raise ValueError(method)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.set_num_interop_threads(1)
    warnings.filterwarnings("ignore")
    versions = {name: importlib.metadata.version(name) for name in ("torch", "captum", "tangermeme")}
    print(json.dumps({"version": ", ".join(f"{name} {version}" for name, version in versions.items())}), flush=True)
    model = None
    for line in sys.stdin:
        request = json.loads(line)
        if request["command"] == "network":
            model = Builder(request["network"]["length"], request.get("neighbours", False)).sequence(request["network"]["layers"]).eval()
            answer = {}
        else:
            model = model.to(getattr(torch, request["type"]))
            with contextlib.redirect_stdout(sys.stderr):
                explain = attribute(model, request)
                begin = time.perf_counter()
                for _ in range(request.get("repeats", 1)):
                    found = explain()
                seconds = time.perf_counter() - begin
            answer = {"seconds": seconds, "attributions": text(found)}
        print(json.dumps(answer), flush=True)


main()
