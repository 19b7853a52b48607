"""ONNX Runtime: a graph of one convolution with a constant weight, which it packs before; forward only."""
import numpy
import onnx
import onnxruntime


class Peer:
    DIRECTIONS = ["fwd"]
    DTYPES = ["float32", "float16"]

    def __init__(self, threads):
        self.options = onnxruntime.SessionOptions()
        self.options.intra_op_num_threads = threads
        self.options.inter_op_num_threads = 1
        self.options.log_severity_level = 3

    def facts(self):
        return {"version": onnxruntime.__version__}

    def prepare(self, problem, direction, dtype):
        x = _numbers(problem.input_shape, dtype)
        session = onnxruntime.InferenceSession(_model(problem, dtype), self.options, ["CPUExecutionProvider"])
        binding = session.io_binding()
        value = onnxruntime.OrtValue.ortvalue_from_numpy(x)
        result = onnxruntime.OrtValue.ortvalue_from_shape_and_type(problem.output_shape, x.dtype, "cpu")
        binding.bind_ortvalue_input("x", value)
        binding.bind_ortvalue_output("y", result)
        session.run_with_iobinding(binding)  # raises where the output has another shape
        return {"packed weight": lambda: session.run_with_iobinding(binding)}


def _numbers(shape, dtype):
    generator = numpy.random.default_rng(0)
    if dtype.startswith("float"):
        return generator.standard_normal(shape).astype(dtype)
    return generator.integers(0, 5, shape).astype(dtype)


def _model(problem, dtype):
    p, helper = problem, onnx.helper
    element = helper.np_dtype_to_tensor_dtype(numpy.dtype(dtype))
    constants = [onnx.numpy_helper.from_array(_numbers(p.weight_shape, dtype), "w")]
    if p.bias:
        constants.append(onnx.numpy_helper.from_array(_numbers([p.outputs], dtype), "b"))
    attributes = {"kernel_shape": p.kernel, "strides": p.stride, "dilations": p.dilation, "group": p.groups}
    if p.transposed:
        attributes.update(pads=p.padding * 2, output_padding=p.output_padding)
    else:
        attributes.update(pads=p.padding + p.far_padding)
    node = helper.make_node("ConvTranspose" if p.transposed else "Conv", ["x"] + [c.name for c in constants], ["y"],
                            **attributes)
    graph = helper.make_graph([node], "convolution", [helper.make_tensor_value_info("x", element, p.input_shape)],
                              [helper.make_tensor_value_info("y", element, p.output_shape)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()
