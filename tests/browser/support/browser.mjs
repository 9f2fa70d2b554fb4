// Pages in Chromium. Everything that goes wrong on one is noted: errors, refused loads, dialogs.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const screenshots = process.env.ASHLAR_SCREENSHOTS ?? "build/screenshots";

export async function launch() {
  mkdirSync(screenshots, { recursive: true });
  return chromium.launch({
    executablePath: process.env.ASHLAR_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

// Opens `address` and gives it to `look(page, notes)`.
export async function visit(browser, address, options, look) {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1440, height: 900 },
    colorScheme: options.scheme ?? "light",
    javaScriptEnabled: options.script ?? true,
    extraHTTPHeaders: options.headers ?? {},
  });
  try {
    const page = await context.newPage();
    const notes = { troubles: [], requests: [], bytes: 0 };
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) notes.troubles.push(message.text());
    });
    page.on("pageerror", (error) => notes.troubles.push(String(error)));
    page.on("requestfailed", (request) => notes.troubles.push(`failed: ${request.url()}`));
    page.on("dialog", (dialog) => {
      notes.troubles.push(`a dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("response", (response) => notes.requests.push(response));
    const response = await page.goto(address);
    notes.status = response.status();
    notes.headers = response.headers();
    for (const answer of notes.requests) {
      notes.bytes += (await answer.body().catch(() => Buffer.alloc(0))).length;
    }
    return await look(page, notes);
  } finally {
    await context.close();
  }
}

export async function screenshot(page, name) {
  await page.screenshot({ path: path.join(screenshots, `${name}.png`) });
}

// How many pixels a page is wider than its window.
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

// What axe-core calls serious or critical, as text.
export async function accessibilityTroubles(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document));
  return result.violations
    .filter((violation) => ["serious", "critical"].includes(violation.impact))
    .map((violation) => `${violation.id}: ${violation.nodes[0].html.slice(0, 200)}`);
}
