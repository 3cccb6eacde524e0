import type { EndingRule } from "@/conversation/completeness.ts";

const QUESTION = "(?:what|who|whom|whose|which|where|when|why|how)(?:'s|'re|'d|'ll)?";
const AUXILIARY = "am|is|are|was|were|will|would|can|could|should|must|may|might|shall|has|had";
/** "When I was young", but not "When is lunch". */
const WHEN_CLAUSE = `when (?!(?:${AUXILIARY}|do|does|did)\\b)`;

const NUMBER = "(?:\\d+|zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)";

/** Short answers that recognisers without punctuation leave bare. */
const ANSWER =
  "yes|yeah|yep|yup|no|nope|nah|ok|okay|sure|right|correct|exactly|thanks|hello|hi|hey|" +
  "goodbye|bye|stop|cancel|never mind|thank you(?: very much)?|yes please|no thanks?(?: you)?|" +
  "good (?:morning|afternoon|evening|night)";

function rule(pattern: string, verdict: EndingRule[1]): EndingRule {
  return [new RegExp(pattern), verdict];
}

/** A word or phrase at the end, whatever mark follows. */
function end(words: string, verdict: EndingRule[1]): EndingRule {
  return rule(`\\b(?:${words})\\??$`, verdict);
}

/** What the last words of an English sentence tell. Exceptions stand before what they are exceptions of. */
export const ENGLISH_ENDINGS: readonly EndingRule[] = [
  // Searching for words.
  end("u+[hm]+|erm*|hm+|mm+", "unfinished"),
  end("you know|i mean", "unfinished"),
  rule("^(?:oh |and |but |so )?well$", "unfinished"),

  // A whole answer.
  rule(`^(?:${ANSWER})\\??$`, "finished"),
  rule(`^(?:yes|yeah|no|nope|of course)( \\w+){1,2} (?:${AUXILIARY}|do|does|did|have)$`, "marked"),
  rule("^(?:kind|sort) of$", "unsure"),
  end("(?:think|hope|guess|suppose|say|said|do|did|believe|really|even) so", "marked"),
  rule("^(?:why|of course|maybe|probably|i hope|i guess|certainly|absolutely) not\\??$", "marked"),
  end("a while|once in a while", "marked"),

  // A request that has only begun.
  rule(
    "^(?:(?:so|and|but|okay|hey) )?(?:can|could|would|will|do|did|does|are|is|was|have|should|may|shall)" +
      " (?:you|i|we|it|he|she|they|there)(?: please)?$",
    "unfinished",
  ),
  rule("^(?:can|could|would|will|do|did|does|are|is|have|should|may) \\w+\\?$", "unsure"),
  rule(`^(?:(?:so|and|but) )?${QUESTION}(?: (?:${AUXILIARY}|do|does|did|about))$`, "unfinished"),
  end("(?:let|give|get|bring|send) me|let's|please tell|i think|i wonder|i guess", "unfinished"),
  end("(?:tell|show|remind|teach) me", "unsure"),

  // Questions that end in a preposition, an auxiliary or a pronoun by right.
  rule(
    `^${QUESTION}\\b.*\\b(?:\\w+ing|you|he|she|they|it|that|this|made|wait)` +
      " (?:for|to|with|from|about|of|on|by|at)\\?$",
    "marked",
  ),
  rule(`^${QUESTION}\\b.*\\b(?:like|want|need|do|did|have|be|he|she|we|they)\\?$`, "marked"),
  rule(
    `^${QUESTION}\\b.*\\b(?:what|who|whom|which|where|to|for|with|from|about|at|by)\\??$`,
    "unsure",
  ),
  rule(`^${QUESTION}\\b.*\\b(?:like|want|need|do|did|have|be|he|she|we|they)$`, "unsure"),
  rule(`\\b${QUESTION} (?:\\w+ ){1,3}(?:is|are|was|were|am|can|do|did|does|will)$`, "unsure"),
  rule(
    "\\b(?:is|are|was|were|does|do|did|has|have|can|will) (?:\\w+ )*(?:he|she|we|they)\\?$",
    "marked",
  ),
  rule("^what (?:\\w+ )+(?:want|need)$", "marked"),

  // "I don't want to" may be all; "I would like to" is not.
  end(
    "(?:\\w+n't|not|if you|as you|whatever you) (?:\\w+ )?(?:want|have|need|like|wish|going) to",
    "unsure",
  ),
  end("\\w+n't", "unsure"),
  end("(?:'m|am|is|are|was|it's|that's) not", "unsure"),

  // Words that need another one after them.
  end("an?|the|my|your|our|their|its|every|another|whose|which", "unfinished"),
  end("mr|mrs|ms|dr|professor", "unfinished"),
  end(
    "and|or|but|because|if|whether|than|nor|unless|although|until|so|like|as|plus|minus",
    "unfinished",
  ),
  end(
    "of|to|for|with|from|at|by|into|onto|about|between|during|towards?|against|via|per|without",
    "unfinished",
  ),
  end(`${AUXILIARY}|have|be|been|being|gonna|wanna|gotta|want|wants|need|needs`, "unfinished"),
  end("\\w+'(?:m|d|ll|ve|re)|(?:it|that|what|who|where|there|he|she|here|how)'s", "unfinished"),
  end("i|we|they|he|she", "unfinished"),
  end("(?:problem|thing|point|question|fact|idea|trouble) is that", "unfinished"),
  end("very|quite|just|such|really really", "unfinished"),
  end(`${NUMBER} point`, "unfinished"),

  // Words that may need one.
  rule(
    "\\b(?:turn|switch|shut|put|take|pick|log|sign|come|go|get|hang|hold|wake|carry|slow|sit|stand|move)\\b" +
      ".*\\b(?:on|in|off|up|out|down|over|around)\\??$",
    "marked",
  ),
  end("\\w+ing (?:on|up|off|out|in|down|over)", "marked"),
  end("on|in|off|up|out|down|over|around|through|under|across|since|while", "unsure"),
  end("do|does|did|not|some|any|each|only|also|even|these|those|please please", "unsure"),
  rule("\\w (?:what|who|where|when|how|why)$", "unsure"),
  rule("^please$", "unsure"),

  // Numbers as one dictates them, digit by digit or by groups.
  rule(`(?:\\b${NUMBER} ){9,}${NUMBER}$`, "marked"),
  rule("\\b(?:number|code|pin|phone)\\b.*(?:\\d ?){10,}$", "marked"),
  rule(`(?:\\b${NUMBER} ){3,}${NUMBER}$`, "unsure"),
  rule(`(?:\\b${NUMBER} ){2}${NUMBER}$`, "unfinished"),
  rule(`\\b(?:number|code|pin|phone)\\b.*\\b${NUMBER}$`, "unsure"),

  // A question is one without its mark, too.
  rule(
    `^(?!${WHEN_CLAUSE})(?:${QUESTION}|can|could|would|will|do|does|did|are|is|was|have|has)(?: [\\w']+){2,}$`,
    "finished",
  ),
];

/** A condition without what follows from it. In lower case, with its marks. */
export const ENGLISH_CONDITION = new RegExp(
  `^(?:(?:so|and|but) )?(?:if|although|unless|while|${WHEN_CLAUSE})\\b[^,?]{0,40}$`,
);
