/** What a beta client is told where it has set none: its dialect has no other way to say so. No engine reads it. */
export const BETA_TEMPERATURE = 0.8;
