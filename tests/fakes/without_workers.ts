// A host without Workers: preloaded before the program of a test.
Reflect.deleteProperty(globalThis, "Worker");
