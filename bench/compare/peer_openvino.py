"""OpenVINO: a model of one convolution with a constant weight, which it packs before; forward and float32 only."""
import numpy
import openvino
from openvino import opset13


class Peer:
    DIRECTIONS = ["fwd"]
    DTYPES = ["float32"]

    def __init__(self, threads):
        self.core = openvino.Core()
        # float32 also where the processor has narrower units; one stream, whose threads stay where this process is.
        self.config = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": "1", "PERFORMANCE_HINT": "LATENCY",
                       "INFERENCE_PRECISION_HINT": "f32", "ENABLE_CPU_PINNING": False}

    def facts(self):
        return {"version": openvino.__version__}

    def prepare(self, problem, direction, dtype):
        request = self.core.compile_model(_model(problem), "CPU", self.config).create_infer_request()
        x = numpy.random.default_rng(0).standard_normal(problem.input_shape).astype("float32")
        request.set_input_tensor(openvino.Tensor(x))
        request.infer()
        shape = list(request.get_output_tensor().shape)
        if shape != problem.output_shape:
            raise ValueError(f"the output is {shape}, not {problem.output_shape}")
        return {"packed weight": lambda: request.infer()}


def _model(problem):
    p = problem
    x = opset13.parameter(p.input_shape, numpy.float32, "x")
    weight = numpy.random.default_rng(1).standard_normal(p.weight_shape).astype("float32")
    if p.groups > 1:
        weight = weight.reshape([p.groups, weight.shape[0] // p.groups] + list(weight.shape[1:]))
    if p.transposed:
        call = opset13.group_convolution_backprop_data if p.groups > 1 else opset13.convolution_backprop_data
        y = call(x, opset13.constant(weight), strides=p.stride, pads_begin=p.padding, pads_end=p.padding,
                 dilations=p.dilation, output_padding=p.output_padding)
    else:
        call = opset13.group_convolution if p.groups > 1 else opset13.convolution
        y = call(x, opset13.constant(weight), p.stride, p.padding, p.far_padding, p.dilation)
    if p.bias:
        y = opset13.add(y, opset13.constant(numpy.ones([1, p.outputs] + [1] * p.spatial, dtype="float32")))
    return openvino.Model([y], [x], "convolution")
