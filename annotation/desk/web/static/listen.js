// A clip on a page with a form: its picture with a playhead, keys for the choices and for playing.
import { Picture, decode } from "./picture.js";

const clip = document.getElementById("clip");
const canvas = document.getElementById("picture");

if (canvas) {
  const picture = new Picture(canvas, document.getElementById("overlay"), { seek: (s) => { clip.currentTime = s; }, select: () => {} });
  const follow = () => { picture.at = clip.currentTime; picture.drawOver(); if (!clip.paused) requestAnimationFrame(follow); };
  for (const name of ["play", "seeked", "pause"]) clip.addEventListener(name, follow);
  try {
    const answer = await fetch(canvas.dataset.picture);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    picture.show(decode(await answer.json()));
    canvas.setAttribute("aria-label", "Waveform, spectrogram and pitch of the clip");
    canvas.dataset.drawn = "1";
  } catch {
    canvas.setAttribute("aria-label", "The clip's picture could not be loaded");
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("textarea, input[type=number], input[type=text], select")) return;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const choice = digit && !event.shiftKey && document.querySelector(`input[data-key="${digit}"]`);
  if (choice) { choice.checked = true; choice.focus(); event.preventDefault(); }
  else if (event.key === " " && clip && !event.target.matches("button, a, summary, audio")) {
    if (clip.paused) clip.play(); else clip.pause();
    event.preventDefault();
  } else if (event.key === "Enter" && event.target.matches('input[type="radio"]')) {
    event.target.form.requestSubmit();
    event.preventDefault();
  }
});
