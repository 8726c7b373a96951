import { Activity } from "./activity";
import { startCertificates } from "./pages/certificates";
import { startEverywhere } from "./pages/everywhere";
import { KeyPage } from "./pages/key";
import { OrderPage } from "./pages/order";
import { RenewalPage } from "./pages/renewal";
import { startSignIn } from "./pages/signin";
import { Refusal } from "./refusal";

const KEY_PAGES: Readonly<Record<string, (page: HTMLElement) => Promise<void>>> = {
  key: (page) => new KeyPage(page).start(),
  renewal: (page) => new RenewalPage(page).start(),
  order: (page) => new OrderPage(page).start(),
  issued: startCertificates,
  download: startCertificates,
};

/** WebCrypto is there only over https (or on localhost). */
function hasCrypto(): boolean {
  return window.isSecureContext && typeof crypto.subtle === "object";
}

async function start(): Promise<void> {
  startEverywhere();
  const page = document.querySelector<HTMLElement>("[data-page]");
  const name = page?.dataset["page"] ?? "";
  if (page && name === "signin") startSignIn(page);
  const startPage = KEY_PAGES[name];
  if (!page || !startPage) return;
  if (!hasCrypto()) new Activity(page).refuse(new Refusal("error-no-crypto"));
  else await startPage(page);
}

void start();
