// The clip as one sees it: waveform above, spectrogram and pitch below; over it the playhead, the
// stretch that is chosen and those that were marked.
const WAVE = 0.3; // share of the height
const AXIS = 18;
const LOW_HZ = 70, HIGH_HZ = 500;
const SHADES = [[8, 10, 28], [48, 18, 92], [120, 28, 109], [190, 55, 84], [238, 105, 37], [252, 176, 60], [252, 255, 200]];
const CONTRAST = [[0, 0, 0], [255, 255, 255]];

const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

function palette(stops) {
  return Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (stops.length - 1);
    const low = Math.min(Math.floor(at), stops.length - 2);
    return stops[low].map((from, c) => from + (stops[low + 1][c] - from) * (at - low));
  });
}

export function decode(json) {
  return {
    duration: json.duration_s,
    nColumns: json.n_columns,
    nBands: json.n_bands,
    peaks: new Int8Array(bytes(json.peaks).buffer),
    bands: bytes(json.bands),
    f0: new Uint16Array(bytes(json.f0_hz).buffer),
  };
}

export class Picture {
  constructor(canvas, overlay, { seek, select }) {
    this.canvas = canvas;
    this.overlay = overlay;
    this.handlers = { seek, select };
    this.picture = null;
    this.at = 0;
    this.stretch = null;
    this.marks = [];
    new ResizeObserver(() => this.draw()).observe(canvas);
    window.addEventListener("contrast", () => this.draw());
    overlay.addEventListener("pointerdown", (event) => this.#press(event));
  }

  show(picture) {
    this.picture = picture;
    this.stretch = null;
    this.at = 0;
    this.draw();
  }

  #size(canvas) {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const { clientWidth: width, clientHeight: height } = canvas;
    if (canvas.width !== width * ratio) canvas.width = width * ratio;
    if (canvas.height !== height * ratio) canvas.height = height * ratio;
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    return { context, width, height };
  }

  draw() {
    const { context, width, height } = this.#size(this.canvas);
    const more = getComputedStyle(document.documentElement).getPropertyValue("--page").trim() === "#000000";
    if (this.picture && width > 0) {
      const wave = (height - AXIS) * WAVE;
      this.#spectrogram(context, wave, width, height - AXIS - wave, more);
      this.#wave(context, width, wave, more);
      this.#pitch(context, wave, width, height - AXIS - wave, more);
      this.#axis(context, width, height);
    }
    this.drawOver();
  }

  #spectrogram(context, top, width, height, more) {
    const { nColumns, nBands, bands } = this.picture;
    const shades = palette(more ? CONTRAST : SHADES);
    const image = new ImageData(nColumns, nBands);
    for (let t = 0; t < nColumns; t += 1) {
      for (let b = 0; b < nBands; b += 1) {
        const [r, g, blue] = shades[bands[t * nBands + b]];
        const at = ((nBands - 1 - b) * nColumns + t) * 4;
        image.data.set([r, g, blue, 255], at);
      }
    }
    const small = new OffscreenCanvas(nColumns, nBands);
    small.getContext("2d").putImageData(image, 0, 0);
    context.imageSmoothingEnabled = true;
    context.drawImage(small, 0, top, width, height);
  }

  #wave(context, width, height, more) {
    const { peaks } = this.picture;
    const n = peaks.length / 2;
    context.fillStyle = more ? "#ffffff" : "#9fc3ff";
    const middle = height / 2;
    for (let i = 0; i < n; i += 1) {
      const high = (peaks[2 * i + 1] / 127) * (middle - 3);
      const low = (peaks[2 * i] / 127) * (middle - 3);
      context.fillRect((i / n) * width, middle - high, Math.max(width / n, 0.8), Math.max(high - low, 0.8));
    }
  }

  #pitch(context, top, width, height, more) {
    const { f0, nColumns } = this.picture;
    const y = (hz) => top + height * (1 - Math.log(hz / LOW_HZ) / Math.log(HIGH_HZ / LOW_HZ));
    for (const [colour, size] of [["#00131a", 5], [more ? "#ffd84d" : "#5df2e0", 2.2]]) {
      context.strokeStyle = colour;
      context.lineWidth = size;
      context.lineJoin = context.lineCap = "round";
      context.beginPath();
      let open = false;
      for (let t = 0; t < f0.length; t += 1) {
        if (f0[t] === 0) { open = false; continue; }
        const x = ((t + 0.5) / nColumns) * width;
        const here = Math.max(top, y(f0[t]));
        if (open) context.lineTo(x, here);
        else { context.moveTo(x, here); context.lineTo(x + 0.5, here); }
        open = true;
      }
      context.stroke();
    }
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const hz of [100, 200, 400]) {
      const text = `${hz} Hz`;
      context.lineWidth = 3;
      context.strokeStyle = "#00131a";
      context.strokeText(text, width - 5, y(hz));
      context.fillStyle = more ? "#ffd84d" : "#5df2e0";
      context.fillText(text, width - 5, y(hz));
    }
  }

  #axis(context, width, height) {
    const { duration } = this.picture;
    const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300].find((s) => (s / duration) * width > 60) || 600;
    context.fillStyle = "#dfe6f2";
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "middle";
    for (let s = 0; s < duration; s += step) {
      const x = (s / duration) * width;
      if (x > width - 34) break;
      context.textAlign = "left";
      context.fillRect(x, height - AXIS, 1, 5);
      context.fillText(`${Number(s.toFixed(1))} s`, x + 4, height - AXIS / 2 + 1);
    }
  }

  drawOver() {
    const { context, width, height } = this.#size(this.overlay);
    if (!this.picture || width === 0) return;
    const x = (s) => (s / this.picture.duration) * width;
    for (const mark of this.marks) {
      context.fillStyle = "rgba(255,216,77,.9)";
      context.fillRect(x(mark.start_s), height - AXIS - 6, Math.max(x(mark.end_s) - x(mark.start_s), 2), 6);
    }
    if (this.stretch) {
      const [from, to] = this.stretch;
      context.fillStyle = "rgba(255,255,255,.18)";
      context.fillRect(x(from), 0, x(to) - x(from), height - AXIS);
      context.fillStyle = "#ffffff";
      context.fillRect(x(from), 0, 1.5, height - AXIS);
      context.fillRect(x(to) - 1.5, 0, 1.5, height - AXIS);
    }
    context.fillStyle = "#000000";
    context.fillRect(x(this.at) - 2, 0, 4, height - AXIS);
    context.fillStyle = "#ffffff";
    context.fillRect(x(this.at) - 1, 0, 2, height - AXIS);
  }

  #press(event) {
    if (!this.picture) return;
    const box = this.overlay.getBoundingClientRect();
    const time = (at) => Math.min(Math.max((at.clientX - box.left) / box.width, 0), 1) * this.picture.duration;
    const from = time(event);
    const started = event.clientX;
    let dragged = false;
    this.overlay.setPointerCapture(event.pointerId);
    const move = (at) => {
      dragged = dragged || Math.abs(at.clientX - started) > 6;
      if (dragged) this.handlers.select(Math.min(from, time(at)), Math.max(from, time(at)));
    };
    const up = () => {
      this.overlay.removeEventListener("pointermove", move);
      if (!dragged) this.handlers.seek(from);
    };
    this.overlay.addEventListener("pointermove", move);
    this.overlay.addEventListener("pointerup", up, { once: true });
    this.overlay.addEventListener("pointercancel", up, { once: true });
  }
}
