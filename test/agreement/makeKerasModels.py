"""Models as Keras 3 saves them, in each of its formats, with the scores that Keras gives: python makeKerasModels.py DIRECTORY [NAME...]

As Keras 2 saves them (.h5, tf_keras) with SIS_KERAS=tf_keras.

With a first argument `score`, scores a model file instead: {"file", "sequences"} as JSON on stdin, scores on stdout.
"""
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import importlib

import numpy as np

keras = importlib.import_module(os.environ.get("SIS_KERAS", "keras"))
L = keras.layers
IS_KERAS_2 = keras.__version__.startswith("2.")

LENGTH = 20


def one_hot(sequences):
    """[n, L, 4] in the order A C G T; N is zero."""
    return np.array([[[float(letter == base) for base in "ACGT"] for letter in s] for s in sequences], "float32")


def plain():
    return keras.Sequential([
        keras.Input((LENGTH, 4)),
        L.Conv1D(6, 5, padding="same", use_bias=False),
        L.BatchNormalization(),
        L.Activation("relu"),
        L.SpatialDropout1D(0.1),
        L.MaxPooling1D(3, strides=2, padding="same"),
        L.Conv1D(5, 3, dilation_rate=2, activation="elu"),
        L.AveragePooling1D(2),
        L.Flatten(),
        L.Dense(4, activation="tanh"),
        L.BatchNormalization(center=False, scale=False),
        L.Dropout(0.5),
        L.Dense(2, activation="sigmoid"),
    ])


def functional():
    """Causal and padded convolutions, a nested model, residuals by layer and by +, branches that are joined."""
    sequence = keras.Input((LENGTH, 4), name="sequence")
    inner = keras.Sequential([keras.Input((LENGTH, 5)), L.Conv1D(5, 3, padding="same", activation="relu"), L.BatchNormalization()], name="inner")
    x = L.Conv1D(5, 3, padding="causal", activation="gelu")(sequence)
    x = L.Add()([x, inner(x)])
    x = x + L.Conv1D(5, 1)(x)
    x = L.ZeroPadding1D((1, 2))(x)
    x = L.Conv1D(4, 4, activation="relu")(x)
    x = L.TimeDistributed(L.Dense(3, activation="softmax"))(x)
    x = L.Concatenate()([L.GlobalMaxPooling1D()(x), L.GlobalAveragePooling1D()(x), L.Flatten()(x)])
    return keras.Model(sequence, L.Dense(1, activation="exponential")(x))


def shared():
    """One convolution called twice, and a functional model that is called as a layer, twice."""
    sequence = keras.Input((LENGTH, 4))
    own = keras.Input((LENGTH, 3))
    head = keras.Model(own, L.Dense(2)(L.GlobalMaxPooling1D()(L.Conv1D(4, 3)(own))), name="head")
    convolution = L.Conv1D(3, 5, padding="same", activation="relu")
    once = convolution(sequence)
    twice = L.Conv1D(3, 3, padding="same")(L.Add()([once, L.Conv1D(3, 1)(sequence)]))
    return keras.Model(sequence, L.Concatenate()([head(once), head(twice)]))


def image():
    """A sequence as an image one base wide."""
    return keras.Sequential([
        keras.Input((LENGTH, 4, 1)),
        L.Conv2D(5, (4, 4), activation="relu"),
        L.MaxPooling2D((2, 1)),
        L.Conv2D(4, (3, 3), padding="same", activation="relu"),
        L.Flatten(),
        L.Dense(2),
    ])


def lines():
    """Channel by channel."""
    return keras.Sequential([
        keras.Input((4, LENGTH)),
        L.Permute((2, 1)),
        L.Conv1D(4, 3, activation="relu"),
        L.Permute((2, 1)),
        L.Flatten(),
        L.Dense(2, activation="softmax"),
    ])


def flat():
    return keras.Sequential([keras.Input((4 * LENGTH,)), L.Reshape((LENGTH, 4)), L.Conv1D(4, 3), L.ReLU(), L.GlobalMaxPooling1D(), L.Dense(1)])


def recurrent():
    return keras.Sequential([
        keras.Input((LENGTH, 4)),
        L.Conv1D(4, 3, activation="relu"),
        L.Bidirectional(L.LSTM(3, return_sequences=True)),
        L.GRU(3, reset_after=False),
        L.LeakyReLU(0.2),
        L.Dense(2, activation="sigmoid"),
    ])


def gated():
    sequence = keras.Input((LENGTH, 4))
    value = L.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="tanh")(sequence)
    gate = L.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="sigmoid")(sequence)
    x = L.LayerNormalization()(L.Multiply()([value, gate]))
    return keras.Model(sequence, L.Dense(1)(L.GlobalAveragePooling1D()(x)))


def heads():
    sequence = keras.Input((LENGTH, 4))
    x = L.GlobalMaxPooling1D()(L.Conv1D(4, 5, activation="relu")(sequence))
    return keras.Model(sequence, [L.Dense(1, name="first")(x), L.Dense(3, name="second")(x)])


def dictionary():
    """Outputs in dictionaries and lists, some straight out of a model whose outputs are a dictionary too."""
    sequence = keras.Input((LENGTH, 4))
    own = keras.Input((LENGTH, 4))
    x = L.GlobalMaxPooling1D()(L.Conv1D(4, 5, activation="relu")(own))
    inner = keras.Model(own, {"profile": L.Dense(5, name="first")(x), "counts": L.Dense(1, name="second")(x)}, name="inner")
    once, twice = inner(sequence), inner(L.Conv1D(4, 3, padding="same")(sequence))
    return keras.Model(sequence, {
        "profile": once["profile"],
        "heads": {"sum": L.Add()([once["counts"], twice["counts"]]), "both": [twice["profile"], twice["counts"]]},
        "counts": L.Dense(1, name="last")(once["profile"]),
    })


def mixed():
    """Computed in bfloat16, the last layer in float32."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = keras.Sequential([
        keras.Input((LENGTH, 4)),
        L.Conv1D(6, 5, activation="relu"),
        L.GlobalMaxPooling1D(),
        L.Dense(1, activation="sigmoid", dtype="float32"),
    ])
    keras.config.set_dtype_policy("float32")
    return model


def half():
    """Weights of float16."""
    return keras.Sequential([keras.Input((LENGTH, 4)), L.Conv1D(6, 5, activation="relu", dtype="float16"), L.GlobalMaxPooling1D(), L.Dense(1)])


def double():
    return keras.Sequential([keras.Input((LENGTH, 4)), L.Conv1D(6, 5, activation="relu", dtype="float64"), L.GlobalMaxPooling1D(), L.Dense(1)])


def quantised():
    model = keras.Sequential([keras.Input((LENGTH, 4)), L.Conv1D(6, 5, activation="relu"), L.GlobalMaxPooling1D(), L.Dense(8), L.Dense(1)])
    model.quantize("float8")
    return model


MODELS = {
    "plain": (plain, ["keras", "h5", "json"]),
    "functional": (functional, ["keras", "h5"]),
    "shared": (shared, ["keras", "h5"]),
    "image": (image, ["keras"]),
    "lines": (lines, ["keras"]),
    "flat": (flat, ["keras"]),
    "recurrent": (recurrent, ["keras", "h5"]),
    "gated": (gated, ["keras"]),
    "heads": (heads, ["keras"]),
    "dictionary": (dictionary, ["keras"]),
    "mixed": (mixed, ["keras", "h5"]),
    "half": (half, ["keras", "h5"]),
    "double": (double, ["keras"]),
    "quantised": (quantised, ["keras"]),
}


def leaves(outputs, path=()):
    """By the keys and places on the way to them."""
    items = outputs.items() if isinstance(outputs, dict) else enumerate(outputs) if isinstance(outputs, list) else []
    found = {key: scores for step, item in items for key, scores in leaves(item, (*path, str(step))).items()}
    return found or {"/".join(path): np.round(np.asarray(outputs).astype(float), 7).tolist()}



def make(name, directory):
    build, formats = MODELS[name]
    rng = np.random.default_rng(sum(map(ord, name)))
    keras.utils.set_random_seed(1)
    model = build()
    # Nothing at its start value; variances stay positive.
    model.set_weights([
        (rng.uniform(0.5, 1.5, w.shape) if "variance" in (v.name if IS_KERAS_2 else v.path) else rng.normal(0, 0.4, w.shape)).astype(w.dtype)
        for v, w in zip(model.weights, model.get_weights())
    ])
    sequences = ["".join(rng.choice(list("ACGTN"), LENGTH, p=[0.24] * 4 + [0.04])) for _ in range(4)]
    inputs = one_hot(sequences)
    shape = model.input_shape[1:]
    if len(shape) == 2 and shape[0] == 4:
        inputs = inputs.transpose(0, 2, 1)
    scores = model.predict(inputs.reshape((-1, *shape)), verbose=0)
    outputs = leaves(scores) if isinstance(scores, dict) else None
    scores = scores[1] if isinstance(scores, list) else None if outputs else scores
    files = []
    for kind in ["h5"] if IS_KERAS_2 else formats:
        path = directory / f"{name}.{kind}"
        if kind == "json":
            path.write_text(model.to_json())
            model.save_weights(directory / f"{name}.weights.h5")
        else:
            model.save(path)
        files.append(path.name)
    about = {"files": files, "sequences": sequences}
    about.update({"outputs": outputs} if outputs else {"scores": np.round(scores.astype(float), 7).tolist()})
    (directory / f"{name}.scores").write_text(json.dumps(about) + "\n")


def main():
    if sys.argv[1:2] == ["score"]:
        request = json.load(sys.stdin)
        model = keras.models.load_model(request["file"], compile=False)
        json.dump(model.predict(one_hot(request["sequences"]), verbose=0).astype(float).tolist(), sys.stdout)
        return
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    names = sys.argv[2:] or list(MODELS)
    for name in names:
        make(name, directory)
    print(json.dumps(names))


main()
