"""ROC AUC by scikit-learn. Input: `scores`, `truth`, `known`, each [rows, classes]. Output: `auc`, one a class."""

import numpy as np
from exchange import serve
from sklearn.metrics import roc_auc_score


def answer(_request, tensors):
    scores, truth, known = (tensors[name] for name in ("scores", "truth", "known"))
    columns = range(scores.shape[1])
    kept = [known[:, k] == 1 for k in columns]
    return {"auc": np.array([roc_auc_score(truth[kept[k], k], scores[kept[k], k]) for k in columns])}, {}


serve(answer)
