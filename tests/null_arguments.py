#!/usr/bin/env python3
"""Writes the calls of test_null_arguments.c from the prototypes of the public headers: every function once for each
pointer argument with that one NULL, once with all of them NULL, and once with an options struct of another size. A
function or a type that this script does not know ends it with a message, and so the build.

usage: null_arguments.py OUTPUT HEADER..."""
import pathlib
import re
import sys

# What stands for a NULL, by the type of the parameter: a structure that holds pointers has several ways to hold none.
NULLS = {
    "cor_operand": ["COR_OPERAND((cor_tensor *)NULL)"],
    "cor_list": ["COR_LIST(NULL, 2)", "COR_TENSORS(a_tensor(), NULL)"],
    "cor_module_list": ["((cor_module_list){NULL, 2})", "COR_MODULES(a_module(), NULL)"],
    "cor_parameter_source": ["COR_PARAMETERS((cor_dict *)NULL)", "COR_PARAMETERS(COR_LIST(NULL, 2))",
                             "COR_PARAMETERS(COR_TENSORS(a_tensor(), NULL))"],
    "cor_scheduler_list": ["((cor_scheduler_list){NULL, 2})", "COR_SCHEDULERS(a_scheduler(), NULL)"],
    "cor_milestones": ["((cor_milestones){NULL, 1})"],
}

# A valid argument, by the type of the parameter.
VALUES = {
    "bool": "true", "double": "0.5", "int": "1", "int64_t": "1", "uint64_t": "1", "cor_dtype": "COR_FLOAT32",
    "cor_nn_activation_kind": "COR_NN_RELU", "cor_nn_dropout_kind": "COR_NN_DROPOUT",
    "cor_nn_recurrent_kind": "COR_NN_RNN",
    "cor_operand": "COR_OPERAND(1)", "cor_list": "COR_TENSORS(a_tensor(), a_tensor())",
    "cor_tensor *": "a_tensor()", "cor_module *": "a_module()", "cor_dict *": "a_dict()",
    "cor_generator *": "cor_generator_new()", "cor_tensor **": "slots", "cor_tensor *const *": "tensors()",
    "int64_t *": "a_shape", "char *": '"name"', "void *": "buffer", "cor_forward": "forward",
    "cor_forward_pre_hook": "pre_hook", "cor_forward_hook": "hook", "cor_state_dict_pre_hook": "save_pre_hook",
    "cor_state_dict_post_hook": "save_post_hook", "cor_load_hook": "load_hook",
    "cor_checkpoint *": "cor_checkpoint_new()", "cor_summary_writer *": "a_writer()", "char *const *": "names",
    "double *": "&a_double",
    "cor_tensor_registration_hook": "NULL", "cor_module_registration_hook": "NULL", "body": "body",
    "release": "NULL", "function": "visit", "cor_dims": "two_sizes", "cor_tensor_hook": "gradient_hook",
    "cor_accumulate_hook": "accumulate_hook", "cor_checked_function": "checked",
    "release": "NULL", "function": "visit", "cor_dims": "two_sizes",
    "cor_parameter_source": "COR_PARAMETERS(COR_TENSORS(a_tensor(), a_tensor()))", "cor_optimizer *": "an_optimizer()",
    "cor_closure": "closure", "cor_scheduler *": "a_scheduler()", "cor_lr_lambda": "a_rate",
    "cor_scheduler_list": "COR_SCHEDULERS(a_scheduler(), a_scheduler())", "cor_milestones": "COR_MILESTONES(3)",
    "cor_dataset *": "a_dataset()",
    "cor_dataset **": "parts", "cor_dataset_size_function": "dataset_size",
    "cor_dataset_get_function": "dataset_get", "destroy": "NULL", 
    "cor_function *": "&a_function", "cor_function_context *": "NULL", "cor_function_destroy": "NULL",
    "cor_grad_edge": "an_edge", "cor_full_backward_pre_hook": "backward_pre_hook",
    "cor_full_backward_hook": "backward_hook",
    "cor_transform *": "a_step", "cor_loader *": "cor_data_loader(a_dataset())",
}

# How libcorrie-io's functions begin, and the types that only they have.
FUNCTIONS_IN_IO = ("cor_load_", "cor_save_", "cor_checkpoint_", "cor_summary_")
IN_IO = {"cor_checkpoint *", "cor_summary_writer *", "char *const *", "double *"}

# Where a function needs another valid argument than its type's, so that only the NULL is wrong.
PARTICULAR = {
    ("cor_from_array", "bytes"): "128", ("cor_from_array", "n"): "4", ("cor_from_pointer", "n"): "4",
    ("cor_from_blob", "n"): "4", ("cor_as_strided", "n"): "4", ("cor_as_strided", "strides"): "a_shape",
    ("cor_permute_to", "dims"): "an_order", ("cor_permute_to", "n"): "4", ("cor_view_to", "n"): "4",
    ("cor_reshape_to", "n"): "4", ("cor_expand_to", "n"): "4", ("cor_module_new_with", "size"): "sizeof(cor_module)",
    ("cor_generator_get_state", "size"): "COR_GENERATOR_STATE",
    ("cor_generator_set_state", "size"): "COR_GENERATOR_STATE",
    ("cor_module_append", "container"): "a_row()", ("cor_module_insert", "container"): "a_row()",
    ("cor_module_set_at", "container"): "a_row()", ("cor_module_set_at", "index"): "0",
    ("cor_module_dict_get", "dict"): "cor_nn_module_dict()", ("cor_module_dict_set", "dict"): "cor_nn_module_dict()",
    ("cor_module_dict_pop", "dict"): "cor_nn_module_dict()", ("cor_pad_with", "pads"): "two_pads",
    ("cor_module_extend", "container"): "a_row()", ("cor_module_extend", "other"): "a_row()",
    ("cor_module_concat", "a"): "a_row()", ("cor_module_concat", "b"): "a_row()",
    ("cor_module_update", "dict"): "cor_nn_module_dict()", ("cor_module_update", "other"): "cor_nn_module_dict()",
    ("cor_parameter_append", "list"): "cor_nn_parameter_list()",
    ("cor_parameter_set_at", "list"): "a_parameter_list()", ("cor_parameter_set_at", "index"): "0",
    ("cor_parameter_dict_get", "dict"): "cor_nn_parameter_dict()",
    ("cor_parameter_dict_set", "dict"): "cor_nn_parameter_dict()",
    ("cor_parameter_dict_pop", "dict"): "cor_nn_parameter_dict()",
    ("cor_nn_transformer_encoder_of", "encoder_layer"): "cor_nn_transformer_encoder_layer(2, 1)",
    ("cor_nn_transformer_decoder_of", "decoder_layer"): "cor_nn_transformer_decoder_layer(2, 1)",
    ("cor_nn_conv_transpose_call_with", "m"): "cor_nn_conv_transpose2d(2, 1, 2)",
    ("cor_register_hook", "t"): "a_leaf()", ("cor_register_post_accumulate_grad_hook", "t"): "a_leaf()",
    ("cor_retain_grad", "t"): "a_leaf()", ("cor_backward_with", "t"): "cor_sum(a_leaf())",
    ("cor_autograd_grad_with", "outputs"): "COR_TENSORS(cor_sum(a_leaf()))",
    ("cor_autograd_grad_with", "inputs"): "COR_TENSORS(a_leaf())",
    ("cor_gradcheck_with", "inputs"): "COR_TENSORS(a_leaf())",
    ("cor_gradgradcheck_with", "inputs"): "COR_TENSORS(a_leaf())",
    ("cor_layer_norm_with", "normalized_shape"): "last_sizes",
    ("cor_rms_norm_with", "normalized_shape"): "last_sizes",
    ("cor_checkpoint_int", "value"): "&an_integer", ("cor_save_safetensors", "path"): '"/nowhere/name"',
    ("cor_error_set", "code"): "COR_EVALUE", ("cor_split", "room"): "4", ("cor_unbind", "room"): "4",
    ("cor_meshgrid_with", "tensors"): "COR_TENSORS(cor_ones(2), cor_ones(3))",
    ("cor_last_lr", "group"): "0", ("cor_option", "group"): "0", ("cor_set_option", "group"): "0",
    ("cor_subset", "indices"): "an_order",
    ("cor_random_split_with", "n"): "2", ("cor_normalize", "std"): "halves", ("cor_random_split_with", "lengths"): "halves", ("cor_normalize", "mean"): "halves", ("cor_to_tensor", "array"): "cor_ones(2, 3)",
    ("cor_loader_restore", "state"): "a_loader_state()",
}

# Parameters that may be NULL, with the reason; "*" is every pointer of the function. The call is made all the same.
QUERY = "a query gives 0, false, NULL or NaN for NULL"
IGNORED = "NULL is ignored, or stays NULL"
PRINTS = "NULL prints the pending error"
ALLOWED = {
    ("cor_error_take", "info"): "the error is only cleared",
    ("cor_scope_open", "frame"): IGNORED, ("cor_scope_close", "frame"): IGNORED,
    ("cor_parallel_for", "context"): "the caller's own",
    ("cor_from_blob", "strides"): "contiguous", ("cor_from_blob", "release"): "nothing is to be called",
    ("cor_from_blob", "context"): "the caller's own",
    ("cor_assign", "t"): "empties the field", ("cor_next", "next"): "empties the variable",
    ("cor_print", "t"): PRINTS, ("cor_print_shape", "t"): PRINTS, ("cor_print_module_with", "m"): PRINTS,
    ("cor_grad_mode_restore", "before"): IGNORED, ("cor_free_text", "text"): IGNORED,
    ("cor_module_new_with", "forward"): "a container has none",
    ("cor_register_module_at", "slot"): "no field follows", ("cor_register_module_at", "child"): "an empty entry",
    ("cor_register_parameter_at", "slot"): "no field follows", ("cor_register_buffer_at", "slot"): "no field follows",
    ("cor_register_forward_pre_hook_with", "context"): "the caller's own",
    ("cor_register_forward_hook_with", "context"): "the caller's own",
    ("cor_register_state_dict_pre_hook", "context"): "the caller's own",
    ("cor_register_state_dict_post_hook", "context"): "the caller's own",
    ("cor_register_load_state_dict_pre_hook", "context"): "the caller's own",
    ("cor_register_load_state_dict_post_hook", "context"): "the caller's own",
    ("cor_module_apply", "context"): "the caller's own",
    ("cor_register_hook", "context"): "the caller's own",
    ("cor_register_post_accumulate_grad_hook", "context"): "the caller's own",
    ("cor_register_full_backward_pre_hook_with", "context"): "the caller's own",
    ("cor_register_full_backward_hook_with", "context"): "the caller's own",
    ("cor_inference_mode_restore", "before"): IGNORED, ("cor_function_data", "ctx"): QUERY,
    ("cor_needs_input_grad", "ctx"): QUERY, ("cor_set_function_data", "data"): "the caller's own",
    ("cor_module_apply", "context"): "the caller's own", ("cor_step_closure", "context"): "the caller's own",
    ("cor_lambda_lr", "context"): "the caller's own", ("cor_multiplicative_lr", "context"): "the caller's own",
    ("cor_remove_hook", "m"): "the hooks of every module", ("cor_generator_initial_seed", "generator"): QUERY,
    ("cor_save_safetensors", "metadata"): "none",
    ("cor_dataset_new", "context"): "the caller's own", ("cor_dataset_new", "destroy"): "nothing is to be called",
    ("cor_next_batch", "images"): "not wanted", ("cor_next_batch", "labels"): "not wanted",
    ("cor_save_safetensors", "metadata"): "none", ("cor_nn_transformer_encoder_of", "norm"): "none",
    ("cor_nn_transformer_decoder_of", "norm"): "none",
    ("cor_dict_version", "d"): QUERY, ("cor_dict_version", "path"): QUERY,
}
for name in ("cor_retain cor_release cor_take cor_keep cor_module_retain cor_module_release cor_module_take "
             "cor_module_keep cor_dict_retain cor_dict_release cor_dict_take cor_dict_keep cor_generator_retain "
             "cor_generator_release cor_generator_take cor_optimizer_retain cor_optimizer_release cor_optimizer_take "
             "cor_optimizer_keep cor_scheduler_retain cor_scheduler_release cor_scheduler_take "
             "cor_scheduler_keep cor_checkpoint_retain cor_checkpoint_release cor_checkpoint_take "
             "cor_checkpoint_keep cor_summary_writer_retain cor_summary_writer_release cor_summary_writer_take "
             "cor_summary_writer_keep cor_dataset_retain cor_dataset_release cor_dataset_take "
             "cor_dataset_keep cor_loader_retain cor_loader_release cor_loader_take cor_loader_keep").split():
    ALLOWED[(name, "*")] = IGNORED
for name in ("cor_dim cor_size cor_sizes cor_stride cor_strides cor_numel cor_dtype_of cor_storage_offset "
             "cor_is_contiguous cor_shares_storage cor_version_of cor_data cor_data_const cor_requires_grad "
             "cor_is_leaf cor_is_inference cor_grad_fn cor_grad cor_retains_grad cor_module_arguments cor_module_name cor_is_training cor_dict_count "
             "cor_dict_name_at cor_dict_tensor_at cor_dict_module_at cor_dict_get cor_dict_contains cor_module_length "
             "cor_module_contains cor_param_groups cor_checkpoint_has cor_dataset_size cor_dataset_class_count "
             "cor_dataset_class_name cor_loader_length").split():
    ALLOWED[(name, "*")] = QUERY

# Calls that are not made, with the reason.
LEFT_OUT = {
    ("cor_register_forward_pre_hook_with", "m"): "NULL is every module: the hook would stay (test_nn_golden.c)",
    ("cor_register_forward_hook_with", "m"): "NULL is every module: the hook would stay (test_nn_golden.c)",
    ("cor_register_full_backward_pre_hook_with", "m"): "NULL is every module: the hook would stay (test_hooks.c)",
    ("cor_register_full_backward_hook_with", "m"): "NULL is every module: the hook would stay (test_hooks.c)",
    ("cor_register_parameter_registration_hook", "context"): "the hook would stay (test_hooks.c)",
    ("cor_register_buffer_registration_hook", "context"): "the hook would stay (test_hooks.c)",
    ("cor_register_module_registration_hook", "context"): "the hook would stay (test_hooks.c)",
}

# Where PyTorch's text for None stands for NULL.
TEXTS = {("cor_set_submodule_with", "child"): "NoneType"}


def stop(text):
    sys.exit(f"null_arguments.py: {text}")


def declarations(text):
    """The return type, name and parameters of every prototype; the _init functions of options are among them."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"^#(?:.*\\\n)*.*$", "", text, flags=re.M)
    for options in re.findall(r"COR_DECLARE_OPTIONS\((\w+),", text):
        yield "void", options + "_init", [(options + " *", "options")]
    for line in re.findall(r"\bCOR_API\b([^;{]*);", text):
        line = " ".join(line.split())
        if line.startswith("extern"):
            continue
        match = re.fullmatch(r"(.*?)(\w+)\((.*?)\)( COR_MUST_CHECK| COR_PRINTF\(.*\))?", line)
        if not match:
            stop(f"not a prototype: {line}")
        yield match[1].strip(), match[2], [parameter(p) for p in split(match[3])]


def split(parameters):
    """The parameters of a list, of which a function pointer has commas of its own."""
    depth, start, parts = 0, 0, []
    for at, letter in enumerate(parameters + ","):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(parameters[start:at].strip())
            start = at + 1
    return [part for part in parts if part not in ("", "void", "...")]


def parameter(text):
    match = re.match(r".*?\(\*(\w+)\)", text)
    if match:
        return match[1], match[1]  # a function pointer: its own name is its type
    match = re.fullmatch(r"(.*?)(\w+)", text)
    kind = re.sub(r"^const ", "", match[1].strip())
    return kind, match[2]


def is_options(kind):
    return kind.endswith("_options *")


def is_pointer(kind):
    if "*" in kind or kind in NULLS or kind in ("body", "release", "function", "destroy"):
        return True
    return re.fullmatch(r"cor_forward|cor_closure|cor_lr_lambda|cor_\w+_(hook|function)", kind) is not None


def is_allowed(function, kind, name):
    return function.endswith("_init") or is_options(kind) or (function, name) in ALLOWED or (function, "*") in ALLOWED


used = set()


def value(function, kind, name):
    if (function, name) in PARTICULAR:
        return PARTICULAR[function, name]
    if is_options(kind):
        return "NULL"
    used.add(kind)
    if kind not in VALUES:
        stop(f"{function}: no argument is known for {name} of type {kind}: add it to VALUES")
    return VALUES[kind]


def variants(function, parameters):
    """What to call a function with: a label, the arguments, and the text expected of the error, None for any."""
    pointers = [i for i, (kind, name) in enumerate(parameters) if is_pointer(kind)]
    if not pointers:
        return
    good = ["" if pointers == [i] else value(function, *p) for i, p in enumerate(parameters)]
    for i in pointers:
        kind, name = parameters[i]
        if (function, name) in LEFT_OUT:
            continue
        for null in NULLS.get(kind, ["NULL"]):
            text = None if is_allowed(function, kind, name) else TEXTS.get((function, name), "NULL")
            yield name, good[:i] + [null] + good[i + 1:], text
    if len(pointers) > 1:
        none = [NULLS.get(p[0], ["NULL"])[0] if i in pointers else good[i] for i, p in enumerate(parameters)]
        needed = any(not is_allowed(function, *parameters[i]) for i in pointers)
        yield "all", none, "NULL" if needed else None
    for i, (kind, name) in enumerate(parameters):
        if is_options(kind) and not function.endswith("_init"):
            other = f"&({kind[:-2]}){{.struct_size = sizeof({kind[:-2]}) + 8}}"
            yield "struct_size", good[:i] + [other] + good[i + 1:], "the options are"


def outcome(returned, call):
    if returned == "char *":
        return f"(outcome){{.kind = TEXT, .pointer = {call}}}"
    if "*" in returned:
        return f"(outcome){{.kind = POINTER, .pointer = {call}}}"
    if returned in ("int", "int64_t"):
        return f"(outcome){{.kind = CODE, .code = {call}}}"
    return f"((void){call}, (outcome){{.kind = OTHER}})"


def main():
    functions, called, known, table = 0, 0, set(), []
    with open(sys.argv[1], "w") as out:
        for header in sys.argv[2:]:
            for returned, function, parameters in declarations(pathlib.Path(header).read_text()):
                functions += 1
                called += any(is_pointer(kind) for kind, _ in parameters)
                known |= {(function, name) for _, name in parameters} | {(function, "*")}
                for label, arguments, text in variants(function, parameters):
                    body = outcome(returned, f"{function}({', '.join(arguments)})")
                    out.write(f"static outcome call_{len(table)}(void) {{ return {body}; }}\n")
                    expected = f'"{text}"' if text else "NULL"
                    table.append(f'    {{"{function}", "{label}", call_{len(table)}, {expected}}},\n')
        out.write("static const row rows[] = {\n" + "".join(table) + "};\n")
        out.write(f"enum {{ FUNCTIONS = {functions}, CALLED = {called} }};\n")
    if not any(header.endswith("/io.h") for header in sys.argv[2:]):
        used.update(IN_IO)
    for kind in sorted(VALUES.keys() - used):
        stop(f"no call needs a {kind}: take it off the list")
    for listed in (PARTICULAR, ALLOWED, LEFT_OUT, TEXTS):
        for function, name in listed:
            if (function, name) not in known and not function.startswith(FUNCTIONS_IN_IO):
                stop(f"{function} has no parameter {name}: take it off the list")


main()
