/// <reference lib="dom" />
// The page: joins microphone, loudspeaker and client, and shows what they say.
import { createVoiceClient, type VoiceClient, type VoiceState } from "@/web/client.ts";
import { showLatency } from "@/web/latency_chart.ts";
import { type Microphone, openMicrophone } from "@/web/microphone.ts";
import { byId } from "@/web/page_elements.ts";
import { createSpeaker } from "@/web/speaker.ts";
import { TranscriptList } from "@/web/transcript_list.ts";
import { bannerWords, microphoneProblem, type MicrophoneState, stateWord } from "@/web/words.ts";

/** Where the tab keeps its session and its key over a reload. */
const SESSION_KEY = "chatai.session";
const API_KEY = "chatai.key";

const { body } = document;
const page = {
  state: byId("state", HTMLParagraphElement),
  banner: byId("banner", HTMLDivElement),
  bannerText: byId("banner-text", HTMLParagraphElement),
  retry: byId("retry", HTMLButtonElement),
  transcript: byId("transcript", HTMLElement),
  welcome: byId("welcome", HTMLElement),
  problem: byId("problem", HTMLParagraphElement),
  keyForm: byId("key-form", HTMLFormElement),
  key: byId("key", HTMLInputElement),
  mute: byId("mute", HTMLButtonElement),
  talk: byId("talk", HTMLButtonElement),
  talkLabel: byId("talk-label", HTMLSpanElement),
  interrupt: byId("interrupt", HTMLButtonElement),
  meter: byId("meter", HTMLDivElement),
  say: byId("say", HTMLFormElement),
  text: byId("text", HTMLInputElement),
};
const chart = {
  figure: byId("latency", HTMLElement),
  total: byId("latency-total", HTMLElement),
  bar: byId("latency-bar", HTMLDivElement),
  stages: byId("latency-stages", HTMLDListElement),
};
const transcript = new TranscriptList(byId("lines", HTMLDivElement), page.transcript);
const speaker = createSpeaker();

let microphone: Microphone | undefined;
let opening = false;
let microphoneTrouble: string | undefined;
let client = newClient();

function newClient(): VoiceClient {
  const url = new URL("v1/realtime", document.baseURI);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const client = createVoiceClient({
    url: url.href,
    player: speaker,
    apiKey: sessionStorage.getItem(API_KEY) ?? undefined,
    sessionId: sessionStorage.getItem(SESSION_KEY) ?? undefined,
  });
  client.subscribe(show);
  return client;
}

function microphoneState(): MicrophoneState {
  if (microphone === undefined) return opening ? "opening" : "off";
  return microphone.muted ? "muted" : "on";
}

function show(state: VoiceState): void {
  const { connection, conversation, sessionId } = state;
  if (connection.status === "closed" && microphone !== undefined) {
    void closeMicrophone(); // nobody listens any more
    return;
  }
  if (sessionId !== undefined) sessionStorage.setItem(SESSION_KEY, sessionId);
  const mic = microphoneState();
  body.dataset.connection = connection.status;
  body.dataset.activity = conversation.activity;
  body.dataset.microphone = mic === "muted" ? "on" : mic;
  setText(page.state, stateWord(state, mic));

  const banner = bannerWords(connection);
  page.banner.hidden = banner === undefined;
  setText(page.bannerText, banner?.text ?? "");
  setText(page.retry, banner?.action ?? "");

  const problem = microphoneTrouble ?? conversation.problem;
  page.problem.hidden = problem === undefined;
  setText(page.problem, problem ?? "");
  page.keyForm.hidden = !(connection.status === "closed" && connection.reason === "unauthorised");

  page.welcome.hidden = conversation.items.some((item) => item.text !== "");
  transcript.show(conversation.items);
  showLatency(chart, conversation.metrics);

  setText(page.talkLabel, microphone ? "Stop talking" : "Start talking");
  page.mute.disabled = microphone === undefined;
  page.mute.setAttribute("aria-pressed", String(mic === "muted"));
  page.interrupt.disabled = !conversation.playing && conversation.responseId === undefined;
}

/** Live regions announce every write, also of the same text. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function refresh(): void {
  show(client.getState());
}

async function startTalking(): Promise<void> {
  if (opening) return;
  opening = true;
  microphoneTrouble = undefined;
  refresh();
  try {
    const [opened] = await Promise.all([
      openMicrophone({
        onAudio: (pcm) => client.sendAudio(pcm),
        onEnded: () => {
          microphoneTrouble = "The microphone went away.";
          void stopTalking();
        },
      }),
      speaker.start(),
    ]);
    microphone = opened;
    client.connect();
  } catch (error) {
    microphoneTrouble = microphoneProblem(error);
  } finally {
    opening = false;
    refresh();
  }
}

async function closeMicrophone(): Promise<void> {
  const closing = microphone;
  microphone = undefined;
  refresh();
  await closing?.close();
}

async function stopTalking(): Promise<void> {
  await closeMicrophone();
  await client.interrupt();
  client.close();
}

async function say(text: string): Promise<void> {
  await speaker.start();
  client.connect();
  await client.sendText(text);
}

/** The levels of microphone and loudspeaker, once a picture. */
function showLevels(): void {
  const heard = microphone?.level() ?? 0;
  const spoken = speaker.level();
  page.meter.style.setProperty("--level", heard.toFixed(3));
  page.meter.setAttribute("aria-valuenow", String(Math.round(heard * 100)));
  page.talk.style.setProperty("--level", Math.max(heard, spoken).toFixed(3));
  body.dataset.outputLevel = spoken.toFixed(3);
  requestAnimationFrame(showLevels);
}

page.talk.addEventListener("click", () => void (microphone ? stopTalking() : startTalking()));
page.mute.addEventListener("click", () => {
  if (microphone) microphone.muted = !microphone.muted;
  refresh();
});
page.interrupt.addEventListener("click", () => void client.interrupt());
page.retry.addEventListener("click", () => client.connect());
page.say.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = page.text.value.trim();
  if (text === "") return;
  page.text.value = "";
  void say(text);
});
page.welcome.addEventListener("click", ({ target }) => {
  if (target instanceof HTMLButtonElement) void say(target.textContent);
});
page.keyForm.addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(API_KEY, page.key.value.trim());
  page.key.value = "";
  client = newClient();
  client.connect();
});
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") void client.interrupt();
});
addEventListener("online", () => {
  if (client.getState().connection.status === "waiting") client.connect();
});

if (sessionStorage.getItem(SESSION_KEY) !== null) client.connect();
refresh();
showLevels();
