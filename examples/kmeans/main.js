// wasm-bindgen's glue loads the compiled module, and runs the app's start function, which mounts it.
import init from './pkg/kmeans.js';

await init();
