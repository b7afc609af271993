// The judgement as the form holds it: read, written, cleared, and said in a few words.
const form = document.getElementById("form");
const all = (selector, from = form) => [...from.querySelectorAll(selector)];
const one = (selector) => form.querySelector(selector);

export const MAX_ALSO = 2;

export function emotion() {
  const first = one('input[name="first"]:checked')?.value;
  if (!first) return null;
  const finer = one(`.finer[data-of="${CSS.escape(first)}"] input:checked`)?.value;
  return finer || first;
}

export function read() {
  const values = {};
  const named = emotion();
  if (named) values.emotion = named;
  for (const scale of all(".scale")) {
    const chosen = scale.querySelector("input[type=radio]:checked, input[type=range]:not([data-untouched])");
    if (chosen) values[scale.dataset.scale] = chosen.value;
  }
  return {
    values,
    verdict: one("[data-verdict]:checked")?.value ?? null,
    secondary: all('.also[aria-pressed="true"]').map((button) => button.dataset.also),
    note: one("#note").value.trim() || null,
  };
}

export function write(said) {
  clear();
  const named = said.values.emotion;
  if (named) {
    const finer = one(`.finer input[value="${CSS.escape(named)}"]`);
    choose(finer ? finer.closest(".finer").dataset.of : named);
    if (finer) finer.checked = true;
  }
  for (const scale of all(".scale")) {
    const value = said.values[scale.dataset.scale];
    if (value === undefined) continue;
    const radio = scale.querySelector(`input[type=radio][value="${CSS.escape(value)}"]`);
    const slider = scale.querySelector("input[type=range]");
    if (radio) radio.checked = true;
    if (slider) { slider.value = value; delete slider.dataset.untouched; }
  }
  for (const input of all("[data-verdict]")) input.checked = input.value === said.verdict;
  for (const name of said.secondary) setAlso(name, true);
  one("#note").value = said.note ?? "";
  showNote(Boolean(said.note));
  show();
}

export function clear() {
  for (const input of all("input[type=radio], input[type=checkbox]")) input.checked = false;
  for (const input of all('.finer input[value=""]')) input.checked = true;
  for (const slider of all("input[type=range]")) { slider.dataset.untouched = "1"; slider.value = (Number(slider.min) + Number(slider.max)) / 2; }
  for (const button of all(".also")) button.setAttribute("aria-pressed", "false");
  one("#note").value = "";
  showNote(false);
  activate(null);
  show();
}

export function choose(name) {
  const input = one(`input[name="first"][value="${CSS.escape(name)}"]`);
  if (!input) return;
  input.checked = true;
  for (const verdict of all("[data-verdict]")) verdict.checked = false;
  setAlso(name, false);
}

export function chooseFiner(key) {
  const first = one('input[name="first"]:checked')?.value;
  const input = first && one(`.finer[data-of="${CSS.escape(first)}"] input[data-key="${key}"]`);
  if (input) input.checked = true;
  return Boolean(input);
}

export function setVerdict(value, on) {
  for (const input of all("[data-verdict]")) input.checked = on && input.value === value;
  if (!on) return;
  for (const input of all('input[name="first"]')) input.checked = false;
  for (const button of all(".also")) button.setAttribute("aria-pressed", "false");
}

// Whether it could be chosen: two at most, and not the emotion itself.
export function setAlso(name, on) {
  const button = one(`.also[data-also="${CSS.escape(name)}"]`);
  const others = all('.also[aria-pressed="true"]').filter((other) => other !== button);
  const first = one('input[name="first"]:checked')?.value;
  if (!button || (on && (others.length >= MAX_ALSO || name === first))) return false;
  button.setAttribute("aria-pressed", String(on));
  if (on) for (const verdict of all("[data-verdict]")) verdict.checked = false;
  return true;
}

// The scale that the next digit is for; null: none.
export function activate(scale) {
  for (const other of all(".scale")) other.classList.toggle("active", other === scale);
}
export const active = () => one(".scale.active");
export const scales = () => all(".scale");

export function showNote(on) {
  one("#note-box").hidden = !on;
  document.getElementById("note-toggle").setAttribute("aria-expanded", String(on));
}

export function show() {
  const first = one('input[name="first"]:checked')?.value;
  for (const group of all(".finer")) group.hidden = group.dataset.of !== first;
  const said = read();
  const summary = document.getElementById("summary");
  const words = describe(said);
  summary.textContent = words || "Nothing chosen yet";
  summary.classList.toggle("chosen", Boolean(words));
}

export function describe(said) {
  const { emotion: named, ...scaled } = said.values;
  const parts = [said.verdict === "cannot tell" ? "can’t tell" : said.verdict, named].filter(Boolean);
  if (said.secondary?.length) parts.push(`also ${said.secondary.join(" and ")}`);
  parts.push(...Object.entries(scaled).map(([name, value]) => `${name} ${Number(Number(value).toFixed(2))}`));
  return parts.join(", ");
}
