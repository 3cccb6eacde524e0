/** A microphone in real time: 20 ms of 16-bit PCM every 20 ms, silence where nothing is spoken. */
export interface TestMicrophone extends Disposable {
  /** Opens it. It is closed when it is disposed of. */
  open(): void;
  /** Speaks into it; resolves with the time at which the last byte was sent. */
  speak(pcm: Uint8Array): Promise<number>;
}

const CHUNK_MS = 20;

/**
 * Makes one that is closed.
 *
 * @param rate Of what it hears, in Hz.
 * @param send Takes it.
 */
export function createMicrophone(
  rate: number,
  send: (pcm: Uint8Array<ArrayBuffer>) => void,
): TestMicrophone {
  const chunkBytes = rate * CHUNK_MS / 1000 * 2;
  const queue: { chunk: Uint8Array<ArrayBuffer>; sent?: (at: number) => void }[] = [];
  const silence = new Uint8Array(chunkBytes);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  return {
    /** Keeps to an absolute clock, so that a late timer is made up for. */
    open() {
      const start = performance.now();
      let chunks = 0;
      function tick(): void {
        while (start + chunks * CHUNK_MS <= performance.now()) {
          if (closed) return;
          const { chunk, sent } = queue.shift() ?? { chunk: silence };
          send(chunk);
          sent?.(performance.now());
          chunks++;
        }
        timer = setTimeout(tick, Math.max(0, start + chunks * CHUNK_MS - performance.now()));
      }
      tick();
    },
    speak(pcm) {
      const { promise, resolve } = Promise.withResolvers<number>();
      for (let start = 0; start < pcm.length; start += chunkBytes) {
        const chunk = pcm.slice(start, start + chunkBytes);
        queue.push(start + chunkBytes < pcm.length ? { chunk } : { chunk, sent: resolve });
      }
      return promise;
    },
    [Symbol.dispose]() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
