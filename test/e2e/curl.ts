/** What a curl line asks for. */
export interface CurlRequest {
  readonly url: URL;
  readonly headers: Headers;
}

/** Reads a curl line with the options that the quickstart prints: `-s`, `-i` and `-H`. */
export function parseCurl(line: string): CurlRequest {
  const words = [...line.matchAll(/'([^']*)'|[^\s']+/g)].map(([word, quoted]) => quoted ?? word);
  const headers = new Headers();
  let address = "";
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index];
    if (word === "-H") {
      index += 1;
      const colon = words[index].indexOf(":");
      headers.append(words[index].slice(0, colon), words[index].slice(colon + 1));
    } else if (word !== "-s" && word !== "-i") {
      address = word;
    }
  }
  return { url: new URL(address), headers };
}
