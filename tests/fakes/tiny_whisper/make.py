"""
Makes encoder.onnx and decoder.onnx: a model of a few KB with the inputs and outputs of a merged Whisper export, which
"understands" tones. Every 0.32 s of audio is a word, and the loudest of the 80 mel bands says which; silence ends the
text. Words are tokens 1000 + band in English and 2000 + band in Chinese. The first word tells the language: Chinese
below band 20. Bands 3 and 73 say that nobody speaks, the one surely of its word, the other of none. Token 3000 comes out when the caches or the forced tokens are not what they should be; band 70 asks for
token 1, which Whisper suppresses, and 2 and 0 after it.

Run with the package onnx (1.23 made these): python3 make.py
"""

from onnx import TensorProto as T, checker, helper as h, numpy_helper, save
import numpy as np

VOCABULARY = 51865
START, ENGLISH, CHINESE, TRANSCRIBE, NO_SPEECH, NO_TIMESTAMPS, END = (
    50258, 50259, 50260, 50359, 50362, 50363, 50257)
BANDS, FRAMES, HEAD = 80, 1500, 64


class Graph:
    def __init__(self):
        self.nodes, self.constants, self.count = [], [], 0

    def __call__(self, op, *inputs, outputs=1, **attributes):
        inputs = [i if isinstance(i, str) else self.constant(i) for i in inputs]
        names = [self.name() for _ in range(outputs)]
        self.nodes.append(h.make_node(op, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def name(self):
        self.count += 1
        return f"t{self.count}"

    def constant(self, value):
        name = self.name()
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def call(self, name, value):
        self.nodes.append(h.make_node("Identity", [value], [name]))


def ints(*values):
    return np.array(values, np.int64)


def write(path, graph, inputs, outputs):
    made = h.make_graph(graph.nodes, path, inputs, outputs, graph.constants)
    model = h.make_model(made, opset_imports=[h.make_opsetid("", 14)], ir_version=8)
    checker.check_model(model)
    save(model, path)


def encoder():
    g = Graph()
    halved = g("Slice", "input_features", ints(0), ints(2 * FRAMES), ints(2), ints(2))
    g.call("last_hidden_state", g("Transpose", halved, perm=[0, 2, 1]))
    write("encoder.onnx", g,
          [h.make_tensor_value_info("input_features", T.FLOAT, ["batch", BANDS, 2 * FRAMES])],
          [h.make_tensor_value_info("last_hidden_state", T.FLOAT, ["batch", FRAMES, BANDS])])


def kv(name, length):
    return h.make_tensor_value_info(name, T.FLOAT, ["batch", 1, length, HEAD])


def decoder():
    past = [f"past_key_values.0.{part}.{what}" for part in ("decoder", "encoder") for what in ("key", "value")]
    g = Graph()

    # Without a cache: none of the decoder, and the encoder's from what it heard. With it: as they come.
    fresh = Graph()
    fresh.count = 1000
    empty = fresh.constant(np.zeros((1, 1, 0, HEAD), np.float32))
    heard = fresh("Unsqueeze", "encoder_hidden_states", ints(1))
    key = fresh("Slice", heard, ints(0), ints(HEAD), ints(3))
    rest = fresh("Slice", heard, ints(HEAD), ints(BANDS), ints(3))
    value = fresh("Pad", rest, ints(0, 0, 0, 0, 0, 0, 0, 2 * HEAD - BANDS), np.float32(-10))
    cached = Graph()
    cached.count = 2000
    kept = [cached("Identity", name) for name in past]

    def branch(graph, names):
        infos = [h.make_tensor_value_info(n, T.FLOAT, None) for n in names]
        return h.make_graph(graph.nodes, "branch", [], infos, graph.constants)

    self_key, self_value, key, value = g(
        "If", "use_cache_branch", outputs=4,
        then_branch=branch(cached, kept),
        else_branch=branch(fresh, [fresh("Identity", empty), fresh("Identity", empty), key, value]))

    # The decoder's own cache holds the tokens: as they are, and negated.
    ids = g("Cast", g("Unsqueeze", "input_ids", ints(1, 3)), to=T.FLOAT)
    ids = g("Expand", ids, ints(1, 1, 1, HEAD))
    present_key = g("Concat", self_key, ids, axis=2)
    present_value = g("Concat", self_value, g("Neg", ids), axis=2)
    read = g("Squeeze", g("Slice", present_key, ints(0), ints(1), ints(3)), ints(0, 1, 3))  # [length]
    negated = g("Squeeze", g("Slice", present_value, ints(0), ints(1), ints(3)), ints(0, 1, 3))
    length = g("Shape", read)
    new = g("Slice", g("Shape", "input_ids"), ints(1), ints(2), ints(0))
    first = g("Sub", length, new)

    # What was heard, frame by frame: the loudest band, or none.
    heard = g("Concat", key, g("Slice", value, ints(0), ints(BANDS - HEAD), ints(3)), axis=3)
    heard = g("Squeeze", heard, ints(0, 1))  # [1500, 80]
    level = g("ReduceMax", heard, axes=[1], keepdims=0)
    band = g("ArgMax", heard, axis=1, keepdims=0)
    quiet = g("Sub", g("ReduceMax", level, keepdims=0), np.float32(1))
    silent = g("Less", level, quiet)

    # One row for each new token: which token follows it. A word is 16 frames of the encoder.
    rows = g("Range", g("Squeeze", first), g("Squeeze", length), np.int64(1))
    word = g("Max", g("Sub", rows, np.int64(3)), np.int64(0))
    frame = g("Min", g("Add", g("Mul", word, np.int64(16)), np.int64(6)), np.int64(FRAMES - 1))
    is_silent = g("Gather", silent, frame)
    its_band = g("Gather", band, frame)

    padded = g("Concat", read, np.zeros(4, np.float32), axis=0)
    token_at = lambda i: g("Gather", padded, np.int64(i))
    language = token_at(1)
    base = g("Where", g("Equal", language, np.float32(CHINESE)), np.int64(2000), np.int64(1000))
    spoken = g("Add", its_band, base)
    spoken = g("Where", g("Equal", its_band, np.int64(70)), np.int64(1), spoken)
    forced = g("And", g("Equal", token_at(2), np.float32(TRANSCRIBE)),
               g("Equal", token_at(3), np.float32(NO_TIMESTAMPS)))
    in_order = g("And", g("Equal", token_at(0), np.float32(START)),
                 g("Equal", g("ReduceSum", g("Abs", g("Add", read, negated)), keepdims=0), np.float32(0)))
    spoken = g("Where", g("And", forced, in_order), spoken, np.int64(3000))

    # The token it is given must be the word that it said before, but for those bands whose word is another.
    before = g("Max", g("Sub", rows, np.int64(4)), np.int64(0))
    frame_before = g("Min", g("Add", g("Mul", before, np.int64(16)), np.int64(6)), np.int64(FRAMES - 1))
    band_before = g("Gather", band, frame_before)
    same = g("Equal", g("Cast", g("Gather", read, rows), to=T.INT64), g("Add", band_before, base))
    exempt = g("Or", g("Less", rows, np.int64(4)), g("GreaterOrEqual", band_before, np.int64(70)))
    spoken = g("Where", g("Or", same, exempt), spoken, np.int64(3000))
    spoken = g("Where", is_silent, np.int64(END), spoken)
    told = g("Where", g("Less", its_band, np.int64(20)), np.int64(CHINESE), np.int64(ENGLISH))
    doubtful = g("Equal", its_band, np.int64(73))
    nobody = g("Or", is_silent, g("Or", doubtful, g("Equal", its_band, np.int64(3))))
    told = g("Where", nobody, np.int64(NO_SPEECH), told)
    at_start = g("Equal", rows, np.int64(0))
    target = g("Where", at_start, told, spoken)
    unsure = g("And", doubtful, g("Not", at_start))

    # The further from the target, the less likely, and much less; hardly less where it is unsure.
    steepness = g("Unsqueeze", g("Where", unsure, np.float32(-1e-5), np.float32(-10)), ints(1))
    every = g("Range", np.float32(0), np.float32(VOCABULARY), np.float32(1))
    distance = g("Abs", g("Sub", g("Unsqueeze", every, ints(0)),
                          g("Cast", g("Unsqueeze", target, ints(1)), to=T.FLOAT)))
    g.call("logits", g("Unsqueeze", g("Mul", distance, steepness), ints(0)))
    for name, tensor in zip([n.replace("past_key_values", "present") for n in past],
                            [present_key, present_value, key, value]):
        g.call(name, tensor)

    write("decoder.onnx", g,
          [h.make_tensor_value_info("input_ids", T.INT64, ["batch", "new"]),
           h.make_tensor_value_info("encoder_hidden_states", T.FLOAT, ["batch", FRAMES, BANDS]),
           *[kv(n, "past" if ".decoder." in n else "heard") for n in past],
           h.make_tensor_value_info("use_cache_branch", T.BOOL, [1])],
          [h.make_tensor_value_info("logits", T.FLOAT, ["batch", "new", VOCABULARY]),
           *[kv(n.replace("past_key_values", "present"), "all" if ".decoder." in n else "heard") for n in past]])


encoder()
decoder()
