/**
 * Addresses that events may be sent to.
 *
 * @module
 */

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * The one form of a server's address: https, or http on this machine, without
 * sign-in, query and fragment, and without a slash at its end.
 */
export function parseServerUrl(text: string): string | undefined {
  // The parser would mend all this and take what is left.
  // deno-lint-ignore no-control-regex
  if (/[\s\u0000-\u001f\u007f\\?#]/.test(text)) return undefined;
  if (!/^https?:\/\/[^/@]+(?:\/|$)/.test(text)) return undefined;
  const url = URL.parse(text);
  if (url === null) return undefined;
  if (url.protocol !== "https:" && !LOOPBACK.test(url.hostname)) {
    return undefined;
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}
