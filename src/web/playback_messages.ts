import type { Played } from "@/web/player.ts";

/** What the page tells the playback worklet. */
export type ToPlayback =
  | { readonly type: "play"; readonly itemId: string; readonly pcm: ArrayBuffer }
  | { readonly type: "clear" };

/** What the playback worklet tells the page. */
export type FromPlayback =
  | { readonly type: "position"; readonly played: Played | undefined }
  | { readonly type: "cleared"; readonly played: Played | undefined }
  | { readonly type: "drained" };
