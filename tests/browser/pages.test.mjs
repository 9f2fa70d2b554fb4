import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";

import { accessibilityTroubles, launch, overflow, screenshot, visit } from "./support/browser.mjs";
import { Server } from "./support/server.mjs";
import { evil, makeHostile, makeKeystone } from "./support/world.mjs";

const firstViewBytesMax = 30_000;
const firstViewRequestsMax = 3;

let server;
let browser;
let folder;
let commit;
let hostileCommit;
let token;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "ashlar-browser-world-"));
  server = await Server.start();
  browser = await launch();
  token = await server.createAccount("ada");
  const description = "Arches that stand: thrust, stones and centering";
  await server.createRepository("keystone", token, { description });
  await server.createRepository("hostile", token, { description: evil });
  await server.createRepository("empty", token);
  await server.createRepository("hidden", token, { private: true });
  const keystone = makeKeystone(path.join(folder, "keystone"));
  const hostile = makeHostile(path.join(folder, "hostile"));
  commit = keystone.git("rev-parse", "HEAD~62").trim();
  hostileCommit = hostile.git("rev-parse", "HEAD").trim();
  server.push(keystone.folder, "ada", "keystone", token);
  server.push(hostile.folder, "ada", "hostile", token);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const encoded = (name) => encodeURIComponent(name).replaceAll("%2F", "/");

// name: [address, status]
const pages = {
  home: () => ["/", 200],
  owner: () => ["/ada", 200],
  repository: () => ["/ada/keystone", 200],
  folder: () => ["/ada/keystone/tree/main/src", 200],
  branch: () => ["/ada/keystone/tree/vaults", 200],
  file: () => ["/ada/keystone/blob/main/src/arch.h", 200],
  document: () => ["/ada/keystone/blob/main/docs/thrust.md", 200],
  history: () => ["/ada/keystone/commits", 200],
  "file-history": () => ["/ada/keystone/commits/main/docs/thrust.md", 200],
  commit: () => [`/ada/keystone/commit/${commit}`, 200],
  branches: () => ["/ada/keystone/branches", 200],
  tags: () => ["/ada/keystone/tags", 200],
  empty: () => ["/ada/empty", 200],
  network: () => ["/network", 200],
  block: () => ["/network/blocks/1", 200],
  missing: () => ["/ada/none", 404],
  "missing-file": () => ["/ada/keystone/blob/main/none", 404],
  "hostile-repository": () => ["/ada/hostile", 200],
  "hostile-file": () => [`/ada/hostile/blob/main/${encoded(evil)}`, 200],
  "hostile-commit": () => [`/ada/hostile/commit/${hostileCommit}`, 200],
  "hostile-history": () => ["/ada/hostile/commits", 200],
  "hostile-branches": () => ["/ada/hostile/branches", 200],
  "hostile-tags": () => ["/ada/hostile/tags", 200],
  "hostile-drawing": () => ["/ada/hostile/blob/main/drawing.svg", 200],
  "hostile-long-line": () => ["/ada/hostile/blob/main/long-line.txt", 200],
  "hostile-many-lines": () => ["/ada/hostile/blob/main/renamed.txt", 200],
  "hostile-deep": () => [`/ada/hostile/blob/main/${"d/".repeat(60)}f.txt`, 200],
  "hostile-folder": () => ["/ada/hostile/tree/main/a%20b/c%23d/e%3Ff/100%25", 200],
};

const views = [
  { width: 1440, scheme: "light" },
  { width: 1440, scheme: "dark" },
  { width: 360, scheme: "light" },
  { width: 360, scheme: "dark" },
];

// What a README names and the repository lacks cannot load, nor can a page that is not there.
function unexpected(troubles, name) {
  const known = (text) =>
    /status of 404/.test(text) && (name.startsWith("missing") || name === "hostile-repository");
  return troubles.filter((text) => !known(text));
}

for (const [name, where] of Object.entries(pages)) {
  test(`${name}: fits, is accessible and has no errors, light and dark, wide and narrow`, async () => {
    for (const view of views) {
      const [address, status] = where();
      await visit(browser, server.url + address, view, async (page, notes) => {
        const label = `${address} at ${view.width} px, ${view.scheme}`;
        assert.equal(notes.status, status, label);
        assert.ok((await overflow(page)) <= 0, `${label} scrolls sideways`);
        await screenshot(page, `${name}-${view.scheme}-${view.width}`);
        // One view of each scheme; 12,000 lines of one kind would keep axe busy for minutes.
        const isJudged = (view.width === 1440) === (view.scheme === "light");
        if (isJudged && name !== "hostile-many-lines") {
          assert.deepEqual(await accessibilityTroubles(page), [], label);
        }
        assert.deepEqual(unexpected(notes.troubles, name), [], label);
      });
    }
  });
}

test("every page works without JavaScript", async () => {
  for (const [name, where] of Object.entries(pages)) {
    const [address, status] = where();
    await visit(browser, server.url + address, { script: false }, async (page, notes) => {
      assert.equal(notes.status, status, name);
      assert.equal(await page.locator("script").count(), name === "network" ? 1 : 0, name);
      assert.equal(await page.locator("[style]").count(), 0, name);
      assert.equal(await page.locator("h1").count() > 0, true, name);
    });
  }
});

test("a first view is small", async () => {
  for (const name of ["home", "repository", "folder", "file", "history", "branches"]) {
    await visit(browser, server.url + pages[name]()[0], {}, async (page, notes) => {
      const addresses = notes.requests.map((response) => response.url());
      assert.ok(notes.requests.length <= firstViewRequestsMax, addresses.join(" "));
      // The history lists fifty commits: its page may be larger, as it arrives compressed.
      const bytesMax = name === "history" ? 3 * firstViewBytesMax : firstViewBytesMax;
      assert.ok(notes.bytes <= bytesMax, `${name}: ${notes.bytes} bytes`);
    });
  }
});

test("people find their way by links alone", async () => {
  await visit(browser, server.url, { script: false }, async (page) => {
    await page.getByRole("link", { name: "ada/keystone" }).click();
    await page.getByRole("link", { name: "src", exact: true }).click();
    await page.getByRole("link", { name: "arch.h", exact: true }).click();
    assert.equal(new URL(page.url()).pathname, "/ada/keystone/blob/main/src/arch.h");
    await page.getByRole("link", { name: "7", exact: true }).click();
    assert.equal(new URL(page.url()).hash, "#L7");
    await page.getByRole("link", { name: "History" }).click();
    await page.getByRole("link", { name: "Check every figure of chapter 2" }).click();
    assert.match(await page.locator("h1").innerText(), /Check every figure/);
    await page.getByRole("link", { name: "Commits" }).click();
    await page.getByRole("link", { name: "Older" }).click();
    assert.equal(await page.getByText("Begin with a name and a license").count(), 1);
  });
});

test("menus open without JavaScript, and lead to branches", async () => {
  await visit(browser, `${server.url}/ada/keystone`, { script: false }, async (page) => {
    await page.getByText("Clone", { exact: true }).click();
    const clone = page.getByText(`git clone ${server.url}/ada/keystone.git`);
    assert.equal(await clone.isVisible(), true);
    await page.locator("summary").first().click();
    await page.getByRole("link", { name: "vaults" }).click();
    assert.equal(new URL(page.url()).pathname, "/ada/keystone/tree/vaults");
  });
});

test("open menus stay inside a narrow window", async () => {
  await visit(browser, `${server.url}/ada/keystone`, { width: 360 }, async (page) => {
    for (const menu of [0, 1]) {
      await page.locator("summary").nth(menu).click();
      const box = await page.locator(".sheet").nth(menu).boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= 360, JSON.stringify(box));
      await screenshot(page, `menu-${menu}-light-360`);
      await page.locator("summary").nth(menu).click();
    }
  });
});

test("the keyboard reaches the content first", async () => {
  await visit(browser, `${server.url}/ada/keystone`, {}, async (page) => {
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus");
    assert.equal(await focused.innerText(), "Skip to content");
    assert.equal(await focused.isVisible(), true);
  });
});

test("links in documents lead to the repository's files", async () => {
  await visit(browser, `${server.url}/ada/keystone`, {}, async (page) => {
    await page.getByRole("link", { name: "how the thrust is computed" }).click();
    assert.equal(new URL(page.url()).pathname, "/ada/keystone/blob/main/docs/thrust.md");
    await page.goBack();
    await page.getByRole("link", { name: "examples", exact: true }).last().click();
    assert.equal(new URL(page.url()).pathname, "/ada/keystone/tree/main/examples");
  });
});

test("raw files run nothing, whatever they are", async () => {
  for (const name of ["page.html", "drawing.svg", "README.md"]) {
    await visit(browser, `${server.url}/ada/hostile/raw/main/${name}`, {}, async (page, notes) => {
      assert.equal(notes.status, 200);
      assert.match(notes.headers["content-security-policy"], /sandbox/);
      assert.equal(notes.headers["x-content-type-options"], "nosniff");
      assert.deepEqual(notes.troubles.filter((text) => text.startsWith("a dialog")), []);
    });
  }
});

test("a document cannot cover the page or leave its place", async () => {
  await visit(browser, `${server.url}/ada/hostile`, {}, async (page) => {
    const article = page.locator("article.prose");
    assert.equal(await article.locator("script, style, iframe, svg, [onclick], [style]").count(), 0);
    assert.equal(await page.locator("main footer, article footer").count(), 0);
    assert.equal(await page.locator("body > footer").count(), 1);
    for (const link of await article.locator("a[href]").all()) {
      assert.match(await link.getAttribute("href"), /^(\/|https?:|mailto:|#user-content-)/);
    }
  });
});

test("a private repository is not there for others", async () => {
  await visit(browser, `${server.url}/ada/hidden`, {}, async (page, notes) => {
    assert.equal(notes.status, 404);
  });
  await visit(browser, server.url, {}, async (page) => {
    assert.equal(await page.getByText("hidden").count(), 0);
  });
  const headers = { authorization: `Bearer ${token}` };
  await visit(browser, `${server.url}/ada/hidden`, { headers }, async (page, notes) => {
    assert.equal(notes.status, 200);
    assert.match(notes.headers["cache-control"], /private/);
  });
});

test("a page is asked for again, and not sent again", async () => {
  const first = await fetch(`${server.url}/ada/keystone`);
  const etag = first.headers.get("etag");
  const again = await fetch(`${server.url}/ada/keystone`, { headers: { "if-none-match": etag } });
  assert.equal(again.status, 304);
  const style = /\/assets\/[0-9a-f]+\.css/.exec(await first.text())[0];
  const asset = await fetch(server.url + style);
  assert.match(asset.headers.get("cache-control"), /immutable/);
});
