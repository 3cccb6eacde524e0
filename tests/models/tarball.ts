/** Packs files as an npm package: a gzipped tar archive with everything below `package/`. */
export async function packTarball(
  files: Readonly<Record<string, string>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const content = new TextEncoder().encode(text);
    const padding = new Uint8Array((512 - content.length % 512) % 512);
    return [header(`package/${name}`, content.length), content, padding];
  });
  const archive = new Blob([...blocks, new Uint8Array(1024)]).stream();
  return new Uint8Array(
    await new Response(archive.pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
  );
}

/** A header of the POSIX ustar format: fields at fixed places, numbers in octal. */
function header(name: string, size: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(512);
  const write = (offset: number, text: string) => block.set(new TextEncoder().encode(text), offset);
  write(0, name);
  write(100, "0000644\0");
  write(124, `${size.toString(8).padStart(11, "0")}\0`);
  write(136, "00000000000\0");
  write(148, " ".repeat(8)); // the checksum counts itself as spaces
  write(156, "0");
  write(257, "ustar\x0000");
  const sum = block.reduce((total, byte) => total + byte, 0);
  write(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}
