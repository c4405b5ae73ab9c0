// A curve as a tone that rises and falls with it, from left to right: the line across the picture for those who do not see it.

const seconds = 2.5;
const lowest = 110; // Hz, at the lowest place
const octaves = 3; // to the highest

/** play sounds the curve once, panned from the left ear to the right. */
export function play(z: Float32Array, [floor, top]: readonly [number, number]): void {
  const context = new AudioContext(), tone = context.createOscillator(), gain = context.createGain(), pan = context.createStereoPanner();
  const pitch = new Float32Array(z.length), now = context.currentTime;
  for (let i = 0; i < z.length; i++) pitch[i] = lowest * Math.pow(2, octaves * Math.min(1, Math.max(0, (z[i]! - floor) / (top - floor))));
  tone.frequency.setValueCurveAtTime(pitch, now, seconds);
  pan.pan.setValueAtTime(-1, now);
  pan.pan.linearRampToValueAtTime(1, now + seconds);
  gain.gain.setValueAtTime(0, now);
  gain.gain.linearRampToValueAtTime(0.25, now + 0.05);
  gain.gain.setValueAtTime(0.25, now + seconds - 0.05);
  gain.gain.linearRampToValueAtTime(0, now + seconds);
  tone.connect(gain).connect(pan).connect(context.destination);
  tone.onended = () => void context.close();
  tone.start(now);
  tone.stop(now + seconds);
}
