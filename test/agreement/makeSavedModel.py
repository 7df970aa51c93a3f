"""
Makes the SavedModel of the agreement suite with TensorFlow's own Keras, and its scores of random sequences:

    pip install tensorflow-cpu==2.15.1
    python test/agreement/makeSavedModel.py test/fixtures/models/saved_model
"""

import json, os, shutil, sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy
import tensorflow as tf

directory = sys.argv[1]
length, sequences = 24, 16
tf.keras.utils.set_random_seed(7)
model = tf.keras.Sequential(
    [
        tf.keras.layers.Input((length, 4), name="dna"),
        tf.keras.layers.Conv1D(6, 5, activation="relu", bias_initializer="random_normal"),
        # No layer of ours: what a runtime alone knows.
        tf.keras.layers.LeakyReLU(),
        tf.keras.layers.MaxPooling1D(4),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(2, activation="sigmoid", name="bound"),
    ]
)
codes = numpy.random.default_rng(1).integers(0, 4, (sequences, length))
scores = model(numpy.eye(4, dtype=numpy.float32)[codes]).numpy()

serve = tf.function(lambda dna: {"bound": model(dna)})
signature = serve.get_concrete_function(tf.TensorSpec([None, length, 4], tf.float32, name="dna"))
module = tf.Module()
module.model = model
module.serve = serve
shutil.rmtree(directory, ignore_errors=True)
# Without them the file would name the paths of the machine that made it.
options = tf.saved_model.SaveOptions(save_debug_info=False)
tf.saved_model.save(module, directory, signatures={"serving_default": signature}, options=options)
with open(directory + ".scores", "w") as file:
    letters = ["".join("ACGT"[code] for code in row) for row in codes]
    json.dump({"sequences": letters, "scores": scores.tolist()}, file)
