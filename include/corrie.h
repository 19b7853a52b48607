/* corrie.h: all of Corrie. */
#ifndef CORRIE_H
#define CORRIE_H

#include <corrie/activation.h>
#include <corrie/attention.h>
#include <corrie/autograd.h>
#include <corrie/base.h>
#include <corrie/conv.h>
#include <corrie/conv_grad.h>
#include <corrie/creation.h>
#include <corrie/data.h>
#include <corrie/dtype.h>
#include <corrie/fused.h>
#include <corrie/index.h>
#include <corrie/init.h>
#include <corrie/loss.h>
#include <corrie/math.h>
#include <corrie/matmul.h>
#include <corrie/models.h>
#include <corrie/module.h>
#include <corrie/nn.h>
#include <corrie/norm.h>
#include <corrie/optim.h>
#include <corrie/options.h>
#include <corrie/random.h>
#include <corrie/reduce.h>
#include <corrie/scheduler.h>
#include <corrie/softmax.h>
#include <corrie/tensor.h>
#include <corrie/transforms.h>

#endif
