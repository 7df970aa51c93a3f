#!/usr/bin/env bash
# Biopython (1.88), Bio.motifs 'minimal' (MEME format): probabilities are multiplied by nsites= (20 where the file has none)
# and rounded to whole counts, so that what is read is not what is printed.
# Guess before: the matrix as printed, to its last digit, whatever nsites= says.
# Seen: of a row .94 .02 .02 .02 with nsites= 20, or none, the probabilities become 1 0 0 0 (information 2 bits instead of
# 1.6); with nsites= 100 they are right. Collections often have a small nsites= or none, matrices of which are not counts.
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${SIS_PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check biopython==1.88
cat >read.py <<'PY'
import io
import sys
from Bio import motifs
head = 'MEME version 4\n\nALPHABET= ACGT\n\nBackground letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\n\n'
def read(nsites):
    text = f'{head}MOTIF m\nletter-probability matrix: alength= 4 w= 2{nsites} E= 0\n0.94 0.02 0.02 0.02\n0.02 0.94 0.02 0.02\n\n'
    pwm = motifs.parse(io.StringIO(text), 'minimal')[0].counts.normalize()
    row = [round(pwm[base][0], 6) for base in 'ACGT']
    print(f'printed [0.94, 0.02, 0.02, 0.02],{nsites or " no nsites="}: read {row}')
    return row
rounded = [1, 0, 0, 0]
seen = read(' nsites= 20') == rounded and read('') == rounded and read(' nsites= 100') == [0.94, 0.02, 0.02, 0.02]
if not seen:
    print('CHANGED: probabilities of MEME format are read as printed now, or rounded otherwise')
    sys.exit(1)
PY
venv/bin/python read.py
