// The judging page: clips are loaded ahead, judged by keyboard or pointer, kept until stored.
import { call, LostConnection, Refusal } from "./api.js";
import * as form from "./form.js";
import { listen } from "./keys.js";
import { newKey, Outbox } from "./outbox.js";
import { decode, Picture } from "./picture.js";
import { Player } from "./player.js";

const $ = (id) => document.getElementById(id);
const desk = $("desk").dataset;
const batch = desk.batch;
const batchPath = `/api/batches/${encodeURIComponent(batch)}`;
const nAhead = Number(desk.held) - 1;

let current = null; // the clip that is judged, with its sound and picture
let ahead = []; // clips that are loaded
const judged = new Set();
let shownAt = 0, awayMs = 0, hiddenAt = 0;
let marks = [], marking = null;
let filling = null, fillAgain = false, finished = false, nMine = Number(desk.mine), nCounts = 0, undoing = false;

const player = new Player({ moved, changed: showPlayer });
const picture = new Picture($("picture"), $("overlay"), { seek: (s) => player.seek(s), select: setStretch });
const outbox = new Outbox(desk.who, {
  tell: showKept,
  stored: (entry, answer) => {
    if (entry.batch !== batch) return;
    if (answer.new) count(nMine + 1);
    $("undo").disabled = false;
    showModel(entry, answer.prediction);
    fill();
  },
  refused: (entry, error) => { judged.delete(entry.body.lease); notice(`A judgement was not kept: ${error.message}.`); fill(); },
  signedOut: () => notice("You are signed out. Sign in in another window: what you judged is kept here, and is sent then.", { link: "/login", passing: true }),
});

const say = (text) => { $("said").textContent = text; };
// `passing`: said no more once everything is stored; what somebody is to do first stays.
function notice(text, { link = "", passing = false } = {}) {
  $("notice").hidden = !text;
  $("notice").dataset.passing = passing;
  if (text) $("first").hidden = true;
  $("notice").textContent = text;
  if (text && link) {
    const anchor = Object.assign(document.createElement("a"), { href: link, target: "_blank", textContent: "Sign in" });
    $("notice").append(" ", anchor);
  }
}

// What the model thought of the clip before, where the desk is set to tell it.
function showModel(entry, prediction) {
  $("model").hidden = !prediction;
  if (!prediction) return;
  const told = Object.entries(prediction).map(([name, share]) => `${name} ${Math.round(100 * share)} %`).join(", ");
  $("model").textContent = `The clip before: you said ${form.describe(entry.body)}; the model ${told}.`;
}

function count(n) {
  nMine = n;
  nCounts += 1;
  $("progress").value = n;
  $("count").textContent = `${n} judged by you`;
}

function showKept(state, n) {
  $("kept").dataset.state = state;
  const few = n === 1 ? "1 judgement" : `${n} judgements`;
  const text = { stored: "Everything is stored", sending: `Storing ${few} …`, waiting: `No connection: ${few} kept in this browser` }[state];
  if ($("kept-text").textContent !== text) $("kept-text").textContent = text;
  if (state === "stored" && $("notice").dataset.passing === "true") notice("");
}

// --- clips

// What a path holds; asked for again while there is no connection, for a clip without its sound
// cannot be judged.
async function fetched(path, read, triesLeft = 60) {
  try {
    const answer = await fetch(path, { signal: AbortSignal.timeout(20000) });
    if (answer.ok) return await read(answer);
    if (![500, 502, 503, 504].includes(answer.status)) return Promise.reject(new Error(String(answer.status)));
  } catch (error) {
    if (!triesLeft) throw error;
  }
  if (!triesLeft) throw new Error("the desk does not answer");
  await new Promise((resolve) => { setTimeout(resolve, 1000); });
  return fetched(path, read, triesLeft - 1);
}

async function load(clip) {
  const [sound, drawn] = await Promise.allSettled([
    fetched(clip.audio, (answer) => answer.blob()),
    fetched(clip.picture, (answer) => answer.json()),
  ]);
  return {
    ...clip,
    sound: sound.status === "fulfilled" ? URL.createObjectURL(sound.value) : null,
    drawn: drawn.status === "fulfilled" ? decode(drawn.value) : null,
  };
}

// Load clips ahead, one at a time, until enough lie ready.
function fill() {
  fillAgain = true;
  filling ??= (async () => {
    while (fillAgain) { fillAgain = false; await keepFull(); }
  })().finally(() => { filling = null; });
  return filling;
}

async function keepFull() {
  while (!finished && ahead.length < (current ? nAhead : nAhead + 1)) {
    const waiting = outbox.entries().map((entry) => entry.body.lease);
    const mine = [current, ...ahead].filter(Boolean).map((clip) => clip.lease);
    if (mine.length + waiting.length >= nAhead + 1) return;
    const before = nCounts;
    try {
      const answer = await call("POST", `${batchPath}/next`, { besides: [...mine, ...waiting] });
      // An answer that was under way while something was stored or undone knows less than we do.
      if (!waiting.length && !outbox.entries().length && !undoing && nCounts === before) count(answer.n_mine);
      if (!answer.clip) {
        if (!current && !ahead.length && !outbox.entries().length) finish(answer.reason);
        return;
      }
      const next = await load(answer.clip);
      if (isKnown(next.lease)) { URL.revokeObjectURL(next.sound); continue; }
      ahead.push(next);
    } catch (error) {
      if (error instanceof LostConnection) { setTimeout(fill, 2000); return; }
      if (!(error instanceof Refusal)) throw error;
      if (error.status !== 403 || !current) notice(`${error.message}.`, { link: error.status === 401 ? "/login" : "" });
      return;
    }
    if (!current) advance();
    $("work").dataset.ready = ahead.length;
  }
}

// Whether a clip lies here or was judged: an answer that was under way while one was undone may
// bring it once more.
function isKnown(lease) {
  return judged.has(lease) || [current, ...ahead].some((clip) => clip?.lease === lease);
}

function advance() {
  if (current?.sound) URL.revokeObjectURL(current.sound);
  current = ahead.shift() ?? null;
  $("work").dataset.ready = ahead.length;
  marks = []; marking = null; $("marking").hidden = true;
  form.clear();
  if (current) show(current);
  else waitForClip();
  fill();
}

function waitForClip() {
  player.load("", 0);
  picture.show(null);
  $("loading").hidden = false;
  $("loading").textContent = outbox.entries().length ? "Waiting for the connection …" : "Loading the clip …";
}

function show(clip) {
  $("first").hidden = true;
  $("work").hidden = false;
  $("done").hidden = true;
  shownAt = performance.now(); awayMs = 0; hiddenAt = document.hidden ? shownAt : 0;
  $("loading").hidden = Boolean(clip.drawn);
  $("loading").textContent = clip.drawn ? "" : "There is no picture of this clip";
  picture.show(clip.drawn);
  picture.marks = marks;
  const length = clip.duration_s.toFixed(2);
  $("picture").setAttribute("aria-label", `Waveform, spectrogram and pitch of the clip, ${length} seconds`);
  $("seek").max = clip.duration_s;
  setStretch(null);
  showMarks();
  $("words").hidden = !clip.words;
  $("words").open = false;
  $("words-text").textContent = clip.words ?? "";
  showBefore(clip.before);
  player.load(clip.sound ?? clip.audio, clip.duration_s);
  if (!clip.sound) notice("The sound of this clip could not be loaded. If that stays so, say that the audio is bad.");
  say(`Clip ${nMine + outbox.entries().length + 1}, ${length} seconds`);
  if ($("autoplay").checked) player.play(0).then((could) => { if (!could) say("Press Space to listen"); });
}

function showBefore(turns) {
  $("before").hidden = !turns.length;
  $("before-list").replaceChildren(...turns.map((turn, i) => {
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "▶" });
    button.setAttribute("aria-label", `Play what was said before, ${i + 1} of ${turns.length}`);
    button.addEventListener("click", () => player.playAside([turn.audio]));
    const text = document.createElement("span");
    text.textContent = `${turn.speaker ? `${turn.speaker}: ` : ""}${turn.words ?? `${turn.duration_s.toFixed(1)} s`}`;
    item.append(button, text);
    return item;
  }));
}

function finish(reason) {
  finished = true;
  $("first").hidden = true;
  $("work").hidden = true;
  $("done").hidden = false;
  $("again").hidden = reason !== "finished";
  const [title, text] = {
    complete: ["This batch is complete", "Every clip has the judgements it was to have. Thank you."],
    closed: ["This batch is closed", "No more judgements are waited for."],
    finished: ["Nothing left here for you", "You have judged what you were to judge, or the rest is with others just now."],
  }[reason] ?? ["Nothing left here", ""];
  $("done-title").textContent = title;
  $("done-text").textContent = `${text} You judged ${nMine} clips in this batch.`;
  $("done").focus();
}

// --- judging

function submit() {
  if (!current) return;
  const said = form.read();
  if (marking) { keepMark(said); return; }
  if (!said.values.emotion && !said.verdict) { say(""); notice("Choose an emotion first, or say that you can’t tell (C) or that the audio is bad (X)."); return; }
  if (!player.heard && current.sound && said.verdict !== "bad audio") { notice("Listen first: Space plays the clip."); return; }
  notice("");
  const seconds = (performance.now() - shownAt - awayMs) / 1000;
  const { lease, segment } = current;
  const body = { lease, key: newKey(), ...said, marks, duration_s: Math.max(0, Number(seconds.toFixed(2))) };
  const clip = { ...current, sound: null, drawn: null };
  judged.add(lease);
  outbox.put({ batch, segment, clip, body });
  $("undo").disabled = false;
  say(`Kept: ${form.describe(said)}`);
  advance();
}

async function undo() {
  if ($("undo").disabled) return;
  const unsent = outbox.takeBack(batch);
  if (unsent) { await reopen(unsent.clip, unsent.body); return; }
  await outbox.flush();
  if (outbox.entries().length) { notice("The last judgement is on its way; it can be taken back when the connection is there again.", { passing: true }); return; }
  undoing = true;
  try {
    const answer = await call("POST", `${batchPath}/undo`);
    count(Math.max(0, nMine - 1));
    await reopen(answer.clip, answer);
  } catch (error) {
    notice(error instanceof LostConnection ? "There is no connection just now." : `${error.message}.`, { passing: error instanceof LostConnection });
    if (error.status === 404) $("undo").disabled = true;
  } finally {
    undoing = false;
  }
}

async function reopen(clip, said) {
  judged.delete(clip.lease);
  const loaded = await load(clip);
  finished = false;
  ahead = ahead.filter((one) => one.lease !== clip.lease);
  if (current) ahead.unshift({ ...current });
  current = loaded;
  marks = said.marks ?? []; marking = null; $("marking").hidden = true;
  show(current);
  form.write(said);
  say(`Taken back: ${form.describe(said)}. Judge it again.`);
}

async function giveBack() {
  if (!current) return;
  try {
    await call("POST", `/api/leases/${encodeURIComponent(current.lease)}/return`);
    say("Given back unjudged");
    advance();
  } catch (error) { notice(error instanceof LostConnection ? "There is no connection just now." : `${error.message}.`, { passing: error instanceof LostConnection }); }
}

// --- stretches

function setStretch(from, to) {
  const duration = current?.duration_s ?? 0;
  const stretch = from === null || to - from < 0.03 ? null : [Math.max(0, from), Math.min(to, duration)];
  player.stretch = stretch;
  picture.stretch = stretch;
  $("stretch").hidden = !stretch;
  if (stretch) $("stretch-text").textContent = `${stretch[0].toFixed(2)} to ${stretch[1].toFixed(2)} s`;
  picture.drawOver();
}

function beginMark() {
  if (!player.stretch || marking) return;
  marking = { whole: form.read(), stretch: [...player.stretch] };
  form.clear();
  const [from, to] = marking.stretch;
  $("marking").hidden = false;
  $("marking").textContent = `Judging only ${from.toFixed(2)} to ${to.toFixed(2)} s. Enter keeps it, Esc leaves it.`;
  say($("marking").textContent);
  player.play(from);
}

function keepMark(said) {
  const { note, secondary, verdict, values } = said;
  if (!Object.keys(values).length) { notice("Choose an emotion or a step of a scale for the stretch."); return; }
  notice("");
  const [start_s, end_s] = marking.stretch.map((s) => Number(s.toFixed(3)));
  marks = [...marks, { start_s, end_s, values }];
  endMark();
}

function endMark() {
  const { whole } = marking;
  marking = null;
  $("marking").hidden = true;
  form.write(whole);
  setStretch(null);
  showMarks();
}

function showMarks() {
  picture.marks = marks;
  picture.drawOver();
  $("marks").replaceChildren(...marks.map((mark, i) => {
    const item = document.createElement("li");
    const text = `${mark.start_s.toFixed(2)}–${mark.end_s.toFixed(2)} s: ${form.describe({ values: mark.values })}`;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: "×" });
    button.setAttribute("aria-label", `Remove the stretch ${text}`);
    button.addEventListener("click", () => { marks = marks.filter((_, j) => j !== i); showMarks(); });
    item.append(text, button);
    return item;
  }));
}

// --- what one sees of playing

function moved(seconds) {
  picture.at = seconds;
  picture.drawOver();
  $("seek").value = seconds;
  $("clock").textContent = `${seconds.toFixed(2)} / ${(current?.duration_s ?? 0).toFixed(2)} s`;
}

function showPlayer() {
  $("play").setAttribute("aria-label", player.playing ? "Pause" : "Play");
  $("play-icon").setAttribute("d", player.playing ? "M6 4h4v16H6zM14 4h4v16h-4z" : "M7 4l13 8-13 8z");
  $("loop").setAttribute("aria-pressed", String(player.loop));
  $("speed").textContent = `${player.speed}×`;
}

// --- keys and clicks

function digit(key) {
  const scale = form.active();
  if (scale) {
    const step = scale.querySelector(`input[data-key="${key}"]`);
    if (step) {
      step.checked = true;
      const all = form.scales();
      form.activate(all[all.indexOf(scale) + 1] ?? null);
      form.show();
    }
    return true;
  }
  const input = document.querySelector(`input[name="first"][data-key="${key}"]`);
  if (!input) return false;
  form.choose(input.value);
  form.show();
  return true;
}

function also(key) {
  const input = document.querySelector(`input[name="first"][data-key="${key}"]`);
  if (!input) return false;
  toggleAlso(input.value);
  return true;
}

function toggleAlso(name) {
  const button = document.querySelector(`.also[data-also="${CSS.escape(name)}"]`);
  const on = button.getAttribute("aria-pressed") !== "true";
  if (!form.setAlso(name, on)) say(`No more than ${form.MAX_ALSO} emotions beside the first`);
  form.show();
}

function letter(key) {
  const scale = document.querySelector(`.scale[data-key="${key}"]`);
  const slider = scale?.querySelector("input[type=range]");
  if (slider) { slider.focus(); return true; }
  if (scale) { form.activate(scale); say(`${scale.dataset.scale}: a digit`); return true; }
  const found = form.chooseFiner(key);
  form.show();
  return found;
}

function toggleVerdict(value) {
  const input = document.querySelector(`[data-verdict][value="${value}"]`);
  form.setVerdict(value, !input.checked);
  form.show();
}

function openNote() {
  form.showNote(true);
  $("note").focus();
}

function escape() {
  if (form.active()) form.activate(null);
  else if (marking) endMark();
  else if (player.stretch) setStretch(null);
  else document.activeElement?.blur();
}

listen({
  digit, also, letter,
  named: {
    " ": () => player.toggle(),
    Enter: submit,
    Escape: escape,
    ArrowLeft: () => player.seek(player.at - 0.25),
    ArrowRight: () => player.seek(player.at + 0.25),
    ",": () => setStretch(player.at, player.stretch?.[1] > player.at ? player.stretch[1] : current?.duration_s ?? 0),
    ".": () => setStretch(player.stretch?.[0] < player.at ? player.stretch[0] : 0, player.at),
    "-": () => player.faster(-1), "_": () => player.faster(-1),
    "+": () => player.faster(1), "=": () => player.faster(1),
    b: () => player.replay(), l: () => player.toggleLoop(), m: beginMark,
    n: openNote, c: () => toggleVerdict("cannot tell"), x: () => toggleVerdict("bad audio"),
    u: undo, j: giveBack, h: () => window.toggleContrast(),
    k: () => { if (current?.before.length) player.playAside(current.before.map((turn) => turn.audio)); },
    s: () => { if (!$("words").hidden) $("words").open = !$("words").open; },
    "?": () => $("sheet").showModal(),
  },
});

const onClick = (id, action) => $(id).addEventListener("click", action);
onClick("play", () => player.toggle());
onClick("replay", () => player.replay());
onClick("loop", () => player.toggleLoop());
onClick("slower", () => player.faster(-1));
onClick("faster", () => player.faster(1));
onClick("mark", beginMark);
onClick("clear-stretch", () => setStretch(null));
onClick("undo", undo);
onClick("help", () => $("sheet").showModal());
onClick("give-back", giveBack);
onClick("note-toggle", () => ($("note-box").hidden ? openNote() : form.showNote(false)));
onClick("again", () => { finished = false; fill(); });
$("seek").addEventListener("input", (event) => player.seek(Number(event.target.value)));
for (const button of document.querySelectorAll(".also")) button.addEventListener("click", () => toggleAlso(button.dataset.also));
$("form").addEventListener("change", (event) => {
  const { target } = event;
  if (target.name === "first") form.choose(target.value);
  if (target.matches("[data-verdict]")) form.setVerdict(target.value, target.checked);
  if (target.type === "range") delete target.dataset.untouched;
  form.show();
});
$("form").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
try {
  $("autoplay").checked = localStorage.getItem("undertone-autoplay") !== "no";
  $("autoplay").addEventListener("change", () => localStorage.setItem("undertone-autoplay", $("autoplay").checked ? "yes" : "no"));
} catch { /* it lasts for this page */ }
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hiddenAt = performance.now();
  else if (hiddenAt) { awayMs += performance.now() - Math.max(hiddenAt, shownAt); hiddenAt = 0; }
});

$("undo").disabled = nMine === 0;
await outbox.flush();
await fill();
