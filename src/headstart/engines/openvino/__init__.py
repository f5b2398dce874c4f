"""The default engine: OpenVINO on the graph that Keras's OpenVINO backend exports."""
