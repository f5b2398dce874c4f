"""Pictures that are the same, or nearly: crops, re-encodings, mirror images.

Which distance means "the same picture" depends on the data: two solar cells that are not the same are
nearer than two photos of one dog. So every distance is measured in units of the distance to the k-th
neighbour thereabouts, in features and in small grey pictures (fingerprints) alike:

1. The same bytes, or the same small picture and the same feature, are identical.
2. Candidates are each picture's neighbours in features, in small pictures, and in mirrored ones.
3. A candidate is near-identical if the small pictures are, as a whole, far nearer than neighbours are,
   and the features do not contradict; or if the features are nearer than neighbours' and a crop of one
   small picture lies over the other far better than over a picture that merely looks alike.
4. Chains are cut: a picture joins a group of twins only if it is near to everyone in it.

`docs/twins.md` shows how many made twins are found, and how many pairs on real pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headstart.pictures import chains
from headstart.pictures.alignment import aligned
from headstart.pictures.fingerprint import GRID, flat, grids, patterns
from headstart.pictures.neighbours import FeatureSpace, distance, nearest, nearest_to, ordered, products
from headstart.pictures.records import TwinPair

NEIGHBOURS = 20
"""The neighbour whose distance is the unit; a family of more near-copies than this hides itself."""

FEWEST = 8
"""Distinct pictures below which there are no neighbours to measure by: only identical ones are told."""

WHOLE = 0.15
"""Greatest distance of small pictures, in units, for the same picture as a whole."""

WHOLE_CLOSE = 0.06
"""Where they are as near as this, features need agree less."""

FEATURES_LOOSE = 1.5
FEATURES = 1.0
"""Greatest distance of features, in units, where the small pictures agree as a whole (and closely)."""

FEATURES_CROP = 0.8
"""Greatest distance of features, in units, where one picture is a crop of the other."""

MISFIT = 0.5
"""Greatest misfit of a crop (1 - correlation), as a share of what pictures that look alike have."""

LEAST_MISFIT = 0.1
"""Where pictures that merely look alike fit better than this, a fit of crops says nothing."""

_SAME_COSINE = 1.0 - 1e-5
_SAMPLE = 128


def find_twins(
    contents: Sequence[str], fingerprints: Sequence[bytes], features: NDArray[np.float32]
) -> tuple[TwinPair, ...]:
    """Finds pictures that are identical or near-identical.

    Args:
        contents: SHA-256 of each picture's file, n of them.
        fingerprints: Fingerprint of each picture.
        features: Feature of each picture, from any backbone, shape (n, width).

    Returns:
        The pairs, in order. Of m identical pictures the first makes a pair with each other one, so they
        are m - 1 pairs. A near-identical pair names the first of those identical to each.
        `similarity` is the cosine of the two features, standardised over the data set.
    """
    if len(contents) < 2:
        return ()
    space = FeatureSpace(features)
    copies = _identical(contents, fingerprints, space)
    twins = [TwinPair(int(a), int(b), "identical", 1.0) for a, b in copies]
    distinct = np.setdiff1d(np.arange(len(contents)), copies[:, 1])
    if len(distinct) >= FEWEST:
        kept = FeatureSpace(features, distinct) if len(distinct) < len(contents) else space
        twins += _near(distinct, grids([fingerprints[index] for index in distinct]), kept)
    return tuple(sorted(twins, key=lambda pair: (pair.first, pair.second)))


def _identical(
    contents: Sequence[str], fingerprints: Sequence[bytes], space: FeatureSpace
) -> NDArray[np.int64]:
    """Pairs of the first of identical pictures with each other one, shape (pairs, 2)."""
    by_content: dict[str, int] = {}
    by_look: dict[bytes, list[int]] = {}
    pairs: list[tuple[int, int]] = []
    for index, (content, look) in enumerate(zip(contents, fingerprints, strict=True)):
        first = by_content.setdefault(content, index)
        if first != index:
            pairs.append((first, index))
            continue
        known = by_look.setdefault(look, [])
        if known:
            # Other bytes, such as the same pixels as PNG: the features must be the same as well.
            pairs_here = np.array([(earlier, index) for earlier in known])
            same = space.cosines(pairs_here) >= _SAME_COSINE
            if same.any():
                pairs.append((known[int(same.argmax())], index))
                continue
        if len(known) < NEIGHBOURS:
            known.append(index)
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _near(names: NDArray[np.int64], small: NDArray[np.float32], space: FeatureSpace) -> list[TwinPair]:
    """Near-identical pairs among distinct pictures, whose indices are `names`."""
    count = len(names)
    k = min(NEIGHBOURS, max(3, count // 20))
    plain, mirrored = patterns(small), patterns(small[:, :, ::-1])
    by_feature = nearest(space.projected(), k)
    coarse = _coarse(small)
    by_look = nearest(coarse, k)
    by_mirror = nearest_to(_coarse(small[:, :, ::-1]), coarse, min(3, k))
    own = np.repeat(np.arange(count), by_mirror.shape[1])
    pairs = np.unique(
        np.concatenate([by_feature.pairs(), by_look.pairs(), ordered(own, by_mirror.ravel())]), axis=0
    )
    feature_unit = np.maximum(distance(space.cosines(by_feature.farthest())), 1e-3)
    look_unit = np.maximum(distance(products(plain, plain, by_look.farthest())), 0.02)

    cosines = space.cosines(pairs)
    in_features = distance(cosines) / _of_pair(feature_unit, pairs)
    first, second = pairs.T
    straight, turned = products(plain, plain, pairs), products(mirrored, plain, pairs)
    in_looks = distance(np.maximum(straight, turned)) / _of_pair(look_unit, pairs)
    blank = flat(small)
    shows = ~(blank[first] | blank[second])

    whole = (in_looks <= WHOLE_CLOSE) & (in_features <= FEATURES_LOOSE)
    whole |= (in_looks <= WHOLE) & (in_features <= FEATURES)
    whole &= shows
    crop = _crops(small, pairs, ~whole & shows & (in_features <= FEATURES_CROP), by_feature.indices[:, -1])
    twin = whole | crop
    found, strength = pairs[twin], np.where(whole, in_looks, in_features)[twin]
    limit = max(FEWEST, count // 50)

    def near(some: NDArray[np.int64]) -> bool:
        apart = distance(space.cosines(some)) / _of_pair(feature_unit, some)
        return bool((apart <= FEATURES_LOOSE).all())

    kept = chains.cut(found, strength, limit, near)
    return [
        TwinPair(int(names[a]), int(names[b]), "near-identical", float(cosine))
        for (a, b), cosine in zip(found[kept], cosines[twin][kept], strict=True)
    ]


def _of_pair(unit: NDArray[np.float32], pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    """The unit of a pair is the lesser of its two: a lonely picture must not make all others near."""
    return np.minimum(unit[pairs[:, 0]], unit[pairs[:, 1]])


def _coarse(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """Small pictures at half their size, as patterns, shape (n, 64): enough to find candidates."""
    half = GRID // 2
    return patterns(small.reshape(-1, half, 2, half, 2).mean(axis=(2, 4)))


def _crops(
    small: NDArray[np.float32],
    pairs: NDArray[np.int64],
    candidates: NDArray[np.bool_],
    neighbour: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which of the candidates are crops of each other (or otherwise shifted), shape (pairs,)."""
    result = np.zeros(len(pairs), dtype=np.bool_)
    if not candidates.any():
        return result
    count = len(small)
    # Pictures that look alike without being the same: as neighbours go, the k-th is no twin any more.
    sample = np.unique(np.linspace(0, count - 1, min(count, _SAMPLE)).astype(np.int64))
    alike = aligned(small[sample], small[neighbour[sample]])
    misfit = 1.0 - float(np.quantile(alike, 0.95))
    if misfit < LEAST_MISFIT:
        return result
    some = pairs[candidates]
    result[candidates] = 1.0 - aligned(small[some[:, 0]], small[some[:, 1]]) <= MISFIT * misfit
    return result
