/** What we use of a module that Emscripten made. */
export interface EmscriptenModule {
  /** The module's memory; a new view each time the memory has grown, so never keep it. */
  readonly HEAPF32: Float32Array<ArrayBuffer>;
  /** {@inheritDoc EmscriptenModule.HEAPF32} */
  readonly HEAPU32: Uint32Array<ArrayBuffer>;
  /** The address of so much memory, 0 where there is none. */
  _malloc(bytes: number): number;
  /** Gives memory back. */
  _free(address: number): void;
}

/**
 * The bytes of a wasm file that lies beside the entry file of an npm package. An import, not a read: it needs no
 * permission and no entry in the package's `exports`. The entry must be imported too, or it does not resolve.
 *
 * @param entry what `import.meta.resolve` says of the package
 */
export async function wasmBeside(entry: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await import(new URL(name, entry).href, { with: { type: "bytes" } });
  return file.default;
}
