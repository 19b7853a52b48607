/* corrie/vision.h: the well-known sets of pictures. In libcorrie-io, which needs libpng, libjpeg and zlib.
 *
 * Every function returns a dataset (corrie/data.h) whose samples are a uint8 picture of (C, H, W) and an int64 label of
 * no dimensions. The files are read as they are distributed, but for folders of pictures into memory at once. A file
 * that is missing is COR_EIO, one with other contents than its format says COR_EFORMAT, with the file's name, what was
 * expected and what was found; then NULL is returned.
 */
#ifndef CORRIE_VISION_H
#define CORRIE_VISION_H

#include <corrie/data.h>

COR_BEGIN

/* Returns the array of an IDX file, the format of MNIST, as a tensor: uint8, int8, int16, int32, float32 or float64.
 * The file may be compressed with gzip. */
COR_API cor_tensor *cor_load_idx(const char *path);

/* Returns MNIST or Fashion-MNIST, (1, 28, 28) of 10 classes: train-images-idx3-ubyte and train-labels-idx1-ubyte of the
 * folder, or t10k-... when not train; each may end in .gz. */
COR_API cor_dataset *cor_mnist_dataset(const char *folder, bool train);

/* Returns "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository (data/digits of the sources):
 * pictures of (1, 8, 8) with values from 0 to 16, of 10 classes, "zero" to "nine". The first 1,437 of the 1,797 are for
 * training, the last 360 for testing. */
COR_API cor_dataset *cor_digits_dataset(const char *folder, bool train);

/* Returns CIFAR-10, (3, 32, 32) of 10 classes, "airplane" to "truck", from the binary version: data_batch_1.bin to
 * data_batch_5.bin of the folder, or test_batch.bin when not train. */
COR_API cor_dataset *cor_cifar10_dataset(const char *folder, bool train);

/* Returns CIFAR-100 with its 100 fine labels, from train.bin or test.bin of the folder. */
COR_API cor_dataset *cor_cifar100_dataset(const char *folder, bool train);

/* Returns the pictures of a folder of folders (ImageFolder): each folder is a class, in the order of their names, which
 * cor_dataset_class_name tells; its files ending in .png, .jpg or .jpeg, also those in folders below it, are its
 * samples, in the order of their names. Each is read when it is asked for, as three channels: grey is repeated,
 * transparency dropped. COR_EVALUE if there is no folder, or one without pictures. */
COR_API cor_dataset *cor_image_folder(const char *folder);

COR_END
#endif
