/** What the scripted brain says, apart from how it finds out what to say. `{name}` is ", " and the user's name, or "". */
export const SCRIPT = {
  greeting: "Hello{name}! How can I help you?",
  howAreYou: "I am well, thank you. How are you?",
  niceToMeet: "Nice to meet you, {who}.",
  yourName: "Your name is {who}.",
  noName: "You have not told me your name yet.",
  identity:
    "I am a scripted stand-in. I am not a language model: I follow a small script, and I know only what is in it. Set OPENAI_API_KEY or OPENAI_BASE_URL on the server to turn on a real model.",
  help:
    "I can do a few things. I tell the time and the date, also in other cities. I count as far as you like. I do simple sums, tell a short story, remember your name, and repeat what you say. Just interrupt me when you have heard enough.",
  thanks: "You are welcome{name}.",
  goodbye: "Goodbye{name}! It was nice talking to you.",
  stopped: "Okay.",
  saidNothing: "You have not said anything before that.",
  youSaid: "You said: {text}",
  nothingToRepeat: "I have not said anything yet.",
  done: "It is done.",
  stillThere: "Are you still there?",
} as const;

/** Told one after the other. Each begins with a short sentence, so that speech starts soon. */
export const STORIES: readonly string[] = [
  "Here is one. A lighthouse keeper was afraid of the dark. Every night she lit the great lamp, and every night she thought: so long as it burns, nobody out there needs to be afraid either. One night the lamp broke. She took a candle, climbed to the top, and held it in the window until morning. A single boat came home by it. In it sat her brother, who had been afraid of the dark too.",
  "Listen to this. An old clockmaker had a clock that was always five minutes late. People laughed, but he never mended it. When he was asked why, he said: it is the only one that waits for me. On the day he died the clock stopped for five minutes. Then it went on, and from that day it was right.",
  "Once there was a fox. It found a mirror in the snow and thought another fox lived behind it. Each day it brought that fox a berry, and each day the other one brought a berry too. They never took each other's gift. When spring came the mirror sank into the mud, and where it had lain there grew a bush full of berries.",
  "This one is short. A girl planted a button in her garden, because her grandmother had told her that everything grows if you look after it. She watered it all summer. Nothing came up. In autumn her grandmother hung a new coat at the door, with one button missing, and said: look, it grew.",
];

/** What a word becomes when it is said back. */
export const REFLECTIONS: Readonly<Record<string, string>> = {
  "i": "you",
  "me": "you",
  "my": "your",
  "mine": "yours",
  "myself": "yourself",
  "am": "are",
  "you": "I",
  "your": "my",
  "yours": "mine",
  "yourself": "myself",
  "was": "were",
  "i'd": "you would",
  "i'll": "you will",
  "i've": "you have",
};

/** Replies to what no skill knows, after Weizenbaum's ELIZA (1966). `{1}` is what the pattern caught, said back. */
export const ELIZA: readonly { readonly heard: RegExp; readonly replies: readonly string[] }[] = [
  {
    heard: /\bi (?:need|want|would like|wish for) (.+)/,
    replies: ["Why do you want {1}?", "What would it mean to you to get {1}?"],
  },
  {
    heard: /\bi (?:feel|am feeling) (.+)/,
    replies: ["How long have you felt {1}?", "What makes you feel {1}?"],
  },
  { heard: /\bi am (.+)/, replies: ["How long have you been {1}?", "Why are you {1}?"] },
  {
    heard: /\bi (?:like|love|enjoy) (.+)/,
    replies: ["That is nice. What do you like about {1}?", "Tell me more about {1}."],
  },
  {
    heard: /\bi (?:hate|do not like|don't like) (.+)/,
    replies: ["I see. What bothers you about {1}?", "Has it always been so with {1}?"],
  },
  {
    heard: /\bi (?:think|believe|guess) (?:that )?(.+)/,
    replies: ["What makes you think {1}?", "Are you sure that {1}?"],
  },
  {
    heard: /\bi (?:can't|cannot|can not) (.+)/,
    replies: ["What keeps you from it?", "What if you could {1}?"],
  },
  {
    heard: /\bbecause (.+)/,
    replies: ["Is that the only reason?", "I see. Does that explain all of it?"],
  },
  {
    heard: /\byou are (.+)/,
    replies: ["What makes you say that I am {1}?", "Perhaps I am {1}. Does that matter?"],
  },
  {
    heard: /\bmy (mother|father|sister|brother|son|daughter|wife|husband|friend|dog|cat|boss)\b/,
    replies: ["Tell me more about your {1}.", "How do you get on with your {1}?"],
  },
  {
    heard: /^(?:are|do|did|can|could|will|would|have|should) you (.+)/,
    replies: [
      "I am only a script, so I cannot say. Why do you ask?",
      "I do not think so. What about you?",
    ],
  },
  {
    heard: /^(?:what|who|where|when|why|how|which|is|are|does|did|can|could|should)\b/,
    replies: [
      "I do not know that. I am only a small script.",
      "Good question. My script has no answer to it.",
    ],
  },
  {
    heard: /^(?:yes|yeah|yep|sure|okay|ok|right)\b/,
    replies: ["I see. Go on.", "Good. Tell me more."],
  },
  { heard: /^(?:no|nope|not really)\b/, replies: ["Why not?", "I see. What then?"] },
  {
    heard: /^/,
    replies: [
      "Tell me more about that.",
      "I see. What does that mean to you?",
      "Go on, please.",
      "That is interesting. Why do you say so?",
    ],
  },
];
