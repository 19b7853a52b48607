"""module_errors.txt: what PyTorch says when modules are registered, loaded, indexed or called wrongly."""
import collections
import warnings

import torch
from torch import nn

from golden import File, build, call
from modules import build_module

warnings.filterwarnings("ignore")

OUT = File("module_errors.txt", """
Records named `load`: the state_dict of `module` (the notation of README.md) is taken, edited by `edit0`, `edit1`,
... in order (`remove KEY`, or `put KEY TENSOR`, which replaces or appends), and given to load_state_dict of a
module made the same way, with `strict` (true unless the record says false). `error` and `text`, or, if it succeeds,
`text` is what the returned pair prints. `metadata no`: the dict is a plain one, without versions.

Records named `register`, `container` and `forward`: `do` says in Python what is done with m; `module` is what m is
at first. In `do`, T is torch.zeros(2), P is Parameter(torch.zeros(2)). Net() has a child c = Linear(2, 2), a
parameter p [2], a buffer buf [2] and a plain attribute x, made in this order; NoInit() has not called Module's
constructor. Records named `fine` are not errors: `text` is what the last expression of `do` gives.

Records named `output_size`: `module`, a transposed convolution, is called with `in0` and that output_size; `text` is
the shape of the result.
""")

T, P = torch.zeros(2), nn.Parameter(torch.zeros(2))
NON_LEAF = ("q = nn.Parameter(T.clone(), requires_grad=False); q.add_(T.clone().requires_grad_()); "
            "m.register_parameter('q', q)")


class NoInit(nn.Module):
    def __init__(self):
        pass


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Linear(2, 2)
        self.p = nn.Parameter(torch.zeros(2))
        self.register_buffer("buf", torch.zeros(2))
        self.x = 3


NAMES = {"torch": torch, "nn": nn, "T": T, "P": P, "collections": collections}


def run(statements, m):
    names = {**NAMES, "m": m}
    *first, last = statements.split("; ")
    for statement in first:
        exec(statement, names)
    try:
        code = compile(last, "do", "eval")
    except SyntaxError:
        exec(last, names)
        return None
    return eval(code, names)


def make(module):
    return {"Net": Net, "NoInit": NoInit}[module]() if module in ("Net", "NoInit") else build_module(module)


def fail(kind, module, statements):
    """Records an error, or, if PyTorch accepts it, what it gives."""
    value, error = call(lambda: run(statements, make(module)))
    text = f"{module}()" if "(" not in module else module
    if error is not None:
        OUT.record(kind, ("module", text), ("do", statements), error=error)
    elif value is not None:
        OUT.record("fine", ("module", text), ("do", statements), text=str(value))


def fine(module, statements):
    value = run(statements, make(module))
    OUT.record("fine", ("module", f"{module}()" if "(" not in module else module), ("do", statements), text=str(value))


def load(module, *edits, strict=True, metadata=True):
    state = build_module(module).state_dict()
    if not metadata:
        state = dict(state)
    for edit in edits:
        verb, key, *spec = edit.split(" ", 2)
        if verb == "remove":
            del state[key]
        else:
            state[key] = build(spec[0])
    value, error = call(lambda: build_module(module).load_state_dict(state, strict=strict))
    OUT.record("load", ("module", module), *((f"edit{i}", edit) for i, edit in enumerate(edits)),
               ("strict", None if strict else "false"), ("metadata", None if metadata else "no"), error=error,
               text=None if error else repr(value))


def zeros(sizes, dtype="float32"):
    return f"{dtype} {sizes} formula:0,0,1,0"


def registration():
    for statement in ("m.p = P", "m.c = nn.ReLU()", "m.register_buffer('b', T)", "m.register_parameter('p', P)",
                      "m.add_module('c', nn.ReLU())"):
        fail("register", "NoInit", statement)
    for statement in ("m.p = T", "m.p = 5", "m.p = nn.ReLU()", "m.c = 5", "m.c = T", "m.buf = 5",
                      "m.buf = nn.ReLU(); m.buf = 'a'",
                      "m.register_buffer('a.b', T)", "m.register_buffer('', T)", "m.register_buffer(5, T)",
                      "m.register_buffer('q', 5)", "m.register_buffer('p', T)", "m.register_buffer('c', T)",
                      "m.register_buffer('x', T)", "m.register_buffer('training', T)",
                      "m.register_buffer('forward', T)",
                      "m.register_parameter('a.b', P)", "m.register_parameter('', P)", "m.register_parameter(5, P)",
                      "m.register_parameter('q', T)", "m.register_parameter('q', 5)", "m.register_parameter('buf', P)",
                      "m.register_parameter('c', P)", "m.register_parameter('training', P)",
                      "m.register_parameter('x', P)",
                      "m.register_parameter('q', P * 1)", "m.add_module('t', 5)", "m.add_module('t', T)",
                      "m.add_module(3, None)",
                      "m.add_module('a.b', nn.ReLU())", "m.add_module('', nn.ReLU())", "m.add_module('p', nn.ReLU())",
                      "m.add_module('buf', nn.ReLU())", "m.add_module('training', nn.ReLU())", "m.nope", "del m.nope",
                      "m.get_submodule('a')", "m.get_submodule('c.weight')", "m.get_submodule('c.x.y')",
                      "m.get_submodule('p')",
                      "m.get_parameter('nope')", "m.get_parameter('buf')", "m.get_parameter('c.nope')",
                      "m.get_parameter('d.weight')",
                      "m.get_parameter('c')", "m.get_buffer('p')", "m.get_buffer('nope')", "m.get_buffer('c.weight')",
                      "m.set_submodule('', nn.ReLU())", "m.set_submodule('a.b', nn.ReLU())",
                      "m.set_submodule('c', None)", "m.set_submodule('p', nn.ReLU())",
                      "m.set_submodule('p.x', nn.ReLU())", "m.set_submodule('d', nn.ReLU(), strict=True)",
                      "m.set_submodule('c.d', nn.ReLU(), strict=True)",
                      "m.c = None; m.set_submodule('c', nn.ReLU())", "m.c = None; m.get_submodule('c')",
                      "m.p = None; m.get_parameter('p')", "m.c = None; m.get_parameter('c.weight')",
                      NON_LEAF,
                      "m.register_buffer('e', T[:1].expand(2)); m.load_state_dict({**m.state_dict(), 'e': T})",
                      "m.load_state_dict({**m.state_dict(), 'p': T.long()}, assign=True)",
                      "m.load_state_dict({**m.state_dict(), 'p': None})",
                      "m.train(3)", "m.to(torch.int64)", "m.to(torch.bool)", "m(T)", "m.load_state_dict([1])",
                      "m.load_state_dict(3)"):
        fail("register", "Net", statement)
    for statement in ("m.p = None; list(m.state_dict())", "m.c = None; list(m.state_dict())",
                      "m.buf = None; list(m.state_dict())",
                      "del m.p; m.p = P; [n for n, _ in m.named_parameters()]",
                      "m.p = P; [n for n, _ in m.named_parameters()]",
                      "m.d = m.c; [n for n, _ in m.named_parameters()]", "m.d = m.c; list(m.state_dict())",
                      "m.d = m.c; [n for n, _ in m.named_modules()]", "m.q = m.p; [n for n, _ in m.named_parameters()]",
                      "m.register_buffer('np', T, persistent=False); list(m.state_dict())",
                      "m.register_buffer('np', T, persistent=False); [n for n, _ in m.named_buffers()]",
                      "m.p = None; [n for n, _ in m.named_parameters('pre')]",
                      "[n for n, _ in m.named_parameters('pre', recurse=False)]", "[n for n, _ in m.named_children()]",
                      "list(m.state_dict(prefix='a.'))", "m.state_dict()._metadata",
                      "[n for n, _ in m.named_buffers()]",
                      "m.d = m.c; [n for n, _ in m.named_modules(remove_duplicate=False)]",
                      "m.d = m.c; [n for n, _ in m.named_parameters(remove_duplicate=False)]",
                      "m.d = m.c; [n for n, _ in m.named_children()]",
                      "m.d = m.c; seen = []; m.apply(lambda x: seen.append(type(x).__name__)); seen",
                      "m.set_submodule('c', nn.ReLU(), strict=True); m", "m.set_submodule('c.d', nn.ReLU()); m",
                      "m.buf = None; m.get_buffer('buf')", "m.p.grad = T + 1; m.to(torch.float64); m.p.grad",
                      "m.p.grad = T + 1; m.zero_grad(); m.p.grad",
                      "m.p.grad = T + 1; m.zero_grad(set_to_none=False); m.p.grad"):
        fine("Net", statement)


def loading():
    net = "Sequential(Conv2d(1, 2, 3), BatchNorm2d(2), Linear(2, 3))"
    load(net)
    load(net, "remove 0.bias")
    load(net, "remove 0.weight", "remove 2.bias")
    load(net, "remove 0.weight", "remove 2.bias", strict=False)
    load(net, f"put x.y {zeros('[1]')}", f"put 2.foo {zeros('[1]')}")
    load(net, f"put x.y {zeros('[1]')}", f"put 2.foo {zeros('[1]')}", strict=False)
    load(net, f"put foo {zeros('[1]')}", f"put 0 {zeros('[1]')}", f"put 7.a.b {zeros('[1]')}")
    load(net, f"put 0.weight.x {zeros('[1]')}", f"put 0.deep.x {zeros('[1]')}")
    load(net, f"put 2.weight {zeros('[3,4]')}")
    load(net, f"put 2.weight {zeros('[3,4]')}", strict=False)
    load(net, f"put 2.weight {zeros('[2,3]')}", f"put 0.bias {zeros('[]')}", f"put 1.running_mean {zeros('[3]')}")
    load(net, "remove 0.bias", f"put x.y {zeros('[1]')}", f"put 2.foo {zeros('[1]')}", f"put 0.weight {zeros('[]')}",
         f"put 2.weight {zeros('[3,4]')}")
    load(net, "remove 0.bias", f"put x.y {zeros('[1]')}", f"put 2.weight {zeros('[3,4]')}", strict=False)
    load(net, "put 0.weight number int 3")
    load(net, "put 0.weight number float 3.5", "put 2.bias none", "remove 0.bias")
    load(net, "remove 1.num_batches_tracked")
    load(net, "remove 1.num_batches_tracked", metadata=False)
    load(net, "remove 1.running_mean", "remove 1.num_batches_tracked", metadata=False)
    load(net, f"put 1.num_batches_tracked {zeros('[1]', 'int64')}")
    load(net, f"put 0.bias {zeros('[2]', 'int64')}")
    load(net, f"put 0.bias {zeros('[2]', 'float64')}")
    load("Linear(2, 1)", f"put bias {zeros('[]')}")
    load("Linear(2, 3)", f"put weight {zeros('[3,4]')}")
    load("Linear(2, 3, bias=False)", f"put bias {zeros('[3]')}")
    load("Custom(Net, fc=Linear(1, 2))", "remove fc.weight")
    load("Custom(Net, a=Custom(Inner, fc=Linear(1, 2)), b=None)", "remove a.fc.bias", f"put b.x {zeros('[1]')}")
    load("ModuleList(Linear(1, 1), Linear(1, 1))", "remove 1.weight", f"put 2.weight {zeros('[1,1]')}")
    load("ModuleDict(a=Linear(1, 1))", f"put a.weight {zeros('[1,1,1]')}")
    load("Sequential()", f"put 0.weight {zeros('[1]')}")
    load("BatchNorm1d(2, affine=False)", f"put weight {zeros('[2]')}")


def containers():
    sequential, items, mapping = "Sequential(ReLU(), Tanh())", "ModuleList(ReLU(), Tanh())", "ModuleDict(a=ReLU())"
    for statement in ("m[2]", "m[-3]", "m['a']", "m[2] = nn.ReLU()", "m[0] = 5", "del m[5]", "m.append(5)",
                      "m.insert(5, nn.ReLU())",
                      "m.insert(-5, nn.ReLU())", "m.insert(0, 5)", "m.pop(4)", "m + [nn.ReLU()]", "m += 3", "m * 0",
                      "m * -1", "m * 1.5", "m *= 0", "m.extend(3)"):
        fail("container", sequential, statement)
    for statement in ("m[2]", "m[-3]", "m[2] = nn.ReLU()", "m[0] = 5", "del m[5]", "m.append(5)", "m.extend(5)",
                      "m.insert(0, 5)",
                      "m.pop(4)", "m + 3", "m(T)"):
        fail("container", items, statement)
    fail("container", sequential, "nn.Sequential(5)")
    fail("container", sequential, "nn.Sequential(nn.ReLU(), None, T)")
    fail("container", items, "nn.ModuleList(5)")
    fail("container", items, "nn.ModuleList([5])")
    for statement in ("m['b']", "del m['b']", "m.pop('b')", "m['b'] = 5", "m['a.b'] = nn.ReLU()", "m[''] = nn.ReLU()",
                      "m[3] = nn.ReLU()",
                      "m['training'] = nn.ReLU()", "m['keys'] = nn.ReLU()", "m.update(5)", "m.update([5])",
                      "m.update([('a', 1, 2)])",
                      "m.update({'a': 5})", "m(T)"):
        fail("container", mapping, statement)
    for statement in ("len(m)", "m[-1]", "m[0:1]", "m[1:]", "del m[0]; m", "m.append(nn.ReLU())",
                      "m.insert(0, nn.ELU()); m", "m.pop(0); m",
                      "m + m", "m * 2", "m.extend([nn.ELU()])", "m[0] = nn.ELU(); m"):
        fine(sequential, statement)
    for statement in ("len(m)", "m[-1]", "m[0:1]", "m[1:]", "del m[0]; m", "m.append(nn.ReLU())",
                      "m.insert(0, nn.ELU()); m", "m.pop(0); m",
                      "m + m", "m.extend([nn.ELU()])"):
        fine(items, statement)
    for statement in ("len(m)", "'a' in m", "list(m.keys())", "m['b'] = nn.Tanh(); m", "m.pop('a'); m", "m.clear(); m",
                      "m.update({'b': nn.Tanh()}); m"):
        fine(mapping, statement)


def named_containers():
    named = "Sequential(a=ReLU(), b=Tanh())"
    for statement in ("m.insert(0, nn.ELU())", "m[2]"):
        fail("container", named, statement)
    for statement in ("m[1:]", "del m[0]; m", "m.append(nn.ELU())", "m.insert(2, nn.ELU()); m", "m + m",
                      "m[1] = nn.ELU(); m"):
        fine(named, statement)
    sequential, items, mapping = "Sequential(ReLU(), Tanh())", "ModuleList(ReLU(), Tanh())", "ModuleDict(a=ReLU())"
    for statement in ("m.extend(nn.ReLU())", "m + nn.ModuleList()", "s = m[1:]; s.insert(0, nn.ELU())"):
        fail("container", sequential, statement)
    fail("container", "Sequential(ReLU(), None)", "m(T)")
    for statement in ("m.pop(-1); m", "m[-1:]", "m[-5:1]", "m[1:1]", "s = m[1:]; s.append(nn.ELU()); s",
                      "m.extend(nn.ModuleList([nn.ELU()]))"):
        fine(sequential, statement)
    for statement in ("m.extend(nn.ReLU())", "m + nn.ReLU()"):
        fail("container", items, statement)
    for statement in ("m.pop(-1); m", "m[0] = nn.ELU(); m", "m + nn.Sequential(nn.ELU())", "m[1:1]",
                      "m.extend(nn.Sequential(nn.ELU()))", "m.insert(2, nn.ELU()); m", "m.register_buffer('b', T); m"):
        fine(items, statement)
    fail("container", mapping, "m.update(nn.ReLU())")
    for statement in ("m.update(nn.ModuleDict({'b': nn.Tanh(), 'a': nn.ELU()})); m", "'b' in m",
                      "m['a'] = nn.Tanh(); m"):
        fine(mapping, statement)


def parameters():
    listed, mapped = "ParameterList()", "ParameterDict()"
    for statement in ("m.append(T); m[1]", "m.append(T); m[-2]", "m.append(T); m[1] = T", "m.append(T.long())",
                      "m.extend(nn.ReLU())", "m(T)"):
        fail("container", listed, statement)
    for statement in ("m", "m.append(T); m", "m.append(T); m.append(P); m", "m.append(torch.zeros(2, 3).double()); m",
                      "m.append(torch.zeros([])); m.append(T); m", "m.append(T); m[-1] = torch.zeros(3); m",
                      "m.append(T); m.append(torch.zeros(3)); m[1:]",
                      "m.append(T); m.extend(m[:1]); list(m.state_dict())",
                      "m.append(T); m.append(T); len(m)", "m.append(T); m[0]"):
        fine(listed, statement)
    for statement in ("m['b']", "del m['b']", "m.pop('b')", "m['a.b'] = P", "m[''] = P", "m['a'] = T.long()",
                      "m.update(nn.ReLU())", "m(T)"):
        fail("container", mapped, statement)
    for statement in ("m", "m['a'] = T; m", "m['b'] = T; m['a'] = torch.zeros(2, 3).double(); m",
                      "m['a'] = T.half(); m['b'] = T.bfloat16(); m",
                      "m['a'] = T; m['b'] = T; m['a'] = torch.zeros(3); m",
                      "m['a'] = T; m['a']", "m['a'] = T; 'a' in m", "'a' in m",
                      "m['b'] = T; m['a'] = T; list(m.keys())",
                      "m['a'] = T; m.pop('a'); m", "m['a'] = T; m.clear(); m",
                      "m['a'] = T; m.update(nn.ParameterDict({'b': torch.zeros(3)})); m"):
        fine(mapped, statement)


def forwards():
    fail("forward", "Custom(Net)", "m(T)")
    fail("forward", "Linear(2, 3)", "m(torch.zeros(4, 5))")
    fail("forward", "Linear(2, 3)", "m(torch.zeros(5))")
    for n in (1, 2, 3):
        for sizes in ("2", "2, 3, 4, 5, 6, 7", "2, 3, 4, 5"[: 4] if n > 1 else "2, 3, 4, 5"):
            fail("forward", f"BatchNorm{n}d(3)", f"m(torch.zeros({sizes}))")
    fail("forward", "BatchNorm2d(3)", "m(torch.zeros(1, 4, 2, 2))")
    fail("forward", "BatchNorm1d(3)", "m(torch.zeros(1, 3))")
    fail("forward", "BatchNorm2d(3)", "m(torch.zeros(1, 3, 1, 1))")
    for name in ("Dropout", "Dropout2d", "AlphaDropout"):
        fail("forward", "Identity()", f"nn.{name}(-0.1)")
        fail("forward", "Identity()", f"nn.{name}(1.5)")
    fail("forward", "GLU()", "m(torch.zeros(3, 3))")
    fail("forward", "Softmax(dim=2)", "m(torch.zeros(3, 3))")
    fail("forward", "Softmax2d()", "m(torch.zeros(3, 3))")
    fail("forward", "PReLU(4)", "m(torch.zeros(2, 3))")
    fail("forward", "Unflatten(1, (2,3))", "m(torch.zeros(2, 7))")
    fail("forward", "Unflatten(3, (2,3))", "m(torch.zeros(2, 6))")
    fail("forward", "Flatten(3)", "m(torch.zeros(2, 6))")
    fail("forward", "Flatten(2, 1)", "m(torch.zeros(2, 6, 3))")
    for limits in ("1, -1", "1.5, -1.5", "0.5, 0.5"):
        fail("forward", "Identity()", f"nn.Hardtanh({limits})")
    fail("forward", "Identity()", "nn.Unflatten(1, 2)")
    fail("forward", "Upsample(size=(4,5), mode=bilinear)", "m(torch.zeros(2, 6, 3))")
    fail("forward", "Upsample(size=(4,5), mode=nearest)", "m(torch.zeros(2, 6, 3))")
    fail("forward", "Upsample(scale_factor=2, mode=foo)", "m(torch.zeros(1, 2, 6, 3))")
    fail("forward", "Upsample()", "m(torch.zeros(1, 2, 6, 3))")
    for made in ("Conv2d(4, 6, 3, groups=0)", "Conv2d(4, 6, 3, groups=-1)", "Conv1d(4, 6, 3, groups=3)",
                 "Conv3d(6, 4, 3, groups=3)", "Conv2d(1, 1, 3, stride=2, padding='same')",
                 "Conv2d(1, 1, 3, stride=(1, 2), padding='same')", "ConvTranspose1d(4, 6, 3, groups=0)",
                 "ConvTranspose2d(1, 1, 3, padding_mode='reflect')",
                 "ConvTranspose3d(1, 1, 3, groups=0, padding_mode='circular')", "Conv2d(-1, 1, 3)",
                 "Conv2d(1, 1, -3)", "ConvTranspose2d(1, -1, 3)", "Linear(-1, 2)", "BatchNorm2d(-1)"):
        fail("forward", "Identity()", f"nn.{made}")
    momentum = "BatchNorm1d(2, momentum=None)"
    batches = "m(torch.tensor([[1., 2.], [3., 6.]])); m(torch.tensor([[3., 1.], [4., 1.]])); "
    for what in ("m.running_mean", "m.running_var", "m.num_batches_tracked"):
        fine(momentum, batches + what)


def output_sizes():
    """The output_size of a transposed convolution: `output_size` and `in0` instead of `do`."""
    plane, stride = "ConvTranspose2d(2, 3, 3, stride=2)", "ConvTranspose2d(2, 3, (3,2), stride=(3,1), padding=(1,0))"
    for module, sizes, wanted in ((plane, [1, 2, 8, 8], [17, 17]), (plane, [1, 2, 8, 8], [18, 17]),
                                  (plane, [1, 2, 8, 8], [1, 3, 18, 18]), (plane, [1, 2, 8, 8], [0, 0, 18, 18]),
                                  (plane, [1, 2, 8, 8], [19, 17]), (plane, [1, 2, 8, 8], [17, 16]),
                                  (plane, [1, 2, 8, 8], [17]), (plane, [1, 2, 8, 8], [17, 17, 17]),
                                  (plane, [2, 8, 8], [18, 18]), (plane, [2, 8, 8], [3, 18, 18]),
                                  (plane, [2, 8, 8], [3, 3, 18, 18]), (plane, [2, 8, 8], [18, 19]),
                                  (plane, [8], [18, 18]), (plane, [2, 8], [18, 18]), (plane, [1, 1, 2, 8, 8], [1, 1]),
                                  (plane, [1, 3, 8, 8], [17, 17]), (stride, [1, 2, 4, 5], [12, 6]),
                                  (stride, [1, 2, 4, 5], [13, 7]), ("ConvTranspose2d(1, 1, 3)", [1, 1, 8, 8], [11, 11]),
                                  ("ConvTranspose2d(1, 1, 3, dilation=2)", [1, 1, 8, 8], [12, 12]),
                                  ("ConvTranspose1d(2, 3, 3, stride=2)", [1, 2, 4], [10]),
                                  ("ConvTranspose1d(2, 3, 3, stride=2)", [1, 2, 4], [11]),
                                  ("ConvTranspose1d(2, 3, 3, stride=2)", [2, 4], [1, 2, 10]),
                                  ("ConvTranspose3d(2, 3, 2, stride=2)", [1, 2, 2, 3, 4], [4, 6, 9]),
                                  ("ConvTranspose3d(2, 3, 2, stride=2)", [1, 2, 2, 3, 4], [4, 6])):
        value, error = call(lambda: build_module(module)(torch.zeros(sizes), output_size=wanted))
        text = None if error else str(list(value.shape))
        OUT.record("output_size", ("module", module), ("in0", zeros(f"[{','.join(map(str, sizes))}]")),
                   ("output_size", str(wanted).replace(" ", "")), error=error, text=text)


if __name__ == "__main__":
    for part in (registration, loading, containers, named_containers, parameters, forwards, output_sizes):
        part()
    OUT.write()
