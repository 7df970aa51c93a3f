"""
A network of ours in PyTorch, for agreement and for timing: gradients with respect to the mask, and steps of training.

    python torchNetwork.py THREADS

Each line on stdin is a request, answered by a line of JSON; `network` gives the network that those after it are about, as
torchNetwork.ts writes it. Numbers are base64 of float32 little-endian.
"""

import base64
import json
import math
import sys
import time

import numpy
import torch
from torch.nn import functional as F

JOINS = {"maximum", "mean", "mean-of-logits"}


def numbers(text):
    return torch.from_numpy(numpy.frombuffer(base64.b64decode(text), dtype="<f4").copy())


def text(tensor):
    return base64.b64encode(tensor.detach().to(torch.float32).contiguous().numpy().astype("<f4").tobytes()).decode()


def activate(name, x):
    if name == "linear":
        return x
    if name == "gelu":
        return F.gelu(x)
    if name == "gelu-tanh":
        return F.gelu(x, approximate="tanh")
    if name == "softmax":
        return torch.softmax(x, 1)
    if name == "softplus":
        return F.softplus(x, threshold=1e9)
    if name == "exp":
        return torch.exp(x)
    return {"relu": torch.relu, "elu": F.elu, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "silu": F.silu}[name](x)


class Network:
    """[n, channels, length] along the sequence, [n, units] once flat."""

    def __init__(self, spec, dtype=torch.float32):
        self.spec = spec
        self.dtype = dtype
        self.parameters = []  # in the order of the layers, as trained
        self.kernels = []
        self.statistics = []
        self.training = False
        self.masks = None
        self.prepare(spec["layers"])

    def tensor(self, layer, name, shape, trained=True):
        value = numbers(layer[name]).reshape(shape).to(self.dtype)
        if trained:
            value = value.clone().requires_grad_(True)
            self.parameters.append(value)
            if name == "kernel":
                self.kernels.append(value)
        else:
            self.statistics.append(value)
        layer["_" + name] = value

    def prepare(self, layers):
        for layer in layers:
            kind = layer["kind"]
            if kind == "conv1d":
                size, filters = layer["kernelSize"], layer["filters"]
                value = numbers(layer["kernel"]).reshape(size, -1, filters).permute(2, 1, 0).contiguous().to(self.dtype)
                layer["_kernel"] = value.requires_grad_(True)
                self.parameters.append(layer["_kernel"])
                self.kernels.append(layer["_kernel"])
                self.tensor(layer, "bias", (filters,))
            elif kind == "dense":
                self.tensor(layer, "kernel", (-1, layer["units"]))
                self.tensor(layer, "bias", (layer["units"],))
            elif kind == "batchNorm":
                for name in ("gamma", "beta"):
                    self.tensor(layer, name, (-1,))
                for name in ("mean", "variance"):
                    self.tensor(layer, name, (-1,), trained=False)
            elif kind == "residual":
                self.prepare(layer.get("shortcut", []))
                self.prepare(layer["layers"])
            elif kind == "concat":
                for branch in layer["branches"]:
                    self.prepare(branch)

    def apply(self, layers, x):
        for layer in layers:
            x = self.layer(layer, x)
        return x

    def layer(self, layer, x):
        kind = layer["kind"]
        if kind == "conv1d":
            before, after = layer["pads"]
            if before == after:
                return F.conv1d(x, layer["_kernel"], layer["_bias"], padding=before, dilation=layer["dilation"])
            return F.conv1d(F.pad(x, (before, after)), layer["_kernel"], layer["_bias"], dilation=layer["dilation"])
        if kind == "dense":
            return x @ layer["_kernel"] + layer["_bias"]
        if kind == "batchNorm":
            mean, variance = layer["_mean"], layer["_variance"]
            gamma, beta, epsilon = layer["_gamma"], layer["_beta"], layer["epsilon"]
            if not self.training:
                return F.batch_norm(x, mean, variance, gamma, beta, False, 0, epsilon)
            # PyTorch's running variance is the unbiased one; ours, as TensorFlow's, is what the batch is divided by.
            axes = (0, 2) if x.dim() == 3 else (0,)
            with torch.no_grad():
                mean.mul_(0.9).add_(x.mean(axes), alpha=0.1)
                variance.mul_(0.9).add_(x.var(axes, unbiased=False), alpha=0.1)
            return F.batch_norm(x, None, None, gamma, beta, True, 0, epsilon)
        if kind == "activation":
            return activate(layer["function"], x)
        if kind == "maxPool1d":
            return F.max_pool1d(F.pad(x, layer["pads"], value=-math.inf), layer["size"], layer["stride"])
        if kind == "averagePool1d":
            size, stride = layer["size"], layer["stride"]
            ones = F.pad(torch.ones_like(x[:1, :1]), layer["pads"])
            counts = F.avg_pool1d(ones, size, stride)
            return F.avg_pool1d(F.pad(x, layer["pads"]), size, stride) / counts
        if kind == "crop1d":
            return x[:, :, layer["before"] : x.shape[2] - layer["after"]]
        if kind == "zeroPad1d":
            return F.pad(x, (layer["before"], layer["after"]))
        if kind == "globalMaxPool":
            return x.max(2).values
        if kind == "globalAveragePool":
            return x.mean(2)
        if kind == "dropout":
            if self.masks is None:
                return F.dropout(x, layer["rate"], self.training)
            mask = next(self.masks)
            return x * (mask.permute(0, 2, 1) if x.dim() == 3 else mask)
        if kind == "flatten":
            return x.permute(0, 2, 1).flatten(1) if x.dim() == 3 else x
        if kind == "splitChannels":
            n, channels, length = x.shape
            return x.permute(0, 2, 1).reshape(n, length * layer["groups"], channels // layer["groups"]).permute(0, 2, 1)
        if kind == "residual":
            shortcut = self.apply(layer.get("shortcut", []), x)
            return shortcut + self.apply(layer["layers"], x)
        if kind == "concat":
            return torch.cat([self.apply(branch, x) for branch in layer["branches"]], 1)
        raise ValueError(kind)

    def score(self, x):
        """[n, outputs], after `after`, which follows a mean of both strands."""
        if self.spec["strands"] == "forward":
            return self.apply(self.spec["layers"], x)
        forward, reverse = self.apply(self.spec["layers"], torch.cat([x, x.flip((1, 2))])).chunk(2)
        if self.spec["join"] == "maximum":
            return torch.where(forward >= reverse, forward, reverse)
        return activate(self.spec["after"], (forward + reverse) / 2)


def mask_gradient(network, x, background, output, odds):
    x = x.clone().requires_grad_(True)
    if odds:
        # of each strand before the larger one is taken, of their mean otherwise
        spec = network.spec
        join = spec["join"] if spec["strands"] == "both" else None
        z = network.apply(spec["layers"], torch.cat([x, x.flip((1, 2))]) if join else x)
        if join == "mean":
            z = (z[: len(x)] + z[len(x) :]) / 2
        others = torch.cat([z[:, :output], z[:, output + 1 :]], 1)
        value = z[:, output] - torch.logsumexp(others, 1)
        if join == "maximum":
            forward, reverse = value.chunk(2)
            value = torch.where(forward >= reverse, forward, reverse)
    else:
        value = network.score(x)[:, output]
    (gradient,) = torch.autograd.grad(value.sum(), x)
    return (gradient * (x.detach() - background.view(1, 4, 1))).sum(1)


def train(network, request):
    """Steps of Adam on the weighted binary cross-entropy. @returns losses and the weights at the end"""
    optimiser = torch.optim.Adam(network.parameters, lr=request["learningRate"], eps=request["epsilon"])
    length = request["length"]
    losses = []
    network.training = True
    seconds = []
    for step in request["steps"]:
        x = numbers(step["x"]).reshape(-1, 4, length).to(network.dtype)
        rows = len(x)
        y, w = (numbers(step[name]).reshape(rows, -1).to(network.dtype) for name in ("labels", "weights"))
        masks = [numbers(mask["values"]).reshape(mask["dims"]).to(network.dtype) for mask in step["masks"]]
        network.masks = iter(masks)
        begin = time.perf_counter()
        optimiser.zero_grad()
        z = network.score(x)
        loss = (w * F.binary_cross_entropy_with_logits(z, y, reduction="none")).sum() / step["labelled"]
        penalised = loss
        if request["weightDecay"] > 0:
            penalised = loss + sum((kernel**2).sum() for kernel in network.kernels) * request["weightDecay"] / 2
        penalised.backward()
        optimiser.step()
        seconds.append(time.perf_counter() - begin)
        losses.append(loss.item())
    return {
        "losses": losses,
        "seconds": seconds,
        "weights": [text(value.permute(2, 1, 0)) if value.dim() == 3 else text(value) for value in network.parameters],
        "statistics": [text(value) for value in network.statistics],
    }


def time_steps(network, request):
    """Steps on the same rows, without weight decay. @returns the seconds of each"""
    if not hasattr(network, "optimiser"):
        network.optimiser = torch.optim.Adam(network.parameters, lr=request["learningRate"])
    network.training = True
    x = numbers(request["x"]).reshape(-1, 4, request["length"])
    y = numbers(request["labels"]).reshape(len(x), -1)
    seconds = []
    for _ in range(request["repeats"]):
        begin = time.perf_counter()
        network.optimiser.zero_grad()
        F.binary_cross_entropy_with_logits(network.score(x), y).backward()
        network.optimiser.step()
        seconds.append(time.perf_counter() - begin)
    return {"seconds": seconds}


def gradients(network, request):
    for parameter in network.parameters:
        parameter.requires_grad_(False)
    x = numbers(request["x"]).reshape(-1, 4, request["length"]).to(network.dtype)
    background = torch.tensor(request["background"], dtype=network.dtype)
    begin = time.perf_counter()
    for _ in range(request.get("repeats", 1)):
        found = mask_gradient(network, x, background, request["output"], request["odds"])
    return {"seconds": time.perf_counter() - begin, "gradients": text(found)}


def mutagenesis(network, request):
    """saturation_mutagenesis of tangermeme. @returns the seconds of all sequences, and what each base would be worth"""
    from tangermeme.saturation_mutagenesis import saturation_mutagenesis

    class Scorer(torch.nn.Module):
        def forward(self, x):
            return network.score(x.to(network.dtype))

    x = numbers(request["x"]).reshape(-1, 4, request["length"])
    begin = time.perf_counter()
    found = saturation_mutagenesis(
        Scorer(), x, hypothetical=True, device="cpu", batch_size=request["batch"], target=request["output"]
    )
    return {"seconds": time.perf_counter() - begin, "contributions": text(found)}


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.set_num_interop_threads(1)
    print(json.dumps({"version": torch.__version__}), flush=True)
    spec, networks = None, {}
    for line in sys.stdin:
        request = json.loads(line)
        if request["command"] == "network":
            spec, networks = request["network"], {}
            assert spec["join"] in JOINS
            answer = {}
        else:
            dtype = getattr(torch, request.get("type", "float32"))
            if dtype not in networks or request["command"] == "train":
                networks[dtype] = Network(json.loads(json.dumps(spec)), dtype)
            answers = {"train": train, "time-steps": time_steps, "gradient": gradients, "mutagenesis": mutagenesis}
            answer = answers[request["command"]](networks[dtype], request)
        print(json.dumps(answer), flush=True)


main()
