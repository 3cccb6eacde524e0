/** What the address of a server says, taken apart. */
export interface CoquiAddress {
  /** Protocol, host and port, for logs. */
  readonly origin: string;
  /** What its paths go behind, without user and password: an error of `fetch` repeats it. */
  readonly base: string;
  /** Fields that go with every text. */
  readonly fields: URLSearchParams;
  /** User and password, if there are any, as a proxy before the server asks for them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Takes the address of a server apart. */
export function readAddress(url: string): CoquiAddress {
  const { origin, pathname, searchParams, username, password } = new URL(url);
  const login = `${decode(username)}:${decode(password)}`;
  return {
    origin,
    base: origin + pathname.replace(/\/$/, ""),
    fields: searchParams,
    headers: login === ":" ? {} : {
      authorization: `Basic ${new TextEncoder().encode(login).toBase64()}`,
    },
  };
}

/** Without escapes; what is none, such as a lone `%`, stays. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
