/**
 * Bytes that are no recording, or not one that can be read. The message says which, for whoever sent them: it
 * begins a sentence that follows "Cannot read the recording: ".
 */
export class UnreadableAudio extends Error {
  override readonly name = "UnreadableAudio";
}
