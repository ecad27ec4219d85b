/** The style sheet of the page at `/`. */
export const HOME_STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f5f7, #14171c);
  --card: light-dark(#ffffff, #1d2128);
  --line: light-dark(#dfe3e8, #2e343e);
  --text: light-dark(#1b2230, #e4e8ee);
  --quiet: light-dark(#5c6675, #97a1b0);
  --accent: light-dark(#0b62c4, #6cb0ff);
  --live: light-dark(#1a7f4b, #4ed08c);
  --alarm: light-dark(#b3420f, #ff9c66);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  max-width: 84rem;
  padding: 1.5rem;
  background: var(--ground);
  color: var(--text);
  font: 15px/1.45 system-ui, sans-serif;
}
header { display: flex; flex-wrap: wrap; gap: 0.75rem 1.25rem; align-items: center; }
h1 { margin: 0; font-size: 1.6rem; letter-spacing: -0.01em; }
h1 small { color: var(--quiet); font-weight: 400; }
h2 { margin: 0 0 0.5rem; font-size: 1.1rem; }
dl { display: flex; flex-wrap: wrap; gap: 0.25rem 2rem; margin: 0; flex-basis: 100%; }
dt { color: var(--quiet); font-size: 0.8rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.badge {
  margin: 0;
  padding: 0.1rem 0.7rem;
  border: 1px solid currentColor;
  border-radius: 1rem;
  font-size: 0.8rem;
  font-weight: 600;
}
.live { color: var(--live); }
.waiting { color: var(--alarm); }
main {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr));
  gap: 1.25rem;
  align-items: start;
  margin-top: 1.5rem;
}
section {
  padding: 1rem 1.25rem 0.25rem;
  border: 1px solid var(--line);
  border-radius: 0.6rem;
  background: var(--card);
}
article {
  display: grid;
  grid-template-columns: 11.5rem 1fr auto;
  gap: 0 1rem;
  padding: 0.6rem 0;
  border-top: 1px solid var(--line);
}
article h3 { margin: 0; font: 600 0.9rem/1.6 ui-monospace, monospace; }
article p { margin: 0; color: var(--quiet); }
.note { margin: 0 0 0.6rem; color: var(--quiet); }
form {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem 0.9rem;
  align-items: center;
}
.fields { grid-column: 2 / -1; margin-top: 0.4rem; }
.bare { grid-column: 3; }
label { display: flex; gap: 0.35rem; align-items: center; font-size: 0.85rem; }
label span { color: var(--quiet); }
.wide { flex: 1 1 100%; }
.wide span { flex: 0 0 6.2rem; }
.wide input { flex: 1; min-width: 0; }
input:not([type]), select, button {
  padding: 0.25rem 0.5rem;
  border: 1px solid var(--line);
  border-radius: 0.35rem;
  background: var(--ground);
  color: inherit;
  font: inherit;
}
button { margin-left: auto; border-color: var(--accent); color: var(--accent); cursor: pointer; }
button.post { border-color: var(--alarm); color: var(--alarm); }
button:hover { background: var(--card); }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 40rem) {
  article { grid-template-columns: 1fr; }
  form.fields, form.bare { grid-column: 1; }
}
`;
