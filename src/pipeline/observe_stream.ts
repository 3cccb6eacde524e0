/**
 * Passes every part on unchanged after showing it to a function, which must be quick. What the function throws
 * errors the stream.
 */
export class ObserveStream<T> extends TransformStream<T, T> {
  /** Shows each part to `observe`. */
  constructor(observe: (part: T) => void) {
    super({
      transform(part, controller) {
        observe(part);
        controller.enqueue(part);
      },
    });
  }
}
