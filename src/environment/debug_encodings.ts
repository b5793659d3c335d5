/**
 * How a secret may look where somebody has encoded it.
 *
 * @module
 */

/** Shortest thing that is looked for. */
export const MIN_SECRET = 4;

/**
 * Every form that a value is looked for in: as it is, escaped in JSON once and
 * twice, in URLs and forms, in hexadecimal, and as it appears in base64,
 * wherever it begins there.
 */
export function formsOf(value: string): readonly string[] {
  const bytes = new TextEncoder().encode(value);
  const escaped = escapeJson(value);
  const forms = [
    value,
    escaped,
    escapeJson(escaped),
    escaped.replaceAll("/", "\\/"),
    escapeLetters(value),
    ...urlForms(value),
    bytes.toHex(),
    bytes.toHex().toUpperCase(),
    ...[0, 1, 2].flatMap((offset) => base64At(bytes, offset)),
  ];
  return [...new Set(forms)].filter((form) => form.length >= MIN_SECRET);
}

function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** As encoders do that write nothing but ASCII. */
function escapeLetters(text: string): string {
  return escapeJson(text).replaceAll(
    /[\u007f-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function urlForms(value: string): readonly string[] {
  const strict = encodeStrictly(value);
  const forms = [encodeOr(encodeURIComponent, value), strict]
    .concat(encodeOr(encodeURI, value), strict.replaceAll("%20", "+"));
  return forms.flatMap((form) => [
    form,
    form.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
  ]);
}

/** Half a letter cannot be encoded; its form is of no use then. */
function encodeOr(encode: (text: string) => string, value: string): string {
  return value.isWellFormed() ? encode(value) : "";
}

function encodeStrictly(value: string): string {
  return encodeOr(encodeURIComponent, value).replaceAll(
    /[!'()*~]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const DROPPED = [0, 2, 3] as const;

/** Only letters that follow from the value alone, whatever stands around it. */
function base64At(bytes: Uint8Array, offset: number): readonly string[] {
  const padded = new Uint8Array(offset + bytes.length);
  padded.set(bytes, offset);
  const sure = Math.floor(padded.length * 8 / 6);
  const text = padded.toBase64().slice(DROPPED[offset], sure);
  return [text, text.replaceAll("+", "-").replaceAll("/", "_")];
}
