"""The same numbers in HDF5 through each filter that h5py has, and in each float type: python makeHdf5Files.py DIRECTORY"""
import json
import sys
from pathlib import Path

import h5py
import ml_dtypes
import numpy as np

NUMBERS = np.random.default_rng(1).integers(-4, 5, (24, 10)) / 4
# Chunks of noise do not shrink, and are stored as they are.
NUMBERS[:6] = np.random.default_rng(2).normal(size=(6, 10)).astype("float16")
CHUNKS = (7, 10)

DATASETS = {
    "plain": {},
    "deflate": {"compression": "gzip", "shuffle": True, "fletcher32": True, "chunks": CHUNKS},
    "szip": {"compression": "szip", "chunks": (6, 10)},
    "lzf": {"compression": "lzf"},
    "lzf_pieces": {"compression": "lzf", "shuffle": True, "fletcher32": True, "chunks": CHUNKS},
    "lzf_double": {"compression": "lzf", "dtype": "float64"},
    "lzf_big_endian": {"compression": "lzf", "dtype": ">f4", "chunks": CHUNKS},
    "double": {"dtype": "float64"},
    "half": {"dtype": "float16"},
    "lzf_half": {"dtype": "float16", "compression": "lzf"},
}


def main():
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, options in {"filters": {}, "filters_latest": {"libver": "latest"}}.items():
        with h5py.File(directory / f"{name}.h5", "w", **options) as file:
            for dataset, settings in DATASETS.items():
                file.create_dataset(f"weights/{dataset}", data=NUMBERS.astype(settings.get("dtype", "float32")), **settings)
            file["weights/bfloat16"] = NUMBERS.astype(ml_dtypes.bfloat16)
            file["weights/lzf_integers"] = np.arange(5)
    expected = {name: NUMBERS.tolist() for name in DATASETS}
    expected["bfloat16"] = NUMBERS.astype(ml_dtypes.bfloat16).astype(float).tolist()
    (directory / "filters.json").write_text(json.dumps(expected) + "\n")
    print(json.dumps(list(expected)))


main()
