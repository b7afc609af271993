// Playing a clip: from the memory of the browser, so that it starts at once; loops and speeds.
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

export class Player {
  // `moved(seconds)` while it plays, `changed()` when it starts, stops, loops or changes speed.
  constructor({ moved, changed }) {
    this.audio = new Audio();
    this.audio.preservesPitch = true;
    this.handlers = { moved, changed };
    this.loop = false;
    this.stretch = null;
    this.speed = 1;
    this.heard = false;
    this.duration = 0;
    this.aside = null;
    for (const name of ["play", "pause", "ended", "ratechange"]) {
      this.audio.addEventListener(name, () => changed());
    }
    this.audio.addEventListener("playing", () => { this.heard = true; this.#watch(); });
    this.audio.addEventListener("ended", () => { if (this.loop) this.play(this.stretch ? this.stretch[0] : 0); });
    this.audio.addEventListener("seeked", () => moved(this.audio.currentTime));
  }

  load(address, duration) {
    this.quiet();
    this.audio.pause();
    this.audio.src = address;
    this.audio.playbackRate = this.speed;
    this.duration = duration;
    this.stretch = null;
    this.heard = false;
    this.handlers.moved(0);
    this.handlers.changed();
  }

  get playing() { return !this.audio.paused && !this.audio.ended; }
  get at() { return this.audio.currentTime || 0; }

  // Whether it could start: before the first key or click a browser may keep it silent.
  async play(from) {
    this.quiet();
    if (from !== undefined) this.audio.currentTime = from;
    else if (this.stretch && (this.at < this.stretch[0] || this.at >= this.stretch[1] - 0.02)) this.audio.currentTime = this.stretch[0];
    this.audio.playbackRate = this.speed;
    try {
      await this.audio.play();
      return true;
    } catch (error) {
      return error.name === "AbortError";
    }
  }

  toggle() {
    if (this.playing) this.audio.pause();
    else return this.play();
    return Promise.resolve(true);
  }

  replay() { return this.play(this.stretch ? this.stretch[0] : 0); }

  seek(seconds) { this.audio.currentTime = Math.min(Math.max(seconds, 0), this.duration); }

  toggleLoop() { this.loop = !this.loop; this.handlers.changed(); }

  faster(steps) {
    const at = SPEEDS.indexOf(this.speed) + steps;
    this.speed = SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)];
    this.audio.playbackRate = this.speed;
    this.handlers.changed();
  }

  // Play other sounds one after another, such as the turns before the clip.
  async playAside(addresses) {
    this.audio.pause();
    this.quiet();
    const mine = (this.aside = new Audio());
    for (const address of addresses) {
      if (this.aside !== mine) return;
      mine.src = address;
      try { await mine.play(); } catch { return; }
      await new Promise((done) => {
        for (const name of ["ended", "pause", "error"]) mine.addEventListener(name, done, { once: true });
      });
    }
  }

  quiet() {
    if (this.aside) { const aside = this.aside; this.aside = null; aside.pause(); }
  }

  #watch() {
    const step = () => {
      if (!this.playing) return;
      if (this.stretch && this.at >= this.stretch[1]) {
        if (this.loop) this.audio.currentTime = this.stretch[0];
        else { this.audio.pause(); this.audio.currentTime = this.stretch[1]; }
      }
      this.handlers.moved(this.at);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }
}
