"""several.txt: modules and functions of several inputs or outputs: losses, recurrent layers, attention."""
import warnings

import torch

import reference
from golden import File, build, result, sizes_text
from modules import build_module

warnings.filterwarnings("ignore")

OUT = File("several.txt", """
Each `forward` constructs `module` (the notation of README.md; ones(N) is a tensor), prints it (`text`), replaces its
state by `state0`, `state1`, ... (NAME TENSOR), sets it to eval mode and calls it with `in0`, `in1`, ... A `function` of
torch.nn.functional is called with the same and `options`. `ref0`, `ref1`, ... are the results in float64, rounded once
to float32; each may be `spacings` away from what PyTorch gives in float32: N spacings of float32 at max(|ref|, 1).
`error` and `text` are of a call that is refused.
""")


def state_of(module):
    """Formula data: of losses positive weights; of long sums small ones, lest a recurrence multiply what is rounded."""
    lines = []
    for i, (name, value) in enumerate(module.state_dict().items()):
        least, scale = 0 if "Loss" in repr(module) else 6, 8 if value.shape[-1] < 16 else 64
        lines.append((name, f"float32 {sizes_text(value.shape)} formula:{(3, 5, 7, 11)[i % 4]},{i},13,{least},{scale}"))
    return lines


def called(call, inputs, dtype):
    inputs = [t.to(dtype) if t is not None and t.is_floating_point() else t for t in map(build, inputs)]
    value = call(*inputs)
    flat = []
    for v in value if isinstance(value, tuple) else (value,):
        flat += [w.detach() for w in (v if isinstance(v, tuple) else (v,)) if w is not None]
    return flat


def outputs(call, wide_call, inputs):
    narrow, wide = called(call, inputs, torch.float32), called(wide_call, inputs, torch.float64)
    assert len(narrow) == len(wide) <= 3
    wide = [w.to(torch.float32) for w in wide]
    far = max(reference.spacings(a, b) for a, b in zip(narrow, wide))
    return [(f"ref{i}", result(w, whole=8192)) for i, w in enumerate(wide)] + [
        ("spacings", str(max(8, reference.ulp_class(far))))]


def forward(text, *inputs, repr_of=True, **keywords):
    lines = state_of(build_module(text))

    def made(dtype):
        module = build_module(text)
        module.load_state_dict({name: build(line) for name, line in lines})
        module = module.to(dtype).eval()
        return lambda *inputs: keywords["call"](module, *inputs) if "call" in keywords else module(*inputs)

    OUT.record("forward", ("module", text), *[(f"state{i}", f"{name} {line}") for i, (name, line) in enumerate(lines)],
               *[(f"in{i}", spec) for i, spec in enumerate(inputs)],
               *outputs(made(torch.float32), made(torch.float64), inputs), text=repr(build_module(text)))


def function(name, *inputs, **options):
    def call(*tensors):
        return getattr(torch.nn.functional, name)(*tensors, **options)
    OUT.record(name, *[(f"in{i}", spec) for i, spec in enumerate(inputs)], *options_field(options),
               *outputs(call, call, inputs))


def options_field(options):
    from golden import options_text
    return [("options", options_text(options))] if options else []


# ---- losses

A, B = "float32 [5,4] formula:7,3,41,20,8", "float32 [5,4] formula:11,5,37,18,8"
C = "float32 [5,4] formula:13,7,43,21,8"
SHARES = "float32 [5,4] formula:7,3,41,-1,64"
CLASSES = "int64 [5] formula:3,1,4,0"


def losses():
    for reduction in ("mean", "sum", "none"):
        for text in ("L1Loss({})", "MSELoss({})", "SmoothL1Loss({})", "SmoothL1Loss(beta=0.5, {})", "HuberLoss({})",
                     "HuberLoss(delta=0.75, {})", "KLDivLoss(log_target=True, {})"):
            forward(text.format(f"reduction={reduction}"), A, B)
        forward(f"KLDivLoss(reduction={reduction})", A, SHARES)
        for text in ("CrossEntropyLoss({})", "CrossEntropyLoss(weight=ones(4), {})", "NLLLoss(weight=ones(4), {})",
                     "CrossEntropyLoss(ignore_index=1, label_smoothing=0.25, {})", "NLLLoss(ignore_index=2, {})"):
            forward(text.format(f"reduction={reduction}"), A, CLASSES)
        forward(f"CrossEntropyLoss(weight=ones(4), reduction={reduction})", A, SHARES)
        for text in ("BCELoss({})", "BCELoss(weight=ones(4), {})"):
            forward(text.format(f"reduction={reduction}"), SHARES, SHARES)
        for text in ("BCEWithLogitsLoss({})", "BCEWithLogitsLoss(weight=ones(4), pos_weight=ones(4), {})"):
            forward(text.format(f"reduction={reduction}"), A, SHARES)
        for text in ("CosineEmbeddingLoss({})", "CosineEmbeddingLoss(margin=0.25, {})"):
            forward(text.format(f"reduction={reduction}"), A, B, "int64 [5] formula:2,0,4,1")
        for text in ("TripletMarginLoss({})", "TripletMarginLoss(margin=2.5, p=1.0, {})",
                     "TripletMarginLoss(margin=4.0, swap=True, {})"):
            forward(text.format(f"reduction={reduction}"), A, B, C)
    forward("KLDivLoss(reduction=batchmean)", A, SHARES)
    forward("CosineEmbeddingLoss()", "float32 [4] formula:7,3,41,20,8", "float32 [4] formula:11,5,37,18,8",
            "int64 [] formula:0,1,7,0")
    signs, counts = "int64 [5,4] formula:2,0,4,1", "float32 [5,4] formula:1,0,5,0"
    forward("MarginRankingLoss(0.5)", A, B, signs)
    forward("HingeEmbeddingLoss(0.5, reduction=sum)", A, signs)
    forward("SoftMarginLoss(reduction=none)", A, signs)
    forward("MultiMarginLoss()", A, CLASSES)
    forward("MultiMarginLoss(2, 0.5, weight=ones(4), reduction=none)", A, CLASSES)
    forward("MultiLabelMarginLoss(reduction=none)", A, "int64 [5,4] formula:3,1,5,1")
    forward("MultiLabelSoftMarginLoss()", A, SHARES)
    forward("MultiLabelSoftMarginLoss(weight=ones(4), reduction=none)", A, SHARES)
    forward("TripletMarginWithDistanceLoss(margin=2.5, swap=True)", A, B, C)
    forward("PoissonNLLLoss(full=True)", A, counts)
    forward("PoissonNLLLoss(log_input=False, reduction=sum)", SHARES, counts)
    forward("GaussianNLLLoss(full=True, reduction=none)", A, B, "float32 [5] formula:7,3,41,-1,16")
    forward("CTCLoss(blank=1, zero_infinity=True)", "float32 [6,2,3] formula:7,3,41,40,8", "int64 [2,3] formula:2,0,4,0",
            "int64 [2] formula:1,4,9,0", "int64 [2] formula:1,1,9,0")
    forward("CosineSimilarity(dim=0)", A, B)
    forward("PairwiseDistance(1.0, keepdim=True)", A, B)
    forward("Bilinear(4, 3, 2)", A, "float32 [5,3] formula:11,5,37,18,8")
    forward("Bilinear(4, 4, 3, bias=False)", A, A)
    forward("MaxUnpool1d(2)", "float32 [2,4] formula:7,3,41,20,8", "int64 [2,4] formula:2,1,8,0")
    forward("MaxUnpool2d((2,1))", "float32 [2,2,3] formula:7,3,41,20,8", "int64 [2,2,3] formula:5,1,12,0")
    bag = "int64 [6] formula:3,1,5,0"
    for mode in ("mean", "sum", "max"):
        forward(f"EmbeddingBag(5, 4, mode={mode})", "int64 [3,2] formula:3,1,5,0")
        forward(f"EmbeddingBag(5, 4, mode={mode}, padding_idx=1)", bag, "int64 [4] formula:2,0,7,0")
    forward("EmbeddingBag(5, 4, mode=sum, include_last_offset=True)", bag, "int64 [3] formula:2,0,7,0",
            "float32 [6] formula:7,3,41,20,8")
    for options in ({}, {"dim": 0}, {"dim": -1, "eps": 3.0}):
        function("cosine_similarity", A, B, **options)
    function("cosine_similarity", A, "float32 [4] formula:11,5,37,18,8")
    function("cosine_similarity", "float32 [5,1] formula:11,5,37,18,8", A, dim=1)
    function("cosine_similarity", "float32 [3] formula:0,0,7,0", "float32 [3] formula:1,1,7,0", dim=0)
    for options in ({}, {"p": 1.0}, {"p": 3.0, "keepdim": True}, {"p": float("inf"), "eps": 0.0}):
        function("pairwise_distance", A, B, **options)
    function("pairwise_distance", A, "float32 [4] formula:11,5,37,18,8")


# ---- recurrent layers


def hidden(module, *inputs):
    """A recurrent layer takes the states of an LSTM as a tuple."""
    if type(module).__name__.startswith("LSTM") and len(inputs) > 1:
        return module(inputs[0], inputs[1:])
    return module(*inputs)


def state(layers, batch, size, start):
    return f"float32 {sizes_text([layers, batch, size] if batch else [layers, size])} formula:5,{start},17,8,8"


def recurrent():
    data = "formula:7,3,41,20,16"
    sequence, batch_first, single = f"float32 [5,2,3] {data}", f"float32 [2,5,3] {data}", f"float32 [5,3] {data}"
    for name in ("RNN", "LSTM", "GRU"):
        cells = name == "LSTM"
        for options, layers in (("", 1), (", bias=False", 1), (", num_layers=2, bidirectional=True", 4),
                                (", 3, dropout=0.5", 3)):
            text = f"{name}(3, 4{options})"
            states = [state(layers, 2, 4, 3)] + [state(layers, 2, 4, 9)] * cells
            forward(text, sequence, call=hidden)
            forward(text, sequence, *states, call=hidden)
        forward(f"{name}(3, 4, batch_first=True, bidirectional=True)", batch_first, call=hidden)
        forward(f"{name}(3, 4, batch_first=True)", single, call=hidden)
        forward(f"{name}(3, 4)", single, *[state(1, 0, 4, 3)] + [state(1, 0, 4, 9)] * cells, call=hidden)
        forward(f"{name}(3, 40, 2)", "float32 [17,1,3] " + data, call=hidden)
        for text in (f"{name}Cell(3, 4)", f"{name}Cell(3, 4, bias=False)"):
            row, other = f"float32 [2,3] {data}", "float32 [2,4] formula:5,3,17,8,8"
            forward(text, row, call=hidden)
            forward(text, row, other, *["float32 [2,4] formula:3,3,17,8,8"] * cells, call=hidden)
            forward(text, f"float32 [3] {data}", "float32 [4] formula:5,3,17,8,8",
                    *["float32 [4] formula:3,3,17,8,8"] * cells, call=hidden)
    forward("RNN(3, 4, nonlinearity=relu)", sequence, call=hidden)
    forward("RNNCell(3, 4, nonlinearity=relu)", f"float32 [2,3] {data}", call=hidden)
    for options, layers in ((", proj_size=2", 1), (", 2, proj_size=3, bidirectional=True, bias=False", 4)):
        size = 2 if layers == 1 else 3
        forward(f"LSTM(3, 4{options})", sequence, call=hidden)
        forward(f"LSTM(3, 4{options})", sequence, state(layers, 2, size, 3), state(layers, 2, 4, 9), call=hidden)


# ---- attention


def function_of_attention():
    data = "formula:7,3,41,20,16"
    q, k, v = (f"float32 [2,{n},4] {data}" for n in (3, 5, 5))
    name = "scaled_dot_product_attention"
    function(name, q, k, v)
    function(name, q, k, v, scale=0.25)
    function(name, k, k, v, is_causal=True)
    function(name, q, k, v, is_causal=True)
    function(name, q, k, v, "float32 [3,5] formula:5,3,17,8,8")
    function(name, q, k, v, "bool [2,3,5] formula:1,0,2,0")
    function(name, q, k, v, "bool [3,1] formula:1,0,3,1 expand(3,5)")
    function(name, "float32 [2,4,3,4] " + data, "float32 [2,2,3,4] " + data, "float32 [2,2,3,5] " + data,
             enable_gqa=True)


def with_weights(module, query, key, value, padding=None, mask=None):
    """Both kinds of weights, as a call for three outputs gives them."""
    keywords = {"key_padding_mask": padding, "attn_mask": mask}
    output, average = module(query, key, value, **keywords)
    return output, average, module(query, key, value, average_attn_weights=False, **keywords)[1]


def without_weights(module, query, key, value, padding=None, mask=None):
    return module(query, key, value, key_padding_mask=padding, attn_mask=mask, need_weights=False)[0]


def attention():
    data = "formula:7,3,41,20,16"
    q, k, v = f"float32 [3,2,4] {data}", f"float32 [5,2,4] {data}", "float32 [5,2,4] formula:5,3,17,8,8"
    real, each = "float32 [2,5] formula:5,3,17,8,8", "float32 [4,3,5] formula:5,3,17,8,8"
    for call in (with_weights, without_weights):
        for text in ("MultiheadAttention(4, 2)", "MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True)"):
            forward(text, q, k, v, call=call)
            forward(text, q, k, v, real, call=call)
            forward(text, q, k, v, "none", "float32 [3,5] formula:5,3,17,8,8", call=call)
            forward(text, q, k, v, real, each, call=call)
            forward(text, q, k, v, "bool [2,5] formula:1,0,5,0", call=call)
            forward(text, q, k, v, "none", "bool [3,5] formula:1,0,2,0", call=call)
        forward("MultiheadAttention(4, 1, bias=False)", q, q, q, call=call)
        forward("MultiheadAttention(4, 2, dropout=0.5, batch_first=True)", k, k, k, call=call)
        forward("MultiheadAttention(4, 2, batch_first=True)", f"float32 [2,3,4] {data}", f"float32 [2,5,4] {data}",
                f"float32 [2,5,4] {data}", "bool [2,5] formula:1,0,5,2", call=call)
        forward("MultiheadAttention(4, 2, kdim=3, vdim=5)", q, f"float32 [5,2,3] {data}", f"float32 [5,2,5] {data}",
                call=call)
        forward("MultiheadAttention(4, 2)", f"float32 [3,4] {data}", f"float32 [5,4] {data}", f"float32 [5,4] {data}",
                "float32 [5] formula:5,3,17,8,8", "float32 [2,3,5] formula:5,3,17,8,8", call=call)


def encoders():
    """With gradients on, so that every way gives one result: the fast path pads differently."""
    src, data = "float32 [5,2,4] formula:7,3,41,20,16", "formula:5,3,17,8,8"
    layer = "TransformerEncoderLayer(4, 2, 8)"
    for text in (layer, "TransformerEncoderLayer(4, 2, 8, activation=gelu, norm_first=True)",
                 "TransformerEncoderLayer(4, 1, 8, bias=False, layer_norm_eps=0.01, dropout=0.0)",
                 "TransformerEncoderLayer(4, 2, 8, batch_first=True)", f"TransformerEncoder({layer}, 2)",
                 f"TransformerEncoder({layer}, 1, LayerNorm(4))"):
        forward(text, src)
        if "batch_first" not in text:
            forward(text, src, f"float32 [5,5] {data}")
            forward(text, src, "none", "bool [2,5] formula:1,0,5,2")
            forward(text, src, f"float32 [5,5] {data}", f"float32 [2,5] {data}")


def decoders():
    tgt, memory = "float32 [3,2,4] formula:7,3,41,20,16", "float32 [5,2,4] formula:11,3,37,18,16"
    data = "formula:5,3,17,8,8"
    layer = "TransformerDecoderLayer(4, 2, 8)"
    for text in (layer, "TransformerDecoderLayer(4, 2, 8, activation=gelu, norm_first=True)",
                 "TransformerDecoderLayer(4, 1, 8, bias=False, dropout=0.0)", f"TransformerDecoder({layer}, 2)",
                 f"TransformerDecoder({layer}, 1, LayerNorm(4))"):
        forward(text, tgt, memory)
        forward(text, tgt, memory, f"float32 [3,3] {data}", f"float32 [3,5] {data}", f"float32 [2,3] {data}",
                f"float32 [2,5] {data}")
    forward("TransformerDecoderLayer(4, 2, 8, batch_first=True)", "float32 [2,3,4] formula:7,3,41,20,16",
            "float32 [2,5,4] formula:11,3,37,18,16")
    whole = "Transformer(4, 2, 1, 2, 8)"
    for text in (whole, "Transformer(4, 2, 1, 1, 8, activation=gelu, norm_first=True)"):
        forward(text, memory, tgt)

    def masked(module, src, tgt, *masks):
        names = ("src_mask", "tgt_mask", "memory_mask", "src_key_padding_mask", "tgt_key_padding_mask",
                 "memory_key_padding_mask")
        return module(src, tgt, **dict(zip(names, masks)))
    forward(whole, memory, tgt, f"float32 [5,5] {data}", f"float32 [3,3] {data}", f"float32 [3,5] {data}",
            f"float32 [2,5] {data}", f"float32 [2,3] {data}", f"float32 [2,5] {data}", call=masked)


if __name__ == "__main__":
    losses()
    recurrent()
    function_of_attention()
    attention()
    encoders()
    decoders()
    OUT.write()
