// Puts a newer version of the page in the place of its content every few seconds, while somebody
// looks at it. Without this script the page says how to reload itself.
"use strict";
const every = Number(document.currentScript.dataset.seconds) * 1000;
const address = location.href;

async function newer() {
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const content = page.querySelector("#content");
  if (!content) throw new Error("no content");
  return content;
}

async function refresh() {
  if (document.visibilityState !== "visible") return;
  const state = document.querySelector("#live");
  try {
    const content = await newer();
    const held = document.activeElement && document.activeElement.getAttribute("href");
    document.querySelector("#content").replaceWith(content);
    if (held) document.querySelector(`#content a[href="${CSS.escape(held)}"]`)?.focus();
  } catch {
    if (state) state.textContent = "No answer; what stands here may be old";
  }
}

setInterval(refresh, every);
