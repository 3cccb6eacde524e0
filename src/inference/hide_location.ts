// onnxruntime-web resolves URLs against `location.origin`, which is "null" in a Worker, and throws. Without a
// `location` it takes the module's own URL. Must be imported before it.
Object.defineProperty(globalThis, "location", { value: undefined, configurable: true });
