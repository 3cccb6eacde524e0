import { escapeXml } from "@/engines/tts/xml_text.ts";

/** How to say a text. */
export interface SsmlOptions {
  /** Name of a voice. */
  readonly voice: string;
  /** Its locale, e.g. `"en-US"`. */
  readonly locale: string;
  /** 1 is natural. */
  readonly speed: number;
  /** A change such as `"+10Hz"` or `"-5%"`. */
  readonly pitch: string;
  /** A change such as `"+10%"`. */
  readonly volume: string;
}

/** The speeds that the service takes. */
const SPEEDS = { min: 0.5, max: 2 };

/** The request for a text, in the one form of SSML that the service answers: one voice and one prosody. */
export function toSsml(
  text: string,
  { voice, locale, speed, pitch, volume }: SsmlOptions,
): string {
  const percent = Math.round((Math.min(SPEEDS.max, Math.max(SPEEDS.min, speed)) - 1) * 100);
  const rate = `${percent < 0 ? "" : "+"}${percent}%`;
  return `<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="${locale}">` +
    `<voice name="${
      escapeXml(voice)
    }"><prosody pitch="${pitch}" rate="${rate}" volume="${volume}">` +
    `${escapeXml(text)}</prosody></voice></speak>`;
}
