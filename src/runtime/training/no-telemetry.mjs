/**
 * To be imported before onnxruntime-node. From 1.29 on its builds for Linux and macOS report to Microsoft how they are used,
 * names of graphs and a number of the machine among it, from the moment that the library is loaded. Whoever trains on
 * radiographs of a hospital has not agreed to that by installing a compiler: nothing is reported unless the variable is set
 * to something else.
 */
process.env.ORT_DISABLE_TELEMETRY ??= '1';
