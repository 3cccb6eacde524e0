"""
Makes reference.json: what the feature extractor of the package transformers (5.x made it, with numpy alone) computes
for Whisper's settings. Its filters are those of OpenAI's mel_filters.npz: the first weight is 0.02486259 in both.

Run: python3 make_reference.py > reference.json
"""

import json
import numpy as np
from transformers import WhisperFeatureExtractor

extractor = WhisperFeatureExtractor()
filters = extractor.mel_filters.T
n = np.arange(2 * 16000)
chirp = 0.2 * np.sin(2 * np.pi * (200 + 1500 * n / 32000) * n / 16000)
sound = (0.3 * np.sin(2 * np.pi * 440 * n / 16000) + chirp).astype(np.float32)
mel = extractor(sound, sampling_rate=16000, return_tensors="np")["input_features"][0]
full = extractor(np.tile(sound, 15), sampling_rate=16000, return_tensors="np")["input_features"][0]


def points(values, bands, frames):
    return [[b, f, round(float(values[b, f]), 5)] for b in bands for f in frames]


print(json.dumps({
    "filters": {
        str(band): [[int(i), round(float(filters[band, i]), 8)] for i in np.flatnonzero(filters[band] > 0)]
        for band in (0, 1, 20, 40, 79)
    },
    "sumOfFilters": round(float(filters.sum()), 5),
    "sound": points(mel, (0, 7, 13, 30, 60, 79), (0, 1, 50, 199, 200, 201, 202, 2999)),
    "meanOfSound": round(float(mel.mean()), 5),
    "thirtySeconds": points(full, (0, 13, 30, 79), (0, 1500, 2998, 2999)),
}))
