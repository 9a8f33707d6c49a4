// Loaded into services before their own code: the clock on the wall jumps by an hour every 300 ms, ahead, back, and behind. Timers go on as they are.
const RealDate = Date;
const hours = [0, 1, 0, -1];
const startedAt = performance.now();
const offset = () => (hours[Math.floor((performance.now() - startedAt) / 300) % hours.length] ?? 0) * 3_600_000;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offset());
    else super(...given);
  }

  static now() {
    return RealDate.now() + offset();
  }
};
