"""ONNX Runtime: an extra, for machines on which it is the faster one."""
