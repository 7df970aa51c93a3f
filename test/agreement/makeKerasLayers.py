"""One small model for each layer of Keras that takes sequences, with the scores that Keras gives: python makeKerasLayers.py DIRECTORY [NAME...]

Keras 3 on JAX (.keras); Keras 2 (.h5, tf_keras) with SIS_KERAS=tf_keras.
"""
import importlib
import json
import os
import sys
import zipfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

keras = importlib.import_module(os.environ.get("SIS_KERAS", "keras"))
L = keras.layers
IS_KERAS_2 = keras.__version__.startswith("2.")

LENGTH = 12
FILTERS = 6


def wave(h):
    """The same numbers otherwise, for layers of two inputs."""
    return L.Conv1D(FILTERS, 1)(h)


def each(*layers):
    """All of them in one model, side by side; of one shape."""
    return lambda h: L.Concatenate(axis=1)([L.Flatten()(layer(h)) for layer in layers])


def masked(layer):
    """Behind a mask: bases that are N are left out."""
    return lambda s: layer(L.Masking(0.0)(s))


def normalization():
    layer = L.Normalization()
    layer.adapt(np.random.default_rng(5).normal(2, 3, (9, 10, FILTERS)).astype("float32"))
    return layer


# Of h [n, 10, 6], which a convolution makes of the bases.
MODELS = {
    "Conv1D-groups": L.Conv1D(4, 3, groups=2, activation="relu"),
    "Conv1D-causal": lambda h: L.Conv1D(4, 3, padding="causal", dilation_rate=2)(h),
    "Conv1D-stride": each(
        L.Conv1D(4, 3, strides=2),
        L.Conv1D(4, 3, strides=3, padding="same"),
        L.Conv1D(4, 3, strides=2, padding="causal"),
    ),
    "DepthwiseConv1D": each(
        L.DepthwiseConv1D(3, depth_multiplier=2, activation="tanh"),
        L.DepthwiseConv1D(3, padding="same", strides=2, use_bias=False),
        L.DepthwiseConv1D(3, dilation_rate=2),
    ),
    "SeparableConv1D": each(
        L.SeparableConv1D(4, 3, depth_multiplier=2, activation="relu"),
        L.SeparableConv1D(4, 3, strides=2, padding="same"),
        L.SeparableConv1D(4, 3, dilation_rate=2, use_bias=False),
    ),
    "Conv1DTranspose": each(
        L.Conv1DTranspose(4, 3, activation="relu"),
        L.Conv1DTranspose(4, 5, strides=2, padding="same"),
        L.Conv1DTranspose(4, 3, strides=4),
        L.Conv1DTranspose(4, 4, strides=3, use_bias=False),
    ),
    "Dense": L.Dense(3, activation="softplus"),
    "EinsumDense": each(L.EinsumDense("abc,cd->abd", (10, 4), bias_axes="d"), L.EinsumDense("abc,bcd->ad", 5)) if not IS_KERAS_2 else None,
    "BatchNormalization": L.BatchNormalization(),
    "LayerNormalization": L.LayerNormalization(),
    "LayerNormalization-axes": L.LayerNormalization(axis=[1, 2]),
    "GroupNormalization": each(L.GroupNormalization(2), L.GroupNormalization(-1), L.GroupNormalization(3, scale=False)),
    "UnitNormalization": each(L.UnitNormalization(), L.UnitNormalization(axis=1)),
    "Normalization": normalization() if not IS_KERAS_2 else L.Normalization(mean=[1.0] * FILTERS, variance=[2.0] * FILTERS),
    "SpectralNormalization": L.SpectralNormalization(L.Conv1D(4, 3)) if not IS_KERAS_2 else None,
    "MaxPooling1D": each(L.MaxPooling1D(3), L.MaxPooling1D(3, strides=2, padding="same")),
    "AveragePooling1D": each(L.AveragePooling1D(3), L.AveragePooling1D(3, strides=2, padding="same")),
    "GlobalMaxPooling1D": each(L.GlobalMaxPooling1D(), L.GlobalMaxPooling1D(keepdims=True)),
    "GlobalAveragePooling1D": each(L.GlobalAveragePooling1D(), L.GlobalAveragePooling1D(keepdims=True)),
    "LSTM": each(L.LSTM(3), L.LSTM(3, go_backwards=True, use_bias=False)),
    "GRU": each(L.GRU(3), L.GRU(3, reset_after=False), L.GRU(3, use_bias=False, return_sequences=True)),
    "SimpleRNN": each(L.SimpleRNN(3), L.SimpleRNN(3, go_backwards=True, return_sequences=True)),
    "Bidirectional": each(
        L.Bidirectional(L.LSTM(3, return_sequences=True)),
        L.Bidirectional(L.GRU(3), merge_mode="sum"),
        L.Bidirectional(L.SimpleRNN(3), merge_mode="mul"),
        L.Bidirectional(L.GRU(3, return_sequences=True), merge_mode="ave"),
    ),
    "RNN-cell": each(L.RNN(L.LSTMCell(3)), L.RNN(L.GRUCell(3), return_sequences=True)),
    "TimeDistributed": each(L.TimeDistributed(L.Dense(3, activation="relu")), L.TimeDistributed(L.LayerNormalization())),
    "Attention": each(
        lambda h: L.Attention()([h, wave(h)]),
        lambda h: L.Attention(use_scale=True)([h, h, L.Activation("tanh")(h)]),
        lambda h: L.Attention(score_mode="concat", use_scale=True)([h, h]),
    ),
    "AdditiveAttention": each(lambda h: L.AdditiveAttention()([h, wave(h)]), lambda h: L.AdditiveAttention(use_scale=False)([h, h])),
    "MultiHeadAttention": each(
        lambda h: L.MultiHeadAttention(2, 4)(h, wave(h)),
        lambda h: L.MultiHeadAttention(3, 2, value_dim=5 if IS_KERAS_2 else 2, output_shape=7, use_bias=False)(h, value=h, key=L.Activation("tanh")(h)),
    ),
    "Cropping1D": each(L.Cropping1D((2, 3)), L.Cropping1D(1)),
    "ZeroPadding1D": each(L.ZeroPadding1D((2, 3)), L.ZeroPadding1D(1)),
    "UpSampling1D": L.UpSampling1D(3),
    "Flatten": lambda h: L.Flatten()(L.GlobalMaxPooling1D()(h)),
    "Reshape": lambda h: L.Reshape((5, -1))(h),
    "Permute": L.Permute((2, 1)),
    "RepeatVector": lambda h: L.RepeatVector(3)(L.GlobalMaxPooling1D()(h)),
    "Add": lambda h: L.Add()([h, wave(h), L.Activation("tanh")(h)]),
    "Subtract": lambda h: L.Subtract()([h, wave(h)]),
    "Multiply": lambda h: L.Multiply()([h, wave(h)]),
    "Average": lambda h: L.Average()([h, wave(h)]),
    "Maximum": lambda h: L.Maximum()([h, wave(h)]),
    "Minimum": lambda h: L.Minimum()([h, wave(h)]),
    "Concatenate": lambda h: L.Concatenate()([h, wave(h)]),
    "Concatenate-positions": lambda h: L.Concatenate(axis=1)([h, wave(h)]),
    "Dot": each(lambda h: L.Dot(axes=1)([h, wave(h)]), lambda h: L.Dot(axes=(2, 2), normalize=True)([h, wave(h)])),
    "ReLU": each(L.ReLU(), L.ReLU(max_value=0.5, negative_slope=0.1, threshold=0.2), L.ReLU(6.0)),
    "LeakyReLU": L.LeakyReLU(),
    "PReLU": each(L.PReLU(), L.PReLU(shared_axes=[1])),
    "ELU": each(L.ELU(), L.ELU(0.5)),
    "Softmax": each(L.Softmax(), L.Softmax(axis=1)),
    "Activation": each(*[L.Activation(name) for name in ["elu", "exponential", "gelu", "hard_sigmoid", "linear", "mish", "relu", "selu", "sigmoid", "softmax", "softplus", "softsign", "swish", "tanh"]]),
    "Rescaling": L.Rescaling(2.0, -1.0),
    "Dropouts": lambda h: L.ActivityRegularization(0.1)(L.AlphaDropout(0.1)(L.GaussianNoise(0.1)(L.GaussianDropout(0.1)(L.SpatialDropout1D(0.1)(L.Dropout(0.1)(h)))))),
    # What is a convolution, or made of rectifiers, for the engines.
    "like-Conv1D": each(
        L.DepthwiseConv1D(3, depth_multiplier=2),
        L.SeparableConv1D(4, 3, depth_multiplier=2, dilation_rate=2, padding="same"),
        L.Conv1DTranspose(4, 3),
        L.Conv1DTranspose(4, 4, padding="same", use_bias=False),
        L.Conv1D(4, 3, groups=2, padding="causal"),
    ),
    "like-ReLU": each(L.ReLU(0.5), L.LeakyReLU(), L.PReLU(shared_axes=[1]), L.Activation("swish"), L.Activation("softplus"), L.Activation("gelu"), L.Activation("exponential")),
    "zeros": lambda h: each(
        L.MaxPooling1D(4),
        L.Conv1D(3, 3, padding="same"),
        L.Conv1D(3, 3),
        lambda z: L.Add()([z, L.Conv1D(FILTERS, 3, padding="same")(L.Cropping1D((1, 2))(L.ZeroPadding1D((2, 1))(z)))]),
    )(L.ZeroPadding1D((2, 3))(h)),
    # Of the bases themselves.
    "Masking-recurrent": masked(each(L.LSTM(3), L.GRU(3, return_sequences=True), L.SimpleRNN(3, go_backwards=True), L.Bidirectional(L.LSTM(2, return_sequences=True)))),
    "Masking-average": masked(lambda h: L.GlobalAveragePooling1D()(L.Dense(3)(h))),
    "Masking-dropped": masked(lambda h: L.LSTM(3)(L.Conv1D(4, 3)(h))),
    "Masking-attention": masked(lambda h: L.Attention()([h, h])),
}

ONLY_KERAS_3 = {
    "Conv1D-channels-first": lambda h: L.Conv1D(4, 3, data_format="channels_first")(L.Permute((2, 1))(h)),
    "Conv1DTranspose-dilated": lambda h: L.Conv1DTranspose(4, 3, dilation_rate=2)(h),
    "RMSNormalization": lambda h: each(L.RMSNormalization(), L.LayerNormalization(rms_scaling=True))(h),
    "Normalization-inverse": lambda h: L.Normalization(mean=1.5, variance=2.0, axis=None, invert=True)(h),
    "AdaptiveAveragePooling1D": lambda h: each(L.AdaptiveAveragePooling1D(3), L.AdaptiveAveragePooling1D(5))(h),
    "AdaptiveMaxPooling1D": lambda h: each(L.AdaptiveMaxPooling1D(3), L.AdaptiveMaxPooling1D(4))(h),
    "GroupQueryAttention": lambda h: each(
        lambda h: L.GroupQueryAttention(3, 4, 2)(h, wave(h)),
        lambda h: L.GroupQueryAttention(3, 4, 1, sliding_window=3, use_gate=True)(h, h),
    )(h),
    "Activation-3": lambda h: each(*[L.Activation(name) for name in ["celu", "glu", "hard_shrink", "hard_silu", "hard_tanh", "leaky_relu", "log_sigmoid", "log_softmax", "relu6", "silu", "soft_shrink", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh_shrink"]])(h),
    "Identity": lambda h: L.Identity()(h),
    "Pooling-channels-first": lambda h: each(
        L.MaxPooling1D(3, data_format="channels_first"),
        L.AveragePooling1D(3, data_format="channels_first"),
        L.GlobalMaxPooling1D(data_format="channels_first"),
        L.GlobalAveragePooling1D(data_format="channels_first"),
        L.Flatten(data_format="channels_first"),
    )(h),
    "ConvLSTM1D": lambda h: L.ConvLSTM1D(2, 1)(L.Reshape((5, 2, 6))(h)),
    "StackedRNNCells": lambda h: L.RNN(L.StackedRNNCells([L.LSTMCell(3), L.LSTMCell(2)]))(h),
    "Lambda": lambda h: L.Lambda(lambda x: x * 2, name="twice")(h),
    "Discretization": lambda h: L.Discretization([-0.5, 0.0, 0.5])(h),
    "MelSpectrogram": lambda h: L.MelSpectrogram(fft_length=8, sequence_stride=2, sampling_rate=16, num_mel_bins=2)(L.Flatten()(h)),
    "STFTSpectrogram": lambda h: L.STFTSpectrogram(frame_length=3, frame_step=2, fft_length=4)(h),
    "Slicing": lambda h: h[:, 2:-3],
    "Mean": lambda h: keras.ops.mean(h, axis=1),
}
ONLY_KERAS_2 = {
    "LocallyConnected1D": lambda h: L.LocallyConnected1D(4, 3, strides=2, activation="relu")(h),
    "ThresholdedReLU": lambda h: L.ThresholdedReLU(0.3)(h),
    "hard_sigmoid": lambda h: L.LSTM(3, recurrent_activation="hard_sigmoid")(h),
}


def one_hot(sequences):
    """[n, L, 4] in the order A C G T; N is zero."""
    return np.array([[[float(letter == base) for base in "ACGT"] for letter in s] for s in sequences], "float32")


def shrink(file):
    """Keras stores in its zip what a zip may compress."""
    with zipfile.ZipFile(file) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def make(name, layer, directory):
    rng = np.random.default_rng(sum(map(ord, name)))
    keras.utils.set_random_seed(1)
    bases = keras.Input((LENGTH, 4))
    h = bases if name.startswith("Masking") else L.Conv1D(FILTERS, 3, activation="tanh", name="first")(bases)
    model = keras.Model(bases, L.Flatten(name="scores")(layer(h)))
    model.set_weights([
        (rng.uniform(0.5, 1.5, w.shape) if "variance" in (v.name if IS_KERAS_2 else v.path) else rng.normal(0, 0.6, w.shape)).astype(w.dtype)
        for v, w in zip(model.weights, model.get_weights())
    ])
    if name == "SpectralNormalization":
        model(one_hot(["A" * LENGTH]), training=True)
    for one in model.layers:
        if hasattr(one, "finalize_state"):
            one.finalize_state()
    # N apart from the end, so that a mask leaves out something in between.
    sequences = ["".join(rng.choice(list("ACGTN"), LENGTH, p=[0.2] * 4 + [0.2])) for _ in range(3)]
    scores = model.predict(one_hot(sequences), verbose=0)
    file = f"{name}.{'h5' if IS_KERAS_2 else 'keras'}"
    model.save(directory / file)
    if not IS_KERAS_2:
        shrink(directory / file)
    return {"files": [file], "sequences": sequences, "scores": np.round(scores.astype(float), 7).tolist()}


def main():
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    models = {name: layer for name, layer in {**MODELS, **(ONLY_KERAS_2 if IS_KERAS_2 else ONLY_KERAS_3)}.items() if layer is not None}
    names = sys.argv[2:] or list(models)
    for name in names:
        keras.backend.clear_session()
        (directory / f"{name}.scores").write_text(json.dumps(make(name, models[name], directory)) + "\n")
    print(json.dumps(names))


main()
