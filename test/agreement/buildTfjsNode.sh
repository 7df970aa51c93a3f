#!/usr/bin/env bash
# Builds @tensorflow/tfjs-node against a libtensorflow that is already there, where its own installer cannot download one:
# a TensorFlow wheel of PyPI holds the libraries and the C headers. Needs a C++ compiler, make and Python 3.
#
#   buildTfjsNode.sh FOLDER [TENSORFLOW]
#
# FOLDER      where node_modules is or shall be: the folder of sis, or any other, then named to sis by
#             NODE_PATH=FOLDER/node_modules
# TENSORFLOW  folder of an installed wheel (python -c 'import tensorflow, os; print(os.path.dirname(tensorflow.__file__))');
#             without it, the wheel is downloaded from PyPI
#
# Seen to work: @tensorflow/tfjs-node 4.22.0 with tensorflow-cpu 2.15.1 (Node 20 and 26) and 2.21.0 (Node 20), Linux x64.
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
tensorflow=${2:-}

cd "$folder"
[ -f package.json ] || echo '{ "private": true }' >package.json
[ -d node_modules/@tensorflow/tfjs-node ] ||
  npm install --ignore-scripts --no-save --no-audit --no-fund @tensorflow/tfjs-node@4.22.0
cd node_modules/@tensorflow/tfjs-node

if [ -z "$tensorflow" ]; then
  wheel=$(mktemp -d)
  trap 'rm -rf "$wheel"' EXIT
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --python-version 3.11 --platform manylinux_2_17_x86_64 --dest "$wheel" tensorflow-cpu==2.15.1
  tensorflow="$PWD/deps/wheel/tensorflow"
  mkdir -p deps/wheel
  python3 - "$wheel"/*.whl deps/wheel <<'UNPACK'
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
wanted = ('tensorflow/include/', 'tensorflow/libtensorflow_')
archive.extractall(sys.argv[2], [name for name in archive.namelist() if name.startswith(wanted)])
UNPACK
fi

# Where the installer, the linker and, at run time, the binding look.
mkdir -p deps/lib
ln -sfn "$tensorflow/include" deps/include
for library in cc framework; do
  ln -sf "$tensorflow/libtensorflow_$library.so.2" "deps/lib/libtensorflow_$library.so.2"
done
ln -sf libtensorflow_cc.so.2 deps/lib/libtensorflow.so
ln -sf libtensorflow_framework.so.2 deps/lib/libtensorflow_framework.so

# Headers of Node that lie beside it need no download.
prefix=$(node -p "require('node:path').resolve(process.execPath, '../..')")
if [ -z "${npm_config_nodedir:-}" ] && [ -f "$prefix/include/node/node_api.h" ]; then
  export npm_config_nodedir="$prefix"
fi
PATH="$folder/node_modules/.bin:$PATH" node-pre-gyp install --build-from-source
cd "$folder"
node -e "
  const util = require('node:util') // Node 23 took these away
  util.isNullOrUndefined ??= (value) => value === null || value === undefined
  util.isArray ??= Array.isArray
  const tf = require('@tensorflow/tfjs-node')
  const [found] = tf.matMul(tf.tensor2d([1, 2], [1, 2]), tf.tensor2d([3, 4], [2, 1])).dataSync()
  if (found !== 11 || tf.getBackend() !== 'tensorflow') throw new Error('the binding does not compute')
  console.log('@tensorflow/tfjs-node ' + tf.version.tfjs + ' runs in ' + process.cwd())
"
