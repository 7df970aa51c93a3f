"""Exports one small model a layer to ONNX, from PyTorch and from Keras by tf2onnx, with the maker's own scores beside each.

    python makeOnnxLayers.py DIRECTORY [torch|tf2onnx ...]

Needs torch >= 2.9, onnx and onnxscript; keras >= 3, tensorflow and tf2onnx. Everything is seeded. The fixtures of
test/fixtures/models/onnx-layers were made with it.
"""

import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
L = 30
warnings.filterwarnings("ignore")
CODES = np.random.default_rng(5).integers(0, 4, (6, L))
ONE_HOT = np.eye(4, dtype=np.float32)[CODES]  # [n, L, 4]


def write(directory, name, order, scores):
    about = {
        "dims": [4, L] if order == "NCW" else [L, 4],
        "order": order,
        "sequences": ["".join("ACGT"[c] for c in row) for row in CODES],
        "scores": {"scores": np.asarray(scores, dtype=float).reshape(len(CODES), -1).tolist()},
    }
    (directory / f"{name}.json").write_text(json.dumps(about) + "\n")


def from_torch(directory):
    import onnx
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Layer(nn.Module):
        """A convolution, the layer, a dense layer of what it makes."""

        def __init__(self, make):
            super().__init__()
            self.conv = nn.Conv1d(4, 6, 5)
            self.layer = make()
            with torch.no_grad():
                shape = self.apply_layer(torch.zeros(1, 4, L)).shape
            self.head = nn.Linear(int(np.prod(shape[1:])), 2)

        def apply_layer(self, x):
            y = self.layer(self.conv(x))
            return y[0] if isinstance(y, tuple) else y

        def forward(self, x):
            return self.head(self.apply_layer(x).flatten(1))

    class Function(nn.Module):
        def __init__(self, f, *parts):
            super().__init__()
            self.f = f
            self.parts = nn.ModuleList(parts)

        def forward(self, x):
            return self.f(x, *self.parts)

    class Strands(nn.Module):
        """Both strands by one net; the join gets the logits of each."""

        def __init__(self, join):
            super().__init__()
            self.net = nn.Sequential(nn.Conv1d(4, 6, 5), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(6, 2))
            self.join = join

        def forward(self, x):
            return self.join(self.net(x), self.net(x.flip(1, 2)))

    class Recurrent(nn.Module):
        def __init__(self, kind):
            super().__init__()
            self.layer = kind(6, 4, batch_first=True, bidirectional=True)

        def forward(self, x):
            return self.layer(x.transpose(1, 2))[0][:, -1]

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.MultiheadAttention(6, 2, batch_first=True)

        def forward(self, x):
            x = x.transpose(1, 2)
            return self.layer(x, x, x, need_weights=False)[0]

    f = lambda g, *parts: lambda: Function(g, *parts)
    layers = {
        "conv1d": lambda: nn.Conv1d(6, 5, 3),
        "conv1d-same": lambda: nn.Conv1d(6, 5, 4, padding="same"),
        "conv1d-stride-dilation": lambda: nn.Conv1d(6, 5, 3, stride=2, dilation=2, padding=1),
        "conv1d-groups": lambda: nn.Conv1d(6, 4, 3, groups=2),
        "conv1d-depthwise": lambda: nn.Conv1d(6, 12, 3, groups=6),
        "linear-by-position": f(lambda x, linear: linear(x.transpose(1, 2)), nn.Linear(6, 3)),
        "batch-norm": lambda: nn.BatchNorm1d(6),
        "dropout": lambda: nn.Dropout(0.3),
        "flatten": lambda: nn.Flatten(),
        "residual": f(lambda x, conv: x + F.relu(conv(x)), nn.Conv1d(6, 6, 3, padding=1)),
        "residual-subtracted": f(lambda x, conv: x - F.relu(conv(x)), nn.Conv1d(6, 6, 3, padding=1)),
        "concat": f(lambda x, a, b: torch.cat([a(x), b(x)], 1), nn.Conv1d(6, 3, 3, padding=1), nn.Conv1d(6, 2, 5, padding=2)),
        "scale-and-shift": f(lambda x: x * 2 - 0.25),
        "max-pool": lambda: nn.MaxPool1d(3, 2),
        "max-pool-padded": lambda: nn.MaxPool1d(3, 2, padding=1),
        "max-pool-ceil": lambda: nn.MaxPool1d(3, 2, ceil_mode=True),
        "max-pool-dilated": lambda: nn.MaxPool1d(3, 2, dilation=2),
        "average-pool": lambda: nn.AvgPool1d(3, 2),
        "average-pool-counted": lambda: nn.AvgPool1d(3, 2, padding=1),
        "average-pool-uncounted": lambda: nn.AvgPool1d(3, 2, padding=1, count_include_pad=False),
        "average-pool-ceil": lambda: nn.AvgPool1d(4, 3, ceil_mode=True),
        "average-pool-counted-ceil": lambda: nn.AvgPool1d(4, 3, padding=1, ceil_mode=True),
        "global-max": f(lambda x: x.amax(2)),
        "global-average": lambda: nn.AdaptiveAvgPool1d(1),
        "sum-over-positions": f(lambda x: x.sum(2)),
        "crop": f(lambda x: x[:, :, 3:-5]),
        "crop-every-second": f(lambda x: x[:, :, 1::2]),
        "centre": f(lambda x: x[:, :, x.shape[2] // 2]),
        "cropped-residual": f(lambda x, conv: x[:, :, 2:-2] + F.relu(conv(x)), nn.Conv1d(6, 6, 3, dilation=2)),
        "channels-split": f(lambda x: torch.cat(list(torch.chunk(x, 2, 1))[::-1], 1)),
        "zero-pad": lambda: nn.Sequential(nn.ZeroPad1d((2, 3)), nn.ReLU(), nn.MaxPool1d(2)),
        "zero-pad-convolved": lambda: nn.Sequential(nn.ConstantPad1d((2, 3), 0.0), nn.Conv1d(6, 4, 4)),
        "upsample": lambda: nn.Upsample(scale_factor=2, mode="nearest"),
        "relu": lambda: nn.ReLU(),
        "leaky-relu": lambda: nn.LeakyReLU(0.2),
        "prelu": lambda: nn.PReLU(6),
        "elu": lambda: nn.ELU(),
        "gelu": lambda: nn.GELU(),
        "gelu-tanh": lambda: nn.GELU(approximate="tanh"),
        "gelu-tanh-written-out": f(lambda x: 0.5 * x * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3)))),
        "silu": lambda: nn.SiLU(),
        "softplus": lambda: nn.Softplus(),
        "sigmoid": lambda: nn.Sigmoid(),
        "tanh": lambda: nn.Tanh(),
        "exp": f(torch.exp),
        "softmax": lambda: nn.Softmax(dim=1),
        "layer-norm": f(lambda x, norm: norm(x.transpose(1, 2)), nn.LayerNorm(6)),
        "instance-norm": lambda: nn.InstanceNorm1d(6, affine=True),
        "group-norm": lambda: nn.GroupNorm(2, 6),
        "lstm": lambda: Recurrent(nn.LSTM),
        "gru": lambda: Recurrent(nn.GRU),
        "attention": Attention,
        "conv-transpose": lambda: nn.ConvTranspose1d(6, 4, 3, stride=2),
        "relu6": lambda: nn.ReLU6(),
        "selu": lambda: nn.SELU(),
        "mish": lambda: nn.Mish(),
    }
    models = {name: (lambda make=make: Layer(make)) for name, make in layers.items()}
    sigmoid = torch.sigmoid
    joins = {
        "strands-maximum": lambda a, b: sigmoid(torch.maximum(a, b)),
        "strands-stacked-maximum": lambda a, b: sigmoid(torch.stack([a, b]).amax(0)),
        "strands-mean": lambda a, b: (sigmoid(a) + sigmoid(b)) / 2,
        "strands-stacked-mean": lambda a, b: torch.stack([a, b], 1).mean(1),
        "strands-sum": lambda a, b: a + b,
        "strands-mean-of-logits": lambda a, b: sigmoid((a + b) / 2),
    }
    models |= {name: (lambda join=join: Strands(join)) for name, join in joins.items()}
    inputs = torch.tensor(ONE_HOT).transpose(1, 2).contiguous()
    for name, build in models.items():
        torch.manual_seed(sum(name.encode()))
        model = build().eval()
        with torch.no_grad():
            for module in model.modules():
                if isinstance(module, nn.BatchNorm1d):
                    module.running_mean.normal_(0, 0.3)
                    module.running_var.uniform_(0.5, 2)
                if isinstance(module, nn.PReLU):
                    module.weight.uniform_(0.1, 0.6)
            scores = model(inputs)
        file = directory / f"torch-{name}.onnx"
        batch = {"x": {0: torch.export.Dim("batch")}}
        torch.onnx.export(
            model, (inputs[:2],), file, dynamo=True, dynamic_shapes=batch, output_names=["scores"], external_data=False,
            verbose=False,
        )
        # The exporter keeps where in which file each operator comes from; paths of a machine are nobody's business.
        exported = onnx.load(file)
        graph = exported.graph
        for part in [exported, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer]:
            del part.metadata_props[:]
            part.doc_string = ""
        onnx.save(exported, file)
        write(directory, f"torch-{name}", "NCW", scores)


def from_tf2onnx(directory):
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow
    import tf2onnx

    K = keras.layers

    def around(*layers):
        def build():
            entry = x = K.Input((L, 4))
            x = K.Conv1D(6, 5)(x)
            for layer in layers:
                x = layer(x)
            return keras.Model(entry, K.Dense(2)(K.Flatten()(x)))

        return build

    def both_strands(join):
        conv, pool, dense = K.Conv1D(6, 5, activation="relu"), K.GlobalAveragePooling1D(), K.Dense(2, activation="sigmoid")
        entry = K.Input((L, 4))
        other = keras.ops.flip(entry, (1, 2))
        return keras.Model(entry, join([dense(pool(conv(x))) for x in (entry, other)]))

    def residual():
        entry = K.Input((L, 4))
        x = K.Conv1D(6, 5)(entry)
        y = K.Conv1D(6, 3, dilation_rate=2, activation="relu")(x)
        x = K.Add()([K.Cropping1D(2)(x), y])
        return keras.Model(entry, K.Dense(2)(K.GlobalAveragePooling1D()(x)))

    def concat():
        entry = K.Input((L, 4))
        x = K.Conv1D(6, 5)(entry)
        x = K.Concatenate()([K.Conv1D(3, 3, padding="same")(x), K.Conv1D(2, 5, padding="same")(x)])
        return keras.Model(entry, K.Dense(2)(K.Flatten()(x)))

    models = {
        "conv1d": around(K.Conv1D(5, 3)),
        "conv1d-same": around(K.Conv1D(5, 4, padding="same")),
        "conv1d-stride": around(K.Conv1D(5, 3, strides=2)),
        "conv1d-dilation": around(K.Conv1D(5, 3, dilation_rate=2)),
        "conv1d-causal": around(K.Conv1D(5, 3, padding="causal")),
        "conv1d-groups": around(K.Conv1D(4, 3, groups=2)),
        "conv1d-depthwise": around(K.DepthwiseConv1D(3)),
        "conv1d-separable": around(K.SeparableConv1D(5, 3)),
        "linear-by-position": around(K.Dense(3)),
        "batch-norm": around(K.BatchNormalization()),
        "dropout": around(K.Dropout(0.3)),
        "flatten": around(K.Flatten()),
        "cropped-residual": residual,
        "concat": concat,
        "scale-and-shift": around(K.Rescaling(2, -0.25)),
        "max-pool": around(K.MaxPooling1D(3, 2)),
        "max-pool-same": around(K.MaxPooling1D(3, 2, padding="same")),
        "average-pool": around(K.AveragePooling1D(3, 2)),
        "average-pool-same": around(K.AveragePooling1D(3, 2, padding="same")),
        "global-max": around(K.GlobalMaxPooling1D()),
        "global-average": around(K.GlobalAveragePooling1D()),
        "crop": around(K.Cropping1D((3, 5))),
        "zero-pad": around(K.ZeroPadding1D((2, 3)), K.ReLU(), K.MaxPooling1D(2)),
        "zero-pad-convolved": around(K.ZeroPadding1D((2, 3)), K.Conv1D(4, 4)),
        "upsample": around(K.UpSampling1D(2)),
        "relu": around(K.ReLU()),
        "leaky-relu": around(K.LeakyReLU(0.2)),
        "prelu": around(K.PReLU(alpha_initializer=keras.initializers.RandomUniform(0.1, 0.6, 1), shared_axes=[1])),
        "elu": around(K.ELU()),
        "gelu": around(K.Activation("gelu")),
        "gelu-tanh": around(K.Activation(lambda x: keras.activations.gelu(x, approximate=True))),
        "silu": around(K.Activation("silu")),
        "softplus": around(K.Activation("softplus")),
        "sigmoid": around(K.Activation("sigmoid")),
        "tanh": around(K.Activation("tanh")),
        "exp": around(K.Activation("exponential")),
        "softmax": around(K.Softmax()),
        "strands-maximum": lambda: both_strands(K.Maximum()),
        "strands-mean": lambda: both_strands(K.Average()),
        "strands-sum": lambda: both_strands(K.Add()),
        "layer-norm": around(K.LayerNormalization()),
        "group-norm": around(K.GroupNormalization(2)),
        "lstm": around(K.LSTM(4)),
        "gru": around(K.GRU(4)),
        "attention": around(lambda x: K.Attention()([x, x])),
        "conv-transpose": around(K.Conv1DTranspose(4, 3, strides=2)),
        "relu6": around(K.ReLU(6)),
        "selu": around(K.Activation("selu")),
        "mish": around(K.Activation("mish")),
    }
    for name, build in models.items():
        keras.utils.set_random_seed(sum(name.encode()))
        model = build()
        random = np.random.default_rng(2)
        model.set_weights([
            np.abs(values) + random.uniform(0.5, 2, values.shape) if "variance" in weight.path
            else values + random.normal(0, 0.1, values.shape)
            for weight, values in zip(model.weights, model.get_weights())
        ])
        scores = model.predict(ONE_HOT, verbose=0)
        signature = (tensorflow.TensorSpec((None, L, 4), tensorflow.float32, name="dna"),)
        function = tensorflow.function(
            lambda x, model=model: {"scores": model(x, training=False)}, input_signature=signature
        )
        try:
            tf2onnx.convert.from_function(
                function, input_signature=signature, opset=18, output_path=str(directory / f"tf2onnx-{name}.onnx")
            )
        except Exception as problem:  # noqa: BLE001 - what the converter cannot write is part of the answer
            print(name, repr(problem)[:200], file=sys.stderr)
            continue
        if not standard(directory / f"tf2onnx-{name}.onnx"):
            continue
        write(directory, f"tf2onnx-{name}", "NWC", scores)


def standard(file):
    """The converter leaves operators of TensorFlow in a file where it has no others, and only logs that."""
    import onnx

    try:
        onnx.checker.check_model(onnx.load(file))
        return True
    except onnx.checker.ValidationError:
        file.unlink()
        return False


if __name__ == "__main__":
    makers = {"torch": from_torch, "tf2onnx": from_tf2onnx}
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for maker in sys.argv[2:] or makers:
        makers[maker](target)
