"""Where each kind of model is split, one kind at a time."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core import backend
from headstart.frozen import find_boundary

keras = backend.ensure()
L = keras.layers
SIDE = 10


def test_sequential_with_a_frozen_base(make_frozen, make_pictures, both_ways):
    model = keras.Sequential(
        [make_frozen(), L.GlobalAveragePooling2D(name="pool"), L.Dropout(0.5), L.Dense(3, name="head")]
    )
    found = find_boundary(model)
    assert [(cut.source, cut.shape, cut.raw) for cut in found.cuts] == [("pool", (6,), False)]
    assert found.frozen.parameters == 4 * 27 + 4 + 16 + 6 * 36 + 6
    assert found.trained.parameters == 6 * 3 + 3
    assert found.frozen.multiply_adds == 8 * 8 * 27 * 4 + 6 * 6 * 36 * 6
    assert found.trained.multiply_adds == 18
    assert not found.unproven
    assert both_ways(model, found, [make_pictures()]) < 1e-5


def test_parameterless_layers_belong_to_the_trunk(make_frozen):
    model = keras.Sequential([make_frozen(), L.MaxPooling2D(2), L.Flatten(name="flat"), L.Dense(3)])
    assert [cut.source for cut in find_boundary(model).cuts] == ["flat"]


def test_layers_that_only_enlarge_belong_to_the_tail(make_frozen, make_pictures, both_ways):
    model = keras.Sequential([make_frozen(), L.UpSampling2D(), L.ZeroPadding2D(), L.Conv2D(2, 3)])
    found = find_boundary(model)
    assert [cut.source for cut in found.cuts] == ["base"]
    assert both_ways(model, found, [make_pictures()]) < 1e-5


def test_functional_with_preprocessing_as_operations(make_frozen, make_pictures, both_ways):
    entry = keras.Input((SIDE, SIDE, 3))
    x = make_frozen()(entry / 127.5 - 1.0, training=False)
    model = keras.Model(entry, L.Dense(3)(L.GlobalMaxPooling2D(name="pool")(x)))
    found = find_boundary(model)
    assert [cut.source for cut in found.cuts] == ["pool"]
    assert len(found.unproven) == 2, "plain operations are checked on data"
    assert both_ways(model, found, [make_pictures()]) < 1e-5


def test_nested_base_frozen_in_part_is_opened(make_base, make_pictures, both_ways):
    base = make_base()
    for layer in base.layers[:-1]:
        layer.trainable = False
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), base, L.Flatten(), L.Dense(3)])
    found = find_boundary(model)
    assert [cut.source for cut in found.cuts] == ["bend"]
    assert found.blockers == ("'second' has 2 trainable weights",)
    assert both_ways(model, found, [make_pictures()]) < 1e-5


def test_twice_nested(make_base, make_pictures, both_ways):
    base = make_base()
    base.get_layer("first").trainable = False
    inner = keras.Sequential([keras.Input((SIDE, SIDE, 3)), base], name="inner")
    entry = keras.Input((SIDE, SIDE, 3))
    model = keras.Model(entry, L.Dense(3)(L.Flatten()(inner(entry))))
    found = find_boundary(model)
    assert [cut.source for cut in found.cuts] == ["first"]
    assert both_ways(model, found, [make_pictures()]) < 1e-5


def test_layers_with_one_name_meet_when_a_base_is_opened(make_base, make_pictures, both_ways):
    base = make_base()
    base.get_layer("first").trainable = False
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), base, L.Conv2D(2, 3, name="first"), L.Flatten()])
    found = find_boundary(model)
    assert both_ways(model, found, [make_pictures()]) < 1e-5
    assert [layer.name for layer in model.layers] == ["base", "first", model.layers[2].name]
    assert base.get_layer("second").name == "second"


def test_trainable_batch_normalization_ends_the_trunk(make_base):
    base = make_base()
    for layer in base.layers:
        layer.trainable = layer.name == "norm"
    model = keras.Sequential([base, L.Flatten(), L.Dense(3)])
    found = find_boundary(model)
    assert [cut.source for cut in found.cuts] == ["first"]
    # Nothing to train in it, and yet its statistics move.
    entry = keras.Input((4,))
    x = L.Dense(4, trainable=False, name="still")(entry)
    bare = keras.Model(entry, L.Dense(2)(L.BatchNormalization(center=False, scale=False, name="n")(x)))
    found = find_boundary(bare)
    assert [cut.source for cut in found.cuts] == ["still"]
    assert "moves its statistics" in found.blockers[0]


def test_dropout_in_a_frozen_base_ends_the_trunk_and_training_false_is_measured(make_frozen):
    from headstart.frozen import keras_inside

    keras.utils.set_random_seed(0)
    entry = keras.Input((SIDE, SIDE, 3))
    base = make_frozen(dropout=0.5)
    model = keras.Model(entry, L.Dense(3)(L.Flatten(name="flat")(base(entry, training=False))))
    found = find_boundary(model)
    ones = np.ones((1, SIDE, SIDE, 3), "float32")
    sums = [np.sum(keras.ops.convert_to_numpy(model(ones, training=True))) for _ in range(8)]
    drops = bool(np.ptp(sums) > 0)
    assert drops is not keras_inside.explicit_training_wins(), "what is assumed is what Keras does"
    if drops:
        assert [cut.source for cut in found.cuts] == ["bend"]
        assert "training=False" in found.notes[0]
        assert "'drop'" in found.notes[0]
    else:
        assert [cut.source for cut in found.cuts] == ["flat"]


@pytest.mark.parametrize(
    "layer",
    [
        lambda: L.Dropout(0.3),
        lambda: L.SpatialDropout2D(0.3),
        lambda: L.AlphaDropout(0.3),
        lambda: L.GaussianNoise(0.3),
        lambda: L.GaussianDropout(0.3),
        lambda: L.RandomFlip(),
        lambda: L.RandomRotation(0.1),
        lambda: L.RandomBrightness(0.1),
        lambda: L.Conv2D(6, 1, trainable=False, activity_regularizer="l2"),
        lambda: L.ActivityRegularization(l2=0.1),
        lambda: L.SpectralNormalization(L.Conv2D(6, 1), trainable=False),
        lambda: keras.Sequential([keras.Input((6, 6, 6)), L.GaussianNoise(0.1)]),
    ],
)
def test_what_is_random_or_adds_a_loss_ends_the_trunk(make_frozen, layer):
    model = keras.Sequential([make_frozen(), layer(), L.Flatten(), L.Dense(3)])
    assert [cut.source for cut in find_boundary(model).cuts] == ["base"]


@pytest.mark.parametrize("layer", [lambda: L.Dropout(0.0), lambda: L.LayerNormalization(trainable=False)])
def test_what_only_looks_random_does_not(make_frozen, layer):
    model = keras.Sequential([make_frozen(), layer(), L.Flatten(name="flat"), L.Dense(3)])
    assert [cut.source for cut in find_boundary(model).cuts] == ["flat"]


def test_branches_and_several_cut_tensors(make_pictures, both_ways):
    entry = keras.Input((SIDE, SIDE, 3))
    x = L.Conv2D(4, 3, trainable=False, name="stem")(entry)
    left = L.GlobalAveragePooling2D(name="left")(x)
    right = L.GlobalMaxPooling2D(name="right")(L.Conv2D(5, 3, trainable=False)(x))
    model = keras.Model(entry, L.Add()([L.Dense(3)(left), L.Dense(3)(right)]))
    found = find_boundary(model)
    assert {(cut.source, cut.shape) for cut in found.cuts} == {("left", (4,)), ("right", (5,))}
    assert both_ways(model, found, [make_pictures()]) < 1e-5


def test_a_frozen_branch_beside_a_trained_one(make_pictures, both_ways):
    entry = keras.Input((SIDE, SIDE, 3), name="picture")
    still = L.Flatten(name="still")(L.Conv2D(4, 3, trainable=False)(entry))
    moving = L.Flatten()(L.Conv2D(4, 3, name="moving")(entry))
    model = keras.Model(entry, L.Dense(3)(L.Concatenate()([still, moving])))
    found = find_boundary(model)
    assert [(cut.source, cut.raw) for cut in found.cuts] == [("still", False), ("picture", True)]
    assert both_ways(model, found, [make_pictures()]) < 1e-5


def test_a_layer_shared_by_trunk_and_tail(make_pictures, both_ways):
    shared = L.Dense(3, trainable=False, name="shared")
    entry = keras.Input((3,))
    x = L.Dense(3, name="trained")(shared(entry))
    model = keras.Model(entry, shared(x))
    found = find_boundary(model)
    assert [cut.source for cut in found.cuts] == ["shared"]
    assert both_ways(model, found, [np.random.default_rng(0).normal(size=(4, 3)).astype("float32")]) < 1e-6


def test_two_inputs_of_which_one_goes_round(make_frozen, make_pictures, both_ways):
    picture, extra = keras.Input((SIDE, SIDE, 3), name="picture"), keras.Input((2,), name="extra")
    x = L.GlobalAveragePooling2D(name="pool")(make_frozen()(picture))
    model = keras.Model([picture, extra], L.Dense(3)(L.Concatenate()([x, L.Dense(2)(extra)])))
    found = find_boundary(model)
    assert found.trunk_inputs == (0,)
    assert [(cut.source, cut.raw) for cut in found.cuts] == [("pool", False), ("extra", True)]
    assert both_ways(model, found, [make_pictures(), np.ones((5, 2), "float32")]) < 1e-5


def test_several_outputs_in_a_dict_one_of_them_frozen(make_frozen, make_pictures, both_ways):
    entry = keras.Input((SIDE, SIDE, 3))
    x = L.GlobalAveragePooling2D(name="pool")(make_frozen()(entry))
    model = keras.Model(entry, {"features": x, "classes": L.Dense(3, name="classes")(x)})
    found = find_boundary(model)
    assert both_ways(model, found, [make_pictures()]) < 1e-5
    assert set(found.tail.output) == {"features", "classes"}


def test_a_mask_is_not_cut_off(both_ways):
    entry = keras.Input((6,), dtype="int32")
    x = L.Embedding(10, 4, mask_zero=True, trainable=False)(entry)
    model = keras.Model(entry, L.Dense(2)(L.GlobalAveragePooling1D()(x)))
    found = find_boundary(model)
    assert not found.splits
    assert "mask" in found.reason


def test_random_augmentation_at_the_front_needs_views(make_frozen):
    entry = keras.Input((SIDE, SIDE, 3))
    x = L.RandomFlip(name="flip")(entry)
    model = keras.Model(entry, L.Dense(3)(L.GlobalAveragePooling2D(name="pool")(make_frozen()(x))))
    assert "'flip' is random in training" in find_boundary(model).reason
    found = find_boundary(model, views=True)
    assert found.augmenting == ("flip",)
    assert [cut.source for cut in found.cuts] == ["pool"]


def own_call():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = L.Dense(2)

        def call(self, x):
            return self.dense(x)

    model = Own()
    model(np.ones((1, 3), "float32"))
    return model


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (own_call, "Own.call"),
        (lambda: keras.Sequential([L.Dense(2)]), "not built"),
        (lambda: keras.Sequential([keras.Input((3,)), L.Dense(2, name="d")]), "'d' has 2 trainable weights"),
        (
            lambda: keras.Sequential([keras.Input((3,)), L.Dense(2, trainable=False)]),
            "Nothing is left to train",
        ),
        (
            lambda: keras.Sequential([keras.Input((3,)), L.Rescaling(2.0), L.Dense(2)]),
            "No layer with weights",
        ),
        (lambda: keras.Sequential([keras.Input(batch_shape=(4, 3)), L.Dense(2)]), "batch size"),
        (lambda: "model", "str"),
    ],
)
def test_why_nothing_can_be_split(model, words):
    found = find_boundary(model())
    assert not found.splits
    assert words in found.reason
    assert found.trunk is None


def test_an_own_layer_and_lambda_are_left_to_a_check(make_frozen):
    class Twice(L.Layer):
        def call(self, x):
            return x * 2

    model = keras.Sequential([make_frozen(), Twice(name="twice"), L.Flatten(name="flat"), L.Dense(3)])
    found = find_boundary(model)
    assert found.unproven == ("twice",)
    assert [cut.source for cut in found.cuts] == ["flat"]


def test_the_model_is_as_it_was(make_frozen, make_pictures):
    model = keras.Sequential([make_frozen(), L.GlobalAveragePooling2D(), L.Dense(3)])
    config, before = model.get_config(), keras.ops.convert_to_numpy(model(make_pictures()))
    find_boundary(model)
    assert model.get_config() == config
    again = keras.Sequential.from_config(config)
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(keras.ops.convert_to_numpy(again(make_pictures())), before, atol=1e-6)
