import { type Attack, CHARACTERS, SMUGGLED, toHead } from "./attack.ts";

const LENGTH = "http1.content_length_not_allowed";

/** CL.CL, and lengths that not all read alike. */
export function lengthAttacks(): Attack[] {
  const body = `hello${SMUGGLED}`;
  const long = `Content-Length: ${body.length}`;
  const values = [
    "",
    "+5",
    "-5",
    "5 5",
    "5,5",
    "5, 38",
    "0x5",
    "5e0",
    "5\xa0",
    "\x0b5",
    "5.",
    "05a",
  ];
  return [
    { name: "CL.CL with two values", bytes: `${toHead(["Content-Length: 5", long])}${body}` },
    { name: "CL.CL the other way", bytes: `${toHead([long, "Content-Length: 5"])}${body}` },
    {
      name: "CL.CL with one value",
      bytes: `${toHead(["Content-Length: 5", "Content-Length: 5"])}hello`,
    },
    {
      name: "CL.CL in two cases",
      bytes: `${toHead(["Content-Length: 5", `content-LENGTH: 43`])}${body}`,
    },
    ...values.map((value) => ({
      name: `Content-Length ${JSON.stringify(value)}`,
      bytes: `${toHead([`Content-Length: ${value}`])}${body}`,
    })),
    {
      name: "a Content-Length over all numbers",
      bytes: `${toHead(["Content-Length: 18446744073709551621"])}${body}`,
    },
  ].map((attack) => ({
    ...attack,
    details: attack.name.includes("\\u000b") ? CHARACTERS : LENGTH,
  }));
}
