/** From here on a length is one that its writer did not know, as programs write it who cannot go back. */
const UNKNOWN_LENGTH = 0x7fff_0000;

const RIFF = 0x5249_4646; // "RIFF"
const WAVE = 0x5741_5645;
const DATA = 0x6461_7461;

/** Whether a WAV file says that it is longer than it is. */
export function isCutOff(file: Uint8Array): boolean {
  const view = viewOfWave(file);
  if (view === undefined) return false;
  const stated = view.getUint32(4, true);
  return stated < UNKNOWN_LENGTH && stated + 8 > file.length;
}

/**
 * A WAV file whose lengths are 0, because its writer could not go back to fill them in, as one that goes on to its
 * end. Any other file is returned as it is.
 */
export function withLengths(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = viewOfWave(file);
  if (view === undefined || view.getUint32(4, true) !== 0) return file;
  const filled = file.slice();
  const lengths = new DataView(filled.buffer);
  lengths.setUint32(4, 0xffff_ffff, true);
  for (let at = 12; at + 8 <= filled.length;) {
    const length = lengths.getUint32(at + 4, true);
    if (lengths.getUint32(at) === DATA && length === 0) {
      lengths.setUint32(at + 4, 0xffff_ffff, true);
      break;
    }
    at += 8 + length + length % 2;
  }
  return filled;
}

function viewOfWave(file: Uint8Array): DataView | undefined {
  if (file.length < 12) return undefined;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return view.getUint32(0) === RIFF && view.getUint32(8) === WAVE ? view : undefined;
}
