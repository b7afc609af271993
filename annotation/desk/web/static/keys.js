// The keyboard: which key does what. Letters go by what is written on the key, digits by its place,
// so that they are under the fingers on every layout.
export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    const target = event.target;
    if (target.matches("textarea")) {
      if (event.key === "Escape") { target.blur(); event.preventDefault(); }
      return;
    }
    const isButton = target.matches("button, a, summary, select");
    if (isButton && (event.key === "Enter" || event.key === " ")) return;
    if (target.matches('input[type="checkbox"]') && event.key === " ") return;
    if (target.matches('input[type="radio"], input[type="range"]') && event.key.startsWith("Arrow")) return;
    if (act(event, actions)) event.preventDefault();
  });
}

function act(event, actions) {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  if (digit) return event.shiftKey ? actions.also(digit) : actions.digit(digit);
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.repeat && !key.startsWith("Arrow")) return true;
  const found = actions.named[key];
  if (found) { found(event); return true; }
  return /^[a-z]$/.test(key) && actions.letter(key);
}
