"""A convolution problem, read from the text that `corrie bench conv --list` prints in full."""
import re


class Problem:
    """Lists have a number an axis; dilation counts from 1, as in PyTorch."""

    def __init__(self, text):
        self.text = text
        self.transposed = "--deconv" in text
        self.bias = "--bia-dt" in text
        fields = {key: int(value) for key, value in re.findall(r"([a-z]+)(\d+)", text.split()[-1])}
        if "id" in fields:
            axes = "dhw"
        elif "ih" in fields:
            axes = "hw"
        else:
            axes = "w"

        def numbers(letter, missing):
            first = fields.get(letter + axes[0], missing)
            return [fields.get(letter + axis, first) for axis in axes]

        self.spatial = len(axes)
        self.groups, self.batch = fields.get("g", 1), fields["mb"]
        self.channels, self.outputs = fields["ic"], fields["oc"]
        self.input, self.output, self.kernel = numbers("i", None), numbers("o", None), numbers("k", None)
        self.stride, self.padding = numbers("s", 1), numbers("p", 0)
        self.dilation = [n + 1 for n in numbers("d", 0)]

    @property
    def input_shape(self):
        return [self.batch, self.channels] + self.input

    @property
    def output_shape(self):
        return [self.batch, self.outputs] + self.output

    @property
    def weight_shape(self):
        if self.transposed:
            return [self.channels, self.outputs // self.groups] + self.kernel
        return [self.outputs, self.channels // self.groups] + self.kernel

    def _axes(self):
        extents = [(k - 1) * d + 1 for k, d in zip(self.kernel, self.dilation)]
        return zip(self.input, self.output, extents, self.stride, self.padding)

    @property
    def output_padding(self):
        """Of a transposed convolution."""
        return [o - ((i - 1) * s - 2 * p + e) for i, o, e, s, p in self._axes()]

    @property
    def far_padding(self):
        """Of a convolution, on the far side: that of the near side where it gives the output's size."""
        return [p if (i + 2 * p - e) // s + 1 == o else (o - 1) * s + e - i - p for i, o, e, s, p in self._axes()]
