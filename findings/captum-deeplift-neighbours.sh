#!/usr/bin/env bash
# Captum (0.9.0), DeepLift: where a rectifier's output is the very tensor that a maximum pool reads (nn.ReLU right before
# nn.MaxPool1d, as in most CNNs), the pool's multiplier does not reach the rectifier, and attributions do not add up.
# Guess before: with supported modules alone, each used once, they add up to f(x) - f(baseline) within rounding, as the documentation
# of the convergence delta has it.
# Seen: ReLU alone and MaxPool1d alone add up (1e-16); ReLU then MaxPool1d is off by a tenth of the difference and more, in float64;
# with a multiplication by 1 between the two it adds up again.
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${SIS_PYTHON:-python3}" -m venv venv
# matplotlib is imported by captum.attr
venv/bin/pip install --quiet --disable-pip-version-check captum==0.9.0 torch==2.15.0 matplotlib
cat >attribute.py <<'PY'
import sys
import warnings

import torch
from captum.attr import DeepLift
from torch import nn

warnings.filterwarnings("ignore")


class TimesOne(nn.Module):
    def forward(self, x):
        return x * 1.0


def off(name, *functions):
    torch.manual_seed(0)
    positions = 5 if any(isinstance(one, nn.MaxPool1d) for one in functions) else 20
    model = nn.Sequential(nn.Conv1d(4, 6, 5, padding=2), *functions, nn.Flatten(), nn.Linear(6 * positions, 1))
    model = model.eval().double()
    x = torch.eye(4).double()[torch.randint(4, (1, 20))].permute(0, 2, 1)
    baseline = torch.full_like(x, 0.25)
    difference = (model(x) - model(baseline)).item()
    error = abs(DeepLift(model).attribute(x, baseline).sum().item() - difference) / abs(difference)
    print(f"{name}: off by {error:.1e} of the difference")
    return error


alone = [off("ReLU", nn.ReLU()), off("MaxPool1d", nn.MaxPool1d(4))]
neighbours = off("ReLU, MaxPool1d", nn.ReLU(), nn.MaxPool1d(4))
apart = off("ReLU, times 1, MaxPool1d", nn.ReLU(), TimesOne(), nn.MaxPool1d(4))
if not (max(*alone, apart) < 1e-9 and neighbours > 0.01):
    print("CHANGED: neighbouring functions add up now, or others no longer do")
    sys.exit(1)
PY
venv/bin/python attribute.py
