// A server of a test's own: the real command, a free port, a temporary folder.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

const source = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const command = process.env.ASHLAR_COMMAND ?? path.join(source, "build/bin/ashlar");
const startMillisecondsMax = 60_000;

export class Server {
  static async start() {
    const server = new Server();
    server.folder = mkdtempSync(path.join(tmpdir(), "ashlar-browser-"));
    server.data = path.join(server.folder, "data");
    server.process = spawn(
      command,
      ["serve", "--data", server.data, "--http", "127.0.0.1:0", "--json"],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    server.url = await server.#announcedUrl();
    const limit = Date.now() + startMillisecondsMax;
    while (!(await server.#isReady())) {
      if (Date.now() > limit) throw new Error("the server does not get ready");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return server;
  }

  async stop() {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGTERM");
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  get operatorToken() {
    return readFileSync(path.join(this.data, "operator.token"), "ascii").trim();
  }

  // Gives a token of the new account.
  async createAccount(login) {
    await this.#rest("/admin/users", { login });
    const { token } = await this.#rest(`/admin/users/${login}/authorizations`, {
      scopes: ["repo"],
    });
    return token;
  }

  async createRepository(name, token, fields = {}) {
    await this.#rest("/user/repos", { name, ...fields }, token);
  }

  push(folder, owner, name, token) {
    const url = `${this.url.replace("http://", `http://${owner}:${token}@`)}/${owner}/${name}.git`;
    execFileSync("git", ["-C", folder, "push", "--quiet", url, "--all"]);
    execFileSync("git", ["-C", folder, "push", "--quiet", url, "--tags"]);
  }

  async #rest(address, body, token = this.operatorToken) {
    const answer = await fetch(`${this.url}/api/v3${address}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${address}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async #announcedUrl() {
    const lines = readline.createInterface({ input: this.process.stdout });
    for await (const line of lines) return JSON.parse(line).url;
    throw new Error("the server ended before it said its address");
  }

  async #isReady() {
    try {
      return (await fetch(`${this.url}/health/ready`)).status === 200;
    } catch {
      return false;
    }
  }
}
