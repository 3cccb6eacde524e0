/** One step of a transcription. `run` names it; what it has heard and said so far stays with the model. */
export type DecodingJob =
  /** Hears the whole segment: 16 kHz mono. Begins the run. */
  | {
    readonly kind: "encode";
    readonly run: number;
    readonly samples: Float32Array<ArrayBuffer>;
    /** BCP 47 tag of what is spoken, for models that know more than one. */
    readonly language: string | undefined;
  }
  /** Makes the text longer by so many tokens, or complete. */
  | { readonly kind: "decode"; readonly run: number; readonly tokens: number }
  /** Forgets the run. */
  | { readonly kind: "free"; readonly run: number };

/** What a step came to. */
export type DecodingAnswer =
  | { readonly kind: "done" }
  /** All of the likeliest text so far; a later answer may begin otherwise. `ended`: it is complete. */
  | { readonly kind: "tokens"; readonly tokens: readonly number[]; readonly ended: boolean }
  /** The model does not know the run: its Worker was replaced since the run began. */
  | { readonly kind: "lost" };

/** The files of a model that hears with one and writes with another. */
export interface EncoderDecoder {
  /** The ONNX file of the encoder. */
  readonly encoder: string;
  /** The ONNX file of the merged decoder. */
  readonly decoder: string;
}
