/** Texts that are followed at most, at a time. */
const WIDTH = 3;

/** A text this much less likely than the likeliest is given up: e⁻¹·⁵, or less than a quarter as likely. */
const MARGIN = 1.5;

/** Texts of one length that end in as many equal tokens go on alike: only the likelier is followed. */
const ALIKE_TOKENS = 2;

/** A text that a decoder may be writing. */
export interface Hypothesis<State> {
  /** Its tokens so far, without the one that ends it. */
  readonly tokens: readonly number[];
  /** Natural logarithm of its probability. */
  readonly logProbability: number;
  /** Whether it is complete. */
  readonly ended: boolean;
  /** What the decoder remembers. */
  readonly state: State;
}

/** What a decoder thinks of the next token of a text. */
export interface Outlook<State> {
  /** One per token: the logarithm of its probability, give or take one constant for all. */
  readonly logits: Float32Array;
  /** What the decoder remembers now. */
  readonly state: State;
}

/** How to go on. */
export interface AdvanceOptions<State> {
  /** Looks at what may follow an unfinished hypothesis. */
  readonly decode: (hypothesis: Hypothesis<State>) => Promise<Outlook<State>>;
  /** The token that ends a text. */
  readonly endToken: number;
}

/** The beam before the first token. */
export function startBeam<State>(state: State): readonly Hypothesis<State>[] {
  return [{ tokens: [], logProbability: 0, ended: false, state }];
}

/**
 * Writes one more token of each text that is still likely, and returns those that remain so, likeliest first. The
 * text is complete when the first one has ended: what goes on only grows less likely.
 *
 * A small model's likeliest next token is often a near tie, which a few ms of the audio decide, and a wrong one
 * drags a whole phrase with it ("alongside the world", "on one side the world"). So both are followed for as long
 * as it is a tie. Where the model is sure there is but one text, and the work is no more than without a beam; a
 * doubt about a comma is over two tokens behind it.
 *
 * The numbers are from `shared/speech`, cut at 8 alignments to the frames. At 8 others 5.0 % of the words were wrong
 * (3.8 to 6.3 %), where the likeliest token alone had 8.1 % (5.8 to 8.8 %; `pieces.ts` has its part in that). A wider
 * margin changed nothing; a narrower one, or a width of 2, missed more.
 */
export async function advanceBeam<State>(
  beam: readonly Hypothesis<State>[],
  { decode, endToken }: AdvanceOptions<State>,
): Promise<readonly Hypothesis<State>[]> {
  const candidates: Hypothesis<State>[] = [];
  for (const hypothesis of beam) {
    if (hypothesis.ended) {
      candidates.push(hypothesis);
      continue;
    }
    const { logits, state } = await decode(hypothesis);
    const total = logOfSum(logits);
    for (const token of greatest(logits)) {
      const ended = token === endToken;
      candidates.push({
        tokens: ended ? hypothesis.tokens : [...hypothesis.tokens, token],
        logProbability: hypothesis.logProbability + logits[token]! - total,
        ended,
        state,
      });
    }
  }
  candidates.sort((a, b) => b.logProbability - a.logProbability);
  const least = candidates[0]!.logProbability - MARGIN;
  return withoutAlike(candidates).slice(0, WIDTH)
    .filter(({ logProbability }) => logProbability >= least);
}

/** Leaves out each text that goes on like one before it. */
function withoutAlike<State>(hypotheses: readonly Hypothesis<State>[]): Hypothesis<State>[] {
  const ends = new Set<string>();
  return hypotheses.filter(({ tokens, ended }) => {
    if (ended || tokens.length < ALIKE_TOKENS) return true;
    const end = tokens.slice(-ALIKE_TOKENS).join();
    const first = !ends.has(end);
    ends.add(end);
    return first;
  });
}

/** The tokens that may make it into the beam, likeliest first. */
function greatest(logits: Float32Array): number[] {
  const best: number[] = [];
  for (let token = 0; token < logits.length; token++) {
    if (best.length === WIDTH && logits[token]! <= logits[best.at(-1)!]!) continue;
    const rank = best.findIndex((other) => logits[token]! > logits[other]!);
    best.splice(rank === -1 ? best.length : rank, 0, token);
    best.length = Math.min(best.length, WIDTH);
  }
  return best;
}

/** Logarithm of the sum of the exponentials, which turns logits into log-probabilities. */
function logOfSum(logits: Float32Array): number {
  let most = -Infinity;
  for (const logit of logits) if (logit > most) most = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  return most + Math.log(sum);
}
