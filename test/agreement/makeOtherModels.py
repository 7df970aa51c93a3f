"""Exports a scikit-learn net and a Keras one to ONNX, with inputs and their own scores beside each: NAME.onnx and NAME.json.

    python makeOtherModels.py DIRECTORY

Needs scikit-learn and skl2onnx; keras >= 3 with torch. Everything is seeded. The fixtures were made with it.
"""

import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np

os.environ["KERAS_BACKEND"] = "torch"
L = 60
warnings.filterwarnings("ignore")


def sequences(rows, seed):
    codes = np.random.default_rng(seed).integers(0, 4, (rows, L))
    return codes, np.eye(4, dtype=np.float32)[codes]  # [n, L, 4]


def write(directory, name, order, dims, codes, scores):
    about = {
        "dims": dims,
        "order": order,
        "sequences": ["".join("ACGT"[c] for c in row) for row in codes],
        "scores": {output: np.asarray(values, dtype=float).reshape(len(codes), -1).tolist() for output, values in scores.items()},
    }
    (directory / f"{name}.json").write_text(json.dumps(about) + "\n")


def sklearn_net(directory):
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType
    from sklearn.neural_network import MLPRegressor

    codes, inputs = sequences(200, 1)
    flat = inputs.reshape(200, -1)
    target = (codes[:, 10:20] == 2).sum(axis=1) + (codes[:, 30:40] == 0).sum(axis=1) / 2
    model = MLPRegressor(hidden_layer_sizes=(8, 5), max_iter=30, random_state=1).fit(flat, target)
    onnx = convert_sklearn(model, initial_types=[("dna", FloatTensorType([None, 4 * L]))], target_opset=17)
    (directory / "sklearn.onnx").write_bytes(onnx.SerializeToString())
    output = onnx.graph.output[0].name
    write(directory, "sklearn", "NWC", [4 * L], codes[:6], {output: model.predict(flat[:6])})


def keras_net(directory):
    import keras

    keras.utils.set_random_seed(1)
    layers = keras.layers
    entry = layers.Input((L, 4), name="dna")
    x = layers.Conv1D(8, 9, padding="same", activation="relu")(entry)
    x = layers.BatchNormalization()(x)
    x = layers.MaxPooling1D(4)(x)
    x = layers.Conv1D(6, 4, activation="gelu")(x)
    x = layers.Flatten()(x)
    x = layers.Dense(8, activation="relu")(x)
    model = keras.Model(entry, layers.Dense(2, activation="sigmoid")(layers.Dropout(0.2)(x)))
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            random = np.random.default_rng(2)
            layer.set_weights([random.uniform(0.5, 1.5, 8), *random.normal(0, 0.3, (2, 8)), random.uniform(0.5, 1.5, 8)])
    codes, inputs = sequences(6, 3)
    scores = model.predict(inputs, verbose=0)  # Keras exports what has been called
    model.export(str(directory / "keras.onnx"), format="onnx", verbose=False)
    import onnx

    output = onnx.load(directory / "keras.onnx").graph.output[0].name
    write(directory, "keras", "NWC", [L, 4], codes, {output: scores})


def main():
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    sklearn_net(directory)
    keras_net(directory)


if __name__ == "__main__":
    main()
