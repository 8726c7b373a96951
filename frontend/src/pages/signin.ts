import { Activity } from "../activity";
import { attribute, find, findAll } from "../dom";
import { Refusal } from "../refusal";
import { prove } from "../work";

interface Picture {
  readonly key: string;
  readonly image_url: string;
  readonly audio_url: string;
}

/** Picture digits: a new picture, the spoken digits, and the work that stands in for both. */
export function startSignIn(page: HTMLElement): void {
  const image = page.querySelector<HTMLImageElement>("[data-captcha-image]");
  // After the third strike the page shows no picture.
  if (!image) return;
  const activity = new Activity(page);
  for (const button of findAll<HTMLButtonElement>(page, "[data-captcha-refresh]")) {
    button.addEventListener("click", () => void activity.run(button, () => refresh(page, image, button, activity)));
  }
  for (const button of findAll<HTMLButtonElement>(page, "[data-captcha-play]")) {
    button.addEventListener("click", () => void activity.run(button, () => play(page)));
  }
  for (const button of findAll<HTMLButtonElement>(page, "[data-work]")) {
    button.addEventListener("click", () => void activity.run(button, () => work(page, button, activity)));
  }
}

async function refresh(page: HTMLElement, image: HTMLImageElement, button: HTMLButtonElement, activity: Activity): Promise<void> {
  activity.say("asking-server");
  let picture: Picture;
  try {
    const answer = await fetch(attribute(button, "data-url"), { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    picture = (await answer.json()) as Picture;
  } catch {
    throw new Refusal("error-captcha");
  }
  find<HTMLInputElement>(page, '[name="captcha_0"]').value = picture.key;
  image.src = picture.image_url;
  const audio = page.querySelector<HTMLAudioElement>("[data-captcha-audio]");
  if (audio) audio.src = picture.audio_url;
  const digits = find<HTMLInputElement>(page, '[name="captcha_1"]');
  digits.value = "";
  activity.done("captcha-new");
  digits.focus();
}

async function play(page: HTMLElement): Promise<void> {
  try {
    await find<HTMLAudioElement>(page, "[data-captcha-audio]").play();
  } catch {
    throw new Refusal("error-sound");
  }
  find<HTMLInputElement>(page, '[name="captcha_1"]').focus();
}

async function work(page: HTMLElement, button: HTMLButtonElement, activity: Activity): Promise<void> {
  const bits = Number(attribute(button, "data-bits"));
  activity.say("work-running");
  const nonce = await prove(attribute(button, "data-challenge"), bits, (share) => activity.say("work-running", {}, share));
  find<HTMLInputElement>(page, '[name="work"]').value = nonce;
  activity.done("work-done");
}
