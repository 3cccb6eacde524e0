import { hearClips, isScored, readClips, scoreWords, SPEECH_DIR } from "../e2e/recordings.ts";
import { figure, type Measurement } from "./report.ts";
import { realServer } from "./servers.ts";

/** How well the embedded engines understand people, through the socket. */
export const wordErrors: Measurement = {
  method:
    "The scored English clips of the recordings are sent to a server with the embedded engines, each in a " +
    "session of its own with server_vad, as fast as it takes them. All errors over all words, numbers in words.",
  async run({ quick, log }) {
    const scored = readClips().filter(isScored);
    const clips = quick ? scored.slice(0, 4) : scored;
    if (clips.length === 0) {
      log(`There are no recordings in ${SPEECH_DIR}: not measured`);
      return [];
    }
    await using server = await realServer();
    const { words, errors, wrong } = scoreWords(await hearClips(server.realtime(), clips));
    for (const line of wrong) log(line);
    return [
      figure(
        `word error rate over ${clips.length} recordings, ${words} words`,
        100 * errors / words,
        {
          unit: "%",
          runs: clips.length,
          bar: { kind: "max", value: 7 },
        },
      ),
    ];
  },
};
