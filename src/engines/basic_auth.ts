/**
 * The headers that show a server the user and password of its address, if there are any, as a proxy before it asks
 * for them. The address itself is better asked without: an error of `fetch` repeats it, and errors are logged.
 */
export function basicAuth(url: string): Readonly<Record<string, string>> {
  const { username, password } = new URL(url);
  if (username === "" && password === "") return {};
  const login = new TextEncoder().encode(`${decode(username)}:${decode(password)}`);
  return { authorization: `Basic ${login.toBase64()}` };
}

/** Without escapes; what is none, such as a lone `%`, stays. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
